"""Prediction intervals from the residuals of held-out rows, adaptive in width.

    r_i = (y_i - f_i) / s_i

is the residual of a held-out row, with the prediction f_i of the networks that have not
been trained on it, relative to its expected absolute value s_i. Of a new row with f and s,
the quantile of level q is f + s times the quantile of the r_i: for all levels at once, so
that quantiles never cross.

s is predicted from the encoded row and from f by gradient-boosted trees with a gamma loss,
as |y_i - f_i| is positive and skewed. The folds are divided among N_PARTS parts. s_i is
predicted by the trees that were not fitted to the part of the row, as rows of a group or of
a time, which are alike, are in one fold; that of a new row is the mean of all.

A new row is predicted by the mean of the members of all folds, which errs less than the one
member that has not been trained on a held-out row: see `fold_averaging`. The r_i are
multiplied by sqrt(1 - g / e), with the gain g of the mean and the mean e of (y_i - f_i)^2.

Measured on 22 data sets, relative to intervals of constant width (interval score at 90 %,
geometric mean): trees 0.86, linear regression of log s 0.89, of powers of f alone 0.90.
"""

import time
from dataclasses import dataclass
from typing import Self

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

from skfcnn._sklearn import outputs_of_raw
from skfcnn.tabular.conformal import HeldOutScores
from skfcnn.tabular.flat_trees import HasFlatTrees
from skfcnn.tabular.openmp import threads_for_trees

# Rows that are used at most, and the fewest for which s is not constant.
MOST_ROWS, FEWEST_ROWS = 20_000, 100
# Parts of the rows: trees are fitted to all but one.
N_PARTS = 3
# Rows up to which trees in flat arrays are faster than those of scikit-learn: measured.
FEW_ROWS = 500
# Part of the mean absolute residual that s is at least.
LEAST = 0.01
# Numbers of iterations and of columns with which the time of the trees is measured.
N_TIMED, N_TIMED_COLUMNS = (2, 8), 50
TREES: dict = {
    "loss": "gamma",
    "learning_rate": 0.2,
    "max_iter": 16,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 40,
    "early_stopping": False,
    "random_state": 0,  # None would draw from the generator of all of NumPy
}


@dataclass(frozen=True)
class Intervals(HasFlatTrees):
    """Quantiles around predictions.

    Parameters
    ----------
    residuals : HeldOutScores
        r_i.
    mean : float
        The mean absolute residual, in the units of y.
    trees : list of HistGradientBoostingRegressor
        They predict s, in units of `mean`; empty if it is constant.
    """

    residuals: HeldOutScores
    mean: float
    trees: list

    @classmethod
    def of(cls, X, predicted, y, weights, part, gain=0.0) -> Self:
        """Return the intervals that held-out rows give.

        Parameters
        ----------
        X : ndarray of shape (n_rows, n_encoded)
        predicted, y, weights : ndarrays of shape (n_rows,)
        part : ndarray of int of shape (n_rows,)
            The part of each row, from 0.
        gain : float
            Of the mean of all members, in squared error.
        """
        residuals = y - predicted
        mean = float(np.average(np.abs(residuals), weights=weights)) or 1.0
        error = np.average(residuals**2, weights=weights) or 1.0
        of_mean = residuals * np.sqrt(max(0.0, 1.0 - gain / error))
        folds = [part == number for number in np.unique(part)]
        have_weight = all(weights[~fold].any() for fold in folds)
        if len(y) < FEWEST_ROWS or not residuals.any() or not have_weight:
            return cls(HeldOutScores.of(of_mean / mean, weights), mean, [])
        features = with_prediction(X, predicted)
        size = np.maximum(np.abs(residuals) / mean, LEAST)
        scale, trees = np.empty(len(y)), []
        for fold in folds:
            others, model = features[~fold], HistGradientBoostingRegressor(**TREES)
            with threads_for_trees(others):
                model.fit(others, size[~fold], counted(weights[~fold]))
                scale[fold] = mean * np.maximum(model.predict(features[fold]), LEAST)
            trees.append(model)
        return cls(HeldOutScores.of(of_mean / scale, weights), mean, trees)

    def scale(self, X, predicted) -> np.ndarray:
        """Return s of each row, (n_rows,), in the units of y."""
        if not self.trees:
            return np.full(len(predicted), self.mean)
        of_trees = self._sizes(with_prediction(X, predicted))
        return self.mean * np.maximum(np.mean(of_trees, axis=0), LEAST)

    def _sizes(self, features):
        """Return s by each of the trees, (n_models, n_rows), in units of `mean`."""
        if len(features) <= FEW_ROWS:
            return outputs_of_raw(self.trees[0], self._flat.raw_outputs(features)[..., 0])
        with threads_for_trees(features):
            return [trees.predict(features) for trees in self.trees]

    def models_of_trees(self) -> list:
        """Return the trees."""
        return self.trees

    def quantiles(self, X, predicted, levels) -> np.ndarray:
        """Return the quantiles of some levels, (n_rows, n_levels)."""
        of_levels = np.array([self.residuals.quantile(level) for level in levels])
        return predicted[:, None] + self.scale(X, predicted)[:, None] * of_levels


def seconds_to_make(X) -> float:
    """Estimate the time of `Intervals.of` for encoded rows, from a few iterations.

    It is measured with at most N_TIMED_COLUMNS columns, and is linear in their number.
    """
    rows = np.asarray(X)[::2, :N_TIMED_COLUMNS]
    if len(X) < FEWEST_ROWS:
        return 0.0
    size = 1.0 + np.arange(len(rows)) % 7

    def seconds(n_iterations):
        start = time.perf_counter()
        with threads_for_trees(X[::2]):
            model = HistGradientBoostingRegressor(**TREES | {"max_iter": n_iterations})
            model.fit(rows, size).predict(rows)
        return time.perf_counter() - start

    few, many = map(seconds, N_TIMED)
    per_iteration = max(0.0, many - few) / (N_TIMED[1] - N_TIMED[0])
    half = few + per_iteration * (TREES["max_iter"] - N_TIMED[0])
    return 2.0 * (N_PARTS - 1) * half * X.shape[1] / rows.shape[1]


def counted(weights):
    """Return weights for trees, or None if they are equal, which takes less time.

    Their mean is 1: scikit-learn splits no node whose weights are nearly zero.
    """
    return None if (weights == weights[0]).all() else weights / weights.mean()


def with_prediction(X, predicted) -> np.ndarray:
    """Return the encoded rows with their prediction as a further column."""
    return np.column_stack([X, predicted])
