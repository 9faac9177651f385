"""What is known of a learning-management system. docs/lms.md says where each form is from."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the command line reads the names of the systems where nbgrader need not be installed
    from convcourse.grading.gradebook import Person


@dataclass(frozen=True)
class OwnFile:
    """The gradebook file that a system gives: the columns that say who a student is.

    who: what they hold of our class list, heading -> fields of a Person; the surest first.
    name: which of them make the name. needed: without these it is another file.
    kept: what goes back besides the columns of the file that we make.
    behind_title: what the system writes behind the title of a unit's column.
    """

    who: Mapping[str, tuple[str, ...]]
    name: tuple[str, ...]
    needed: tuple[str, ...]
    behind_title: re.Pattern[str]
    kept: tuple[str, ...] = ()


@dataclass(frozen=True)
class System:
    """A learning-management system: the file that it imports, the gradebook file that it gives, and its archive's names.

    name: for `--to`. title: for people.
    columns: that say who a student is, heading -> field of a Person; "" leaves the cells blank.
    heading: of a unit's column. points_row: the beginning of a row with the units' points; "" where there is none.
    notes: what the instructor should know of a file that is made from our class list.
    own_file: None where we need none. sent_as: what a path in its archive says; None where we read no archive.
    resubmission: the number that it puts into the name of a file which is handed in again.
    knows_by_number: is the number in its archive that of the gradebook (lms_user_id)?
    """

    name: str
    title: str
    columns: Mapping[str, str]
    heading: str = "{unit}"
    points_row: str = ""
    delimiter: str = ","
    encoding: str = "utf-8"
    notes: Callable[[list[Person]], list[str]] = lambda people: []
    own_file: OwnFile | None = None
    sent_as: Callable[[tuple[str, ...]], Sent | None] | None = None
    resubmission: re.Pattern[str] | None = None
    knows_by_number: bool = False


@dataclass(frozen=True)
class Sent:
    """What the name of a file in a system's archive says.

    name: of the student, as the system writes it; empty in an anonymous download.
    number: of the student; where the system does not know people by it, it only keeps two of one name apart.
    file: what the student called it. attachment: the number of the upload; later ones are larger.
    typed: text or a link that was typed in; no file was handed in.
    """

    system: System
    name: str
    number: str
    file: str
    late: bool = False
    attachment: int = 0
    typed: bool = False

    @property
    def label(self) -> str:
        """The student in messages, as long as nobody in the class list is found."""
        title = self.system.title
        return f"{self.name or 'anonymous'} ({title} {self.number})" if self.number else f"anonymous ({title})"

    @property
    def resubmission(self) -> int:
        """Which of the files that a student gave the same name; 0 for the first."""
        found = self.system.resubmission.search(self.file) if self.system.resubmission else None
        return int(found[1]) if found else 0

    @property
    def first_name_of_file(self) -> str:
        """What the student's file was called before the system put a number into its name."""
        again = self.system.resubmission
        return again.sub("", self.file) if again and self.resubmission else self.file
