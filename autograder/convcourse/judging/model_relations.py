"""Exact statements on a model that is not the asked one: which weights differ, and where the numbers begin to differ."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np

from convcourse.judging.compare import gives_other_numbers
from convcourse.judging.models import ModelFacts
from convcourse.texts import many

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def model_relation(expected: ModelFacts, got: ModelFacts) -> str:
    """What can be said of a model besides its counts; "" when nothing can."""
    if got.input_shapes != expected.input_shapes:
        return ""
    if got.weights != expected.weights:
        return _weights_differ(expected, got)
    return _numbers_differ(expected, got)


def _weights_differ(expected: ModelFacts, got: ModelFacts) -> str:
    missing, extra = Counter(expected.weights) - Counter(got.weights), Counter(got.weights) - Counter(expected.weights)
    if not missing or not extra:
        one = missing or extra
        what = _kinds(one)
        if set(what) == {"bias"}:
            should = "should have a bias" if missing else "should have no bias"
            return f"{many(what['bias'], 'layer')} {should}; all other weights are right."
        listed = ", ".join(sorted(map(_shape_in_words, one)))
        return f"All other weights are right, but {'these are missing' if missing else 'these are too many'}: {listed}."
    if missing.total() > 6 or extra.total() > 6:
        return ""
    mine, asked = (", ".join(map(_shape_in_words, sorted(weights.elements(), key=_size))) for weights in (extra, missing))
    return f"All other weights are right. In place of {asked} you have {mine}."


def _size(weight: str) -> int:
    return int(np.prod([int(size) for size in re.findall(r"\d+", weight)]))


def _kinds(weights: Counter[str]) -> Counter[str]:
    kinds: Counter[str] = Counter()
    for weight, count in weights.items():
        kinds[weight.split(" ")[0]] += count
    return kinds


def _shape_in_words(weight: str) -> str:
    """ "kernel (3, 3, 1, 8)" -> "a kernel 3×3 from 1 to 8 channels"."""
    name, sizes = weight.split(" ")[0], re.findall(r"\d+", weight)
    if name == "kernel" and len(sizes) == 4:
        return f"a kernel {sizes[0]}×{sizes[1]} from {sizes[2]} to {sizes[3]} channels"
    if name == "kernel" and len(sizes) == 2:
        return f"a kernel from {sizes[0]} to {sizes[1]} numbers"
    return f"a {name.replace('_', ' ')} of {' × '.join(sizes)}"


def _numbers_differ(expected: ModelFacts, got: ModelFacts) -> str:
    if not expected.flows or not got.flows:
        return _at_the_end(expected, got, "All weights have the right shapes.") if not expected.flows and not got.flows else ""
    known, behind_relu = [flow for _, _, flow, _ in expected.flows], [flow for _, _, _, flow in expected.flows]
    names = [name for name, _, _, _ in got.flows]
    for number, (words, before, flow, with_relu) in enumerate(got.flows):
        if any(_equal(other, flow) for other in known):
            continue
        lines = [f"What your {_ordinal(number, names)} gives ({words}) is not what was asked."]
        if number:
            lines.append("With the same numbers in all weights, the layers with weights before it give what was asked.")
        if any(_equal(other, with_relu) for other in known):
            lines.append("With a ReLU before it, it would be.")
        elif any(_equal(other, flow) for other in behind_relu):
            lines.append("There is a ReLU before it that was not asked.")
        lines.append(f"Before it stands: {before}." if before else "Nothing stands between it and the input.")
        return " ".join(lines)
    return _at_the_end(expected, got, "With the same numbers in all weights, all layers that have weights give what was asked.")


def _at_the_end(expected: ModelFacts, got: ModelFacts, start: str) -> str:
    if len(expected.outputs) != 1 or len(got.outputs) != 1 or _equal(expected.outputs[0], got.outputs[0]):
        return ""
    right, mine = expected.outputs[0], got.outputs[0]
    if right.shape == mine.shape:
        if _equal(right, np.maximum(mine, 0)):
            return f"{start} At the end a ReLU is missing."
        if _equal(np.maximum(right, 0), mine):
            return f"{start} At the end there is a ReLU that was not asked."
        powers = np.exp(mine - mine.max(axis=-1, keepdims=True))
        if _equal(right, powers / powers.sum(axis=-1, keepdims=True)):
            return f"{start} At the end the softmax is missing."
    return f"{start} What stands behind them differs: an activation, a pooling, a sum or a join." if got.flows else ""


def _equal(one: np.ndarray, other: np.ndarray) -> bool:
    return one.shape == other.shape and not gives_other_numbers(one, other)


def _ordinal(number: int, names: list[str]) -> str:
    """Which of its kind it is: "second Conv2D"."""
    kinds = [re.split(r"[ ,]", name)[0] for name in names]
    place = kinds[:number].count(kinds[number])
    return (
        f"{ORDINALS[place] if place < len(ORDINALS) else f'{place + 1}th'} {kinds[number]}"
        if kinds.count(kinds[number]) > 1
        else kinds[number]
    )
