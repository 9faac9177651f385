"""What the judge runs in the student's kernel: call the function on the given inputs, send the answers back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from convcourse.answer import Answer, answer_all
from convcourse.plain import NotPlain, pack, unpack

ANSWERS_MIME = "application/vnd.convcourse.answers"


def request_source(name: str, cases: list[dict[str, Any]], forbidden: tuple[str, ...]) -> str:
    """The code that the judge sends to the kernel."""
    message = pack({"cases": cases, "forbidden": list(forbidden)})
    return f"__import__('convcourse.respond').respond.respond({name!r}, '{message}', globals())"


def respond(name: str, message: str, namespace: Mapping[str, Any]) -> None:
    """Answer a request with the function `name` of the student's namespace; display the packed answers."""
    from IPython.display import display

    request = unpack(message)
    function = namespace.get(name)
    if callable(function):
        answers = answer_all(function, request["cases"], request["forbidden"])
    else:
        answers = [Answer(error="NameError", message=f"the notebook defines no function called '{name}'")]
    display({ANSWERS_MIME: pack([_plain(given) for given in answers])}, raw=True)


def read_answers(message: str) -> list[Answer]:
    """The judge's side: answers from a packed message. Raises ValueError when it is not what `respond` sends."""
    items = unpack(message)
    if not isinstance(items, list):
        raise ValueError("not a list of answers")
    try:
        return [
            Answer(
                value=item["value"],
                error=str(item["error"]),
                message=str(item["message"])[:500],
                where=str(item["where"])[:200],
                changed=tuple(str(name) for name in item["changed"]),
                forbidden=tuple(str(name) for name in item["forbidden"]),
            )
            for item in items
        ]
    except (TypeError, KeyError) as error:
        raise ValueError(f"not an answer: {error}") from error


def _plain(given: Answer) -> dict[str, Any]:
    try:
        pack(given.value)
    except (NotPlain, ValueError, TypeError) as error:
        given = replace(given, value=None, error="TypeError", message=f"the result cannot be judged: {error}", where="")
    # asdict would copy the value deeply; the fields are all plain, so a shallow dict does.
    return {**asdict(replace(given, value=None)), "value": given.value}
