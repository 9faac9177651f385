"""Where the work of students lies in the folder of a class, as nbgrader lays it out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

TIMESTAMP = "timestamp.txt"  # says when the work beside it was handed in
SECRET = "submission_secret.txt"  # by it the exchange finds the feedback on the work beside it


@dataclass(frozen=True)
class ClassFolder:
    """The folder of a class. A student's work on a unit has a folder of its own at each step."""

    root: Path

    def submitted(self, student: str, unit: str) -> Path:
        """What a student has handed in."""
        return self.root / "submitted" / student / unit

    def autograded(self, student: str, unit: str) -> Path:
        """The same, rebuilt and graded."""
        return self.root / "autograded" / student / unit

    def feedback(self, student: str, unit: str) -> Path:
        """The page that the student gets back."""
        return self.root / "feedback" / student / unit

    def report(self, unit: str) -> Path:
        """Where the gradings of a unit are written down."""
        return self.root / "reports" / unit

    def students_with_work(self, unit: str) -> set[str]:
        """Those with a folder of the unit in submitted/."""
        return {path.parent.name for path in self.root.glob(f"submitted/*/{unit}")}


def notebook_in(folder: Path) -> Path:
    """The notebook in a unit's folder, which has the unit's name."""
    return folder / f"{folder.name}.ipynb"
