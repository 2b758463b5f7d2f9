"""Class labels: which values are valid, and which classes they contain."""

import numpy as np
from sklearn.utils.multiclass import (
    check_classification_targets,
    type_of_target,
    unique_labels,
)


def classes_in(labels) -> np.ndarray:
    """Return the sorted classes, or for a matrix of labels the column numbers.

    Raises
    ------
    TypeError, ValueError
        For missing labels, labels of mixed types, and values that are not classes.
    """
    refuse_mixed(labels)
    try:
        kind = type_of_target(labels)
    except TypeError as error:
        if np.ndim(labels) != 2:
            raise
        raise TypeError(  # its values cannot be sorted
            "Labels must be numbers or strings, and not both: one for each row, or a "
            "matrix of 0 and 1. Use, for example, y.astype(str)."
        ) from error
    _check_kind(kind, labels)
    classes = unique_labels(labels)
    if classes.dtype.kind in "mM" and np.isnat(classes).any():
        raise ValueError("Input y contains NaT, a missing value. Drop these rows.")
    return classes


def refuse_mixed(labels) -> None:
    """Raise an error for missing labels, and for strings mixed with other types.

    A list is checked before it becomes an array: NumPy would convert all its values to
    strings, and NaN to "nan".
    """
    if hasattr(labels, "isna"):  # of pandas, which has types of its own
        is_missing = np.asarray(labels.isna(), bool)
        refuse_missing([*np.unique(np.nonzero(is_missing)[0])])
    is_object = getattr(labels, "dtype", None) == np.dtype(object)
    if not isinstance(labels, list | tuple) and not is_object:
        return
    found = set(map(type, labels))
    if len(found) == 1 and found <= {int, str, bool}:
        return
    rows = [i for i, label in enumerate(labels) if label is None or _is_nan(label)]
    refuse_missing(rows)
    strings = {kind for kind in found if issubclass(kind, str)}
    if strings and found - strings:
        names = ", ".join(sorted(kind.__name__ for kind in found))
        raise TypeError(
            f"Labels must be numbers or strings, and not both; got {names}. Use, for "
            "example, [str(label) for label in y]."
        )


def refuse_missing(rows: list[int], what: str = "label") -> None:
    """Raise ValueError if there are rows with missing values of y."""
    if rows:
        raise ValueError(
            f"Input y contains NaN or None: {len(rows)} missing {what}(s), the first in "
            f"row {rows[0]}. Drop these rows of X and y."
        )


def _is_nan(label):
    return isinstance(label, float | np.floating | np.datetime64) and bool(label != label)


def by_position(class_weight: dict, classes) -> dict:
    """Convert class weights by label to class weights by position.

    Raises
    ------
    ValueError
        If a key is not a label.
    """
    positions = {label: i for i, label in enumerate(classes)}
    unknown = [label for label in class_weight if label not in positions]
    if unknown:
        raise ValueError(
            f"class_weight has weights for {unknown}, but the labels of y are {classes}. "
            "Use the labels of y as keys."
        )
    return {positions[label]: weight for label, weight in class_weight.items()}


def _check_kind(kind, labels):
    if kind == "unknown":
        found = {type(label).__name__ for label in np.ravel(labels)}
        raise ValueError(
            f"Unknown label type: {', '.join(sorted(found))}, as objects. Use an array of "
            "numbers or strings, for example y.astype(int) or [str(label) for label in y]."
        )
    if kind == "multiclass-multioutput":
        raise ValueError(
            "Multioutput y, with several classes in each column, is not supported. A y of "
            "several columns must have 1 where a label applies and 0 elsewhere."
        )
    if kind not in ("binary", "multiclass", "multilabel-indicator"):
        check_classification_targets(labels)
