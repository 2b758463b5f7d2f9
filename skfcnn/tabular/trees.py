"""Gradient-boosted trees as a family of an ensemble, on the same folds as the networks.

They are trained on the encoded table, with early stopping on their fold, and calibrated by
temperature scaling like the networks: boosted trees are often overconfident. Of large
tables they get as many rows as their leaves need.

For a few rows, all trees are evaluated together: see `flat_trees`.

Trees have no checkpoints: a fit that is resumed trains them again, with the same result.
"""

from contextlib import AbstractContextManager

import numpy as np
from sklearn.base import is_classifier

from skfcnn._sklearn import outputs_of_raw
from skfcnn.tabular.family import ModelFamily
from skfcnn.tabular.flat_trees import HasFlatTrees
from skfcnn.tabular.fold_averaging import evenly_spaced
from skfcnn.tabular.folds import Fold
from skfcnn.tabular.openmp import threads_for_trees
from skfcnn.tabular.recording import NO_FILES
from skfcnn.tabular.trained import NO_LOCK, Trained
from skfcnn.tabular.tree_training import fit_trees

# Products of a network that take as long as a column and a tree in an iteration: measured.
COST = 35
# Seconds to build a tree of any table, and the share of max_iter after which early stopping
# ends: measured on small tables, to estimate the time left before any trees are trained.
SECONDS, SHARE = 1e-3, 0.25
# Rows for each leaf of all iterations; more gain little: measured.
ROWS_PER_LEAF = 300
# Rows up to which trees in flat arrays are faster than those of scikit-learn: measured.
FEW_ROWS = 50


def train_trees(
    model,
    data,
    fold: Fold,
    task=None,
    end: float = np.inf,
    files=NO_FILES,
    checking: AbstractContextManager = NO_LOCK,
) -> Trained:
    """Train trees on some rows, and validate them on their fold; as `train_network`.

    Weights that are all equal are not passed: with weights, scikit-learn takes many times
    as long to find the bins of a small table.

    Under a time limit, the number of iterations is chosen from the time of the first ones.
    """
    X, y, weights = data
    (train, of_rows), held_out = fold.training_rows(weights), fold.held_out
    enough, n_rows = _enough_rows(y[train], model), len(train)
    train, of_rows = train[enough], of_rows[enough]
    sample = f"on {len(train)} of {n_rows} training rows" if len(train) < n_rows else ""
    given = {"X": X[train], "y": y[train]}
    if len(held_out):
        given |= {"X_val": X[held_out], "y_val": y[held_out]}
    else:
        model.set_params(early_stopping=False)
    if (of_rows != weights[0]).any() or (weights[held_out] != weights[0]).any():
        mean = of_rows.mean()  # scikit-learn splits no node whose weights are nearly zero
        of_val = {"sample_weight_val": weights[held_out] / mean} if len(held_out) else {}
        given |= {"sample_weight": of_rows / mean, **of_val}
    with threads_for_trees(X):
        trained = fit_trees(model, given, "max_iter", end, checking)
    return trained._replace(sample=sample)


def _enough_rows(y, model) -> np.ndarray:
    """Return the positions of evenly spaced rows, enough for all leaves, of all classes."""
    most = ROWS_PER_LEAF * model.max_iter * model.max_leaf_nodes
    rows = evenly_spaced(np.arange(len(y)), most)
    if is_classifier(model) and len(rows) < len(y):
        rows = np.union1d(rows, np.unique(y, return_index=True)[1])
    return rows


class TreesFamily(HasFlatTrees, ModelFamily):
    """Gradient-boosted trees, before and after they are trained.

    Parameters
    ----------
    target : EnsembleTarget
    model : HistGradientBoostingClassifier or HistGradientBoostingRegressor
    n_features : int
    """

    train = staticmethod(train_trees)
    comes_last = True

    def __init__(self, target, model, n_features: int) -> None:
        super().__init__(target, model, COST * n_features * target.n_outputs)

    def __str__(self) -> str:
        return "gradient-boosted trees"

    def expected_seconds(self, per_product: float) -> float:
        """Return the seconds to train a member: their mean so far, or an estimate."""
        if self.seconds:
            return super().expected_seconds(per_product)
        per_iteration = self.target.n_trees * SECONDS + self.n_products * per_product
        return SHARE * self.model.max_iter * per_iteration

    def n_members(self, folds) -> int:
        """Return 1 if all folds have the same rows, as with X_val: trees have no seed."""
        first, *others = folds
        are_same = all(all(map(np.array_equal, fold, first)) for fold in others)
        return 1 if are_same else len(folds)

    def course(self, member) -> tuple[int | None, list, str]:
        """Return the best iteration, the losses, and on which rows they are."""
        if member.validation_score_.size:
            losses = -member.validation_score_[1:]
            return int(np.argmin(losses)) + 1, [*losses], "on the fold"
        return None, [*-member.train_score_[1:]] or [np.nan] * member.n_iter_, "in training"

    def predict(self, X) -> np.ndarray:
        """Return the mean outputs of the members, (n_rows, n_outputs)."""
        if len(X) <= FEW_ROWS:
            return self._predict_few(X)
        return super().predict(X)

    def _predict_few(self, X) -> np.ndarray:
        """Return the mean outputs, without a call for each tree."""
        raw = self._flat.raw_outputs(X)  # (n_members, n_rows, n_raw_outputs)
        outputs = outputs_of_raw(self.members[0], raw.reshape(-1, raw.shape[-1]))
        outputs = self.target.calibrated(outputs, self.temperature)
        of_members = outputs.reshape(*raw.shape[:2], -1)
        return sum(of_members) / len(of_members)

    def models_of_trees(self) -> list:
        """Return the members."""
        return self.members

    def raw_outputs(self, member, features) -> np.ndarray:
        """Return the outputs of trees before temperature scaling, (n_rows, n_outputs)."""
        with threads_for_trees(features):
            return super().raw_outputs(member, features)
