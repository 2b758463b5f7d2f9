"""Plain values as bytes: a line of JSON, and after it the bytes of the arrays.

    {"value": ..., "arrays": [["<f8", [30, 100]], ...]}      a line, then array after array

None, booleans, integers, floats, text and lists are written as JSON. Any other value is an
object with one key, the kind of the value: {"tuple": [1, 2]}, {"array": 0}. Reading creates
only values of the kinds below, as large as the content is: the content cannot name anything
to import or call. A function, a scorer or a transformer is not stored, only its
`description`.
"""

import json
import math
import re
from dataclasses import dataclass
from functools import partial

import numpy as np

ATOMS = (type(None), bool, int, float, str)
# Numbers, text, bytes, dates and durations. No objects, and no records, which may contain
# objects.
DTYPE = re.compile(r"[<>|][biufcSUmM][1-9][0-9]{0,9}(\[[0-9A-Za-zμ]{1,30}\])?")


@dataclass(frozen=True)
class Name:
    """Stands for a value that is not plain data: its name."""

    text: str


def is_plain(value) -> bool:
    """Return whether a value, with everything in it, is plain data."""
    kind = type(value)
    if kind in (list, tuple):
        return set(map(type, value)) <= {*ATOMS} or all(map(is_plain, value))
    if kind is dict:
        return all(map(is_plain, value)) and all(map(is_plain, value.values()))
    if kind in (np.ndarray, np.memmap):
        return _has_plain_dtype(value) or (
            value.dtype == object and is_plain([*value.flat])
        )
    if isinstance(value, np.generic | np.dtype):
        return _has_plain_dtype(value)
    return kind in (*ATOMS, bytes, Name)


def _has_plain_dtype(value) -> bool:
    dtype = value if isinstance(value, np.dtype) else value.dtype
    return DTYPE.fullmatch(dtype.str) is not None


def description(value) -> str:
    """Return a description of a value: the qualified name of a function or a class.

    An object is described by its class, and by its attributes that are data or functions.
    Objects that were created alike have equal descriptions; other objects may have them,
    too.
    """
    kind = type(value)
    if kind in ATOMS or isinstance(value, np.generic):
        return repr(value)
    if kind in (list, tuple):
        items = ", ".join(map(description, value))
        return f"[{items}]" if kind is list else f"({items})"
    if kind is dict:
        pairs = (f"{description(key)}: {description(of)}" for key, of in value.items())
        return f"{{{', '.join(pairs)}}}"
    if kind is partial:
        return f"partial{description((value.func, *value.args, value.keywords))}"
    if name := getattr(value, "__qualname__", getattr(value, "__name__", None)):
        return f"{getattr(value, '__module__', None)}.{name}"
    shown = (
        f"{name}={description(of)}"
        for name, of in getattr(value, "__dict__", {}).items()
        if is_plain(of) or hasattr(of, "__qualname__")
    )
    return f"{description(kind)}({', '.join(shown)})"


def to_bytes(value) -> list:
    """Return the bytes of a plain value, in parts."""
    arrays = _Arrays()
    head = {"value": _encode(value, arrays), "arrays": arrays.kinds()}
    return [json.dumps(head).encode() + b"\n", *map(_bytes_of, arrays.found)]


class _Arrays:
    """The arrays of a value, each stored once, even if the value holds it twice."""

    def __init__(self) -> None:
        self.found: list[np.ndarray] = []
        self.numbers: dict[int, int] = {}

    def number(self, array: np.ndarray) -> int:
        if id(array) not in self.numbers:
            self.numbers[id(array)] = len(self.found)
            self.found.append(array)
        return self.numbers[id(array)]

    def kinds(self) -> list:
        return [[array.dtype.str, array.shape] for array in self.found]


def _bytes_of(array: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)


def _encode(value, arrays: _Arrays):
    kind = type(value)
    if kind is list and value and {*map(type, value)} == {float}:
        return {"floats": arrays.number(np.array(value))}  # a tenth of the time of JSON
    if kind is list:
        return [_encode(each, arrays) for each in value]
    if kind in ATOMS:
        return value
    if kind is tuple:
        return {"tuple": _encode([*value], arrays)}
    if kind is dict:
        return {"dict": [_encode([*pair], arrays) for pair in value.items()]}
    if kind is Name:
        return {"name": value.text}
    if kind is bytes:
        return {"bytes": value.hex()}
    if isinstance(value, np.dtype):
        return {"dtype": value.str}
    if isinstance(value, np.generic):
        return {"scalar": arrays.number(np.array(value))}
    if value.dtype == object:
        return {"objects": [[*value.shape], [_encode(each, arrays) for each in value.flat]]}
    return {"array": arrays.number(value)}


def from_bytes(content: bytes):
    """Return the value that was written as these bytes.

    Raises
    ------
    ValueError
        If the content is invalid.
    """
    try:
        end = content.index(b"\n") + 1
        head = json.loads(content[:end])
        return _decode(head["value"], _read_arrays(head["arrays"], content, end))
    # In a file from an untrusted source, any step may fail in any way.
    except Exception as error:
        raise ValueError(f"it is not data of skfcnn: {error!r}") from error


def _read_arrays(kinds, content: bytes, start: int) -> list[np.ndarray]:
    arrays = []
    for text, shape in kinds:
        dtype = _decode_dtype(text, [])
        array = np.ndarray(shape, dtype, buffer=content, offset=start).copy()
        start += math.prod(shape) * dtype.itemsize
        arrays.append(array)
    if start != len(content):
        raise ValueError(f"arrays of {start} bytes in content of {len(content)}")
    return arrays


def _decode(found, arrays):
    if isinstance(found, list):
        return [_decode(each, arrays) for each in found]
    if not isinstance(found, dict):
        return found
    ((kind, content),) = found.items()
    if kind not in DECODERS:
        raise ValueError(f"unknown kind of value {kind!r}")
    return DECODERS[kind](content, arrays)


def _only_use(number, arrays):
    """Return an array that is copied; only once, so that a file cannot fill the memory."""
    array, arrays[number] = arrays[number], None
    return array


def _decode_array(number, arrays):
    return arrays[number]


def _decode_bytes(text, arrays):
    return bytes.fromhex(text)


def _decode_dict(pairs, arrays):
    return {_decode(key, arrays): _decode(of, arrays) for key, of in pairs}


def _decode_dtype(text, arrays):
    if not DTYPE.fullmatch(text):
        raise ValueError(f"invalid dtype {text!r}")
    return np.dtype(text)


def _decode_floats(number, arrays):
    floats = _only_use(number, arrays)
    if floats.dtype != np.float64 or floats.ndim != 1:
        raise ValueError(f"invalid floats: {floats.dtype}, {floats.shape}")
    return floats.tolist()


def _decode_name(text, arrays):
    return Name(str(text))


def _decode_objects(content, arrays):
    shape, items = content
    array = np.empty(len(items), object)
    for i, item in enumerate(items):
        array[i] = _decode(item, arrays)
    return array.reshape(shape)


def _decode_scalar(number, arrays):
    return _only_use(number, arrays).reshape(())[()]


def _decode_tuple(items, arrays):
    return tuple(_decode(items, arrays))


DECODERS = {
    "array": _decode_array,
    "bytes": _decode_bytes,
    "dict": _decode_dict,
    "dtype": _decode_dtype,
    "floats": _decode_floats,
    "name": _decode_name,
    "objects": _decode_objects,
    "scalar": _decode_scalar,
    "tuple": _decode_tuple,
}


def of_kind(kinds, value, name: str):
    """Return the value; raise ValueError if it is of another kind."""
    if not isinstance(value, kinds):
        raise ValueError(f"{name} is {value!r:.99}")
    return value
