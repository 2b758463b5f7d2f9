"""Class weights: factors of the sample weights."""

import numpy as np
from sklearn.utils.class_weight import compute_class_weight


def _is_weight(value) -> bool:
    try:
        number = np.float64(value)
    except (TypeError, ValueError):
        return False
    return np.ndim(number) == 0 and bool(0.0 <= number < np.inf)


def _check_numbers(name: str, class_weight) -> None:
    """Raise ValueError if a value of a dict is not a valid weight."""
    for label, weight in class_weight.items() if isinstance(class_weight, dict) else ():
        if not _is_weight(weight):
            raise ValueError(
                f"{name} has the weight {weight!r} for class {label!r}. Weights must be "
                "finite numbers >= 0."
            )


def of_one_label(class_weight, classes, y, weights) -> np.ndarray:
    """Return the class weight of each row; `weights` are the sample weights."""
    _check_numbers("class_weight", class_weight)
    return _of_column(class_weight, classes, y, weights)


def of_several_labels(class_weight, labels, weights) -> np.ndarray:
    """Return for each row the product of the weights of its labels.

    `labels` has shape (n_rows, n_labels), `weights` are the sample weights.
    """
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
    elif not set(class_weight) <= set(classes) and not set(classes) <= set(class_weight):
        unknown = [label for label in class_weight if label not in classes]
        raise ValueError(
            f"class_weight has weights for {unknown}, but the labels of y are {classes}. "
            "Use the labels of y as keys."
        )
    of_class = compute_class_weight(
        class_weight, classes=classes, y=y_counted, sample_weight=weights
    )
    numbers = np.searchsorted(classes, y)  # any value for rows of weight zero
    return of_class[np.minimum(numbers, len(classes) - 1)]
