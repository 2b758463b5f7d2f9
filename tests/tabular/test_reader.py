"""TableReader: every kind of column, in every form of table."""

import datetime as dt
import enum
import pickle
import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from table_support import assert_columns

from skfcnn.tabular.reader import TableReader

NAN = np.nan
DAY = 86400.0


def read(column, **kind):
    """Read a table of this one column."""
    return TableReader().fit_transform(pd.DataFrame({"a": pd.Series(column, **kind)}))


NUMBERS = {
    "float64": ([1.5, NAN, 2.0], "float64", [1.5, NAN, 2.0]),
    "float16": ([1.5, NAN, 2.0], "float16", [1.5, NAN, 2.0]),
    "int8": ([1, -2, 3], "int8", [1.0, -2.0, 3.0]),
    "uint64": ([1, 2, 2**63], "uint64", [1.0, 2.0, 2.0**63]),
    "bool": ([True, False, True], "bool", [1.0, 0.0, 1.0]),
    "Int64": ([1, None, 3], "Int64", [1.0, NAN, 3.0]),
    "Float32": ([1.5, None, 3], "Float32", [1.5, NAN, 3.0]),
    "boolean": ([True, None, False], "boolean", [1.0, NAN, 0.0]),
    "sparse": ([0.0, 0.0, 1.0], "Sparse[float]", [0.0, 0.0, 1.0]),
    "objects": ([1, None, 2.5], object, [1.0, NAN, 2.5]),
    "booleans": ([True, None, False], object, [1.0, NAN, 0.0]),
    "NA": ([1, pd.NA, 2], object, [1.0, NAN, 2.0]),
    "decimal": ([Decimal("1.5"), None, Decimal("NaN")], object, [1.5, NAN, NAN]),
    "mixed": ([1, Decimal("1.5"), True], object, [1.0, 1.5, 1.0]),
    "numpy": ([np.float32(1.5), np.int8(2), np.bool_(True)], object, [1.5, 2.0, 1.0]),
    "large": ([10**300, None, 1], object, [1e300, NAN, 1.0]),
    "span": ([dt.timedelta(1), None, dt.timedelta(0, 1)], None, [DAY, NAN, 1.0]),
    "s": (np.array([1, 2, 3], "m8[s]"), None, [1.0, 2.0, 3.0]),
    "spans": ([dt.timedelta(1), None, pd.NaT], object, [DAY, NAN, NAN]),
}


@pytest.mark.parametrize("case", NUMBERS)
def test_numbers(case):
    values, dtype, wanted = NUMBERS[case]
    assert_columns(read(values, dtype=dtype), a=wanted)


CATEGORIES = {
    "objects": (["x", None, "y"], object, ["x", NAN, "y"]),
    "plain": (["x", None, "y"], None, ["x", NAN, "y"]),
    "string": (["x", None, "y"], "string", ["x", NAN, "y"]),
    "category": (["x", None, "y"], "category", ["x", NAN, "y"]),
    "category of numbers": ([1, None, 2], "category", ["1", NAN, "2"]),
    "category of booleans": ([True, False, None], "category", ["True", "False", NAN]),
    "versions": (["1.10", "1.9", "1.2"], object, ["1.10", "1.9", "1.2"]),
    "mixed": (["x", 1, 2.0], object, ["x", "1", "2"]),
    "bytes": ([b"x", None, b"y"], object, ["b'x'", NAN, "b'y'"]),
    "time": ([dt.time(1), None, dt.time(2)], object, ["01:00:00", NAN, "02:00:00"]),
    "interval": (pd.interval_range(0, 2), None, ["(0, 1]", "(1, 2]"]),
}


@pytest.mark.parametrize("case", CATEGORIES)
@pytest.mark.filterwarnings("ignore:Check how these columns were read")
def test_categories(case):
    values, dtype, wanted = CATEGORIES[case]
    assert_columns(read(values, dtype=dtype), a=wanted)


UTC = dt.UTC
DATES = {
    "ns": ([pd.Timestamp(0), None, pd.Timestamp(DAY, unit="s")], "datetime64[ns]"),
    "s": ([0, None, DAY], "datetime64[s]"),
    "aware": (pd.to_datetime([0, None, DAY], unit="s", utc=True), None),
    "dates": ([dt.date(1970, 1, 1), None, dt.date(1970, 1, 2)], object),
    "datetimes": ([dt.datetime(1970, 1, 1), None, dt.datetime(1970, 1, 2)], object),
    "aware datetimes": (
        [dt.datetime(1970, 1, 1, tzinfo=UTC), None, dt.datetime(1970, 1, 2, tzinfo=UTC)],
        object,
    ),
    "numpy": ([np.datetime64("1970-01-01"), None, np.datetime64("1970-01-02")], object),
    "period": (pd.PeriodIndex(["1970-01-01", None, "1970-01-02"], freq="D"), None),
}


@pytest.mark.parametrize("case", DATES)
def test_dates(case):
    values, dtype = DATES[case]
    # The first of January 1970 was a Thursday.
    wanted = {"a": [0.0, NAN, 1.0]} | angles("a_day_of_week", [3.0, NAN, 4.0], 7)
    assert_columns(read(values, dtype=dtype), **wanted)


def angles(name, values, period):
    """Return the sine and the cosine of the angle of each value."""
    angle = np.asarray(values) * (2 * np.pi / period)
    return {f"{name}_sin": np.sin(angle), f"{name}_cos": np.cos(angle)}


def test_only_parts_of_dates_that_vary_become_columns():
    hours = pd.to_datetime(["2020-01-01 05:00", "2020-01-01 17:00"])
    assert list(read(hours)) == ["a", "a_hour_sin", "a_hour_cos"]
    years = pd.to_datetime(["2020-03-02", "2026-03-02"])
    assert_columns(read(years), a=[18323.0, 20514.0], a_year=[2020.0, 2026.0])
    assert list(read(pd.to_datetime(["2020-01-01 00:00", "2021-02-02 03:00"]))) == [
        "a",
        "a_year",
        "a_month_sin",
        "a_month_cos",
        "a_day_of_week_sin",
        "a_day_of_week_cos",
        "a_hour_sin",
        "a_hour_cos",
    ]


def test_dates_are_converted_to_the_time_zone_of_training():
    hours = pd.date_range("2020-01-01", periods=3, freq="h", tz="Europe/Berlin")
    table = pd.DataFrame({"a": hours})
    reader = TableReader().fit(table)
    wanted = reader.transform(table)
    days = [18262, 18262 + 1 / 24, 18262 + 1 / 12]
    assert_columns(wanted, a=days, **angles("a_hour", [0.0, 1.0, 2.0], 24))
    for other in (hours.tz_convert("Asia/Tokyo"), hours.tz_localize(None)):
        pd.testing.assert_frame_equal(reader.transform(pd.DataFrame({"a": other})), wanted)
    as_objects = pd.DataFrame({"a": pd.Series(list(hours), dtype=object)})
    pd.testing.assert_frame_equal(reader.transform(as_objects), wanted)
    naive = TableReader().fit(pd.DataFrame({"a": hours.tz_localize(None)}))
    hours = naive.transform(table)[["a_hour_sin", "a_hour_cos"]]
    assert_columns(hours, **angles("a_hour", [23.0, 0.0, 1.0], 24))


def test_names_of_date_parts_do_not_collide():
    dates = pd.to_datetime(["2020-03-02", "2026-03-02"])
    table = pd.DataFrame({"a": dates, "a_year": [1, 2], "a_year_": ["x", "y"]})
    names = ["a", "a_year__", "a_year", "a_year_"]
    assert list(TableReader().fit_transform(table)) == names
    assert list(TableReader().fit(table).get_feature_names_out()) == names


def test_column_without_values_in_training_is_dropped_and_told():
    table = pd.DataFrame({"a": [1.0, 2.0], "b": [NAN, NAN], "c": [None, None]})
    with pytest.warns(UserWarning, match="all values are missing: 'b', 'c'"):
        reader = TableReader().fit(table)
    assert reader.columns_["notes"].tolist() == ["", *["all values are missing"] * 2]
    later = pd.DataFrame({"a": [3.0], "b": ["words"], "c": [[1, 2]]})
    assert_columns(reader.transform(later), a=[3.0])


@pytest.mark.parametrize("missing", [[None] * 3, [NAN] * 3, [pd.NaT] * 3, [pd.NA] * 3])
@pytest.mark.parametrize(
    "training",
    [[1.0, 2.0], ["x", "y"], pd.to_datetime(["2020-01-01 00:00", "2021-02-02 03:00"])],
)
def test_a_whole_column_may_be_missing_later(training, missing):
    reader = TableReader().fit(pd.DataFrame({"a": training}))
    for dtype in (None, object, "category"):
        read = reader.transform(pd.DataFrame({"a": pd.Series(missing, dtype=dtype)}))
        assert list(read) == list(reader.get_feature_names_out())
        assert read.isna().all(axis=None)
        is_text = isinstance(training[0], str)
        assert (read.dtypes == (object if is_text else np.float64)).all()


LATER = {
    "float for text": (["1", "2"], [1.0, 2.5], ["1", "2.5"]),
    "int for text": (["1", "2"], [1, 3], ["1", "3"]),
    "nullable for text": (["1", "2"], pd.array([1, None], "Int64"), ["1", NAN]),
    "category for text": (["1", "2"], pd.Categorical([2, 1]), ["2", "1"]),
    "text for category": (pd.Categorical([1, 2]), ["2", "1"], ["2", "1"]),
    "float for category": (pd.Categorical([1, 2]), [2.0, NAN], ["2", NAN]),
    "float32 for category": (pd.Categorical([1, 2]), np.array([2, 1], "f4"), ["2", "1"]),
    "bool for text": (["True", "x"], [True, False], ["True", "False"]),
    "date for text": (["x", "y"], pd.to_datetime(["2020-01-02"] * 2), ["2020-01-02"] * 2),
    "bool for numbers": ([1.0, 2.0], [True, False], [1.0, 0.0]),
    "category for numbers": ([1.0, 2.0], pd.Categorical([1, None]), [1.0, NAN]),
    "objects for numbers": ([1.0, 2.0], np.array([Decimal(1), None]), [1.0, NAN]),
}


@pytest.mark.parametrize("case", LATER)
def test_kind_of_a_column_is_that_of_training(case):
    training, later, wanted = LATER[case]
    declared = [] if case.endswith("for numbers") else ["a"]
    reader = TableReader(declared).fit(pd.DataFrame({"a": training}))
    read = reader.transform(pd.DataFrame({"a": later}))["a"]
    if case == "date for text":
        read = read.str[:10]
    assert_columns(pd.DataFrame({"a": read}), a=wanted)


class Color(enum.Enum):
    """Members that are not strings, with values that are."""

    RED = "red"
    BLUE = "blue"


Label = enum.Enum("Label", {"RED": "red", "BLUE": "blue"}, type=str)
Name = enum.StrEnum("Name", {"RED": "red", "BLUE": "blue"})
Number = enum.IntEnum("Number", {"ONE": 1, "TWO": 2})
TRUTHS = pd.Categorical([True, False])
EQUAL = {
    "truths": (TRUTHS, [[1, 0], [1.0, 0.0], ["1", "0"], [True, False], ["True", "False"]]),
    "truths and text": ([True, False, "x"], [[1, 0, "x"], ["1", "0", "x"]]),
    "zeros and ones": (pd.Categorical([1, 0]), [[True, False], ["1", "0"], [1.0, 0.0]]),
    "members": (list(Color), [["red", "blue"], list(Label), list(Name)]),
    "string members": (
        list(Label),
        [["red", "blue"], list(Color), pd.Categorical(list(Label))],
    ),
    "plain text": (["red", "blue"], [list(Color), list(Label), list(Name)]),
    "number members": (pd.Categorical(list(Number)), [[1, 2], list(Number), ["1", "2"]]),
    "fractions": (["1.5", "2"], [[Decimal("1.50"), 2], [Fraction(3, 2), Decimal("2.0")]]),
    "intervals": (pd.interval_range(0, 2), [pd.interval_range(0.0, 2.0)]),
    "text of numpy": (["x", "y"], [list(np.array(["x", "y"]))]),
}


@pytest.mark.parametrize("case", EQUAL)
def test_equal_values_are_the_same_category(case):
    training, later = EQUAL[case]
    reader = TableReader(categorical_features=["a"])
    read = reader.fit_transform(pd.DataFrame({"a": pd.Series(training)}))
    assert read["a"].dtype == object
    for values in later:
        as_objects = pd.DataFrame({"a": pd.Series(list(values), dtype=object)})
        category = pd.DataFrame({"a": pd.Categorical(list(values))})
        for table in (as_objects, category):
            pd.testing.assert_frame_equal(reader.transform(table), read)


def test_texts_true_and_1_are_two_categories():
    reader = TableReader().fit(pd.DataFrame({"a": ["True", "1", "0"]}))
    for values in ([True, 1, "1", "True"], [1, True, "True", "1"]):
        table = pd.DataFrame({"a": pd.Series(values, dtype=object)})
        assert reader.transform(table)["a"].tolist() == [str(value) for value in values]


def test_dates_as_categories_and_of_two_types():
    days = pd.to_datetime(["2020-03-02", "2026-03-02"])
    reader = TableReader().fit(pd.DataFrame({"a": days}))
    wanted = reader.transform(pd.DataFrame({"a": days}))
    as_category = pd.DataFrame({"a": pd.Categorical(days)})
    pd.testing.assert_frame_equal(reader.transform(as_category), wanted)
    two = np.array([np.datetime64("2020-03-02"), dt.date(2026, 3, 2)], dtype=object)
    pd.testing.assert_frame_equal(reader.transform(pd.DataFrame({"a": two})), wanted)


def same_table():
    """The same table in all forms."""
    frame = pd.DataFrame(
        {"n": [1.5, NAN, 3.0], "t": ["x", None, "y"], "b": [True, False, 1]}
    )
    objects = frame.astype(object).to_numpy()
    return frame, objects


@pytest.mark.parametrize("form", ["objects", "lists", "tuples", "arrays", "integer names"])
def test_tables_without_names(form):
    frame, objects = same_table()
    X = {
        "objects": objects,
        "lists": objects.tolist(),
        "tuples": [tuple(row) for row in objects],
        "arrays": list(objects),
        "integer names": pd.DataFrame(objects),
    }[form]
    reader = TableReader()
    read = reader.fit_transform(X)
    assert_columns(read, x0=[1.5, NAN, 3.0], x1=["x", NAN, "y"], x2=[1.0, 0.0, 1.0])
    assert not hasattr(reader, "feature_names_in_")
    assert reader.n_features_in_ == 3
    pd.testing.assert_frame_equal(reader.transform(objects), read)
    pd.testing.assert_frame_equal(reader.transform(pd.DataFrame(objects)), read)


@pytest.mark.parametrize(
    "X",
    [
        np.array([[1, 2], [3, 4]]),
        np.array([[1, 2], [3, 4]], "f4", order="F"),
        np.ma.array([[1, 2], [3, 4]]),
        np.array([[1, 2], [3, 4]], "m8[s]"),
        pd.DataFrame([[1, 2], [3, 4]]),
        [[1, 2], [3, 4]],
        memoryview(np.array([[1, 2], [3, 4]])),
    ],
)
def test_arrays_of_numbers(X):
    assert_columns(TableReader().fit_transform(X), x0=[1.0, 3.0], x1=[2.0, 4.0])


def test_arrays_of_text_are_categories():
    read = TableReader().fit_transform(np.array([["u", "x"], ["v", "y"]]))
    assert_columns(read, x0=["u", "v"], x1=["x", "y"])


def polars_table():
    day = dt.date(2020, 3, 2)
    moment = dt.datetime(2020, 3, 2, 12)
    frame = pl.DataFrame(
        {
            "int": [1, None],
            "float": [1.5, None],
            "bool": [True, None],
            "text": ["x", None],
            "date": [day, None],
            "moment": [moment, None],
            "span": [dt.timedelta(1), None],
            "decimal": [Decimal("1.5"), None],
            "time": [dt.time(1), None],
            "null": [None, None],
        }
    )
    return frame.with_columns(
        pl.col("text").cast(pl.Categorical).alias("category"),
        pl.col("text").cast(pl.Enum(["x"])).alias("enum"),
        pl.col("moment").dt.replace_time_zone("Europe/Berlin").alias("aware"),
    )


@pytest.mark.filterwarnings("ignore:Check how these columns were read")
def test_polars():
    frame = polars_table()
    reader = TableReader()
    wanted = {
        "int": [1.0, NAN],
        "float": [1.5, NAN],
        "bool": [1.0, NAN],
        "text": ["x", NAN],
        "date": [18323.0, NAN],
        "moment": [18323.5, NAN],
        "span": [DAY, NAN],
        "decimal": [1.5, NAN],
        "time": ["01:00:00", NAN],
        "category": ["x", NAN],
        "enum": ["x", NAN],
        "aware": [18323.5, NAN],
    }
    assert_columns(reader.fit_transform(frame), **wanted)
    assert list(reader.feature_names_in_) == frame.columns
    assert_columns(reader.transform(frame.select(reversed(frame.columns))), **wanted)
    assert len(reader.transform(frame.head(1))) == 1


def test_polars_and_pandas_are_the_same():
    frame = polars_table().drop("enum", "category", "time", "null", "aware")
    rows = {name: frame[name].to_list() for name in frame.columns}
    pandas = pd.DataFrame({name: pd.Series(values) for name, values in rows.items()})
    first, second = TableReader().fit(frame), TableReader().fit(pandas)
    pd.testing.assert_frame_equal(first.transform(pandas), second.transform(frame))


@pytest.mark.parametrize("polars", [False, True])
def test_columns_are_matched_by_name_in_any_order(polars):
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"], "c": [3, 4]})
    reader = TableReader().fit(frame)
    other = frame[["c", "a", "b"]]
    if polars:
        other = pl.DataFrame({name: other[name].tolist() for name in other})
    pd.testing.assert_frame_equal(reader.transform(other), reader.transform(frame))


MANY = pd.DataFrame([[1, 2]], columns=["a", "a"])
REFUSED = {
    "no rows": (
        pd.DataFrame({"a": []}),
        r"X has no rows: 0 sample\(s\) \(shape=\(0, 1\)\)",
    ),
    "no columns": (
        pd.DataFrame(index=[1]),
        r"no columns: 0 feature\(s\) \(shape=\(1, 0\)\)",
    ),
    "empty array": (np.empty((0, 3)), "X has no rows"),
    "empty polars": (pl.DataFrame({"a": []}), "X has no rows"),
    "names twice": (MANY, "2 columns have the name 'a'. Rename or drop all but one"),
    "series": (
        pd.Series([1.0], name="a"),
        r"got 1 dimension\(s\). Reshape your data: .*to_frame",
    ),
    "vector": (np.ones(3), r"got 1 dimension\(s\)"),
    "cube": (np.ones((1, 2, 3)), r"got 3 dimension\(s\)"),
    "list": ([1, 2], r"got 1 dimension\(s\)"),
    "empty list": ([], r"got 1 dimension\(s\)"),
    "number": (1.0, r"got 0 dimension\(s\)"),
    "lazy": (pl.LazyFrame({"a": [1]}), r"a query, not a table.*Use X.collect\(\)"),
    "ragged": ([[1, 2], [3]], "different lengths, from 1 to 2. Give all rows the same"),
    "sparse": (scipy.sparse.csr_array([[1.0]]), r"sparse matrix, .* X.toarray\(\)"),
    "nothing": (pd.DataFrame({"a": [NAN], "b": None}), "All values of all 2 columns are m"),
    "infinite": ({"a": [1.0, -np.inf]}, "Column 'a': -inf in row 1 is infinite. Replace"),
    "infinite object": ({"a": np.array([None, np.inf])}, "Column 'a': inf in row 1 is inf"),
    "infinite array": (np.array([[1, np.inf]]), "Column 1: inf in row 0 is infinite"),
    "too large": ({"a": pd.Series([10**400], dtype=object)}, "Column 'a': int too large"),
    "complex": ({"a": [1.0, 2j]}, r"Column 'a': .*j\)? in row 0 is a complex number. Pass"),
    "complex object": (
        {"a": np.array([1.0, 2j], object)},
        "2j in row 1 is a complex number",
    ),
    "complex64": ({"a": np.array([2j], "c8")}, "in row 0 is a complex number"),
    "list in a cell": (
        {"a": ["x", [1, 2]]},
        r"Column 'a': \[1, 2\] in row 1 is a collection \(list\), not a number, a date "
        "or a text. Pass its parts as columns.",
    ),
    "dict in a cell": ({"a": [1, {"k": 1}]}, r"\{'k': 1\} in row 1 is .*\(dict\)"),
    "tuple in a cell": ({"a": [None, (1, 2)]}, r"\(1, 2\) in row 1 is .*\(tuple\)"),
    "set in a cell": ({"a": [{1}]}, r"\{1\} in row 0 is .*\(set\)"),
    "array in a cell": ({"a": [np.ones(9)] * 2}, r"in row 0 is a collection \(ndarray\)"),
    "polars list": (pl.DataFrame({"a": [[1], None]}), r"'a': .*row 0 is .*\(ndarray\)"),
    "a signaling NaN": (
        {"a": pd.Series([Decimal("sNaN"), Decimal(1)], dtype=object)},
        r"Column 'a' has a Decimal that cannot be compared, .* Use None for",
    ),
    "polars struct": (pl.DataFrame({"a": [{"k": 1}, None]}), r"'a': .*row 0 is .*\(dict\)"),
}


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("method", ["fit", "transform"])
def test_invalid_tables_are_refused(method, case):
    X, message = REFUSED[case]
    X = pd.DataFrame(X) if isinstance(X, dict) else X
    if method == "fit":
        with pytest.raises(ValueError, match=message):
            TableReader().fit(X)
    elif case != "nothing":
        is_frame = isinstance(X, pd.DataFrame | pl.DataFrame) and case != "names twice"
        names = X.columns if is_frame and len(X.columns) else None
        n_columns = getattr(X, "shape", (1, 1))[-1] or 1
        reader = TableReader().fit(pd.DataFrame(np.ones((1, n_columns)), columns=names))
        with pytest.raises(ValueError, match=message):
            reader.transform(X)


NOT_AS_BEFORE = {
    "text for numbers": (
        [1.0, 2.0],
        ["12,5", "?"],
        "Column 'a': '12,5' in row 0, but in training the column had numbers. Convert it "
        r"to numbers, for example with pd.to_numeric, or with decimal=',' in pd.read_csv.",
    ),
    "long text": ([1.0, 2.0], ["x" * 999], r"'x+\.\.\.x+' in row 0, .* had numbers"),
    "categories for numbers": (
        [1, 2],
        pd.Categorical(["x"]),
        "'x' in row 0, .* had numbers",
    ),
    "dates for numbers": (
        [1, 2],
        pd.to_datetime([None, "2020-01-01"]),
        r"Timestamp\(.* in row 1, .* had numbers",
    ),
    "text for dates": (
        pd.to_datetime(["2020-01-01"]),
        [NAN, "1 May 2020"],
        "Column 'a': '1 May 2020' in row 1, but in training the column had dates. "
        "Convert it to dates, for example with pd.to_datetime.",
    ),
    "numbers for dates": (
        pd.to_datetime(["2020-01-01"]),
        [NAN, 1.5],
        "1.5 in row 1, .*dates",
    ),
}


@pytest.mark.parametrize("case", NOT_AS_BEFORE)
def test_columns_that_differ_from_training_are_refused(case):
    training, later, message = NOT_AS_BEFORE[case]
    reader = TableReader().fit(pd.DataFrame({"a": training}))
    with pytest.raises(ValueError, match=message):
        reader.transform(pd.DataFrame({"a": later}))


TEXT_FOR_TYPES = {
    "numbers": ([1.0, 2.0], ["1", " 2.5 ", "-3e2"], [1.0, 2.5, -300.0], 0),
    "whole numbers": ([1, 2], ["1", None, "x", "1,000", "inf"], [1.0] + [NAN] * 4, 3),
    "numbers and text": ([1, 2], [1, None, "unknown", "2"], [1.0, NAN, NAN, 2.0], 1),
    "categories": ([1, 2], pd.Categorical(["2", "x", "2"]), [2.0, NAN, 2.0], 1),
    "strings of pandas": ([1, 2], pd.array(["2", None], "string"), [2.0, NAN], 0),
    "only marks": ([1, 2], ["?", None], [NAN, NAN], 1),
    "yes/no": ([True, False], ["True", "false", "1", "x"], [1.0, 0.0, 1.0, NAN], 1),
}


@pytest.mark.parametrize("case", TEXT_FOR_TYPES)
def test_text_in_a_column_of_numbers_is_parsed_and_told(case):
    training, later, wanted, n_lost = TEXT_FOR_TYPES[case]
    reader = TableReader().fit(pd.DataFrame({"a": training, "b": 1.0}))
    with pytest.warns(UserWarning) as caught:
        read = reader.transform(pd.DataFrame({"a": later, "b": 1.0}))
    assert_columns(read[["a"]], a=wanted)
    (warning,) = caught
    n_texts = sum(isinstance(value, str) for value in later)
    message = str(warning.message)
    assert f"'a' ({n_texts} cell{'s' * (n_texts != 1)})" in message and "'b'" not in message
    assert (f"'a': {n_lost}, such as" in message) == (n_lost > 0)
    assert warning.filename == __file__


@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
def test_iso_dates_in_text_are_read_as_dates_by_type(zone):
    days = pd.DataFrame({"a": pd.date_range("2020-01-31", periods=9, freq="35h", tz=zone)})
    reader = TableReader().fit(days)
    with pytest.warns(UserWarning, match=r"contain text: 'a' \(9 cells\). It is parsed"):
        read = reader.transform(days.astype(str))
    pd.testing.assert_frame_equal(read, reader.transform(days))
    utc = ["2020-07-01T10:00:00Z", "2020-07-01 10:00"]
    typed = [pd.Timestamp(text) for text in utc]
    with pytest.warns(UserWarning, match="'a': 2, such as '1.7.2020'"):
        read = reader.transform(pd.DataFrame({"a": [*utc, "1.7.2020", "-"]}))
    for row, moment in enumerate(typed):
        wanted = reader.transform(pd.DataFrame({"a": [moment]}))
        np.testing.assert_array_equal(read.iloc[[row]], wanted)
    assert read.iloc[2:].isna().all(axis=None)


MISSING_LABELS = {
    "None": ["x", None, "y", None],
    "NaN in a list": ["x", NAN, "y", NAN],
    "float": np.array([0.0, NAN, 1.0, NAN]),
    "series": pd.Series(["x", None, "y", None]),
    "nullable": pd.Series([1, None, 2, pd.NA], dtype="Int64"),
    "category": pd.Series(["x", None, "y", None], dtype="category"),
    "polars": pl.Series(["x", None, "y", None]),
    "labels": np.array([[0, 1], [NAN, 1], [1, 1], [NAN, NAN]]),
}


@pytest.mark.parametrize("case", MISSING_LABELS)
def test_missing_labels_are_refused(case):
    X = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0]})
    message = r"y has 2 missing label\(s\), the first in row 1. Drop these rows: X\[~pd"
    with pytest.raises(ValueError, match=message):
        TableReader().fit(X, MISSING_LABELS[case])


@pytest.mark.parametrize(
    "y", [["x", "y"], [0, 1], pd.Series([1, 2], dtype="Int64"), [[0, 1], [1, 0]]]
)
def test_labels_without_missing_values_are_accepted(y):
    assert TableReader().fit([[1.0], [2.0]], y).n_features_in_ == 1
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        TableReader().fit([[1.0]], y)


def test_sparse_labels_have_no_missing_values():
    reader = TableReader().fit([[1.0], [2.0]], scipy.sparse.csr_array([[0, 1], [1, 0]]))
    assert reader.n_features_in_ == 1


def test_a_failed_fit_changes_nothing():
    reader = TableReader().fit(pd.DataFrame({"a": [1.0]}))
    before = pickle.dumps(reader)
    with pytest.raises(ValueError, match="Column 'c'"):
        reader.fit(pd.DataFrame({"b": [1.0], "c": [np.inf]}))
    assert pickle.dumps(reader) == before


def test_table_is_not_changed():
    frame, objects = same_table()
    before = frame.copy()
    reader = TableReader()
    reader.fit_transform(frame)
    pd.testing.assert_frame_equal(frame, before)
    array = np.arange(6.0).reshape(3, 2)
    array.flags.writeable = False
    reader.fit_transform(array)


def test_pickle_clone_and_not_fitted():
    frame, _ = same_table()
    frame["d"] = pd.date_range("2020", periods=3, tz="Europe/Berlin")
    reader = TableReader().fit(frame)
    again = pickle.loads(pickle.dumps(reader))
    pd.testing.assert_frame_equal(again.transform(frame), reader.transform(frame))
    for call in (
        clone(reader).get_feature_names_out,
        lambda: clone(reader).transform(frame),
    ):
        with pytest.raises(NotFittedError):
            call()


def test_the_index_does_not_matter():
    frame, _ = same_table()
    reader = TableReader()
    wanted = reader.fit_transform(frame)
    pd.testing.assert_frame_equal(
        reader.fit_transform(frame.set_index([[7, 7, 3]])), wanted
    )


def test_errors_are_short():
    with pytest.raises(ValueError) as error:
        TableReader().fit(pd.DataFrame({"a": [list(range(10_000))]}))
    assert len(str(error.value)) < 200
    assert re.match(r"Column 'a': \[0, 1, 2", str(error.value))


def test_aware_objects_of_one_time_zone_keep_it():
    hours = pd.date_range("2020-01-01", periods=3, freq="h", tz="Europe/Berlin")
    objects = pd.DataFrame({"a": pd.Series(list(hours), dtype=object)})
    reader = TableReader().fit(objects)
    hours = reader.transform(objects)[["a_hour_sin", "a_hour_cos"]]
    assert_columns(hours, **angles("a_hour", [0.0, 1.0, 2.0], 24))


class Silent:
    """A cell value that cannot be converted to text."""

    def __str__(self):
        raise ZeroDivisionError("mute")

    __repr__ = __str__


def test_errors_of_cell_values_name_the_column():
    table = pd.DataFrame({"a": pd.Series(["x", Silent()], dtype=object)})
    message = "Column 'a' cannot be read: ZeroDivisionError: mute. Convert it to numbers"
    with pytest.raises(ValueError, match=message):
        TableReader().fit(table)


@pytest.mark.parametrize("dtype", ["bool", "boolean", object, "category"])
def test_booleans_are_yes_and_no_in_any_type(dtype):
    truths = pd.Series([True, False, True], dtype=dtype)
    for x in ([1.5, 2.5, 0.5], [0, 1, 1], [1, 2, 3]):
        reader = TableReader().fit(pd.DataFrame({"a": truths, "x": x}))
        kind = "category" if dtype == "category" else "yes/no"
        assert reader.columns_["kind"].tolist() == [kind, "number"]
