"""What each row weighs: its sample weight, times the weight of its class."""

import numpy as np
import scipy.sparse
from sklearn.utils.class_weight import compute_class_weight

from skfcnn._sklearn import _check_sample_weight
from skfcnn.estimator.scales import largest
from skfcnn.estimator.targets import Target

# No sum of so large values times weights overflows, even in float32.
HARMLESS = 1e6


def without_idle_extremes(X, weights):
    """Return X with zeros for rows of weight zero that are so large that they may overflow.

    Their loss is multiplied by zero, which makes no zero of an infinity.
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

    "balanced" gives every class that y has the same total weight.

    Raises
    ------
    ValueError
        Where a weight is negative, all are zero, or their sum is out of range.
    """
    weights = weights_of_some(class_weight, target, X, y, sample_weight)
    of_classes = "" if class_weight is None else ", times those of class_weight,"
    if not weights.any():
        raise ValueError(
            f"Sample weights{of_classes} must contain at least one non-zero number: with "
            "all weights zero there is nothing to learn from."
        )
    with np.errstate(over="ignore"):
        total = weights.sum()
    if not np.finfo(weights.dtype).tiny <= total < np.inf:
        raise ValueError(
            f"Sample weights{of_classes} must have a sum within the range of "
            f"{weights.dtype}; got {total}. Divide all of them by one of them."
        )
    return weights


def weights_of_some(class_weight, target: Target, X, y, sample_weight) -> np.ndarray:
    """Return the weight of each row as `row_weights` does, of rows that are not all.

    Those may have any sum, and zero too.
    """
    weights = _check_sample_weight(
        sample_weight, X, dtype=np.float64, ensure_non_negative=True
    )
    if class_weight is not None and weights.any():
        of_classes = _weights_of_classes(class_weight, target, y, weights)
        with np.errstate(over="ignore"):
            weights = weights * of_classes
    return weights


def _is_weight(value) -> bool:
    try:
        number = np.float64(value)
    except (TypeError, ValueError):
        return False
    return np.ndim(number) == 0 and bool(0.0 <= number < np.inf)


def _check_numbers(name: str, class_weight) -> None:
    """Raise ValueError for a dict with what is no weight of a class."""
    for label, weight in class_weight.items() if isinstance(class_weight, dict) else ():
        if not _is_weight(weight):
            raise ValueError(
                f"{name} gives class {label!r} the weight {weight!r}. Give every class a "
                "finite number that is not negative."
            )


def _weights_of_classes(class_weight, target, y, weights):
    if not target.is_multilabel:
        _check_numbers("class_weight", class_weight)
        return _of_column(class_weight, target.classes, y, weights)
    labels = target.encode(y).astype(int)
    n_labels = labels.shape[1]
    if class_weight == "balanced":
        class_weight = ["balanced"] * n_labels
    elif not (
        isinstance(class_weight, list)
        and len(class_weight) == n_labels
        and all(isinstance(one, dict) for one in class_weight)
    ):
        raise ValueError(
            "For several labels per row, class_weight must be 'balanced' or a list with a "
            f"dict for each of the {n_labels} labels; got {class_weight}."
        )
    for i, one in enumerate(class_weight):
        _check_numbers(f"class_weight[{i}]", one)
    by_label = zip(class_weight, labels.T, strict=True)
    columns = [_of_column(one, np.arange(2), label, weights) for one, label in by_label]
    return np.prod(columns, axis=0)


def _of_column(class_weight, classes, y, weights):
    counted = weights > 0.0
    y_counted, weights = y[counted], weights[counted]
    if class_weight == "balanced":
        classes = np.unique(y_counted)
    of_class = compute_class_weight(
        class_weight, classes=classes, y=y_counted, sample_weight=weights
    )
    numbers = np.searchsorted(classes, y)  # of rows that do not count, anything will do
    return of_class[np.minimum(numbers, len(classes) - 1)]
