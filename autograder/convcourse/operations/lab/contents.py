"""Open a notebook as this machine's Python would have saved it."""

from __future__ import annotations

from typing import Any

from ipykernel.ipkernel import IPythonKernel
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager


class NotebooksOfThisPython(AsyncLargeFileManager):
    """Gives each notebook the version of this Python. JupyterLab marks a notebook of another one as changed when it opens it."""

    async def get(self, path: str, content: bool = True, *arguments: Any, **options: Any) -> dict[str, Any]:
        model: dict[str, Any] = await super().get(path, content, *arguments, **options)
        if content and model["type"] == "notebook":
            metadata = model["content"]["metadata"]
            if metadata.get("kernelspec", {}).get("name") == "python3":
                metadata["language_info"] = dict(IPythonKernel.language_info)
        return model
