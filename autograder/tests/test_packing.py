"""What travels between a student's process and the judge, and what does not."""

import base64
import json
import time
import zlib
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from convcourse.check import visible_cases
from convcourse.exercises import find_exercise
from convcourse.grading.running_notebook import HIDDEN_ROUNDS
from convcourse.judging.calling import Answer
from convcourse.judging.packing import FREE_VALUES, LARGEST_MESSAGE, OBJECTS_FOR_ONE, VALUES_FOR_ONE, NotPlain, pack, unpack
from convcourse.judging.verdict import judge, values_expected
from convcourse.judging.wire import read_reply

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@given(PLAIN)
def test_plain_values_come_back_as_they_were(value):
    assert unpack(pack(value)) == value


@given(arrays(st.sampled_from([np.float64, np.float32, np.int64, np.uint8, np.bool_]), array_shapes(max_dims=4, max_side=4)))
def test_arrays_keep_shape_dtype_and_numbers(array):
    back = unpack(pack(array))
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(back, array)


def test_a_slice_that_is_not_contiguous_travels():
    array = np.arange(12).reshape(3, 4)[:, ::-2]
    np.testing.assert_array_equal(unpack(pack(array)), array)


@pytest.mark.parametrize("value", [object(), np.array([object()]), lambda: 1, {1, 2}, np.array(["text"])])
def test_objects_do_not_travel(value):
    with pytest.raises(NotPlain):
        pack(value)


@pytest.mark.parametrize("value", [[0] * 300_000, [[]] * 150_000, "x" * 5_000_000, np.zeros(500_000)])
def test_a_message_out_of_proportion_is_refused_before_it_is_read(value):
    packed = pack(value)
    with pytest.raises(ValueError, match="too large"):
        unpack(packed, expected=10)
    assert len(unpack(packed, expected=60_000)) == len(value)


@pytest.mark.parametrize("dtype", [",", "f8,f8", "O", "<U1000000", "M8[s]", "f8" * 1000])
def test_only_kinds_of_numbers_reach_numpy(dtype):
    forged = json.dumps({"array": "", "dtype": dtype, "shape": [0]}).encode()
    with pytest.raises(ValueError, match="dtype"):
        unpack(base64.b64encode(zlib.compress(forged)).decode())


def test_an_array_subclass_arrives_as_a_bare_array():
    class AlwaysEqual(np.ndarray):
        def __eq__(self, other):
            return np.ones(self.shape, dtype=bool)

    assert type(unpack(pack(np.zeros(2).view(AlwaysEqual)))) is np.ndarray


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not base64 !",
        base64.b64encode(b"not zlib").decode(),
        base64.b64encode(zlib.compress(b'{"array": "AAAA", "dtype": "O", "shape": [1]}')).decode(),
        base64.b64encode(zlib.compress(b'{"array": "AAAA", "dtype": "<f8", "shape": [99]}')).decode(),
        base64.b64encode(zlib.compress(json.dumps({"array": "", "dtype": "<f8"}).encode())).decode(),
        base64.b64encode(zlib.compress(b"[" * 100_000)).decode(),
        base64.b64encode(zlib.compress(b"1" * (80 * 2**20))).decode(),  # a bomb: 100 KB that become 80 MB
    ],
)
def test_malformed_messages_are_refused(text):
    with pytest.raises(ValueError, match=r"malformed|large|dtype|base64|Expecting|Incorrect|reshape|padding|character|buffer"):
        unpack(text)


def as_large_as_is_read(exercise, cases, kind):
    """Answers of the largest size that is read, together: arrays, or nested lists and tuples of single numbers."""
    expected = values_expected(exercise, cases)
    if kind == "array":
        most = min(FREE_VALUES + VALUES_FOR_ONE * expected, LARGEST_MESSAGE // 11) // len(cases)  # 8 bytes are 11 characters
        return [Answer(value=np.random.default_rng(0).normal(size=most)) for _ in cases]
    most = (FREE_VALUES + OBJECTS_FOR_ONE * expected) // len(cases)
    return [Answer(value=tuple([number] for number in range(most // 3 - 10))) for _ in cases]


@pytest.mark.parametrize("kind", ["array", "objects"])
@pytest.mark.parametrize("name", ["conv1d_full", "conv2d_multi"])
def test_the_largest_answers_that_are_read_take_the_judge_seconds(name, kind):
    """The judge has no limits of its own: what comes back is bounded by what was expected."""
    exercise = find_exercise(name)
    cases = [*visible_cases(exercise), *exercise.fresh_cases(7, HIDDEN_ROUNDS)]
    answers = as_large_as_is_read(exercise, cases, kind)
    packed = pack({"answers": [asdict(given) for given in answers], "names": []})
    start = time.process_time()
    read, _ = read_reply(packed, values_expected(exercise, cases))
    verdict = judge(exercise, cases, read, len(visible_cases(exercise)))
    assert verdict.score == 0
    assert time.process_time() - start < 3  # at most 0.5 was seen
