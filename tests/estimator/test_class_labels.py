"""Which values can be labels, and which classes they are."""

import numpy as np
import pandas as pd
import pytest

from skfcnn.estimator.labels import by_position, classes_in, refuse_mixed


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        ([3, 1, 3], [1, 3]),
        (["b", "a"], ["a", "b"]),
        ([True, False], [False, True]),
        ([1.0, 2.0], [1.0, 2.0]),
        (np.array([[0, 1, 1], [1, 0, 0]]), [0, 1, 2]),
    ],
)
def test_classes_are_sorted(labels, classes):
    assert classes_in(labels).tolist() == classes


@pytest.mark.parametrize("missing", [None, np.nan])
def test_missing_labels_are_counted_and_located(missing):
    with pytest.raises(ValueError, match=r"2 missing label\(s\), the first in row 1"):
        refuse_mixed(["a", missing, "b", missing])


def test_missing_dates_are_refused():
    with pytest.raises(ValueError, match="NaT"):
        classes_in(np.array(["2020-01-01", "NaT"], "datetime64[D]"))


@pytest.mark.parametrize("kind", [list, lambda y: np.array(y, dtype=object)])
def test_strings_and_numbers_together_are_refused(kind):
    with pytest.raises(TypeError, match="numbers or strings, and not both; got int, str"):
        refuse_mixed(kind(["a", 1]))


def test_a_table_of_several_types_is_refused():
    table = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})
    with pytest.raises(TypeError, match="numbers or strings, and not both: one for each"):
        classes_in(table)


def test_no_labels_have_no_missing_ones():
    assert refuse_mixed(pd.Series([], dtype=float)) is None


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0.5, 1.5, 2.25], "continuous"),
        (np.array([[1, 2], [3, 1]]), "Multioutput y"),
        (np.array([object(), object()]), "Unknown label type: object"),
    ],
)
def test_values_that_cannot_be_classes_are_refused(labels, message):
    with pytest.raises(ValueError, match=message):
        classes_in(labels)


def test_class_weights_by_position():
    classes = np.array(["a", "b", "c"])
    assert by_position({"c": 2.0, "a": 1.0}, classes) == {2: 2.0, 0: 1.0}
    with pytest.raises(ValueError, match=r"weights for \['d'\]"):
        by_position({"d": 1.0}, classes)
