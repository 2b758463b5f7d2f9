"""Cells: what a column holds."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from skfcnn.tabular.cells import Column, has_booleans, of_codes, text_of

CONTENTS = {
    "numbers": ([1, None, 2.5], [True, None], [Decimal(1), 2]),
    "spans": ([dt.timedelta(1), None], [np.timedelta64(1, "s")]),
    "dates": ([dt.date(2020, 1, 1)], [pd.Timestamp(0), None], [pd.Period("2020-01", "M")]),
    "text": (["x", None], ["x", 1], [dt.time(1)], [b"x"], [None]),
}


@pytest.mark.parametrize("content", CONTENTS)
def test_the_content_of_a_column(content):
    for values in CONTENTS[content]:
        assert Column(pd.Series(values, dtype=object)).content == content


def test_strings_are_told_from_other_values_that_are_text():
    assert Column(pd.Series(["x", None])).holds_strings
    assert Column(pd.Series([1, "x"], dtype=object)).holds_strings
    assert not Column(pd.Series([dt.time(1), None], dtype=object)).holds_strings
    assert not Column(pd.Series(["x"], dtype="category")).holds_strings


def test_texts_and_their_counts():
    column = Column(pd.Series(["x", None, "y", "x"]))
    codes, texts = column.texts()
    assert [*codes] == [0, -1, 1, 0] and texts == ["x", "y"]
    assert [*column.counts()] == [2, 1]
    mixed = Column(pd.Series([1, "1", 1.0, True], dtype=object))
    assert mixed.texts()[1] == ["1", "True"]


def test_what_a_form_reads_is_computed_once():
    class Form:
        calls = 0

        def read(self, texts):
            self.calls += 1
            return np.array([float(text) for text in texts])

    column, form = Column(pd.Series(["1", "2", "1"])), Form()
    for _ in range(2):
        np.testing.assert_array_equal(column.parsed(form), [1.0, 2.0])
    assert form.calls == 1


def test_values_of_codes_are_missing_where_cells_are():
    np.testing.assert_array_equal(of_codes(np.array([5.0]), np.array([0, -1])), [5, np.nan])
    assert np.isnat(of_codes(np.array(["2020"], "M8[s]"), np.array([0, -1]))).tolist() == [
        False,
        True,
    ]


def test_booleans_are_found_in_cells_and_categories():
    assert has_booleans(Column(pd.Series([True, "x"], dtype=object)))
    assert has_booleans(Column(pd.Series([True, False], dtype="category")))
    assert not has_booleans(Column(pd.Series([1, "True"], dtype=object)))


def test_equal_numbers_have_the_same_text():
    assert {text_of(one) for one in (1, 1.0, Decimal("1.0"), "1", np.float32(1))} == {"1"}
    assert text_of(1.5) == "1.5" and text_of(pd.Interval(0.0, 1.0)) == "(0, 1]"
