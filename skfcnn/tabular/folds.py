"""The training rows and the held-out rows of each member of an ensemble."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, check_cv

from skfcnn._sklearn import _safe_indexing


class Fold(NamedTuple):
    """The rows of a member.

    Parameters
    ----------
    train : ndarray of int
        The rows to train on.
    held_out : ndarray of int
        The rows that choose the epoch, the temperature and the ensemble weights.
    named : ndarray of int
        Rows of classes that `train` lacks. The member is trained on them with weight zero.
    """

    train: np.ndarray
    held_out: np.ndarray
    named: np.ndarray = np.empty(0, int)

    def training_rows(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows that the member is trained on, and their weights."""
        rows = np.concatenate([self.train, self.named])
        return rows, np.concatenate([weights[self.train], np.zeros(len(self.named))])


def folds(strata, weights, n_folds: int, rng: np.random.RandomState) -> list[Fold]:
    """Return stratified folds.

    Rows of weight zero are in no fold. The rows of a stratum with fewer rows than there are
    folds are never held out, so that every member is trained on every class.

    Parameters
    ----------
    strata : ndarray of int of shape (n_rows,)
        For example, the number of the class of each row.
    weights : ndarray of shape (n_rows,)
    n_folds : int
    rng : RandomState

    Returns
    -------
    folds : list of n_folds Folds
        The held-out parts are empty if no stratum has enough rows.
    """
    counts = np.bincount(strata, weights > 0.0)
    has_weight, is_common = weights > 0.0, counts[strata] >= n_folds
    others = np.flatnonzero(has_weight & ~is_common)
    common = np.flatnonzero(has_weight & is_common)
    if not len(common):
        return [Fold(others, common)] * n_folds
    splitter = StratifiedKFold(n_folds, shuffle=True, random_state=rng)
    return [
        Fold(np.union1d(common[train], others), common[fold])
        for train, fold in splitter.split(common, strata[common])
    ]


def folds_of(cv, given, weights, missing_rows: Callable) -> list[Fold]:
    """Return the folds of a splitter; rows of weight zero are in none.

    Parameters
    ----------
    cv : splitter or iterable of pairs (train, test)
    given : tuple (X, y, groups)
        As passed by the user.
    weights : ndarray of shape (n_rows,)
    missing_rows : callable
        Takes the rows to train on, and returns rows of the classes that they lack.

    Raises
    ------
    ValueError
        If there are no folds, or if one has no rows to train on, or rows in both parts.
    """
    X, y, groups = given
    if not hasattr(X, "shape"):
        X = np.empty((len(y), 0))
    made = []
    for number, (train, held_out) in enumerate(check_cv(cv).split(X, y, groups)):
        train, held_out = _positions(train, len(y)), _positions(held_out, len(y))
        if not weights[train].any() or np.isin(held_out, train).any():
            raise ValueError(
                f"Fold {number} of cv has {np.count_nonzero(weights[train])} rows "
                "of positive weight to train on, and "
                f"{np.isin(held_out, train).sum()} rows both to train on and to hold out. "
                "Use a splitter of scikit-learn, such as StratifiedKFold, GroupKFold or "
                "TimeSeriesSplit."
            )
        train, held_out = (rows[weights[rows] > 0.0] for rows in (train, held_out))
        made.append(Fold(train, held_out, missing_rows(train)))
    if not made:
        raise ValueError(
            "cv has no folds. An iterator can be used only once: pass a list of pairs, or "
            "a splitter of scikit-learn."
        )
    return made


def _positions(rows, n_rows: int) -> np.ndarray:
    """Return positions, counted from the first row, for any index of rows of an array."""
    return np.arange(n_rows)[np.asarray(rows) if len(rows) else []]


def merged_strata(strata, n_folds: int) -> np.ndarray:
    """Return strata of which none has fewer rows than there are folds.

    The rows of smaller ones join the largest stratum: a splitter would warn of them.
    """
    counts = np.bincount(strata)
    return np.where(counts[strata] < n_folds, counts.argmax(), strata)


def group_splits(groups, strata, weights, n_folds: int, rng) -> list[tuple]:
    """Return the pairs (train, held_out) of rows, where groups are held out whole.

    Rows of weight zero are in none.
    """
    rows = np.flatnonzero(weights)
    groups = _safe_indexing(groups, rows)
    n_folds = min(n_folds, len(np.unique(groups)))
    if n_folds < 2:
        raise ValueError(
            "All rows are in one group, so no group can be held out. Use groups=None."
        )
    splitter = StratifiedGroupKFold(n_folds, shuffle=True, random_state=rng)
    pairs = splitter.split(rows, merged_strata(strata[rows], n_folds), groups)
    return [(rows[train], rows[held_out]) for train, held_out in pairs]
