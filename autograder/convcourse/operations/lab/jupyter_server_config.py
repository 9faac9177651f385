"""Read by Jupyter's server."""

from convcourse.operations.lab.contents import NotebooksOfThisPython

config = get_config()  # type: ignore[name-defined]  # noqa: F821
config.ServerApp.contents_manager_class = NotebooksOfThisPython
