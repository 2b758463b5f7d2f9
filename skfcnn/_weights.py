"""What each row weighs: its sample weight, times the weight of its class."""

import numpy as np
from sklearn.utils.class_weight import compute_class_weight, compute_sample_weight

from skfcnn._sklearn import _check_sample_weight
from skfcnn._target import Target


def row_weights(class_weight, target: Target, X, y, sample_weight) -> np.ndarray:
    """Return the weight of each row, float64, of shape (n_rows,).

    "balanced" gives every class that y has the same total weight.

    Raises
    ------
    ValueError
        Where a weight is negative, all are zero, or their sum is out of range.
    """
    weights = _check_sample_weight(
        sample_weight, X, dtype=np.float64, ensure_non_negative=True
    )
    if class_weight is not None:
        weights = weights * _weights_of_classes(class_weight, target, y, weights)
    if not weights.any():
        raise ValueError(
            "Sample weights must contain at least one non-zero number: with all "
            "weights zero there is nothing to learn from."
        )
    if (weights < 0.0).any():
        raise ValueError(
            f"Negative weights in class_weight={class_weight}: a negative loss could be "
            "made as small as one likes. Give numbers that are not negative."
        )
    with np.errstate(over="ignore"):
        total = weights.sum()
    if not np.finfo(weights.dtype).tiny <= total < np.inf:
        raise ValueError(
            f"Sample weights must have a sum within the range of {weights.dtype}; got "
            f"{total}. Divide all of them by one of them."
        )
    return weights


def _weights_of_classes(class_weight, target, y, weights):
    if target.is_multilabel:
        return compute_sample_weight(class_weight, y)
    counted = weights > 0.0
    y_counted, weights = y[counted], weights[counted]
    classes = np.unique(y_counted) if class_weight == "balanced" else target.classes
    of_class = compute_class_weight(
        class_weight, classes=classes, y=y_counted, sample_weight=weights
    )
    numbers = np.searchsorted(classes, y)  # of rows that do not count, anything will do
    return of_class[np.minimum(numbers, len(classes) - 1)]
