# Code objects are thrown away.
async def nothing(*a, **k):
    return False
get_ipython().run_code = nothing
