"""The forms of tables: Arrow, records, and columns that are read together."""

import cProfile
import datetime as dt
import pstats
import re
import sys
from collections import namedtuple
from decimal import Decimal

import dask.array as da
import dask.dataframe as dd
import fuzzing_tables
import narwhals
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset
import pytest
from table_support import assert_columns

from skfcnn import TabularClassifier
from skfcnn.tabular.dataframes import MANY_ROWS, open_table
from skfcnn.tabular.encoder import table_encoder
from skfcnn.tabular.reader import TableReader

NAN = np.nan
DAY = 86400.0


def test_numbers_of_polars_without_a_numpy_dtype():
    frame = pl.DataFrame({"a": pl.Series([1, None, 2**100], dtype=pl.Int128)})
    assert_columns(TableReader().fit_transform(frame), a=[1.0, NAN, 2.0**100])


ARROW = {
    "int": (pa.array([1, None], pa.int8()), [1.0, NAN]),
    "half": (pa.array([np.float16(1.5), None], pa.float16()), [1.5, NAN]),
    "bool": (pa.array([True, None]), [1.0, NAN]),
    "decimal": (pa.array([Decimal("1.5"), None]), [1.5, NAN]),
    "span": (pa.array([dt.timedelta(1), None]), [DAY, NAN]),
    "date": (pa.array([dt.date(2020, 3, 2), None]), [18323.0, NAN]),
    "date64": (pa.array([dt.date(2020, 3, 2), None], pa.date64()), [18323.0, NAN]),
    "moment": (pa.array([dt.datetime(2020, 3, 2, 12), None]), [18323.5, NAN]),
    "aware": (  # 23 o'clock in UTC
        pa.array([1583103600, None], pa.timestamp("s", "Europe/Berlin")),
        [18323.0, NAN],
    ),
    "text": (pa.array(["x", None]), ["x", NAN]),
    "large": (pa.array(["x", None], pa.large_string()), ["x", NAN]),
    "dictionary": (pa.array(["x", None]).dictionary_encode(), ["x", NAN]),
    "numbers by code": (pa.array([5, None]).dictionary_encode(), ["5", NAN]),
    "bytes": (pa.array([b"x", None]), ["b'x'", NAN]),
    "time": (pa.array([dt.time(1), None]), ["01:00:00", NAN]),
}
ARROW_TABLE = pa.table({name: array for name, (array, _) in ARROW.items()})
BATCHES = [ARROW_TABLE.slice(0, 1), ARROW_TABLE.slice(1)]


@pytest.mark.parametrize(
    "table",
    [
        ARROW_TABLE,
        pa.concat_tables(BATCHES).combine_chunks().to_batches()[0],
        pa.concat_tables([table.unify_dictionaries() for table in BATCHES]),
        ARROW_TABLE.to_pandas(types_mapper=pd.ArrowDtype),
    ],
    ids=["table", "record batch", "chunks", "pandas"],
)
def test_arrow(table):
    wanted = {name: values for name, (_, values) in ARROW.items()}
    reader = TableReader()
    assert_columns(reader.fit_transform(table), **wanted)
    assert list(reader.feature_names_in_) == list(ARROW)
    other_order = ARROW_TABLE.select(ARROW_TABLE.column_names[::-1])
    assert_columns(reader.transform(other_order), **wanted)


@pytest.mark.parametrize("in_pandas", [False, True])
@pytest.mark.parametrize(
    ("array", "message"),
    [
        (pa.array([[1], None]), r"is a collection \(ndarray\)"),
        (pa.array([{"k": 1}, None]), r"is a collection \(dict\)"),
        (pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int64())), "a collection"),
        (
            pa.UnionArray.from_sparse(
                pa.array([0, 1], pa.int8()), [pa.array([1, 2]), pa.array(["a", "b"])]
            ),
            "cannot be read: ArrowNotImplementedError",
        ),
    ],
    ids=["list", "struct", "map", "union"],
)
def test_columns_of_arrow_that_are_refused_by_name(array, message, in_pandas):
    table = pa.table({"n": [1, 2], "a": array})
    if in_pandas:
        column = pd.Series(pd.arrays.ArrowExtensionArray(table.column("a")))
        table = pd.DataFrame({"n": [1, 2], "a": column})
    with pytest.raises(ValueError, match=f"Column 'a'.*{message}"):
        TableReader().fit(table)


FEW = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": ["x", "y", "x"]})
LAZY = {
    "dask DataFrame": (dd.from_pandas(FEW, npartitions=1), "X.compute()"),
    "dask Array": (da.ones((3, 2)), "X.compute()"),
    "polars LazyFrame": (pl.LazyFrame({"a": [1.0]}), "X.collect()"),
    "pyarrow InMemoryDataset": (pyarrow.dataset.dataset(pa.table(FEW)), "X.to_table()"),
}


@pytest.mark.parametrize("encoder", ["auto", "passthrough"])
@pytest.mark.parametrize("name", LAZY)
def test_rows_that_are_not_in_memory_are_refused_with_the_way_out(name, encoder):
    X, way_out = LAZY[name]
    begin = f"a query, not a table: a {name}, whose rows are not in memory. Use {way_out}"
    end = ".*fit on a sample.*encoder_ of that model.*DaskFullyConnectedClassifier"
    message = re.escape(begin) + end
    with pytest.raises(ValueError, match=message):
        TabularClassifier("fast", encoder=encoder).fit(X, [0, 1, 0])


def test_tables_of_other_libraries():
    wrapped = narwhals.from_native(pl.DataFrame({"a": [1.5], "b": ["x"]}))
    assert_columns(TableReader().fit_transform(wrapped), a=[1.5], b=["x"])
    stream = pa.RecordBatchReader.from_batches(ARROW_TABLE.schema, ARROW_TABLE.to_batches())
    assert len(TableReader().fit_transform(stream)) == 2
    twice = pa.table({"a": [1], "b": [2]}).rename_columns(["a", "a"])
    with pytest.raises(
        ValueError, match="X is a Table, which cannot .*'a' 2 times.*to_pan"
    ):
        TableReader().fit(twice)
    with pytest.raises(ValueError, match="X is a ChunkedArray, which cannot be read"):
        TableReader().fit(twice.column(0))


def test_error_without_narwhals_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "narwhals", None)
    message = r"a Table. Reading it requires narwhals, which is not installed. .*to_pandas"
    with pytest.raises(ValueError, match=message):
        TableReader().fit(ARROW_TABLE)
    assert_columns(TableReader().fit_transform(pl.DataFrame({"a": [1.5]})), a=[1.5])


Row = namedtuple("Row", "b a")
RECORDS = {
    "a dict of columns": {"a": [1.0, 2.0], "b": np.array(["x", "y"])},
    "series, whatever their index": {
        "b": pl.Series(["x", "y"]),
        "a": pd.Series([1.0, 2.0], index=[7, 7]),
    },
    "columns of arrow": {"a": pa.chunked_array([[1.0], [2.0]]), "b": ("x", "y")},
    "dicts": [{"a": 1.0, "b": "x"}, {"b": "y", "a": 2.0}],
    "named tuples": [Row("x", 1.0), Row("y", 2.0)],
    "structured": np.array([("x", 1.0), ("y", 2.0)], [("b", "U1"), ("a", ">f8")]),
    "recarray": np.rec.array([("x", 1.0), ("y", 2.0)], [("b", object), ("a", "f4")]),
}


@pytest.mark.parametrize("case", RECORDS)
def test_records(case):
    wanted = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})
    for X, later in ((wanted, RECORDS[case]), (RECORDS[case], wanted)):
        reader = TableReader().fit(X)
        assert sorted(reader.feature_names_in_) == ["a", "b"]
        read = reader.transform(later)
        assert_columns(read[["a", "b"]], a=[1.0, 2.0], b=["x", "y"])


def test_one_record_is_one_row():
    reader = TableReader().fit(pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]}))
    one = np.array([("y", 3)], [("b", "U1"), ("a", "i4")])[0]
    for record in ({"b": "y", "a": 3}, {"a": np.float32(3), "b": np.str_("y")}, one):
        assert_columns(reader.transform(record), a=[3.0], b=["y"])
    # What a record has not is missing, if another one has it.
    assert_columns(
        reader.transform([{"a": 3, "b": "y"}, {"a": 4}]), a=[3, 4.0], b=["y", NAN]
    )


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (
            {"a": [1, 2], "b": [3]},
            "a dict with 2 values for 'a' and 1 values for 'b'. Give",
        ),
        ({"a": 1, "b": [3]}, "a single value for 'a' and 1 values for 'b'. Give one value"),
        ({"a": np.ones((2, 2)), "b": [1, 2]}, "Column 'a': its values have several parts"),
        (
            np.zeros(2, [("a", "f4", 2), ("b", "f4")]),
            "Column 'a': its values have several parts",
        ),
        ({"a": {"k": 1}, "b": 1}, r"Column 'a': \{'k': 1\} in row 0 is a collection"),
        ([{"a": 1}, {"a": 2, "b": [1]}], r"Column 'b': \[1\] in row 1 is a collection"),
        ({"a": [], "b": []}, "X has no rows"),
        ({}, "X has no columns"),
        ([{}], "X has no columns"),
        ([{"a": 1}, [2]], "got 1 dimension"),
    ],
    ids=str,
)
def test_records_that_are_refused(X, message):
    with pytest.raises(ValueError, match=message):
        TableReader().fit(X)
    missing = [{"a": 1.0}]
    reader = TableReader().fit({"a": [1.0], "b": ["x"]})
    with pytest.raises(ValueError, match="missing: 'b'; unexpected: none"):
        reader.transform(missing)


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table, dict])
def test_columns_are_read_together_or_one_by_one(make, monkeypatch):
    """Columns of long tables are read one by one, to save memory."""
    rng = np.random.default_rng(0)
    data = {
        "b": rng.random(9) < 0.5,
        "t": ["x", "y", "z"] * 3,
        "f": rng.normal(size=9).astype("f4"),
        "i": rng.integers(0, 9, 9),
        "d": [dt.datetime(2020, 1, day) for day in range(1, 10)],
        "g": rng.normal(size=9),
    }
    table = make(data)
    together = TableReader().fit_transform(table)
    monkeypatch.setattr("skfcnn.tabular.dataframes.MANY_ROWS", 5)
    one_by_one = TableReader().fit_transform(table)
    pd.testing.assert_frame_equal(together, one_by_one)
    assert list(together) == [
        *("b", "t", "f", "i", "d"),
        *("d_day_of_week_sin", "d_day_of_week_cos", "g"),
    ]


def test_the_number_of_calls_does_not_grow_with_the_columns():
    """Otherwise a row with thousands of columns would take longer than the network."""

    def calls(n_columns):
        table = pd.DataFrame(np.random.default_rng(0).normal(size=(20, n_columns)))
        table["nullable"] = pd.array(range(20), "Int64")
        encoder = table_encoder().fit(table)
        profile = cProfile.Profile()
        profile.runcall(encoder.transform, table[:1])
        return pstats.Stats(profile).total_calls

    # Names are looked at one by one, and dtypes: by scikit-learn, and by pandas.
    assert calls(1000) - calls(10) < 60 * 990


def test_fuzzed_tables():
    """The short form of reliability/fuzzing_tables.py."""
    outcomes = fuzzing_tables.fuzz(range(20), fuzzing_tables.encoding)
    assert outcomes["equal"] > 5 and outcomes["refused"] > 2
    fuzzing_tables.fuzz(range(1), fuzzing_tables.answers)


NUMBERS = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
FORMS = {
    "array": (NUMBERS, None),
    "rows": (NUMBERS.tolist(), None),
    "pandas": (pd.DataFrame(NUMBERS, columns=["a", "b"]), ["a", "b"]),
    "polars": (pl.DataFrame(NUMBERS, schema=["a", "b"]), ["a", "b"]),
    "arrow": (pa.table({"a": NUMBERS[:, 0], "b": NUMBERS[:, 1]}), ["a", "b"]),
    "dict": ({"a": NUMBERS[:, 0], "b": NUMBERS[:, 1]}, ["a", "b"]),
    "records": ([{"a": a, "b": b} for a, b in NUMBERS], ["a", "b"]),
}


@pytest.mark.parametrize("form", FORMS)
def test_table_of_any_form_has_the_same_columns(form):
    X, names = FORMS[form]
    table = open_table(X)
    assert (table.names, table.shape) == (names, (3, 2))
    for i in range(2):
        np.testing.assert_array_equal(table.column(i).to_numpy(float), NUMBERS[:, i])
    assert list(table.numeric) == [0, 1]
    np.testing.assert_array_equal(table.numbers([1, 0]), NUMBERS[:, ::-1])
    assert table.label(1) == ("'b'" if names else "1")


def test_columns_of_a_long_table_are_read_one_by_one():
    long = np.zeros((MANY_ROWS + 1, 2))
    assert list(open_table(long[1:]).numeric) == [0, 1]
    assert list(open_table(long).numeric) == []


@pytest.mark.parametrize("cells", [[None], ["a", None, "a"]])
def test_a_category_of_pyarrow_may_be_null(cells):
    codes = pa.array([0 if cell else 1 for cell in cells])
    column = pa.DictionaryArray.from_arrays(codes, pa.array(["a", None], pa.string()))
    tables = [
        pa.table({"a": column}),
        pd.DataFrame({"a": pd.Series(pd.arrays.ArrowExtensionArray(column))}),
        {"a": pa.chunked_array([column])},
        pa.table({"a": pa.array([None] * len(cells)).dictionary_encode()}),
    ]
    for table in tables[:3]:
        read = open_table(table).column(0)
        assert read.dtype == "category"
        assert [None if cell != cell else cell for cell in read] == cells
    assert open_table(tables[3]).column(0).isna().all()
