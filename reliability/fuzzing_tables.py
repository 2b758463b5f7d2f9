"""Tables of every kind of column, in every library: the same answers, or an error by name.

    python reliability/fuzzing_tables.py --rounds 5000 --models 20

In each round a table is encoded that comes from one library in training and from another
one later, after something was done to it. The encoding has to be that of a plain pandas
frame, or a ValueError or TypeError that names a column. What changes no value changes no
number, and text that is read as numbers, dates, durations or yes/no is encoded as typed
values are.
"""

import argparse
import datetime as dt
import enum
import warnings
from collections import Counter
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
from seeds import outcomes
from sklearn.exceptions import ConvergenceWarning
from text_columns import BERLIN, FORMS, START

from skfcnn import TabularClassifier
from skfcnn.tabular.encoder import table_encoder

N = 40


class Color(enum.Enum):
    """Members that are no strings, of values that are."""

    RED = "red"
    BLUE = "blue"


class Size(enum.StrEnum):
    """Members that are strings."""

    SMALL = "s"
    LARGE = "l"


# ----- The kinds of columns: how a value is drawn, and other values that are equal to it.


def hours(rng):
    return dt.timedelta(hours=int(rng.integers(0, 40_000)))


KINDS = {
    "int": (lambda rng: int(rng.integers(-9, 9)), [float, Decimal, np.int8]),
    "float": (lambda rng: float(rng.normal()), [Decimal, np.float64]),
    "bool": (lambda rng: bool(rng.random() < 0.4), [int, float, np.bool_]),
    "huge": (lambda rng: 2 ** int(rng.integers(64, 100)), [float, Decimal]),
    "decimal": (lambda rng: Decimal(int(rng.integers(0, 99))) / 4, [float]),
    "text": (lambda rng: "xyz"[rng.integers(3)], [np.str_]),
    "many": (lambda rng: f"name {rng.integers(20)}", [np.str_]),
    "digits": (lambda rng: str(rng.integers(4)), [int, float, Decimal]),
    "category": (lambda rng: ["u", "v", "nan", ""][rng.integers(4)], [np.str_]),
    "truths": (
        lambda rng: [True, False, "unknown"][rng.integers(3)],
        [lambda value: value if isinstance(value, str) else int(value), str],
    ),
    "enum": (lambda rng: list(Color)[rng.integers(2)], [lambda value: value.value]),
    "string enum": (lambda rng: list(Size)[rng.integers(2)], [str]),
    "bytes": (lambda rng: b"pq"[rng.integers(2) :][:1], []),
    "time": (lambda rng: dt.time(int(rng.integers(3))), []),
    "date": (
        lambda rng: (START + hours(rng)).date(),
        [lambda value: dt.datetime.combine(value, dt.time()), pd.Timestamp],
    ),
    "moment": (lambda rng: START + hours(rng), [pd.Timestamp, np.datetime64]),
    "aware": (
        lambda rng: (START + hours(rng)).replace(tzinfo=dt.UTC).astimezone(BERLIN),
        [lambda value: value.astimezone(dt.UTC), pd.Timestamp],
    ),
    "span": (hours, [pd.Timedelta, np.timedelta64]),
    "nothing": (lambda rng: None, []),
}
KINDS |= {name: (draw, [read] if read else []) for name, (draw, read) in FORMS.items()}
POISON = {
    "a list": [1, 2],
    "a dict": {"k": 1},
    "infinity": np.inf,
    "complex": 2j,
    "text": "12,5",
    "signaling": Decimal("sNaN"),
    "too large": 10**400,
}


def draw(kind, rng):
    missing = rng.choice([0.0, 0.2])
    value = KINDS[kind][0]
    column = [None if rng.random() < missing else value(rng) for _ in range(N)]
    return [*column[:-1], value(rng)]  # one is there


# ----- The libraries: a dict of lists, and the kinds of its columns, to a table.


def series(values, kind, dtype=None):
    return pd.Series(values, dtype="category" if kind == "category" else dtype)


def pandas(columns, kinds):
    return pd.DataFrame(
        {name: series(values, kinds.get(name)) for name, values in columns.items()}
    )


def pandas_objects(columns, kinds):
    made = {name: pd.Series(values, dtype=object) for name, values in columns.items()}
    return pd.DataFrame(made)


def pandas_nullable(columns, kinds):
    return pandas(columns, {}).convert_dtypes()


def pandas_arrow(columns, kinds):
    return pyarrow(columns, kinds).to_pandas(types_mapper=pd.ArrowDtype)


def pyarrow(columns, kinds):
    arrays = {name: pa.array(values) for name, values in columns.items()}
    for name, array in arrays.items():
        if kinds.get(name) == "category":
            arrays[name] = array.dictionary_encode()
        if getattr(array.type, "tz", None) is not None:
            arrays[name] = array.cast(pa.timestamp("us", BERLIN.key))
    return pa.table(arrays)


def polars(columns, kinds):
    cells = [value for values in columns.values() for value in values]
    if any(isinstance(value, Decimal) and value.is_nan() for value in cells):
        raise ValueError("Polars panics on such a Decimal.")
    made = {name: pl.Series(values, strict=True) for name, values in columns.items()}
    for name, column in made.items():
        if kinds.get(name) == "category":
            made[name] = column.cast(pl.Categorical)
        if getattr(column.dtype, "time_zone", None) is not None:
            made[name] = column.dt.convert_time_zone(BERLIN.key)
    return pl.DataFrame(made)


def narwhals(columns, kinds):
    import narwhals

    return narwhals.from_native(polars(columns, kinds))


def dict_of_lists(columns, kinds):
    return columns


def rows(columns):
    return [*zip(*columns.values(), strict=True)]


def list_of_dicts(columns, kinds):
    return [dict(zip(columns, row, strict=True)) for row in rows(columns)]


def structured(columns, kinds):
    types = {int: "i8", float: ">f8", bool: "?", str: "U99"}

    def field(values):
        found = {*map(type, values)}
        return types.get(found.pop(), object) if len(found) == 1 else object

    dtype = [(name, field(values)) for name, values in columns.items()]
    return np.array(rows(columns), dtype)


def objects(columns, kinds):
    table = np.empty((len(rows(columns)), len(columns)), object)
    for j, values in enumerate(columns.values()):
        table[:, j] = pd.Series(values, dtype=object)
    return table


def list_of_rows(columns, kinds):
    return rows(columns)


NAMELESS = [objects, list_of_rows]
ANY_NAMES = [pandas, pandas_objects, pandas_nullable, dict_of_lists, list_of_dicts]
LIBRARIES = [
    *ANY_NAMES,
    *NAMELESS,
    pandas_arrow,
    pyarrow,
    polars,
    narwhals,
    structured,
]


CANNOT_HOLD = (
    *(TypeError, ValueError, ArithmeticError, AttributeError, RuntimeError),
    *(pa.ArrowException, pl.exceptions.PolarsError),
)


def built(library, columns, kinds):
    """Return a table, or None where the library itself cannot hold such columns."""
    try:
        return library(columns, kinds)
    except CANNOT_HOLD:
        return None


# ----- What is done to a table between training and prediction: (columns, are they equal?)


def reorder(columns, target, kinds, rng):
    names = [*columns]
    return {names[i]: columns[names[i]] for i in rng.permutation(len(names))}, True


def drop(columns, target, kinds, rng):
    return {name: columns[name] for name in columns if name != target}, False


def add(columns, target, kinds, rng):
    return columns | {"added": [1.0] * N}, False


def retype(columns, target, kinds, rng):
    others = KINDS[kinds[target]][1]
    if not others:
        return columns, True
    other = others[rng.integers(len(others))]
    values = [None if value is None else other(value) for value in columns[target]]
    return columns | {target: values}, True


def replace(columns, target, kinds, rng):
    """Give the column the values of another kind."""
    return columns | {target: draw(rng.choice([*KINDS]), rng)}, False


def blank(columns, target, kinds, rng):
    return columns | {target: [None] * N}, False


def unseen(columns, target, kinds, rng):
    is_text = isinstance(columns[target][-1], str)
    values = [*columns[target][:-1], "never seen"] if is_text else columns[target]
    return columns | {target: values}, not is_text


def poison(columns, target, kinds, rng):
    value = POISON[rng.choice([*POISON])]
    return columns | {target: [*columns[target][:-1], value]}, False


def one_row(columns, target, kinds, rng):
    return {name: values[:1] for name, values in columns.items()}, True


def no_row(columns, target, kinds, rng):
    return {name: [] for name in columns}, False


OPERATIONS = [
    reorder,
    drop,
    add,
    retype,
    replace,
    blank,
    unseen,
    poison,
    one_row,
    no_row,
]


# ----- A round


def outcome(action, names):
    """Return what an action gives, or the error where it says which column it is about."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # That one of two tables has no names.
        warnings.filterwarnings("ignore", "X (has|does not have valid) feature names")
        # Of text that is read as numbers or yes/no.
        warnings.filterwarnings("ignore", "Check how these columns were read")
        warnings.filterwarnings("ignore", "Values that do not have the type")
        warnings.filterwarnings("ignore", "Columns that had numbers or dates in training")
        warnings.filterwarnings("ignore", "Categories that were not in training")
        warnings.simplefilter("ignore", ConvergenceWarning)
        try:
            return action()
        except (ValueError, TypeError) as error:
            told = str(error)
            about_all = (
                "X has no rows",
                "X must be a table",
                "All values of all",
                "features, but",
            )
            labels = [repr(name) for name in names] + ["Column ", *about_all]
            if any(label in told for label in labels):
                return error
            raise AssertionError(f"names no column: {told}") from error


def play(rng, make):
    """Play a round, and return what came of it: "equal", "refused" or "cannot hold"."""
    kinds = [str(kind) for kind in rng.choice([*KINDS], rng.integers(2, 6), replace=False)]
    libraries = [LIBRARIES[i] for i in rng.integers(len(LIBRARIES), size=2)]
    names = [f"the {kind}" for kind in kinds]
    if rng.random() < 0.3 and all(library in ANY_NAMES for library in libraries):
        names = [(3 * i) % len(names) if len(names) % 3 else i for i in range(len(names))]
    kinds = dict(zip(names, kinds, strict=True))
    columns = {name: draw(kind, rng) for name, kind in kinds.items()}
    operation = OPERATIONS[rng.integers(len(OPERATIONS))]
    if operation is reorder and any(library in NAMELESS for library in libraries):
        operation = retype  # an array cannot tell in which order its columns are
    target = names[rng.integers(len(names))]
    later, is_equal = operation(columns, target, kinds, rng)
    told = (
        f"{[one.__name__ for one in libraries]}, {kinds}, {operation.__name__} {target!r}"
    )
    try:
        return compare(libraries, columns, later, kinds, is_equal, make)
    except Exception as error:
        raise AssertionError(f"{told}: {type(error).__name__}: {error}") from error


def compare(libraries, columns, later, kinds, is_equal, make):
    y = np.arange(N) % 2
    names = {*columns, *later}
    in_training, after = libraries
    table, new = built(in_training, columns, kinds), built(after, later, kinds)
    plain, plain_new = built(pandas, columns, kinds), built(pandas, later, kinds)
    if any(each is None for each in (table, new, plain, plain_new)):
        return "cannot hold"
    reference = outcome(lambda: make(plain, y), names)
    model = outcome(lambda: make(table, y), names)
    if isinstance(model, Exception):
        return "refused"
    wanted = outcome(lambda: reference(plain_new), names)
    got = outcome(lambda: model(new), names)
    if isinstance(got, Exception):
        assert isinstance(wanted, Exception) or not is_equal, got
        return "refused"
    assert not isinstance(wanted, Exception), f"accepted, but refused of pandas: {wanted}"
    np.testing.assert_array_equal(got, wanted)
    encoded = outcome(lambda: reference(plain), names)
    if is_equal:
        np.testing.assert_array_equal(got, encoded[: len(got)])
    check_by_hand(columns, kinds, encoded, lambda table: make(table, y))
    return "equal"


def check_by_hand(columns, kinds, wanted, make):
    """Raise an error unless typed values are encoded as the text that means them."""
    typed = {}
    for name, values in columns.items():
        _, read = FORMS.get(kinds[name], (None, None))
        typed[name] = values
        if read is not None:
            typed[name] = [None if value is None else read(value) for value in values]
    if typed == columns:
        return
    table = pandas_objects(typed, kinds)
    got = outcome(lambda: make(table)(table), columns)
    np.testing.assert_array_equal(got, wanted)


def encoding(table, y):
    """Fit an encoder, and return what it does to later tables."""
    return table_encoder(random_state=0, max_one_hot=5).fit(table, y).transform


def answers(table, y):
    """Fit a whole model, and return what it answers for later tables."""
    params = {"max_iter": 2, "hidden_layer_sizes": (4,)}
    model = TabularClassifier("fast", random_state=0, network_params=params)
    return model.fit(table, y).predict_proba


def fuzz(seeds, make) -> Counter:
    """Play a round for each seed; an error says which seed it is of."""
    return outcomes(lambda seed: play(np.random.default_rng(seed), make), seeds)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5000)
    parser.add_argument("--models", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    first, last = options.seed, options.seed + options.rounds
    print("encoders:", dict(fuzz(range(first, last), encoding)))
    print("models:", dict(fuzz(range(first, first + options.models), answers)))


if __name__ == "__main__":
    main()
