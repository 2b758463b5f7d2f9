"""Rows for the members of an ensemble: what each trains on, and what it validates on."""

import numpy as np
from sklearn.model_selection import StratifiedKFold


def folds(y, n_folds: int, n_members: int, rng: np.random.RandomState) -> list[tuple]:
    """Return for each member the rows to train on, and those of its fold, held out.

    The rows are split anew when all folds have had their member. A class with fewer rows
    than there are folds is never held out, so that every member knows every class.

    Parameters
    ----------
    y : ndarray of shape (n_rows,)
        The number of the class of each row.
    n_folds, n_members : int
        Of n_folds folds each, the first n_members.
    rng : RandomState

    Returns
    -------
    members : list of n_members pairs of ndarrays of int
        The fold is empty where no class has rows enough.
    """
    is_rare = (np.bincount(y) < n_folds)[y]
    rare, common = np.flatnonzero(is_rare), np.flatnonzero(~is_rare)
    if not len(common):
        return [(rare, common)] * n_members
    members = []
    while len(members) < n_members:
        splitter = StratifiedKFold(n_folds, shuffle=True, random_state=rng)
        for train, fold in splitter.split(common, y[common]):
            members.append((np.union1d(common[train], rare), common[fold]))
    return members[:n_members]
