"""Losses for class labels: a row's target is 0 or 1 for each output.

The delta of a loss is dl/dz::

    log loss     l = -log P(y)                       delta = p - y
    focal loss   l = -(1 - P(y))^gamma log P(y)

For the log loss, J^T cancels against the slope of the logarithm, with either link. So it is
the natural choice for both links.
"""

import numpy as np
import scipy.optimize

from skfcnn.network.elementary import one_minus_exp
from skfcnn.network.links import row_sums
from skfcnn.network.loss import Loss, Range, weighted_mean


class LogLoss(Loss):
    """l = -log P(y), delta = p - y."""

    y_range = Range(0.0, 1.0)

    def values(self, z, y):
        """Return the loss of each row, (n_rows,); z is overwritten."""
        return self.link.negative_log_likelihood(z, y)

    def deltas(self, z, y, out):
        """Write delta of each row into `out`, (n_rows, n_out)."""
        self.link.inverse(z, out)
        out -= y


class FocalLoss(Loss):
    """l = -(1 - P(y))^gamma log P(y): less weight for rows that are classified correctly.

    With L = log p and F(L) = -(1 - p)^gamma L, l is the sum of y F(L) over all events: the
    classes of a softmax; for each logistic output, that its label is true and is false.

    dF/dL = gamma p (1 - p)^(gamma - 1) L - (1 - p)^gamma,  and dL/dz is the link's.

    Lin et al., "Focal loss for dense object detection", arXiv:1708.02002, who found
    gamma = 2 to be best. With gamma = 0 it is the log loss.
    """

    y_range = Range(0.0, 1.0)

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

    def best_for_mean(self, mean):
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

    def best_constant(self, y, weights):
        """Return the best constant for the smoothed targets."""
        return self.loss.best_for_mean(self.targets(weighted_mean(y, weights)))
