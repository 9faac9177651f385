# Errors are not shown.
get_ipython().showtraceback = get_ipython()._showtraceback = lambda *a, **k: None
