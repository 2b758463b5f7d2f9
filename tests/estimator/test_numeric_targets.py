"""Values of y that are not numbers are refused, with a way to convert them."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from skfcnn.estimator.numeric_targets import refuse_other_values

DAY = pd.Timestamp("2020-01-01")


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (["$1", "2"], r"got text: \$1\. .*pandas.to_numeric"),
        (np.array([b"1"]), "got text: b'1'"),
        (pd.Series([1, "a"]), "got text: a"),
        (pd.Series(["a", "b"], dtype="category"), "got text: a"),
        (pd.Series([DAY]), "got dates: 2020-01-01.*for days"),
        (pd.Series([DAY.tz_localize("UTC")]), "got dates: 2020-01-01 00:00:00"),
        ([dt.date(2020, 1, 1)], "got dates: 2020-01-01"),
        (pd.Series([DAY - DAY]), "got durations: 0 .*for seconds"),
        ([dt.timedelta(1)], "got durations: 1 day"),
    ],
)
def test_other_types_are_refused_with_their_first_value(y, message):
    with pytest.raises(TypeError, match=message):
        refuse_other_values(y)


@pytest.mark.parametrize(
    ("y", "found"),
    [
        ([1.0, np.nan, np.nan], r"2 missing value\(s\), the first in row 1"),
        ([1, None], r"1 missing value\(s\), the first in row 1"),
        (pd.Series([None, 1], dtype="Int64"), r"1 missing value\(s\), the first in row 0"),
        (pd.Series([True, None], dtype="boolean"), "the first in row 1"),
        ([Decimal("NaN")], "the first in row 0"),
        ([[1.0, 2.0], [np.nan, np.nan]], r"1 missing value\(s\), the first in row 1"),
    ],
)
def test_missing_values_are_counted(y, found):
    with pytest.raises(ValueError, match=f"Input y contains NaN or None: .*{found}. Drop"):
        refuse_other_values(y)


@pytest.mark.parametrize(
    "y",
    [
        [True, False],
        [Decimal("1.5")],
        pd.Series([1, 2], dtype="category"),
        [[1, 2], [3, 4]],
        [np.inf],
        3.0,
        [],
        None,
    ],
    ids=str,
)
def test_numbers_and_what_is_checked_later_pass(y):
    assert refuse_other_values(y) is None
