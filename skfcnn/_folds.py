"""Rows for the members of an ensemble: what each trains on, and what it validates on."""

import numpy as np
from sklearn.model_selection import StratifiedKFold


def folds(y, n_folds: int, rng: np.random.RandomState) -> list[tuple]:
    """Return for each fold the rows to train on, and those of the fold, held out.

    A class with fewer rows than there are folds is never held out, so that every member
    knows every class.

    Parameters
    ----------
    y : ndarray of shape (n_rows,)
        The number of the class of each row.
    n_folds : int
    rng : RandomState

    Returns
    -------
    members : list of n_folds pairs of ndarrays of int
        The folds are empty where no class has rows enough.
    """
    is_rare = (np.bincount(y) < n_folds)[y]
    rare, common = np.flatnonzero(is_rare), np.flatnonzero(~is_rare)
    if not len(common):
        return [(rare, common)] * n_folds
    splitter = StratifiedKFold(n_folds, shuffle=True, random_state=rng)
    return [
        (np.union1d(common[train], rare), common[fold])
        for train, fold in splitter.split(common, y[common])
    ]
