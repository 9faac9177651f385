"""What the judge has run in the student's process: call the function on the given inputs, send the answers back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from convcourse.judging.calling import UNJUDGED, Answer, answer_all, names_used
from convcourse.judging.exercise import Case
from convcourse.judging.packing import NotPlain, pack, unpack, writable

UNDEFINED = "the notebook defines no function called"
NOT_PACKED = (NotPlain, ValueError, TypeError)
# In the student's process: the names as they were when a request asked to keep them. Only the hidden cases use them.
_kept: dict[str, dict[str, Any]] = {}


def request_message(
    cases: Sequence[Case],
    forbidden: Sequence[str] = (),
    compiled: bool = False,
    weights: bool = True,
    keep: str = "",
    kept: str = "",
) -> str:
    """The judge's side: the inputs, what may not be called, and whether the function must compile, packed.

    weights: those of a model count. keep: a word under which the process keeps all names as they are now.
    kept: the word under which the names to use were kept.
    """
    inputs = [dict(case.arguments) for case in cases]
    how = {"forbidden": list(forbidden), "compiled": compiled, "weights": weights, "keep": keep, "kept": kept}
    return pack({"cases": inputs, **how})


def respond(name: str, message: str, namespace: dict[str, Any]) -> str:
    """Answer a request with the function `name` of the student's namespace; gives the packed reply."""
    request = unpack(message)
    if request["keep"]:
        _kept[request["keep"]] = dict(namespace)
    if request["kept"]:  # a later cell may have given a helper's name to something else
        before = dict(_kept.get(request["kept"], {}))
        namespace.clear()
        namespace.update(before)
    function = namespace.get(name)
    if not callable(function):
        nothing = Answer(error="NameError", message=f"{UNDEFINED} '{name}'")
        return pack({"answers": [_fields(nothing)], "names": []})
    answers = answer_all(function, request["cases"], request["forbidden"], request["compiled"], request["weights"])
    names = list(names_used(function))
    try:
        return pack({"answers": [_fields(given) for given in answers], "names": names})
    except NOT_PACKED:
        return pack({"answers": [_fields(_plain(given)) for given in answers], "names": names})


def read_reply(message: str, expected: int | None = None) -> tuple[list[Answer], set[str]]:
    """The judge's side: the answers, and the names that the function uses.

    expected: the number of values in right answers. Raises ValueError when the packed message is not what `respond` sends,
    or out of all proportion to it.
    """
    reply = unpack(message, expected)
    try:
        return [
            Answer(
                value=item["value"],
                error=writable(item["error"]),
                message=writable(item["message"])[:500],
                where=writable(item["where"])[:200],
                changed=tuple(map(writable, item["changed"])),
                forbidden=tuple(map(writable, item["forbidden"])),
            )
            for item in reply["answers"]
        ], set(map(writable, reply["names"]))
    except (TypeError, KeyError) as error:
        raise ValueError(f"not an answer: {error}") from error


def _plain(given: Answer) -> Answer:
    """The answer, or why its value cannot travel."""
    try:
        pack(given.value)
    except NOT_PACKED as error:
        return replace(given, value=None, error=UNJUDGED, message=f"The result cannot be judged: {error}.", where="")
    return given


def _fields(given: Answer) -> dict[str, Any]:
    # asdict would copy the value deeply; the fields are all plain, so a shallow dict does.
    return {**asdict(replace(given, value=None)), "value": given.value}
