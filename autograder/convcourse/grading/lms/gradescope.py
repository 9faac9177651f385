"""Gradescope: reads the submissions that it exports. It imports no scores; our file has the columns of its grades.

assignment_4711_export/submission_98765/02_convolution_1d.ipynb
assignment_4711_export/submission_metadata.yml                     who sent 98765, and when
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from convcourse.grading.lms.system import Sent, System

FOLDER = "submission_"
METADATA = "submission_metadata.yml"


def _sent_as(parts: tuple[str, ...]) -> Sent | None:
    if parts == (METADATA,):  # beside the submissions; a student may send a file of this name
        return Sent(GRADESCOPE, "", "", METADATA, tells=True)
    found = re.fullmatch(rf"{FOLDER}(\d+)", parts[0])
    return Sent(GRADESCOPE, "", found[1], parts[-1] if len(parts) > 1 else "") if found else None


def _told(_: Sent, raw: bytes) -> list[Sent]:
    """Raises ValueError."""
    import yaml  # only here: the command line reads the systems' names without it

    try:
        return list(_submitters(yaml.safe_load(raw)))
    except (yaml.YAMLError, AttributeError, TypeError, UnicodeDecodeError) as error:
        raise ValueError(f"not what Gradescope writes ({type(error).__name__})") from error


def _submitters(metadata: Mapping[str, Any]) -> Iterator[Sent]:
    for folder, said in metadata.items():
        time = said.get(":created_at")
        for person in said.get(":submitters") or []:
            name, login, email = (str(person.get(key) or "") for key in (":name", ":sid", ":email"))
            at = time if isinstance(time, datetime) else None
            yield Sent(GRADESCOPE, name, folder.removeprefix(FOLDER), "", login=login, email=email, handed_in=at)


GRADESCOPE = System(
    name="gradescope",
    title="Gradescope",
    columns={"First Name": "first_name", "Last Name": "last_name", "SID": "lms_user_id", "Email": "email"},
    notes=lambda people: ["Gradescope imports no scores; this is for a table beside its own"],
    sent_as=_sent_as,
    tells_more=(METADATA, _told),
)
