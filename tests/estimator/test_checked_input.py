"""The data of a fit, checked and encoded by an estimator."""

import numpy as np
import pytest

from skfcnn.estimator.data import CheckedInput

X, Y = np.arange(6.0).reshape(3, 2), np.array(["a", "b", "a"])


class Checked(CheckedInput):
    class_weight = None

    def _sparse_formats(self):
        return "csr"


def test_data_are_encoded_with_weights():
    checked = Checked()
    data = checked._check_data(X, Y, [1.0, 2.0, 3.0], goes_on=False)
    np.testing.assert_array_equal(data.X, X)
    np.testing.assert_array_equal(data.target.ravel(), [0, 1, 0])
    np.testing.assert_array_equal(data.weights, [1.0, 2.0, 3.0])
    assert checked.n_features_in_ == 2


def test_column_of_labels_is_flattened_with_a_warning():
    with pytest.warns(UserWarning, match="A column-vector y was passed"):
        _, y = Checked()._check_X_y(X, Y[:, None], reset=True)
    np.testing.assert_array_equal(y, Y)


@pytest.mark.parametrize(
    "given", [(X, None, None), (None, Y, None), (None, None, np.ones(3))]
)
def test_validation_rows_and_labels_belong_together(given):
    with pytest.raises(ValueError, match="X_val and y_val belong together"):
        Checked()._validation_data(*given)


def test_errors_of_validation_rows_say_so():
    checked = Checked()
    checked._check_data(X, Y, None, goes_on=False)
    assert checked._validation_data(None, None, None) is None
    with pytest.raises(ValueError, match="Of X_val, y_val, sample_weight_val: Negative"):
        checked._validation_data(X, Y, -np.ones(3))
