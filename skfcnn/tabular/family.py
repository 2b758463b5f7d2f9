"""A family of an ensemble: models of one kind, each trained without one fold."""

from collections.abc import Callable
from typing import Any, Self

import numpy as np
import pandas as pd

from skfcnn.tabular.targets import EnsembleTarget


class ModelFamily:
    """The models of one kind, before and after they are trained.

    Parameters
    ----------
    target : EnsembleTarget
    model : estimator
        An unfitted model with the parameters of all members.
    n_products : int
        The approximate cost of an epoch per row, in products of a weight and an input.

    Attributes
    ----------
    members : list of estimators
        The fitted members, in the order of the folds.
    seconds, scores : list of float
        Of each member: the time of its training, and its mean score on its held-out rows
        (NaN without such rows).
    temperature : float
    """

    train: Callable  # trains a member; a function that a worker process can import
    comes_last = False  # under a time limit
    memorizes = False  # whether members predict their training rows without error

    def __init__(self, target: EnsembleTarget, model: Any, n_products: int) -> None:
        self.target = target
        self.model = model
        self.n_products = n_products
        self.members: list = []
        self.seconds: list[float] = []
        self.scores: list[float] = []
        self.temperature = 1.0

    def learn_features(self, X, weights) -> Self:
        """Fit what computes the features of this kind of models."""
        return self

    def features(self, X):
        """Return the features of these rows."""
        return X

    def set_temperature(self, temperature: float) -> None:
        """Set the temperature by which the outputs of all members are divided."""
        self.temperature = temperature

    @property
    def max_iter(self) -> int:
        """The largest number of epochs, or of iterations, of a member."""
        return self.model.max_iter

    def n_iter(self, member) -> int:
        """Return the number of epochs, or of iterations, that a member was trained."""
        return member.n_iter_

    def course(self, member) -> tuple[int | None, list, str]:
        """Return the best epoch of a member, its losses, and on which rows they are."""
        raise NotImplementedError

    def account(self, member) -> str:
        """Return what `verbose` prints of the training of a member."""
        best, losses, where = self.course(member)
        n_iter = self.n_iter(member)
        best = best or n_iter
        return f"epoch {best} of {n_iter}, loss {losses[best - 1]:.4f} {where}"

    def summary(self) -> str:
        """Return what `verbose` prints of the training of all members."""
        return f"best epochs {[self.course(member)[0] for member in self.members]}"

    def raw_outputs(self, member, features) -> np.ndarray:
        """Return the outputs of a member before temperature scaling."""
        return self.target.predict(member, features)

    def outputs(self, member, features) -> np.ndarray:
        """Return the outputs of a member at the temperature, (n_rows, n_outputs)."""
        raw = self.raw_outputs(member, features)
        return self.target.calibrated(raw, self.temperature)

    def expected_seconds(self, per_product: float) -> float:
        """Return the seconds to train a member: their mean so far, or an estimate.

        Parameters
        ----------
        per_product : float
            The seconds per product and epoch of the networks that are trained.
        """
        if self.seconds:
            return sum(self.seconds) / len(self.seconds)
        return self.max_iter * self.n_products * per_product

    def n_members(self, folds) -> int:
        """Return the number of members to train: those of the first folds."""
        return len(folds)

    def add(self, trained) -> None:
        """Add a trained member."""
        self.members.append(trained.model)
        self.seconds.append(trained.seconds)

    def leaderboard(self, weight: float) -> pd.DataFrame:
        """Return a row for each member: see `leaderboard_` of the ensemble."""
        return pd.DataFrame(
            {
                "model": str(self),
                "fold": range(len(self.members)),
                "score": self.scores,
                "best_epoch": [self.course(member)[0] for member in self.members],
                "n_iter": [self.n_iter(member) for member in self.members],
                **self.target.described(self.temperature),
                "weight": weight / len(self.members),
                "seconds": self.seconds,
            }
        )

    def judge(self, data, folds) -> tuple[np.ndarray, np.ndarray]:
        """Apply temperature scaling, and score the members on their held-out rows.

        Parameters
        ----------
        data : tuple (X, y, weights)
        folds : list of Fold
            Of each member.

        Returns
        -------
        rows : ndarray of int of shape (n_judged,)
            The rows that were held out; a row that several members held out is predicted by
            the mean of these members.
        outputs : ndarray of shape (n_judged, n_outputs)
            The out-of-fold outputs, calibrated.
        """
        X, y, weights = data
        target = self.target
        held_out = [fold.held_out for fold in folds]
        outputs = [
            self.raw_outputs(member, X[rows])
            for member, rows in zip(self.members, held_out, strict=True)
        ]
        rows, mean = mean_of_each_row(held_out, outputs, len(X))
        if len(rows):
            self.set_temperature(target.calibration(mean, y[rows], weights[rows]))
        self.scores = [
            self._score(of_fold, y[fold], weights[fold])
            for of_fold, fold in zip(outputs, held_out, strict=True)
        ]
        return rows, target.calibrated(mean, self.temperature)

    def _score(self, outputs, y, weights) -> float:
        if not len(y):
            return np.nan
        calibrated = self.target.calibrated(outputs, self.temperature)
        return float(np.average(self.target.row_scores(calibrated, y), weights=weights))

    def predict(self, X) -> np.ndarray:
        """Return the mean outputs of the members, (n_rows, n_outputs)."""
        X = self.features(X)
        first, *others = self.members
        outputs = self.outputs(first, X)
        for member in others:
            outputs += self.outputs(member, X)
        outputs /= len(self.members)
        return outputs


def mean_of_each_row(held_out, outputs, n_rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows that were held out, and the mean of the outputs for each of them.

    Parameters
    ----------
    held_out : list of ndarrays of int
        The rows of each fold.
    outputs : list of ndarrays of shape (n_rows of the fold, n_outputs)
    n_rows : int
        Number of rows of the table.
    """
    total, counts = np.zeros((n_rows, outputs[0].shape[1])), np.zeros(n_rows, int)
    for rows, of_fold in zip(held_out, outputs, strict=True):
        total[rows] += of_fold
        counts[rows] += 1
    judged = np.flatnonzero(counts)
    return judged, total[judged] / counts[judged, None]
