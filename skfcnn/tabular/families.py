"""A family of an ensemble: networks of one kind, each trained without one fold."""

from itertools import pairwise
from typing import Self

import numpy as np
import pandas as pd

from skfcnn.estimator.construction import layer_sizes
from skfcnn.tabular.presets import Family, network_params
from skfcnn.tabular.splines import N_KNOTS, LinearSplines
from skfcnn.tabular.targets import EnsembleTarget

# Output columns of the embedding of a column.
N_EMBEDDED = 3


class NetworkFamily:
    """The networks of one kind, before and after they are trained.

    Parameters
    ----------
    family : Family
    target : EnsembleTarget
    n_features : int
    columns : sequence of int
        Columns with more than two values.
    n_rows : int
        Number of rows that a network is trained on.
    params : dict
        Parameters of the networks that replace those of the preset.

    Attributes
    ----------
    network : FullyConnectedClassifier
        An unfitted network with the parameters of all members.
    splines : LinearSplines or None
        Fitted before the first member is trained.
    n_products : int
        Approximate number of products of a weight and an input per row.
    members : list of FullyConnectedClassifier
        The fitted members, in the order of the folds.
    seconds, scores : list of float
        Of each member: the time of its training, and its mean score on its held-out rows
        (NaN without such rows).
    temperature : float
    """

    def __init__(
        self,
        family: Family,
        target: EnsembleTarget,
        *,
        n_features: int,
        columns,
        n_rows: int,
        params: dict,
    ) -> None:
        self.target = target
        self.splines = LinearSplines(columns) if family.splines else None
        params = network_params(family, n_rows, target.network_params | params)
        self.network = target.network_class(**params)
        self.members: list = []
        self.seconds: list[float] = []
        self.scores: list[float] = []
        self.temperature = 1.0
        added = N_KNOTS if family.splines else N_EMBEDDED if family.numeric_embedding else 0
        n_in = n_features + added * len(columns)
        sizes = layer_sizes(self.network.hidden_layer_sizes, n_in, 1)
        self.n_products = sum(inputs * units for inputs, units in pairwise(sizes))

    def __str__(self) -> str:
        network = self.network
        parts = f"hidden layers {network.hidden_layer_sizes}, {network.activation}"
        if network.numeric_embedding:
            return f"{parts}, embedding"
        return parts if self.splines is None else f"{parts}, splines"

    def learn_features(self, X) -> Self:
        """Fit the splines, if there are any."""
        if self.splines is not None:
            self.splines.fit(X)
        return self

    def features(self, X):
        """Return the features of these rows: X, with splines if there are any."""
        return X if self.splines is None else self.splines.transform(X)

    def add(self, trained) -> None:
        """Add a trained member."""
        self.members.append(trained.network)
        self.seconds.append(trained.seconds)

    def leaderboard(self, weight: float) -> pd.DataFrame:
        """Return a row for each member: see `leaderboard_` of the ensemble."""
        return pd.DataFrame(
            {
                "network": str(self),
                "fold": range(len(self.members)),
                "score": self.scores,
                "best_epoch": [network.best_epoch_ for network in self.members],
                "n_iter": [network.n_iter_ for network in self.members],
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
            target.predict(network, X[rows])
            for network, rows in zip(self.members, held_out, strict=True)
        ]
        rows, mean = mean_of_each_row(held_out, outputs, len(X))
        if len(rows):
            self.temperature = target.calibration(mean, y[rows], weights[rows])
            for network in self.members:
                network.coefs_[-1] /= self.temperature
                network.intercepts_[-1] /= self.temperature
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
        """Return the mean outputs of the networks, (n_rows, n_outputs)."""
        X = self.features(X)
        first, *others = self.members
        outputs = self.target.predict(first, X)
        for network in others:
            outputs += self.target.predict(network, X)
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
