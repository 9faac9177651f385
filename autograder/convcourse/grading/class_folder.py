"""The places of students' work in a class's folder, in nbgrader's layout."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

TIMESTAMP = "timestamp.txt"  # the time when the work beside it was handed in
SECRET = "submission_secret.txt"  # the exchange uses it to find the feedback on the work beside it
LONGEST_ID = 120  # bytes; it becomes the name of a folder
STUDENT_ID = re.compile(r"[\w.@+-]+( [\w.@+-]+)*")


@dataclass(frozen=True)
class ClassFolder:
    """The folder of a class. A student's work on a unit has a folder of its own at each step."""

    root: Path

    def submitted(self, student: str, unit: str) -> Path:
        """The folder of a student's submission."""
        return self.root / "submitted" / student / unit

    def autograded(self, student: str, unit: str) -> Path:
        """The folder of the rebuilt and graded submission."""
        return self.root / "autograded" / student / unit

    def feedback(self, student: str, unit: str) -> Path:
        """The folder of the page that the student gets back."""
        return self.root / "feedback" / student / unit

    def report(self, unit: str) -> Path:
        """The folder with the records of a unit's gradings."""
        return self.root / "reports" / unit

    def students_with_work(self, unit: str) -> set[str]:
        """Students with a folder of the unit in submitted/."""
        return {path.parent.name for path in self.root.glob(f"submitted/*/{unit}")}


def may_be_a_student(name: str) -> bool:
    """Can this be a student's id, and so the name of a folder? nbgrader looks for folders with patterns such as "a[1]"."""
    return bool(STUDENT_ID.fullmatch(name)) and not name.startswith(".") and len(name.encode()) <= LONGEST_ID


def notebook_in(folder: Path) -> Path:
    """The notebook in a unit's folder, which has the unit's name."""
    return folder / f"{folder.name}.ipynb"
