"""The loss of each row, and the delta with which backpropagation begins.

The output layer is linear: its raw outputs z become probabilities p by a link (links.py).
A loss compares p with the target y of a row and gives delta = dl/dz:

log loss        l = -log P(y)            delta = p - y
squared error   l = 1/2 sum_k (p_k - y_k)^2   delta = J^T (p - y), with J = dp/dz
focal loss      l = -(1 - P(y))^gamma log P(y)

For the log loss, J^T cancels against the slope of the logarithm, with either link. So it is
the natural choice for both links. A parameter of a loss, such as gamma, has the same
name in its constructor as in that of the estimator.
"""

import math
from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
import scipy.optimize

from skfcnn.network.elementary import one_minus_exp
from skfcnn.network.links import row_sums


class Loss(ABC):
    """What all losses share.

    Attributes
    ----------
    link
        From raw outputs z to predictions p.
    y_range : tuple of float
        The smallest and the largest target that the loss is defined for.
    """

    y_range: ClassVar[tuple[float, float]] = (-math.inf, math.inf)

    def __init__(self, link) -> None:
        self.link = link

    def targets(self, y):
        """Return what the outputs are compared with: the targets themselves."""
        return y

    @abstractmethod
    def values(self, z, y):
        """Return the loss of each row, (n_rows,); z may be overwritten."""

    @abstractmethod
    def deltas(self, z, y, out) -> None:
        """Write delta of each row into `out`, (n_rows, n_out)."""

    def best_constant(self, mean):
        """Return the prediction, (n_out,), of least mean loss if all rows get the same.

        `mean` is the mean of the targets, (n_out,). It is the best constant of most losses.
        """
        return mean

    @abstractmethod
    def loss_of_best_constant(self, mean, mean_square) -> float:
        """Return the mean loss if all rows get the best constant.

        `mean` and `mean_square` are the means of the targets and of their squares, each of
        shape (n_out,).
        """


class LogLoss(Loss):
    """l = -log P(y), delta = p - y."""

    y_range = (0.0, 1.0)

    def values(self, z, y):
        """Return the loss of each row, (n_rows,); z is overwritten."""
        return self.link.negative_log_likelihood(z, y)

    def deltas(self, z, y, out):
        """Write delta of each row into `out`, (n_rows, n_out)."""
        self.link.inverse(z, out)
        out -= y

    def loss_of_best_constant(self, mean, mean_square) -> float:
        """Return the entropy of the mean, because the loss is linear in y."""
        p = mean[None].copy()
        self.link.clip(p)
        return float(self.values(self.link.link(p), p)[0])


class SquaredError(Loss):
    """l = 1/2 sum_k (p_k - y_k)^2, delta = J^T (p - y)."""

    def values(self, z, y):
        """Return the loss of each row, (n_rows,); z is overwritten."""
        self.link.inverse(z, out=z)
        z -= y
        return 0.5 * row_sums(z * z)

    def deltas(self, z, y, out):
        """Write delta of each row into `out`, (n_rows, n_out)."""
        p = np.empty_like(z)
        self.link.inverse(z, out=p)
        np.subtract(p, y, out=out)
        self.link.pull_back(p, out)

    def loss_of_best_constant(self, mean, mean_square) -> float:
        """Return half of the variance of the targets."""
        return 0.5 * float((mean_square - mean * mean).sum())


class FocalLoss(Loss):
    """l = -(1 - P(y))^gamma log P(y): less weight for rows that are classified correctly.

    With L = log p and F(L) = -(1 - p)^gamma L, l is the sum of y F(L) over all events: the
    classes of a softmax; for each logistic output, that its label is true and is false.

    dF/dL = gamma p (1 - p)^(gamma - 1) L - (1 - p)^gamma,  and dL/dz is the link's.

    Lin et al., "Focal loss for dense object detection", arXiv:1708.02002, who found
    gamma = 2 to be best. With gamma = 0 it is the log loss.
    """

    y_range = (0.0, 1.0)

    def __init__(self, link, focal_gamma: float = 2.0) -> None:
        super().__init__(link)
        self.gamma = focal_gamma

    def values(self, z, y):
        """Return the loss of each row, (n_rows,)."""
        log_p = self.link.log_likelihoods(z)
        missing = one_minus_exp(log_p)
        of_events = self.link.events(y) * missing**self.gamma * -log_p
        return row_sums(of_events.sum(axis=0))

    def deltas(self, z, y, out):
        """Write delta of each row into `out`, (n_rows, n_out)."""
        log_p = self.link.log_likelihoods(z)
        p, missing = np.exp(log_p), one_minus_exp(log_p)
        # log p / (1 - p), which is -1 where p is 1.
        ratio = np.divide(log_p, missing, out=-np.ones_like(p), where=missing > 0.0)
        slopes = self.gamma * p * ratio
        slopes -= 1.0
        slopes *= missing**self.gamma
        slopes *= self.link.events(y)
        self.link.pull_back_events(log_p, slopes, out)

    def best_constant(self, mean):
        """Return the prediction of least loss, which is less confident than the mean.

        The loss is linear in y, so it is the minimum for one row with the target `mean`.
        """
        first = mean[None].astype(np.float64)
        self.link.clip(first)

        def value_and_slope(z):
            slope = np.empty_like(y)
            self.deltas(z[None].copy(), y, slope)
            return float(self.values(z[None].copy(), y)[0]), slope[0]

        y, z = mean[None].astype(np.float64), self.link.link(first)[0]
        z = scipy.optimize.minimize(value_and_slope, z, jac=True, method="L-BFGS-B").x
        p = np.empty_like(y)
        self.link.inverse(z[None], p)
        return p[0]

    def loss_of_best_constant(self, mean, mean_square) -> float:
        """Return the loss of one row with the target `mean`, as the loss is linear in y."""
        p = self.best_constant(mean)[None]
        self.link.clip(p)
        return float(self.values(self.link.link(p), mean[None])[0])


class LabelSmoothing(Loss):
    """A loss of smoothed targets: a share epsilon is spread evenly over n_values values.

    y <- (1 - epsilon) y + epsilon / n_values. Szegedy et al., arXiv:1512.00567, section 7.
    """

    def __init__(self, loss, epsilon: float, n_values: int) -> None:
        super().__init__(loss.link)
        self.loss = loss
        self.epsilon = epsilon
        self.n_values = n_values

    def targets(self, y):
        """Return the smoothed targets."""
        return y * (1.0 - self.epsilon) + self.epsilon / self.n_values

    def values(self, z, y):
        """Return the loss of each row, (n_rows,); z is overwritten."""
        return self.loss.values(z, self.targets(y))

    def deltas(self, z, y, out):
        """Write delta of each row into `out`, (n_rows, n_out)."""
        self.loss.deltas(z, self.targets(y), out)

    def best_constant(self, mean):
        """Return the best constant for the smoothed targets."""
        return self.loss.best_constant(self.targets(mean))

    def loss_of_best_constant(self, mean, mean_square) -> float:
        """Return the loss of the best constant for smoothed targets a y + b."""
        a, b = 1.0 - self.epsilon, self.epsilon / self.n_values
        square = a * a * mean_square + 2.0 * a * b * mean + b * b
        return self.loss.loss_of_best_constant(self.targets(mean), square)


LOSSES: dict[str, type[Loss]] = {
    "log_loss": LogLoss,
    "squared_error": SquaredError,
    "focal": FocalLoss,
}


def check_targets(loss: Loss, y: np.ndarray) -> None:
    """Raise ValueError for targets outside of the range of the loss."""
    low, high = loss.y_range
    least, largest = float(y.min()), float(y.max())
    if least < low or largest > high:
        raise ValueError(
            f"{type(loss).__name__} is defined for targets from {low:g} to {high:g}; got "
            f"values from {least:g} to {largest:g}. Use another loss, or transform y."
        )
