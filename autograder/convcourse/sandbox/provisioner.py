"""Warm, isolated Jupyter kernels with the name `convcourse`, for example for nbgrader courses with plain assert cells.

With stock nbgrader: `c.Execute.kernel_name = "convcourse"`. The score is then computed inside the kernel, as in
nbgrader. The walls protect the rest of the machine, the gradebook and the solutions.
"""

from __future__ import annotations

import asyncio
import shutil
import signal
from pathlib import Path
from typing import Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from convcourse.sandbox.client import Sandbox, why_no_sandbox
from convcourse.sandbox.room import room_maker, warm_server
from convcourse.sandbox.sight import refuse_in_sight


class RoomProvisioner(LocalProvisioner):
    """Starts each kernel as a fork of this process's warm server, with its sockets as files in a separate folder."""

    room: Sandbox | None = None
    folder: Path | None = None

    @property
    def has_process(self) -> bool:
        return self.room is not None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        if why_no_sandbox():
            raise RuntimeError(f"the kernel 'convcourse' needs a sandbox: {why_no_sandbox()}")
        refuse_in_sight(Path(kwargs.get("cwd") or Path.cwd()))
        room_maker()  # with all libraries: what will run there is not known
        self.folder = warm_server().socket_folder()
        # The room has no network, so the messages go through sockets in the file system.
        manager: Any = self.parent
        manager.transport, manager.ip, manager.cache_ports = "ipc", str(self.folder / "k"), False
        return await super().pre_launch(**kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        connection = {key: v.decode() if isinstance(v, bytes) else v for key, v in self.connection_info.items()}
        assert self.folder is not None
        self.room = warm_server().open_kernel(self.folder, connection)
        return self.connection_info

    async def poll(self) -> int | None:
        return None if self.room and not self.room.has_ended() else 0

    async def wait(self) -> int | None:
        while await self.poll() is None:
            await asyncio.sleep(0.02)
        if self.room:
            self.room.close()
            self.room = None
        return 0

    async def send_signal(self, signum: int) -> None:
        if self.room:
            self.room.server.tell("interrupt" if signum == signal.SIGINT else "kill", self.room.number)

    async def kill(self, restart: bool = False) -> None:
        await self.send_signal(signal.SIGKILL)

    async def terminate(self, restart: bool = False) -> None:
        await self.send_signal(signal.SIGKILL)

    async def cleanup(self, restart: bool = False) -> None:
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)
