"""Extremely randomized trees as a family of an ensemble, on the same folds as the networks.

Each tree splits at random thresholds until its leaves have rows of one class only. Of n
trees, the share of votes for a class is smoothed, so that none of K classes is impossible:

    p_k = (votes_k + 1 / K) / (n + 1)

The trees of boosting are trained to correct each other; these are independent, so they err
on other rows. Like those, they are trained again if a fit is resumed.

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
from skfcnn.tabular.tree_training import fit_trees, sample_of

# Products of a network that take as long as a row in a tree, for each of the columns that a
# split is chosen from (the square root of all): measured.
COST = 1000
# Rows for each leaf at most: with more, trees of so few leaves gain nothing (measured).
ROWS_PER_LEAF = 20


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
    most = ROWS_PER_LEAF * model.max_leaf_nodes
    train, of_rows, note = sample_of(fold, y, weights, model, most)
    given = {"X": in_float32(X[train]), "y": y[train]}
    given["sample_weight"] = of_rows / of_rows.mean()
    return fit_trees(model, given, "n_estimators", end, checking, note)


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

    def raw_outputs(self, member, features) -> np.ndarray:
        """Return the smoothed votes of the trees, (n_rows, n_outputs)."""
        votes = sum_of_trees(member, in_float32(features))
        return (votes + 1.0 / votes.shape[1]) / (len(member.estimators_) + 1.0)

    def outputs(self, member, features) -> np.ndarray:
        """Return the outputs of trees at the temperature, (n_rows, n_outputs)."""
        raw = self.raw_outputs(member, features)
        return self.target.calibrated(raw, self.temperature)


def in_float32(X) -> np.ndarray:
    """Return X in the precision of the trees; larger numbers become the largest."""
    largest = np.finfo(np.float32).max
    return np.clip(X, -largest, largest).astype(np.float32)
