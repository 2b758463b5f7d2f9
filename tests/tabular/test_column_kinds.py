"""Deciding the kind of a column; test_messy_columns.py has a corpus of them."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from skfcnn.tabular.cells import Column
from skfcnn.tabular.column_kinds import decide, looks_like_row_number


def decided(values, name="a", role=None, **options):
    return decide(Column(pd.Series(values, dtype=object)), name, role, **options)


IDS = [f"A{i}x" for i in range(100)]
LONG = [f"a text of many words, number {i}" for i in range(100)]


def test_identifiers_need_100_rows_that_differ_without_spaces():
    assert decided(IDS).kind.label == "identifier"
    assert decided(IDS, drops=False).kind.label == "category"
    assert decided(IDS[:99]).kind.label == "category"
    assert decided([*IDS[:97], "A0x", "A1x", "A2x"]).kind.label == "category"
    assert decided([text.replace("x", " x") for text in IDS]).kind.label == "category"
    assert decided([*IDS, *IDS, None]).kind.label == "category"
    assert decided([*IDS, None, None]).kind.label == "identifier"


def test_free_text_is_long_has_spaces_and_mostly_differs():
    assert decided(LONG).kind.label == "free text"
    assert decided([text.replace(" ", "_") for text in LONG]).kind.label == "identifier"
    assert decided(LONG[:10] * 10).kind.label == "category"
    assert decided([text[:15] for text in LONG]).kind.label == "category"


def test_marks_for_missing_values_do_not_count():
    assert decided(LONG + [""] * 900).kind.label == "free text"
    assert decided(IDS + ["n/a"] * 50).kind.label == "identifier"


def test_numbers_come_before_free_text_and_identifiers():
    assert decided([f"{i}.5" for i in range(100)]).kind.label == "number in text"
    assert decided([f"2{i:03}-01-01" for i in range(100)]).kind.label == "date in text"


def test_notes_tell_what_becomes_of_texts_that_do_not_parse():
    values = [*map(str, range(200)), "refused", "refused", "?", "1o"]
    decision = decided(values)
    assert decision.group == "number"
    assert "separate columns for 'refused'" in decision.note
    assert "missing: '?'" in decision.note
    assert "1 that do not parse are missing: '1o'" in decision.note


@pytest.mark.parametrize("first", [1, 1.5])
def test_numbers_by_type_decide_how_mixed_columns_are_read(first):
    decision = decided([first] * 30 + ["?"] * 9)
    assert decision.kind.label == "number in text"
    assert decided([first] * 30 + ["x", "y", "z"]).kind.label == "category"
    words = decided([first] * 100 + ["x", "x", "y"])
    assert words.kind.words == ["x"]


def test_codes_of_which_some_became_numbers_stay_codes():
    decision = decided([10115, 10117, "01067", "01069"] * 9)
    assert decision.kind.label == "code"
    assert decided([10115, 10117, "?"] * 9).kind.label == "number in text"


def test_a_code_is_kept_with_its_reason():
    decision = decided(["01234", "99999", "01234"])
    assert decision.kind.label == "code" and "leading zeros" in decision.note
    named = decided(["1", "2", "30"], name="zipCode")
    assert named.kind.label == "code" and "name of the column" in named.note


def test_two_readings_are_named():
    decision = decided(["01/02/2024", "03/04/2024"])
    assert decision.kind.label == "category" and decision.group == "ambiguous"
    assert "day first" in decision.note and "month first" in decision.note


def test_row_numbers_increase():
    assert looks_like_row_number(pd.Series(np.arange(100)))
    assert not looks_like_row_number(pd.Series(np.arange(99)))
    assert not looks_like_row_number(pd.Series(np.r_[:100, 50]))
    assert not looks_like_row_number(pd.Series([1] * 100))
    assert decided([*range(100)]).group == "row number"


def test_kinds_of_types():
    assert decided([None, None]).kind.label == "empty"
    assert decided([True, None]).kind.label == "yes/no"
    assert decided([pd.Timedelta(1)]).kind.label == "duration"
    assert decided([pd.Timestamp(0)]).kind.label == "date"
    assert decided([1.5]).kind.label == "number"


def test_a_column_of_which_most_values_are_numbers_is_told():
    values = [*map(str, range(30)), *["<5", "<5", "<5"], "n/a"]
    decision = decide(Column(pd.Series(values)), "lead", None)
    assert (decision.kind.label, decision.group) == ("category", "nearly")
    assert decision.note == "91% are numbers, not '<5'; the mark 'n/a' is a category"
    number = decide(Column(pd.Series(values)), "lead", "number")
    assert number.note == "declared; 3 that do not parse are missing: '<5'"
    few = decide(Column(pd.Series(["1", "2", "3", "x"] * 9)), "level", None)
    assert (few.note, few.group) == ("", None)


@pytest.mark.parametrize("kind", [str, int, float])
def test_eight_digits_are_dates_if_declared(kind):
    values = [kind(20240131), kind(20231224), None]
    decision = decided(values, role="date")
    assert decision.kind.label == "date in text"
    column = Column(pd.Series(values, dtype=object))
    days, *_ = decision.kind.read(column, Counter())
    np.testing.assert_array_equal(days[:2], [19753, 19715])
    assert decided(values).kind.label == ("code" if kind is str else "number")


def test_excel_dates_are_told_from_eight_digits():
    assert decided([43831, 43832.5], role="date").kind.label == "date"
    assert decided(["43831", "43832.5"], role="date").kind.label == "date"
