"""The weight of each row: its sample weight times the weight of its class."""

import numpy as np
import scipy.sparse

from skfcnn._sklearn import _check_sample_weight
from skfcnn.estimator.scales import largest
from skfcnn.estimator.targets import Target

# Sums of values up to this size times weights do not overflow, even in float32.
HARMLESS = 1e6


def without_idle_extremes(X, weights):
    """Return X with zeros in rows of weight zero, if these have very large values.

    Their loss is multiplied by zero, but 0 * inf is NaN.
    """
    idle = weights == 0.0
    if not idle.any():
        return X
    if largest(X, np.flatnonzero(idle)) <= HARMLESS:
        return X
    if scipy.sparse.issparse(X):
        return scipy.sparse.csr_array(scipy.sparse.diags_array((~idle).astype(X.dtype)) @ X)
    return np.where(idle[:, None], X.dtype.type(0), X)


def row_weights(class_weight, target: Target, X, y, sample_weight) -> np.ndarray:
    """Return the weight of each row, float64, of shape (n_rows,).

    "balanced" gives every class in y the same total weight.

    Raises
    ------
    ValueError
        If a weight is negative, all are zero, or their sum is out of range.
    """
    weights = weights_of_some(class_weight, target, X, y, sample_weight)
    of_classes = "" if class_weight is None else ", times the class weights,"
    if not weights.any():
        raise ValueError(
            f"Sample weights{of_classes} must contain at least one non-zero number; got "
            "only zeros."
        )
    with np.errstate(over="ignore"):
        total = weights.sum()
    if not np.finfo(weights.dtype).tiny <= total < np.inf:
        raise ValueError(
            f"Sample weights{of_classes} must have a sum within the range of "
            f"{weights.dtype}; got {total}. Divide all weights by the largest one."
        )
    return weights


def weights_of_some(class_weight, target: Target, X, y, sample_weight) -> np.ndarray:
    """Return the weight of each row as `row_weights` does, for a part of the rows.

    The sum may be zero.
    """
    weights = _check_sample_weight(
        sample_weight, X, dtype=np.float64, ensure_non_negative=True
    )
    if class_weight is not None and weights.any():
        of_classes = target.class_weights(class_weight, y, weights)
        with np.errstate(over="ignore"):
            weights = weights * of_classes
    return weights
