"""The weights of rows: sample weight times class weight, and rows of weight zero."""

import numpy as np
import pytest
import scipy.sparse

from skfcnn.estimator.class_target import ClassTarget
from skfcnn.estimator.weights import row_weights, weights_of_some, without_idle_extremes

Y = np.array([0, 0, 0, 1])
X = np.ones((4, 2))
TARGET = ClassTarget(Y)


def test_default_weights_are_ones():
    weights = row_weights(None, TARGET, X, Y, None)
    np.testing.assert_array_equal(weights, np.ones(4))
    assert weights.dtype == np.float64


def test_sample_weights_are_multiplied_by_class_weights():
    weights = row_weights({0: 2.0, 1: 3.0}, TARGET, X, Y, [1.0, 0.0, 0.5, 4.0])
    np.testing.assert_array_equal(weights, [2.0, 0.0, 1.0, 12.0])


def test_weights_of_all_rows_must_not_be_zero():
    nothing = {0: 0.0, 1: 1.0}, TARGET, X, Y, [1.0, 1.0, 1.0, 0.0]
    with pytest.raises(ValueError, match="times the class weights, must contain at"):
        row_weights(*nothing)
    # A part of the rows may weigh nothing.
    np.testing.assert_array_equal(weights_of_some(*nothing), np.zeros(4))


@pytest.mark.parametrize("size", [1e308, 1e-320])
def test_sum_of_weights_must_be_within_range(size):
    with pytest.raises(ValueError, match="a sum within the range of float64"):
        row_weights(None, TARGET, X, Y, np.full(4, size))


@pytest.mark.parametrize("form", [np.asarray, scipy.sparse.csr_array])
def test_extreme_rows_without_weight_become_zeros(form):
    rows = X.copy()
    rows[1], rows[2] = 1e300, -1e300
    weights = np.array([1.0, 0.0, 0.0, 1.0])
    found = without_idle_extremes(form(rows), weights)
    found = found.toarray() if scipy.sparse.issparse(found) else found
    np.testing.assert_array_equal(found, [[1, 1], [0, 0], [0, 0], [1, 1]])


def test_moderate_rows_are_not_copied():
    assert without_idle_extremes(X, np.array([1.0, 0.0, 1.0, 1.0])) is X
    assert without_idle_extremes(1e300 * X, np.ones(4)).max() == 1e300
