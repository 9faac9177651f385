"""nbgrader's `collect`, for an exchange into which students can put any file. `configure` (`course.py`) sets it.

nbgrader's own `collect` follows links. So it would copy a file that only the instructor may read into submitted/.
And it stops for all students if it cannot copy one submission.
"""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from errno import EFBIG, EINVAL, ELOOP
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from tempfile import TemporaryDirectory
from typing import Any

from nbgrader.exchange.default import ExchangeCollect

DEEPEST = 50  # nested folders


class CollectWithoutLinks(ExchangeCollect):
    """Copies each submission to a temporary place without following a link; nbgrader collects these copies.

    A submission that cannot be copied gets one line and stays in the exchange. The student's earlier collected work stays too.
    """

    src_records: list[dict[str, Any]]

    def start(self) -> None:
        with TemporaryDirectory() as folder:
            self.aside = Path(folder)
            super().start()

    def init_src(self) -> None:
        super().init_src()
        self.src_records = [record for record in self.src_records if self._put_aside(record["filename"])]

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        super().do_copy(str(self.aside / Path(src).name), dest, log)

    def _path_to_record(self, path: str) -> dict[str, Any]:
        try:
            return dict(super()._path_to_record(path))
        except ValueError:  # the name has no time; all other submissions of this student count as newer
            name = Path(path).name
            return {"username": name.rsplit("+", 3)[0], "filename": name, "timestamp": datetime.min}

    def _put_aside(self, name: str) -> bool:
        try:
            _copy(str(Path(self.inbound_path, name)), None, self.aside / name, 1000 * self.coursedir.max_dir_size)
        except OSError as error:
            words = "is a link, and links are not followed" if error.errno == ELOOP else error.strerror
            file = Path(str(error.filename or name)).name
            self.log.error("Not collected: %s: %r %s; look at it in the exchange, or ask for it again", name, file, words)
            return False
        return True


def _copy(name: str, folder: int | None, to: Path, room: int, depth: int = 0) -> int:
    """Copy a file or folder from an open folder, and return the number of bytes that are still allowed.

    Raises OSError for a link, even for a link made during the copy, and for things that no honest submission has.
    """
    source = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    try:
        status = os.fstat(source)
        room -= status.st_size if S_ISREG(status.st_mode) else 0
        if room < 0 or depth > DEEPEST:
            raise OSError(EFBIG, "is too large, or too deep inside folders", name)
        if S_ISDIR(status.st_mode):
            to.mkdir()
            with os.scandir(source) as entries:
                for entry in entries:
                    room = _copy(entry.name, source, to / entry.name, room, depth + 1)
        elif S_ISREG(status.st_mode):
            with open(source, "rb", closefd=False) as file, to.open("wb") as copy:
                shutil.copyfileobj(file, copy)
        else:
            raise OSError(EINVAL, "is neither a file nor a folder", name)
        return room
    finally:
        os.close(source)
