"""Kinds of columns of types other than text; test_reader.py reads whole tables of them."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from skfcnn.tabular.cells import Column
from skfcnn.tabular.column_types import Categories, LeftOut, Nothing, Numbers, finite


def test_numbers_categories_and_columns_without_output():
    column = Column(pd.Series([1.0, None]))
    np.testing.assert_array_equal(Numbers().read(column, Counter())[0], [1.0, np.nan])
    assert Categories.of(column).read(column, Counter())[0].tolist()[0] == "1"
    assert Nothing().names("a") == LeftOut("identifier").names("a") == []


def test_booleans_in_text_are_spelled_as_in_training():
    kind = Categories.of(Column(pd.Series([True, False, "x"], dtype=object)))
    later = Column(pd.Series([1, "0", "x"], dtype=object))
    assert kind.read(later, Counter())[0].tolist() == ["True", "False", "x"]


def test_infinite_numbers_are_refused():
    assert finite(np.array([1.0, np.nan]))[0] == 1.0
    with pytest.raises(ValueError, match="-inf in row 1 is infinite"):
        finite(np.array([1.0, -np.inf]))
