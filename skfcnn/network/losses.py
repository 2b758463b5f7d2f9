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

from collections.abc import Callable

import numpy as np

from skfcnn.network.links import row_sums


class LogLoss:
    """l = -log P(y), delta = p - y."""

    def __init__(self, link) -> None:
        self.link = link

    def targets(self, y):
        """Return what the outputs are compared with: the targets themselves."""
        return y

    def values(self, z, y):
        """Return the loss of each row, (n_rows,); z is overwritten."""
        return self.link.negative_log_likelihood(z, y)

    def deltas(self, z, y, out):
        """Write delta of each row into `out`, (n_rows, n_out)."""
        self.link.inverse(z, out)
        out -= y

    def of_guessing(self, mean, mean_square) -> float:
        """Return the mean loss of a model that always predicts the mean of the targets.

        This is the entropy, because the loss is linear in y. `mean` and `mean_square` are
        the means of the targets and of their squares, each of shape (n_out,).
        """
        p = mean[None].copy()
        self.link.clip(p)
        return float(self.values(self.link.link(p), p)[0])


class SquaredError:
    """l = 1/2 sum_k (p_k - y_k)^2, delta = J^T (p - y)."""

    def __init__(self, link) -> None:
        self.link = link

    def targets(self, y):
        """Return what the outputs are compared with: the targets themselves."""
        return y

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

    def of_guessing(self, mean, mean_square) -> float:
        """Return the loss of always predicting `mean`: half the variance of the targets."""
        return 0.5 * float((mean_square - mean * mean).sum())


class FocalLoss:
    """l = -(1 - P(y))^gamma log P(y): less weight for rows that are classified correctly.

    With L = log p and F(L) = -(1 - p)^gamma L, l is the sum of y F(L) over all events: the
    classes of a softmax; for each logistic output, that its label is true and is false.

    dF/dL = gamma p (1 - p)^(gamma - 1) L - (1 - p)^gamma,  and dL/dz is the link's.

    Lin et al., "Focal loss for dense object detection", arXiv:1708.02002, who found
    gamma = 2 to be best. With gamma = 0 it is the log loss.
    """

    def __init__(self, link, focal_gamma: float = 2.0) -> None:
        self.link = link
        self.gamma = focal_gamma

    def targets(self, y):
        """Return what the outputs are compared with: the targets themselves."""
        return y

    def values(self, z, y):
        """Return the loss of each row, (n_rows,)."""
        log_p = self.link.log_likelihoods(z)
        missing = -np.expm1(log_p)  # 1 - p
        of_events = self.link.events(y) * missing**self.gamma * -log_p
        return row_sums(of_events.sum(axis=0))

    def deltas(self, z, y, out):
        """Write delta of each row into `out`, (n_rows, n_out)."""
        log_p = self.link.log_likelihoods(z)
        p, missing = np.exp(log_p), -np.expm1(log_p)
        # log p / (1 - p), which is -1 where p is 1.
        ratio = np.divide(log_p, missing, out=-np.ones_like(p), where=missing > 0.0)
        slopes = self.gamma * p * ratio
        slopes -= 1.0
        slopes *= missing**self.gamma
        slopes *= self.link.events(y)
        self.link.pull_back_events(log_p, slopes, out)

    def of_guessing(self, mean, mean_square) -> float:
        """Return the loss of always predicting `mean`, which is not the best constant."""
        p = mean[None].copy()
        self.link.clip(p)
        return float(self.values(self.link.link(p), mean[None])[0])


class LabelSmoothing:
    """A loss of smoothed targets: a share epsilon is spread evenly over n_values values.

    y <- (1 - epsilon) y + epsilon / n_values. Szegedy et al., arXiv:1512.00567, section 7.
    """

    def __init__(self, loss, epsilon: float, n_values: int) -> None:
        self.loss = loss
        self.link = loss.link
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

    def of_guessing(self, mean, mean_square) -> float:
        """Return the loss of always predicting the mean of the smoothed targets a y + b."""
        a, b = 1.0 - self.epsilon, self.epsilon / self.n_values
        square = a * a * mean_square + 2.0 * a * b * mean + b * b
        return self.loss.of_guessing(self.targets(mean), square)


Loss = LogLoss | SquaredError | FocalLoss | LabelSmoothing

LOSSES: dict[str, Callable[..., LogLoss | SquaredError | FocalLoss]] = {
    "log_loss": LogLoss,
    "squared_error": SquaredError,
    "focal": FocalLoss,
}
