"""Kinds of columns of types other than text; test_reader.py reads whole tables of them."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from skfcnn.tabular.cells import Column
from skfcnn.tabular.column_kinds import decide
from skfcnn.tabular.column_types import Categories, LeftOut, Nothing, Numbers, finite

DAY = pd.Timedelta(days=1)


def test_numbers_categories_and_columns_without_output():
    column = Column(pd.Series([1.0, None]))
    np.testing.assert_array_equal(Numbers().read(column, Counter())[0], [1.0, np.nan])
    assert Categories.of(column).read(column, Counter())[0].tolist()[0] == "1"
    assert Nothing().names("a") == LeftOut("identifier").names("a") == []


def test_booleans_in_text_are_spelled_as_in_training():
    kind = Categories.of(Column(pd.Series([True, False, "x"], dtype=object)))
    later = Column(pd.Series([1, "0", "x"], dtype=object))
    assert kind.read(later, Counter())[0].tolist() == ["True", "False", "x"]


@pytest.mark.parametrize(
    "values, later, message",
    [
        ([1.0], [DAY], "Timedelta.* in row 0, but in training the column had numbers"),
        ([1.0], ["2"], "'2' in row 0, but .* had numbers. .* pd.to_numeric"),
        ([True], ["yes"], "'yes' in row 0, but .* had True and False. .*map"),
        ([DAY], [1.0], "1.0 in row 0, but .* had time spans. .* pd.to_timedelta"),
        ([DAY], ["1 day"], "'1 day' in row 0, but .* had time spans. .* pd.to_timedelta"),
    ],
)
def test_values_of_another_kind_are_refused_with_the_way_out(values, later, message):
    kind = decide(Column(pd.Series(values)), "a", None).kind
    with pytest.raises(ValueError, match=message):
        kind.read(Column(pd.Series(later)), Counter())


@pytest.mark.parametrize("text", ["007", "1.10", "2.0"])
def test_numbers_in_place_of_text_with_zeros_are_refused(text):
    kind = Categories.of(Column(pd.Series(["123", text])), "code")
    for numbers in ([7], [1.1, 2.0]):
        with pytest.raises(ValueError, match=f"text such as '{text}', and numbers lose"):
            kind.read(Column(pd.Series(numbers)), Counter())
    assert kind.read(Column(pd.Series([text])), Counter())[0].tolist() == [text]


def test_numbers_in_place_of_other_text_are_the_same_categories():
    for training in (["123", "20", "x"], ["123", 7, "007"]):
        kind = Categories.of(Column(pd.Series(training, dtype=object)))
        assert kind.read(Column(pd.Series([20, 123])), Counter())[0].tolist() == [
            "20",
            "123",
        ]


def test_infinite_numbers_are_refused():
    assert finite(np.array([1.0, np.nan]))[0] == 1.0
    with pytest.raises(ValueError, match="-inf in row 1 is infinite"):
        finite(np.array([1.0, -np.inf]))
