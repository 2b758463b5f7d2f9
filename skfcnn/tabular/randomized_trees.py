"""Extremely randomized trees as a family of an ensemble, on the same folds as the networks.

Each tree splits at random thresholds, until the rows of a leaf have one class or there are
500 leaves. The probability of class k of K is the share of the votes of n trees, smoothed
so that it is never 0:

    p_k = (votes_k + 1 / K) / (n + 1)

Boosted trees correct each other; these are independent, so their errors are on other rows.
A fit that is resumed trains them again.

References
----------
Geurts, Ernst, Wehenkel, "Extremely randomized trees", Machine Learning 63, 2006.
"""

from contextlib import AbstractContextManager

import numpy as np

from skfcnn._sklearn import sum_of_trees
from skfcnn.tabular.family import ModelFamily
from skfcnn.tabular.folds import Fold
from skfcnn.tabular.recording import NO_FILES
from skfcnn.tabular.trained import NO_LOCK, Trained
from skfcnn.tabular.tree_training import fit_trees

# The cost of a tree per row, divided by the square root of the number of columns, in
# products of a network: measured.
COST = 1000


def train_randomized_trees(
    model,
    data,
    fold: Fold,
    task=None,
    end: float = np.inf,
    files=NO_FILES,
    checking: AbstractContextManager = NO_LOCK,
) -> Trained:
    """Train trees on some rows; as `train_network`.

    Under a time limit, the number of trees is chosen from the time of the first ones.
    """
    X, y, weights = data
    train, of_rows = fold.training_rows(weights)
    given = {"X": X[train], "y": y[train], "sample_weight": of_rows / of_rows.mean()}
    return fit_trees(model, given, "n_estimators", end, checking)


class RandomizedTreesFamily(ModelFamily):
    """Extremely randomized trees, before and after they are trained.

    Parameters
    ----------
    target : EnsembleTarget
    model : ExtraTreesClassifier
    n_features : int
    """

    train = staticmethod(train_randomized_trees)
    comes_last = True
    memorizes = True

    def __init__(self, target, model, n_features: int) -> None:
        super().__init__(target, model, round(COST * n_features**0.5))

    def __str__(self) -> str:
        return "extremely randomized trees"

    @property
    def max_iter(self) -> int:
        """The number of trees."""
        return self.model.n_estimators

    def n_iter(self, member) -> int:
        """Return the number of trees."""
        return len(member.estimators_)

    def course(self, member) -> tuple[int | None, list, str]:
        """Return the number of trees, all of which are used, and no losses."""
        return self.n_iter(member), [], ""

    def account(self, member) -> str:
        """Return what `verbose` prints of the training of a member."""
        return f"{self.n_iter(member)} trees"

    def summary(self) -> str:
        """Return what `verbose` prints of the training of all members."""
        return ", ".join(map(self.account, self.members))

    def features(self, X) -> np.ndarray:
        """Return these rows in the precision of the trees."""
        return in_float32(X)

    def raw_outputs(self, member, features) -> np.ndarray:
        """Return the smoothed votes of the trees, (n_rows, n_outputs)."""
        votes = sum_of_trees(member, features)
        return (votes + 1.0 / votes.shape[1]) / (len(member.estimators_) + 1.0)


def in_float32(X) -> np.ndarray:
    """Return X in the precision of the trees; larger numbers become the largest."""
    largest = np.finfo(np.float32).max
    return np.clip(X, -largest, largest).astype(np.float32)
