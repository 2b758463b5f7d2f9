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

No probability that is told to a user is 0: one too small for the dtype is given as its
smallest normal number. So its logarithm is finite everywhere. One that the logistic
function rounds to 1 is given as the largest number below.
"""

from functools import lru_cache

import numpy as np
from scipy.special import expit

# Along a short row NumPy adds and compares number by number: for 200 rows of 10 numbers,
# x.sum(axis=1) took 4 microseconds where the product took 1, x.max(axis=1) 8 and not 2.


@lru_cache(maxsize=32)
def _ones(n, dtype):
    return np.ones(n, dtype)


def _row_sums(x):
    """sum_k x_k of every row: (n_rows, n_out) -> (n_rows,)."""
    return x.dot(_ones(x.shape[1], x.dtype))


def _row_maxima(x):
    """max_k x_k of every row: (n_rows, n_out) -> (n_rows,)."""
    return np.maximum.reduce(x.T.copy())


class Logistic:
    """p = 1 / (1 + exp(-z)), for each output by itself."""

    def probabilities(self, z, out):
        """Write p into `out`, which may be z, or of another dtype, in which it computes."""
        expit(z, out=out, dtype=out.dtype)

    def bound(self, p):
        """Keep p, in place, within the numbers that are neither 0 nor 1."""
        numbers = np.finfo(p.dtype)
        np.clip(p, numbers.tiny, 1.0 - numbers.epsneg, out=p)

    def raw(self, p):
        """Return z of p: log p - log(1 - p)."""
        return np.log(p) - np.log1p(-p)

    def negative_log_likelihood(self, z, y):
        """Return -sum_k log P(y_k) of each row; z is overwritten.

        `-log P(y) = log(1 + exp(-|z|)) + max(z, 0) - y z`, where nothing overflows.
        """
        linear = np.maximum(z, 0.0)
        linear -= y * z
        np.abs(z, out=z)
        np.negative(z, out=z)
        np.exp(z, out=z)
        np.log1p(z, out=z)
        z += linear
        return _row_sums(z)

    def pull_back(self, p, delta):
        """delta <- J^T delta, in place."""
        delta *= p * (1.0 - p)


class Softmax:
    """p_k = exp(z_k) / sum_j exp(z_j), where z <- z - max(z) changes no p."""

    def probabilities(self, z, out):
        """Write p into `out`, which may be z, or of another dtype: sums are 1 in that.

        The exponential functions are those of the dtype of z: in float32 they take a third
        of the time.
        """
        np.subtract(z, _row_maxima(z)[:, None], out=out)
        np.exp(out, out=out, dtype=z.dtype)
        out /= _row_sums(out)[:, None]

    def bound(self, p):
        """Keep p, in place, within the numbers that are not 0."""
        np.maximum(p, np.finfo(p.dtype).tiny, out=p)

    def raw(self, p):
        """Return a z of p: log p."""
        return np.log(p)

    def negative_log_likelihood(self, z, y):
        """Return -log P(y) of each row; z is overwritten.

        -log P(y) = log sum_j exp(z_j) - y . z, after z <- z - max(z).
        """
        z -= _row_maxima(z)[:, None]
        true = _row_sums(y * z)
        np.exp(z, out=z)
        return np.log(_row_sums(z)) - true

    def pull_back(self, p, delta):
        """delta <- J^T delta = p * (delta - p . delta), in place."""
        delta -= _row_sums(p * delta)[:, None]
        delta *= p


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
        self.link.probabilities(z, out)
        out -= y

    def of_guessing(self, mean, mean_square) -> float:
        """Return the mean loss of rows that all get the mean of their targets as answer.

        That is the entropy, as the loss is linear in y. `mean_square` is the mean of the
        squared targets, and both have shape (n_out,).
        """
        p = mean[None].copy()
        self.link.bound(p)
        return float(self.values(self.link.raw(p), p)[0])


class SquaredError:
    """l = 1/2 sum_k (p_k - y_k)^2, delta = J^T (p - y)."""

    def __init__(self, link) -> None:
        self.link = link

    def targets(self, y):
        """Return what the outputs are compared with: the targets themselves."""
        return y

    def values(self, z, y):
        """Return the loss of each row, (n_rows,); z is overwritten."""
        self.link.probabilities(z, out=z)
        z -= y
        return 0.5 * _row_sums(z * z)

    def deltas(self, z, y, out):
        """Write delta of each row into `out`, (n_rows, n_out)."""
        p = np.empty_like(z)
        self.link.probabilities(z, out=p)
        np.subtract(p, y, out=out)
        self.link.pull_back(p, out)

    def of_guessing(self, mean, mean_square) -> float:
        """Return the mean loss as LogLoss does: half of the variance of the targets."""
        return 0.5 * float((mean_square - mean * mean).sum())


class LabelSmoothing:
    """A loss of targets that leave a share epsilon to every one of their n_values alike.

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
        """Return the mean loss as the loss does, of smoothed targets a y + b."""
        a, b = 1.0 - self.epsilon, self.epsilon / self.n_values
        square = a * a * mean_square + 2.0 * a * b * mean + b * b
        return self.loss.of_guessing(self.targets(mean), square)


LINKS: dict[str, Logistic | Softmax] = {"logistic": Logistic(), "softmax": Softmax()}

Loss = LogLoss | SquaredError | LabelSmoothing

LOSSES: dict[str, type[LogLoss] | type[SquaredError]] = {
    "log_loss": LogLoss,
    "squared_error": SquaredError,
}
