"""The description of a learning-management system. docs/lms.md lists the source of each form."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the command line reads the systems' names even without nbgrader
    from convcourse.grading.gradebook import Person


@dataclass(frozen=True)
class OwnFile:
    """A system's gradebook file: the columns that identify a student.

    who: heading -> fields of a Person in our class list; the most certain first.
    name: the headings that make the name. needed: without these headings it is another file.
    kept: columns that go back in addition to the columns of the file that we make.
    before_cell: a sign that the system writes before what identifies a student.
    behind_title: the text that the system writes after the title of a unit's column.
    """

    who: Mapping[str, tuple[str, ...]]
    name: tuple[str, ...]
    needed: tuple[str, ...]
    behind_title: re.Pattern[str]
    kept: tuple[str, ...] = ()
    before_cell: str = ""


@dataclass(frozen=True)
class System:
    """A learning-management system: the file that it imports, the gradebook file that it gives, and its archive's names.

    name: for `--to`. title: for people.
    columns: identify a student, heading -> field of a Person (id, first_name, last_name, sortable_name, email,
        lms_user_id); "" leaves the cells blank. Empty if we write no file for it.
    heading: of a unit's column. last_column: heading and cell of a column at the end of each line.
    points_row: the beginning of a row with the units' points; "" if there is no such row.
    notes: for the instructor, on a file that is made from our class list.
    own_file: None if we need no such file. sent_as: reads a path in its archive; None if we read no archive.
    resubmission: the number that the system puts into the name of a resubmitted file.
    knows_by_number: is the number in its archive the same as in the gradebook (lms_user_id)?
    login_is_last: does more stand before the login, which we cannot tell from it ("course_unit_ada")?
    receipts: does it write a text for each attempt, whether anything was typed or not?
    beside: names of files in its archive that are no student's.
    tells_more: the name of a file in its archive that says more of what was sent, and what reads it (raises ValueError).
    """

    name: str
    title: str
    columns: Mapping[str, str] = field(default_factory=dict)
    heading: str = "{unit}"
    last_column: tuple[str, str] | None = None
    points_row: str = ""
    delimiter: str = ","
    encoding: str = "utf-8"
    notes: Callable[[list[Person]], list[str]] = lambda people: []
    own_file: OwnFile | None = None
    sent_as: Callable[[tuple[str, ...]], Sent | None] | None = None
    resubmission: re.Pattern[str] | None = None
    knows_by_number: bool = False
    login_is_last: bool = False
    receipts: bool = False
    beside: tuple[str, ...] = ()
    tells_more: tuple[str, Callable[[Sent, bytes], list[Sent]]] | None = None


@dataclass(frozen=True)
class Sent:
    """What a system's archive says of a file, mostly in its name.

    name: of the student, as the system writes it; empty in an anonymous download.
    number: of the student; if the system does not identify people by it, it only separates two students of one name.
    file: the student's name for the file. attachment: the number of the upload; later uploads have larger numbers.
    typed: the student typed text or a link and handed in no file.
    login, email: of the student; empty where the archive does not say it.
    handed_in: the time, without a zone if the system does not say which; None where it does not say when.
    tells: is it the system's own file that says more? Its name alone does not tell: a student may hand one in.
    """

    system: System
    name: str
    number: str
    file: str
    late: bool = False
    attachment: int = 0
    typed: bool = False
    login: str = ""
    email: str = ""
    handed_in: datetime | None = None
    tells: bool = False

    @property
    def label(self) -> str:
        """The student's name in messages, until a student in the class list is found."""
        said = " ".join(word for word in (self.system.title, self.number) if word)
        return f"{self.name or self.login or 'anonymous'} ({said})"

    @property
    def key(self) -> tuple[str, str]:
        """What a file that tells more calls this submission by."""
        return self.system.name, self.number or self.login

    @property
    def resubmission(self) -> int:
        """The number of the file among a student's files of the same name; 0 for the first."""
        found = self.system.resubmission.search(self.file) if self.system.resubmission else None
        return int(found[1]) if found else 0

    @property
    def first_name_of_file(self) -> str:
        """The name of the student's file before the system put a number into it."""
        again = self.system.resubmission
        return again.sub("", self.file) if again and self.resubmission else self.file
