"""The function that training minimizes, and its gradient.

The objective::

    J(theta) = sum_i w_i l_i / sum_i w_i  +  alpha / (2 sum_i w_i) |W|^2

l_i is the loss of row i, w_i the row's weight, W all weights without the biases.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from skfcnn.network.loss import Loss
from skfcnn.network.network import Network, Workspace
from skfcnn.training.blocks import each_block


class Data(NamedTuple):
    """Inputs, targets and weights, row by row."""

    X: np.ndarray  # (n_rows, n_in), or a sparse matrix
    target: np.ndarray  # (n_rows, n_out)
    weights: np.ndarray  # (n_rows,)

    def rows(self, rows: np.ndarray | slice) -> "Data":
        """Return some of the rows: copies, or views of an array if `rows` is a slice."""
        return Data(*(source[rows] for source in self))

    def some(self, n: int) -> "Data":
        """Return about n evenly spaced rows, or all rows if there are fewer.

        If all of them have weight zero, return about n rows of positive weight.
        """
        some = self.rows(slice(None, None, max(1, len(self.target) // n)))
        if some.weights.any():
            return some
        nonzero = np.flatnonzero(self.weights)
        return self.rows(nonzero[:: max(1, len(nonzero) // n)])

    def astype(self, dtype: np.dtype) -> "Data":
        """Return X and target in this dtype; X is copied only if its dtype differs."""
        X, target = self.X.astype(dtype, copy=False), self.target.astype(dtype)
        return Data(X, target, self.weights)


@dataclass(frozen=True)
class Objective:
    """J over a network, with a loss and the strength alpha of the penalty."""

    network: Network
    loss: Loss
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
        shares = (weights / total)[:, None].astype(target.dtype)
        z, penalty = self.gradient(X, target, shares, total, workspace)
        return (self.summed_loss(z, target, weights) + penalty) / total

    def gradient(
        self, X, target, shares, total: float, workspace: Workspace
    ) -> tuple[np.ndarray, float]:
        """Fill workspace.gradient, and return the raw outputs and the penalty.

        Parameters
        ----------
        X, target, workspace
            As in value_and_gradient.
        shares : ndarray of shape (n_rows, 1) or (n_rows, n_out)
            The weights of the rows, divided by their sum.
        total : float
            The sum of the weights.

        Returns
        -------
        z : ndarray of shape (n_rows, n_out)
        penalty : float
            As `penalty()`.
        """
        z = self.network.forward(X, workspace.layers)
        delta = workspace.delta
        self.loss.deltas(z, target, out=delta)
        delta *= shares
        self.network.backward(X, workspace)
        return z, self.add_penalty(workspace.gradient, total)

    def add_penalty(self, gradient, total: float) -> float:
        """Add the gradient of the penalty, `alpha W / total`, and return the penalty."""
        if not self.alpha:
            return self.penalty()
        decay, squares = self.alpha / total, 0.0

        def add_slope(W, gradient):
            nonlocal squares
            squares += float(W.dot(W))
            gradient += decay * W

        each_block(add_slope, self.network.weights, gradient[: len(self.network.weights)])
        return 0.5 * self.alpha * squares

    def summed_loss(self, z, target, weights) -> float:
        """Return sum_i w_i l_i, from raw outputs z, which are overwritten."""
        return float(weights.dot(self.loss.values(z, target)))

    def penalty(self) -> float:
        """Return `alpha / 2 |W|^2`, which J divides by the sum of the weights.

        It is NaN for alpha = 0 if the sum of squares overflows. Then training ends with an
        error.
        """
        W = self.network.weights
        return 0.5 * self.alpha * float(W.dot(W))
