"""Records: what counts as one, and dicts whose columns have other lengths."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from skfcnn.estimator.records import (
    are_records,
    check_lengths,
    is_structured,
    lengths_of,
    refuse_records,
)

STRUCTURED = np.array([(1, 2.0)], dtype=[("a", int), ("b", float)])
RECORDS = [{"a": 1}, [{"a": 1}, {"a": 2}], STRUCTURED, STRUCTURED[0]]
OTHERS = [
    np.ones((2, 2)),
    [[1.0, 2.0]],
    [],
    [{"a": 1}, [2]],
    pd.DataFrame({"a": [1]}),
    scipy.sparse.dok_array((2, 2)),
]


@pytest.mark.parametrize("X", RECORDS, ids=lambda X: type(X).__name__)
def test_records_are_refused_by_estimators_of_numbers(X):
    assert are_records(X)
    with pytest.raises(TypeError, match="X holds records.*Use pd.DataFrame"):
        refuse_records(X)


@pytest.mark.parametrize("X", OTHERS, ids=lambda X: type(X).__name__)
def test_other_data_are_not_records(X):
    assert not are_records(X)
    refuse_records(X)


def test_structured_arrays_and_their_rows_are_records():
    assert is_structured(STRUCTURED) and is_structured(STRUCTURED[0])
    assert not is_structured(np.ones(2)) and not is_structured([1])


def test_length_of_sequences_and_single_values():
    columns = {"list": [1, 2], "array": np.ones(3), "text": "abc", "number": 5}
    columns["scalar"] = np.array(1.0)
    lengths = {"list": 2, "array": 3, "text": None, "number": None, "scalar": None}
    assert lengths_of(columns) == lengths


def test_error_names_columns_of_different_lengths():
    check_lengths({"a": [1, 2], "b": (3, 4)})
    with pytest.raises(ValueError, match="2 values for 'a' and a single value for 'b'"):
        check_lengths({"a": [1, 2], "b": "text"})
    with pytest.raises(ValueError, match="2 values for 'a' and 3 values for 'b'"):
        check_lengths({"a": [1, 2], "b": [1, 2, 3]})
