# The same, one step earlier.
get_ipython().input_transformers_cleanup.append(lambda lines: ["2.0\n"])
