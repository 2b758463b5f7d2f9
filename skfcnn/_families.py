"""A family of an ensemble: networks of one kind, each trained without one of the folds."""

import copy
import time
import warnings

import numpy as np
from scipy.interpolate import BSpline
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, SplineTransformer
from sklearn.utils import gen_batches

from skfcnn._calibration import best_temperature, tempered
from skfcnn._learning import INTERRUPTED
from skfcnn._recipe import Family, network_params
from skfcnn.classifier import FullyConnectedClassifier

# Hats over eight quantiles of a column, of about the size that its other numbers have.
N_KNOTS, HEIGHT = 8, 0.3
# Rows that quantiles are taken of, and that are transformed in one go: in float64 splines
# of many rows would take more memory than all else.
N_ROWS = 10_000


class Hats(SplineTransformer):
    """A SplineTransformer whose state is arrays and numbers, as files of skops need it."""

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
    """Return hats of another height."""
    return HEIGHT * hats


def splines(columns, n_features: int):
    """Return a transformer that appends to all columns the splines of some of them.

    They are piecewise linear: 1 at a quantile of the column and 0 at the next ones, times
    HEIGHT. Gorishniy et al., "On embeddings for numerical features in tabular deep
    learning", arXiv:2203.05556.
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
    X : ndarray of shape (n_rows, n_features)
        All rows.
    columns : sequence of int
        Those with more than two values.
    n_rows : int
        Rows that a network is trained on.
    params : dict
        Parameters of FullyConnectedClassifier in place of the recipe's.

    Attributes
    ----------
    members : list of FullyConnectedClassifier
    temperature : float
    """

    def __init__(self, family: Family, X, columns, n_rows: int, params: dict) -> None:
        self.splines = None
        if family.splines:
            some_rows = X[:: 1 + len(X) // N_ROWS]
            self.splines = splines(columns, X.shape[1]).fit(some_rows)
        self.network = FullyConnectedClassifier(**network_params(family, n_rows, params))
        self.members: list[FullyConnectedClassifier] = []
        self.temperature = 1.0

    def features(self, X):
        """Return what the networks get of these rows."""
        if self.splines is None:
            return X
        parts = [
            self.splines.transform(X[rows]).astype(np.float32)
            for rows in gen_batches(len(X), N_ROWS)
        ]
        return np.vstack(parts)

    def seconds_of(self, epochs: int, data, train, fold) -> float:
        """Train one network for so many epochs, and return how long that takes."""
        network = clone(self.network).set_params(max_iter=epochs, random_state=0)
        began = time.perf_counter()
        train_network(network, data, train, fold)
        return time.perf_counter() - began

    def calibrate(self, data, held_out) -> np.ndarray:
        """Give the networks a temperature; return how probable they make what is true.

        Of each row in a fold: the probability that the network which has not seen it gives
        to its class, (n_rows in folds,).
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


def train_network(network, data, train, fold):
    """Return the network, trained on some rows, and validated on its fold.

    It comes without its solver, which has no use once the outputs have a temperature.

    Raises
    ------
    KeyboardInterrupt
        Where a user has ended the training: this network is not what was wanted, and
        others should not begin.
    """
    X, y, weights = data
    validation = {}
    if len(fold):
        validation = {"X_val": X[fold], "y_val": y[fold]}
        validation["sample_weight_val"] = weights[fold]
    else:
        network.set_params(early_stopping=False)
    with warnings.catch_warnings():
        # A part of the mixture, before its temperature: it is the whole that counts.
        warnings.filterwarnings("ignore", category=ConvergenceWarning)
        warnings.filterwarnings("error", INTERRUPTED)
        try:
            network.fit(X[train], y[train], weights[train], **validation)
        except UserWarning as warning:
            raise KeyboardInterrupt from warning
    return copy.copy(network)
