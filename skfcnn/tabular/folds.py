"""Cross-validation folds: the rows that each member trains on and validates on."""

import numpy as np
from sklearn.model_selection import StratifiedKFold


def folds(y, weights, n_folds: int, rng: np.random.RandomState) -> list[tuple]:
    """Return the rows to train on and the rows held out, for each fold.

    Rows of weight zero are never held out, nor are the rows of a class with fewer rows than
    there are folds, so that every member is trained on every class.

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
        The held-out parts are empty if no class has enough rows.
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
