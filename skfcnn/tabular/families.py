"""A family of an ensemble: networks of one kind, each trained without one fold."""

from itertools import pairwise
from typing import Self

import numpy as np
from scipy.interpolate import BSpline
from sklearn.compose import make_column_transformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, SplineTransformer
from sklearn.utils import gen_batches

from skfcnn.classifier import FullyConnectedClassifier
from skfcnn.estimator.construction import layer_sizes
from skfcnn.tabular.presets import Family, network_params
from skfcnn.tabular.temperature import best_temperature, tempered

# Output columns of the embedding of a column.
N_EMBEDDED = 3
# Linear splines over eight quantiles of a column, scaled like the other features.
N_KNOTS, HEIGHT = 8, 0.3
# Rows from which quantiles are computed, and rows per chunk of a transform: the splines of
# all rows at once, in float64, would need more memory than everything else.
N_ROWS = 10_000


class Hats(SplineTransformer):
    """A SplineTransformer whose state consists of arrays and numbers, as skops requires."""

    def __getstate__(self):
        state = dict(super().__getstate__())
        if "bsplines_" in state:
            splines = state["bsplines_"]
            state["bsplines_"] = [(s.t, s.c, s.k, s.extrapolate) for s in splines]
        return state

    def __setstate__(self, state):
        if "bsplines_" in state:
            splines = [BSpline(*parts) for parts in state["bsplines_"]]
            state = {**state, "bsplines_": splines}
        super().__setstate__(state)


def lowered(hats):
    """Scale the splines by HEIGHT."""
    return HEIGHT * hats


def splines(columns, n_features: int):
    """Return a transformer that appends the splines of some columns to all columns.

    They are piecewise linear: HEIGHT at a quantile of the column and 0 at its neighbours.
    Gorishniy et al., "On embeddings for numerical features in tabular deep learning",
    arXiv:2203.05556.
    """
    hats = Hats(N_KNOTS, 1, knots="quantile", extrapolation="constant")
    transformer = make_column_transformer(
        (make_pipeline(hats, FunctionTransformer(lowered)), list(columns)),
        ("passthrough", list(range(n_features))),
    )
    return transformer.set_output(transform="default")


class NetworkFamily:
    """The networks of one kind, before and after they are trained.

    Parameters
    ----------
    family : Family
    n_features : int
    columns : sequence of int
        Columns with more than two values.
    n_rows : int
        Number of rows that a network is trained on.
    params : dict
        Parameters of FullyConnectedClassifier that replace those of the preset.

    Attributes
    ----------
    network : FullyConnectedClassifier
        An unfitted network with the parameters of all members.
    splines : ColumnTransformer or None
        Fitted before the first member is trained.
    n_products : int
        Approximate number of products of a weight and an input per row.
    members : list of FullyConnectedClassifier
        The fitted members, one for each fold, in the order of the folds.
    temperature : float
    """

    def __init__(
        self, family: Family, n_features: int, columns, n_rows: int, params: dict
    ) -> None:
        self.splines = splines(columns, n_features) if family.splines else None
        self.network = FullyConnectedClassifier(**network_params(family, n_rows, params))
        self.members: list[FullyConnectedClassifier] = []
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
            self.splines.fit(X[:: 1 + len(X) // N_ROWS])
        return self

    def features(self, X):
        """Return the features of these rows: X, with splines if there are any."""
        if self.splines is None:
            return X
        parts = [
            self.splines.transform(X[rows]).astype(np.float32)
            for rows in gen_batches(len(X), N_ROWS)
        ]
        return np.vstack(parts)

    def calibrate(self, data, held_out) -> np.ndarray:
        """Apply temperature scaling; return the out-of-fold probability of the true class.

        Returns
        -------
        p_true : ndarray of shape (n_rows in the folds,)
        """
        X, y, weights = data
        rows = np.concatenate(held_out)
        if not len(rows):
            return np.empty(0)
        pairs = zip(self.members, held_out, strict=True)
        p = np.vstack([network.predict_proba(X[fold]) for network, fold in pairs])
        self.temperature = best_temperature(p, y[rows], weights[rows])
        for network in self.members:
            network.coefs_[-1] /= self.temperature
            network.intercepts_[-1] /= self.temperature
        return tempered(p, self.temperature)[np.arange(len(rows)), y[rows]]

    def predict_proba(self, X) -> np.ndarray:
        """Return the mean probabilities of the networks."""
        X = self.features(X)
        first, *others = self.members
        p = first.predict_proba(X)
        for network in others:
            p += network.predict_proba(X)
        p /= len(self.members)
        return p
