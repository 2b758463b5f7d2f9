"""Values as data: reading returns what was written, and runs no code."""

import json
import pickle
import tracemalloc

import numpy as np
import pytest

from skfcnn.estimator.plain_values import Name, description, from_bytes, is_plain, to_bytes


def there_and_back(value):
    return from_bytes(b"".join(to_bytes(value)))


VALUES = [
    None,
    True,
    -(10**30),
    0.1 + 0.2,
    -0.0,
    float("inf"),
    'text, "quoted"\n\ud800',
    b"\x00\xff",
    [],
    [1.5, float("nan"), -0.0],
    [1.5, 1, True, None, "a"],
    (1, (2.0, [3])),
    {"a": 1, 2: "b", (3, None): {0.5: [True]}},
    np.dtype(np.float32),
    np.float32(0.1),
    np.int64(-3),
    np.bool_(True),
    np.str_("ab"),
    np.datetime64("2020-01-01", "D"),
    np.arange(6, dtype=np.uint8).reshape(2, 3),
    np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    np.arange(10.0)[::3],
    np.array(3.5),
    np.zeros((0, 4)),
    np.array([True, False]),
    np.array(["a", "grüße"]),
    np.array([b"a"]),
    np.array(["2020-01-01", "NaT"], "datetime64[us]"),
    np.array([1, 2], "timedelta64[s]"),
    np.array([[1 + 2j]]),
    np.array([["a", None], [2, np.float64(0.5)]], object),
    Name("a.function"),
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_values_are_restored(value):
    assert is_plain(value)
    again = there_and_back(value)
    assert type(again) is type(value)
    if isinstance(value, np.ndarray):
        assert (again.dtype, again.shape) == (value.dtype, value.shape)
        assert again.flags.writeable
    assert pickle.dumps(again) == pickle.dumps(pickle.loads(pickle.dumps(value))) or (
        np.array_equal(again, value)
    )


def test_shared_array_is_stored_once():
    array = np.arange(1000.0)
    value = {"a": array, "b": [array], "c": array.copy()}
    assert sum(map(len, to_bytes(value))) < 2.1 * array.nbytes
    again = there_and_back(value)
    assert again["a"] is again["b"][0] and again["a"] is not again["c"]


def function(x):
    return x


class Something:
    def __init__(self, **attributes):
        vars(self).update(attributes)


RECORDS = np.zeros(1, [("a", float), ("b", object)])


@pytest.mark.parametrize(
    "value", [function, Something(), {1, 2}, [function], {"a": (function,)}, RECORDS]
)
def test_functions_and_objects_are_not_plain(value):
    assert not is_plain(value)
    assert not is_plain(np.array([value, None], object))


def test_descriptions_have_names_and_simple_values():
    here = __name__
    assert description(function) == f"{here}.function"
    assert description([function, "relu"]) == f"[{here}.function, 'relu']"
    one = Something(power=2, inner=Something(), f=function, factors={"a": 0.5})
    words = f"{here}.Something(power=2, f={here}.function, factors={{'a': 0.5}})"
    assert description(one) == words
    assert description(np.random.RandomState(0)) == "numpy.random.mtrand.RandomState()"


def content(value, arrays=(), data=b""):
    return json.dumps({"value": value, "arrays": arrays}).encode() + b"\n" + data


ARRAY = {"array": 0}
MALFORMED = {
    "empty": b"",
    "a pickle": pickle.dumps([1, 2]) + b"\n",
    "no JSON": b"{\n",
    "not text": b"\xff\xfe\n",
    "no value": b"{}\n",
    "another kind": content({"call": "os.system"}),
    "two kinds": content({"tuple": [], "bytes": ""}),
    "no kind": content({}),
    "no tuple": content({"tuple": 3}),
    "no pairs": content({"dict": [[1, 2, 3]]}),
    "a key that cannot be one": content({"dict": [[[1], 2]]}),
    "no bytes": content({"bytes": "xy"}),
    "deep": b'{"arrays": [], "value": ' + b"[" * 10**6 + b"]" * 10**6 + b"}\n",
    "no such array": content(ARRAY),
    "objects": content(ARRAY, [["|O", [1]]], bytes(8)),
    "records": content(ARRAY, [["f8,O", [1]]], bytes(16)),
    "void": content(ARRAY, [["|V8", [1]]], bytes(8)),
    "no items": content(ARRAY, [["<U0", [10**12]]]),
    "no dtype": content(ARRAY, [[None, [1]]], bytes(8)),
    "too short": content(ARRAY, [["<f8", [2]]], bytes(8)),
    "too long": content(ARRAY, [["<f8", [2]]], bytes(24)),
    "huge": content(ARRAY, [["<f8", [10**12]]], bytes(8)),
    "overflowing": content(ARRAY, [["<f8", [2**32, 2**32]]], bytes(8)),
    "negative": content(ARRAY, [["<f8", [-1]]], bytes(8)),
    "no shape": content(ARRAY, [["<f8", "ab"]], bytes(8)),
    "no characters": content({"scalar": 0}, [["<U1", []]], b"\xff\xff\xff\xff"),
    "floats that are none": content({"floats": 0}, [["<f8", [10**9, 0]]]),
    "floats for two": content([{"floats": 0}] * 2, [["<f8", [2]]], bytes(16)),
    "a scalar of many": content({"scalar": 0}, [["<f8", [2]]], bytes(16)),
    "objects of another shape": content({"objects": [[10**9], [None]]}),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_content_is_refused_without_much_memory(name):
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="it is not data of skfcnn"):
            from_bytes(MALFORMED[name])
        assert tracemalloc.get_traced_memory()[1] < 1e8
    finally:
        tracemalloc.stop()
