"""Errors in the reader's words, where it is certain what they mean; all others stay as they are."""

from __future__ import annotations

import re

# (error's type, pattern of its message, what is said instead; {0} is the pattern's first group)
WORDS = (
    (
        "UFuncTypeError|_UFuncOutputCastingError",
        r"Cannot cast ufunc '(\w+)' output from dtype\('float",
        "an array of whole numbers cannot take fractions in place, as in `x /= 2` or `x -= 0.5`. "
        "Write `x = x / 2`, or begin with a float array: an argument's type is not yours to choose, and it stays unchanged.",
    ),
    (
        "ValueError|TypeError|AttributeError",
        r"Attempt to convert a value \(None\)|'NoneType' object has no attribute 'numpy'|unsupported operand type.*NoneType",
        "there is None where numbers are needed. A gradient tape gives None for what it did not follow: "
        "watch a float tensor, and use that tensor inside the tape. A function without `return` gives None too.",
    ),
    (
        "ValueError",
        r"Input 0 .*of layer ['\"]?(\w+?)(?:_\d+)?['\"]? is incompatible .* expected (?:min_)?ndim=(\d+), found ndim=(\d+)",
        "a layer of the kind {0} needs a tensor with {1} axes (the batch counts), and was given one with {2}.",
    ),
    (
        "ValueError",
        r"A KerasTensor (?:is symbolic|cannot be used as input to a TensorFlow function)",
        "NumPy and TensorFlow cannot compute with a tensor that stands for a layer's future result. Use layers, and `keras.ops`.",
    ),
    ("RecursionError", r"maximum recursion depth", "the function calls itself again and again, without an end."),
    ("BdbQuit", r"", "there is a `breakpoint()` in the function, at which it stopped. Take it out."),
    ("StdinNotImplementedError|EOFError", r"", "the function asks for input from the keyboard. Use its arguments."),
)


def in_words(error: str, message: str) -> str:
    """What an error of this type means, or its own message."""
    for types, pattern, words in WORDS:
        if re.fullmatch(types, error) and (found := re.search(pattern, message)):
            return words.format(*found.groups())
    return message
