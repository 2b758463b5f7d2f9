"""A table with its y, weights and groups, as it is passed to `fit`."""

import warnings
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_consistent_length

from skfcnn._sklearn import _check_sample_weight
from skfcnn.tabular.user_frames import level_of_user


class GivenTable(NamedTuple):
    """A table, its y, and what else is known of each row, as passed to `fit`."""

    X: Any = None
    y: Any = None
    sample_weight: ArrayLike | None = None
    groups: ArrayLike | None = None


def checked_weights(sample_weight, y) -> np.ndarray:
    """Return the weight of each row; raise ValueError if one is negative, or all are 0."""
    weights = _check_sample_weight(
        sample_weight, np.empty((len(y), 1)), ensure_non_negative=True
    )
    if not weights.any():
        raise ValueError("Sample weights must contain at least one non-zero number.")
    return weights


def check_val(model, given: GivenTable, validation: GivenTable) -> None:
    """Raise an error if what is passed to `fit` contradicts itself, or y is a name."""
    for y in (given.y, validation.y):
        if isinstance(y, str):
            raise TypeError(
                f"y must hold a value for each row; got the text {y!r}. To predict a "
                f"column, pass X.drop(columns={y!r}) and X[{y!r}]."
            )
    has_X, has_y = validation.X is not None, validation.y is not None
    if has_X != has_y or (validation.sample_weight is not None and not has_X):
        raise ValueError(
            "X_val and y_val must be passed together. Pass both, or neither (and then no "
            "sample_weight_val)."
        )
    if has_X and (model.cv is not None or given.groups is not None):
        raise ValueError(
            "cv and groups cannot be used with X_val, since no fold is held out. Use "
            "cv=None and groups=None, or pass no X_val."
        )
    if given.groups is not None:
        check_consistent_length(given.y, given.groups)
        is_missing = pd.isna(np.asarray(given.groups, dtype=object))
        if is_missing.any():
            raise ValueError(
                f"groups has {is_missing.sum()} missing value(s), the first in row "
                f"{is_missing.argmax()}. Give each of these rows a group."
            )


def warn_of_other_order(given: GivenTable, suffix: str = "") -> None:
    """Warn if an index has the labels of the index of X in another order.

    Rows are matched by position, so an index with other labels has no meaning.
    """
    index = getattr(given.X, "index", None)
    for name, values in zip(GivenTable._fields[1:], given[1:], strict=True):
        labels = getattr(values, "index", None)
        if has_other_order(labels, index):
            name += suffix
            warnings.warn(
                f"The index of {name} has the labels of the index of X{suffix} in another "
                "order. Rows are matched by position, not by label. Pass "
                f"{name}.loc[X{suffix}.index] to match them by label, or {name}.to_numpy() "
                "if their positions are right.",
                UserWarning,
                stacklevel=level_of_user(),
            )


def has_other_order(labels, index) -> bool:
    """Return whether both are an index of pandas with the same labels, in another order."""
    if not isinstance(labels, pd.Index) or not isinstance(index, pd.Index):
        return False
    if len(labels) != len(index) or labels.equals(index):
        return False
    return labels.is_unique and bool(labels.isin(index).all())
