"""Rows for the members of an ensemble: what each trains on, and what it validates on."""

import numpy as np
from sklearn.model_selection import StratifiedKFold


def folds(y, weights, n_folds: int, rng: np.random.RandomState) -> list[tuple]:
    """Return for each fold the rows to train on, and those of the fold, held out.

    Never held out are rows without weight, which tell nothing, and those of a class with
    fewer other rows than there are folds, so that every member knows every class.

    Parameters
    ----------
    y : ndarray of shape (n_rows,)
        The number of the class of each row.
    weights : ndarray of shape (n_rows,)
    n_folds : int
    rng : RandomState

    Returns
    -------
    members : list of n_folds pairs of ndarrays of int
        The folds are empty where no class has rows enough.
    """
    counts = np.bincount(y, weights > 0.0)
    is_common = (weights > 0.0) & (counts[y] >= n_folds)
    others, common = np.flatnonzero(~is_common), np.flatnonzero(is_common)
    if not len(common):
        return [(others, common)] * n_folds
    splitter = StratifiedKFold(n_folds, shuffle=True, random_state=rng)
    return [
        (np.union1d(common[train], others), common[fold])
        for train, fold in splitter.split(common, y[common])
    ]
