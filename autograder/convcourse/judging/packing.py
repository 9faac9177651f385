"""Plain data for the wire between a student's process and the judge: JSON, never pickle."""

from __future__ import annotations

import base64
import json
import math
import re
import zlib
from typing import Any

import numpy as np

from convcourse.judging.losses import LOSSES
from convcourse.judging.models import PackedModel, Symbolic

# More than any exercise's result needs (a 512×512 colour image in float64 is 6 MB).
LARGEST_MESSAGE = 64 * 2**20
# So many values may come where none was expected, and so many for each that was: a wrong answer may be larger than a right one.
FREE_VALUES, VALUES_FOR_ONE = 100_000, 16
OBJECTS_FOR_ONE = 6  # not in an array, where each takes some fifty bytes, and a microsecond to look at
BYTES_A_VALUE = 24  # of a number as text
DTYPE = re.compile(r"[<>|=]?[biufc]\d{1,2}")


class NotPlain(TypeError):
    """A value that cannot travel; the message names its type in words for the student."""


def pack(value: Any) -> str:
    """Encode numbers, strings, arrays, None, packed models, losses, and lists, tuples and dicts of them as ASCII text."""
    return base64.b64encode(zlib.compress(json.dumps(_encode(value)).encode(), 1)).decode()


def unpack(text: str, expected: int | None = None) -> Any:
    """Decode what `pack` gave. Raises ValueError for anything malformed, larger than LARGEST_MESSAGE, or out of proportion.

    expected: the number of values that a right message has; None trusts the sender.
    """
    most = math.inf if expected is None else FREE_VALUES + VALUES_FOR_ONE * expected
    decompressor = zlib.decompressobj()
    try:
        raw = decompressor.decompress(base64.b64decode(text, validate=True), int(min(LARGEST_MESSAGE, BYTES_A_VALUE * most)))
        if decompressor.unconsumed_tail or not decompressor.eof:
            raise ValueError("message too large or cut short")
        most_objects = math.inf if expected is None else FREE_VALUES + OBJECTS_FOR_ONE * expected
        if sum(raw.count(mark) for mark in (b"[", b"{", b",")) > most_objects:
            raise ValueError("message too large: too many values")
        return _decode(json.loads(raw))
    except (zlib.error, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"malformed message: {error}") from error


def writable(text: Any) -> str:
    """A student's text with a question mark for half an emoji (a lone surrogate), which no file can hold."""
    return str(text).encode("utf-8", "replace").decode()


def _encode(value: Any) -> Any:
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, list | tuple):
        return {"list" if isinstance(value, list) else "tuple": [_encode(item) for item in value]}
    if isinstance(value, dict):
        return {"dict": [[str(key), _encode(item)] for key, item in value.items()]}
    if isinstance(value, PackedModel):
        return {"model": value.config, "weights": _encode(value.weights)}
    if isinstance(value, Symbolic):
        return {"symbolic": list(value.shape)}
    if callable(value) and value in LOSSES.values():
        return {"loss": value.__name__}
    if isinstance(value, np.ndarray | np.generic) or hasattr(value, "__array__"):
        return _encode_array(np.asarray(value), type(value).__name__)
    raise NotPlain(f"a value of type {type(value).__name__}")


def _encode_array(array: np.ndarray, type_name: str) -> dict[str, Any]:
    if array.dtype.kind not in "biufc":
        raise NotPlain(f"a {type_name} of dtype {array.dtype}")
    data = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
    return {"array": data, "dtype": array.dtype.str, "shape": list(array.shape)}


def _decode(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if "array" in value:
        if not DTYPE.fullmatch(str(value["dtype"])):
            raise ValueError("arrays of this dtype do not travel")
        dtype = np.dtype(str(value["dtype"]))
        return np.frombuffer(base64.b64decode(value["array"]), dtype=dtype).reshape(value["shape"]).copy()
    if "model" in value:
        return PackedModel(str(value["model"]), _decode_weights(value["weights"]))
    if "symbolic" in value:
        return Symbolic(tuple(value["symbolic"]))
    if "loss" in value:
        return LOSSES[value["loss"]]
    if "tuple" in value:
        return tuple(_decode(item) for item in value["tuple"])
    if "list" in value:
        return [_decode(item) for item in value["list"]]
    return {str(key): _decode(item) for key, item in value["dict"]}


def _decode_weights(value: Any) -> list[np.ndarray] | None:
    weights = _decode(value)
    if weights is None:
        return None
    if not isinstance(weights, list) or not all(isinstance(weight, np.ndarray) for weight in weights):
        raise ValueError("a model's weights are a list of arrays")
    return weights
