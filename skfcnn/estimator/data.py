"""Validation of the data of a fit: X, y and weights."""

import numpy as np
from sklearn.utils import column_or_1d
from sklearn.utils.validation import validate_data

from skfcnn.estimator.records import refuse_records
from skfcnn.estimator.targets import Target
from skfcnn.estimator.weights import row_weights, without_idle_extremes
from skfcnn.network.loss import Loss, check_targets
from skfcnn.training.objective import Data


def check_X_y(estimator, X, y, *, reset: bool):
    """Return X and y validated; `reset` sets the number and the names of the features."""
    refuse_records(X)
    kind = estimator._target_class
    kind.refuse(y)
    with np.errstate(over="ignore", invalid="ignore"):  # X is summed to find NaN
        X, y = validate_data(
            estimator,
            X,
            y,
            accept_sparse="csr" if reset else estimator._sparse_formats(),
            multi_output=True,
            y_numeric=kind.y_numeric,
            dtype=[np.float64, np.float32],
            reset=reset,
        )
    if y.ndim == 2 and y.shape[1] == 1:
        y = column_or_1d(y, warn=True)
    return X, y


def make_data(estimator, X, y, sample_weight) -> Data:
    """Return the checked rows, with y encoded and a weight for each row."""
    target = estimator._target
    class_weight = target.class_weight(estimator)
    weights = row_weights(class_weight, target, X, y, sample_weight)
    X = without_idle_extremes(X, weights)
    return Data(X, target.without_idle_extremes(target.encode(y), weights), weights)


def make_validation_data(estimator, X_val, y_val, sample_weight_val) -> Data | None:
    """Return the checked rows to validate on, or None if none are given."""
    given = [X_val is not None, y_val is not None]
    if not any(given) and sample_weight_val is None:
        return None
    if not all(given):
        raise ValueError(
            "X_val and y_val must be passed together. Pass both, or neither (and then no "
            "sample_weight_val)."
        )
    target = estimator._target
    try:
        X, y = check_X_y(estimator, X_val, y_val, reset=False)
        target.check_known(y)
        weights = row_weights(None, target, X, y, sample_weight_val)
    except ValueError as error:
        raise ValueError(f"Error in X_val, y_val or sample_weight_val: {error}") from error
    return Data(X, target.encode(y), weights)


def check_range(name, loss: Loss, target: Target, data: Data | None) -> None:
    """Raise ValueError if there are targets outside of the range of the loss."""
    low, high, _ = target.y_range
    if data is not None and not loss.y_range.contains(low, high):
        check_targets(name, loss, data.target)
