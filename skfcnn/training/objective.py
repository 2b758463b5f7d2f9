"""The function that training makes small, and its gradient.

J(theta) = sum_i w_i l_i / sum_i w_i  +  alpha / (2 sum_i w_i) |W|^2

l_i is the loss of row i, w_i the row's weight, W all weights without the biases.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from skfcnn.network.network import Network, Workspace


class Data(NamedTuple):
    """What a network learns from, row by row."""

    X: np.ndarray  # (n_rows, n_in), or a sparse matrix
    target: np.ndarray  # (n_rows, n_out)
    weights: np.ndarray  # (n_rows,)

    def rows(self, rows: np.ndarray) -> "Data":
        """Return some of the rows, copied."""
        return Data(*(source[rows] for source in self))

    def astype(self, dtype: np.dtype) -> "Data":
        """Return X and target in this dtype; X is copied only if it has another."""
        X, target = self.X.astype(dtype, copy=False), self.target.astype(dtype)
        return Data(X, target, self.weights)


@dataclass(frozen=True)
class Objective:
    """J over a network, with a loss and the strength alpha of the penalty."""

    network: Network
    loss: object
    alpha: float

    def value_and_gradient(self, X, target, weights, workspace: Workspace) -> float:
        """Return J and fill workspace.gradient.

        Parameters
        ----------
        X : ndarray or sparse matrix of shape (n_rows, n_in)
        target : ndarray of shape (n_rows, n_out)
        weights : ndarray of shape (n_rows,)
            Not negative, and not all zero.
        workspace : Workspace
            For exactly n_rows rows.
        """
        total = float(weights.sum())
        z = self.network.forward(X, workspace)
        delta = workspace.delta
        losses = self.loss.value_and_delta(z, target, delta)
        delta *= (weights / total).astype(delta.dtype, copy=False)[:, None]
        self.network.backward(X, workspace)
        return float(weights @ losses) / total + self._penalize(workspace, total)

    def _penalize(self, workspace: Workspace, total: float) -> float:
        """Return alpha / (2 sum w) |W|^2, and add its slope to the gradient."""
        strength = self.alpha / total
        n_weights = self.network.n_weights
        W = self.network.theta[:n_weights]
        np.multiply(W, strength, out=workspace.scratch)
        workspace.gradient[:n_weights] += workspace.scratch
        return 0.5 * strength * float(W @ W)
