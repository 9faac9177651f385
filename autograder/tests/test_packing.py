"""What travels between a student's process and the judge, and what does not."""

import base64
import json
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from convcourse.judging.packing import NotPlain, pack, unpack

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
    assert len(unpack(packed, expected=30_000)) == len(value)


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
