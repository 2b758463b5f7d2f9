"""Kinds of columns of text: what is read in training and later."""

import datetime as dt
import pickle
from collections import Counter
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from skfcnn.tabular.cells import Column
from skfcnn.tabular.reader import TableReader
from skfcnn.tabular.text_types import FREE_TEXT, FreeText, InText, PlainNumbers, SerialDates

NAN = np.nan
pytestmark = pytest.mark.filterwarnings("ignore:Check how these columns were read")


def a_column(values):
    return Column(pd.Series(values, dtype=object))


def fitted(values, **params):
    return TableReader(**params).fit(pd.DataFrame({"a": pd.Series(values, dtype=object)}))


def later(reader, values):
    return reader.transform(pd.DataFrame({"a": pd.Series(values, dtype=object)}))


def test_plain_numbers():
    form = PlainNumbers()
    read = form.read(["1", "-2.5", "3e-05", "x", "inf", " 4 "])
    np.testing.assert_array_equal(read, [1, -2.5, 3e-05, NAN, NAN, 4])
    assert form.read([]).shape == (0,)
    assert "numbers" in form.describe()


def test_a_word_has_a_column_and_what_does_not_parse_is_counted():
    unread: Counter = Counter()
    column = a_column(["1", " refused", "?", "oops", "oops", 7.5, None])
    numbers, refused = InText(PlainNumbers(), ["refused"]).read(column, unread)
    np.testing.assert_array_equal(numbers, [1, NAN, NAN, NAN, NAN, 7.5, NAN])
    np.testing.assert_array_equal(refused, [0, 1, 0, 0, 0, 0, 0])
    assert unread == {"oops": 2}


EUROPEAN = ["1.234,50 €", "7,00 €", "13,25 €", "?"]


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        (["1.000,50 €", "- "], [1000.5, NAN]),
        ([1.5, 2], [1.5, 2.0]),
        ([1.5, "7,25 €"], [1.5, 7.25]),
        ([Decimal("1.5"), None], [1.5, NAN]),
        ([None, None], [NAN, NAN]),
    ],
    ids=["text", "numbers", "mixed", "decimals", "missing"],
)
def test_numbers_in_text_are_later_read_in_text_and_by_type(values, wanted):
    read = later(fitted(EUROPEAN), values)
    np.testing.assert_array_equal(read["a"], wanted)


def test_what_does_not_parse_later_is_missing_and_told_in_one_warning():
    table = pd.DataFrame({"a": ["1.5", "2", "?"], "b": ["2020-01-01", "2021-01-01", ""]})
    reader = TableReader().fit(table)
    new = pd.DataFrame({"a": ["x", "x", "y"], "b": ["31.12.2020", "2020-02-02", "-"]})
    with pytest.warns(
        UserWarning, match="'a': 3, such as 'x'; 'b': 1, such as '31.12"
    ) as w:
        read = reader.transform(new)
    assert len(w) == 1 and w[0].filename == __file__
    assert read["a"].isna().all() and read["b"].isna().tolist() == [True, False, True]


def test_dates_in_text_are_later_read_in_text_and_by_type():
    reader = fitted(["31.12.2020", "01.01.2021", "15.06.2021"])
    wanted = later(reader, ["31.12.2020", "01.02.2021"])
    moments = [dt.datetime(2020, 12, 31), dt.datetime(2021, 2, 1)]
    pd.testing.assert_frame_equal(later(reader, moments), wanted)
    pd.testing.assert_frame_equal(later(reader, [moments[0].date(), "01.02.2021"]), wanted)


def test_durations_are_later_read_from_time_spans():
    reader = fitted(["1:00:00", "25:30:01", "0:00:07"])
    assert later(reader, [dt.timedelta(1), dt.timedelta(0, 1)])["a"].tolist() == [86400, 1]


def test_yes_and_no_are_later_read_from_booleans():
    reader = fitted(["yes", "no", "Yes"])
    assert later(reader, [True, False, "NO"])["a"].tolist() == [1.0, 0.0, 0.0]
    assert later(reader, [True, False])["a"].tolist() == [1.0, 0.0]


def test_serial_dates_of_excel():
    column = a_column([1.0, 43831.5, None, 0.0, 2958465.0, 2958466.0])
    unread: Counter = Counter()
    days = SerialDates.of(column).read(column, unread)[0]
    wanted = [-25568.0, 18262.5, NAN, NAN, 2932896.0, NAN]
    np.testing.assert_array_equal(days, wanted)
    assert unread == {"0": 1, "2.95847e+06": 1} or unread.total() == 2


def test_free_text_is_strings_of_pandas():
    (read,) = FreeText().read(a_column(["some words", None]), Counter())
    assert read.dtype == FREE_TEXT and read.isna().tolist() == [False, True]


def test_fitted_kinds_can_be_pickled():
    for values in (EUROPEAN, ["31.12.2020", "01.01.2021"], ["yes", "no"], ["1:00:00"]):
        reader = fitted(values)
        again = pickle.loads(pickle.dumps(reader))
        pd.testing.assert_frame_equal(later(again, values), later(reader, values))
