# The same for the asynchronous way.
async def fine(*a, **k):
    return None
get_ipython().run_cell_async = fine
