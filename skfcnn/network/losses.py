"""What a wrong answer costs, and the delta with which backpropagation begins.

The output layer is linear: its raw outputs z become probabilities p by a *link*.

logistic  p = 1 / (1 + exp(-z))        each output for itself (binary, multilabel)
softmax   p_k = exp(z_k) / sum_j exp(z_j)   outputs exclude each other (multiclass)

A loss compares p with the target y of a row and gives delta = dl/dz:

log loss        l = -log P(y)            delta = p - y
squared error   l = 1/2 sum_k (p_k - y_k)^2   delta = J^T (p - y), with J = dp/dz

For the log loss, J^T cancels against the slope of the logarithm, with either link: this is
why it is the natural partner of both. For logistic J is p (1 - p) on the diagonal; for the
softmax, J = diag(p) - p p^T.

No probability is 0: one too small for the dtype is given as its smallest normal number.
So its logarithm is finite everywhere. One that the logistic function would round to 1 is
given as the largest number below.
"""

import numpy as np
from scipy.special import expit


def _row_sums(x, y):
    """sum_k x_k y_k of every row: (n_rows, n_out), (n_rows, n_out) -> (n_rows,)."""
    return np.einsum("ij,ij->i", x, y)


class Logistic:
    """p = 1 / (1 + exp(-z)), for each output by itself."""

    def probabilities(self, z, out):
        """Write p into `out`."""
        expit(z, out=out)
        numbers = np.finfo(out.dtype)
        np.clip(out, numbers.tiny, 1.0 - numbers.epsneg, out=out)

    def negative_log_likelihood(self, z, y, p):
        """Return -sum_k log P(y_k) of each row, and write p; z is overwritten.

        -log P(y) = log(1 + exp(-|z|)) + max(z, 0) - y z, where nothing overflows.
        """
        expit(z, out=p)
        wrong = np.maximum(z, 0.0)
        wrong -= y * z
        np.abs(z, out=z)
        np.negative(z, out=z)
        np.exp(z, out=z)
        np.log1p(z, out=z)
        z += wrong
        return z.sum(axis=1)

    def pull_back(self, p, delta):
        """delta <- J^T delta, in place."""
        delta *= p * (1.0 - p)


class Softmax:
    """p_k = exp(z_k) / sum_j exp(z_j)."""

    def _exponentials(self, z, out):
        """z <- z - max(z), which changes no p and cannot overflow; out <- exp(z)."""
        z -= z.max(axis=1, keepdims=True)
        np.exp(z, out=out)
        return out.sum(axis=1, keepdims=True)

    def probabilities(self, z, out):
        """Write p into `out`; z is overwritten."""
        out /= self._exponentials(z, out)
        np.maximum(out, np.finfo(out.dtype).tiny, out=out)

    def negative_log_likelihood(self, z, y, p):
        """Return -log P(y) of each row, and write p; z is overwritten.

        -log P(y) = log sum_j exp(z_j) - y . z, after z <- z - max(z).
        """
        total = self._exponentials(z, p)
        p /= total
        return np.log(total[:, 0]) - _row_sums(y, z)

    def pull_back(self, p, delta):
        """delta <- J^T delta = p * (delta - p . delta), in place."""
        delta -= _row_sums(p, delta)[:, None]
        delta *= p


class LogLoss:
    """l = -log P(y), delta = p - y."""

    def __init__(self, link) -> None:
        self.link = link

    def value_and_delta(self, z, y, delta):
        """Return the loss of each row, (n_rows,), and write delta; z is overwritten."""
        losses = self.link.negative_log_likelihood(z, y, p=delta)
        delta -= y
        return losses


class SquaredError:
    """l = 1/2 sum_k (p_k - y_k)^2, delta = J^T (p - y)."""

    def __init__(self, link) -> None:
        self.link = link

    def value_and_delta(self, z, y, delta):
        """Return the loss of each row, (n_rows,), and write delta; z is overwritten."""
        p = np.empty_like(z)
        self.link.probabilities(z, out=p)
        np.subtract(p, y, out=delta)
        losses = 0.5 * _row_sums(delta, delta)
        self.link.pull_back(p, delta)
        return losses


LINKS = {"logistic": Logistic(), "softmax": Softmax()}

LOSSES = {"log_loss": LogLoss, "squared_error": SquaredError}
