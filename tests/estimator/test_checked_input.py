"""The data of a fit, checked and encoded by an estimator."""

import numpy as np
import pytest

from skfcnn import FullyConnectedClassifier
from skfcnn.estimator.data import check_X_y, make_validation_data
from skfcnn.estimator.rows import RowsInMemory

X, Y = np.arange(6.0).reshape(3, 2), np.array(["a", "b", "a"])


def test_data_are_encoded_with_weights():
    checked = FullyConnectedClassifier()
    data = RowsInMemory(X, Y, [1.0, 2.0, 3.0]).read(checked, continues=False)
    np.testing.assert_array_equal(data.X, X)
    np.testing.assert_array_equal(data.target.ravel(), [0, 1, 0])
    np.testing.assert_array_equal(data.weights, [1.0, 2.0, 3.0])
    assert checked.n_features_in_ == 2


def test_column_of_labels_is_flattened_with_a_warning():
    with pytest.warns(UserWarning, match="A column-vector y was passed"):
        _, y = check_X_y(FullyConnectedClassifier(), X, Y[:, None], reset=True)
    np.testing.assert_array_equal(y, Y)


@pytest.mark.parametrize(
    "given", [(X, None, None), (None, Y, None), (None, None, np.ones(3))]
)
def test_validation_rows_need_labels(given):
    with pytest.raises(ValueError, match="X_val and y_val must be passed together"):
        make_validation_data(FullyConnectedClassifier(), *given)


def test_errors_of_validation_rows_name_the_arguments():
    checked = FullyConnectedClassifier()
    model = checked.set_params(max_iter=1)
    with pytest.warns(Warning):
        model.fit(X, Y)
    assert make_validation_data(model, None, None, None) is None
    with pytest.raises(ValueError, match="Error in X_val, y_val or .*: Negative"):
        make_validation_data(model, X, Y, -np.ones(3))
