"""Links: from raw outputs z of the network to predictions p.

logistic  p = 1 / (1 + exp(-z))        each output separately (binary, multilabel)
softmax   p_k = exp(z_k) / sum_j exp(z_j)   exclusive classes (multiclass)
identity  p = z                        numbers
exp       p = exp(z)                   positive numbers

J = dp/dz is p (1 - p) on the diagonal for logistic, diag(p) - p p^T for the softmax, 1 and
p on the diagonal for identity and exp.

A predicted probability is never 0: it is clipped to the smallest normal number of the
dtype, so that its logarithm is finite. A probability that the logistic function rounds to 1
is clipped to the largest number below 1.
"""

from functools import lru_cache

import numpy as np

from skfcnn.network.elementary import log1p, logistic
from skfcnn.network.moments import Moments

# Numbers are constant if they differ from their mean by this share of it, or less.
ROUNDING = 8.0 * np.finfo(float).eps

# NumPy's reductions are slow along short rows. For 200 rows of 10 numbers, x.sum(axis=1)
# took 4 microseconds and the product below 1; x.max(axis=1) took 8 and the copy below 2.


@lru_cache(maxsize=32)
def _ones(n, dtype):
    return np.ones(n, dtype)


def row_sums(x):
    """sum_k x_k of every row: (n_rows, n_out) -> (n_rows,)."""
    return x.dot(_ones(x.shape[1], x.dtype))


def _row_maxima(x):
    """max_k x_k of every row: (n_rows, n_out) -> (n_rows,)."""
    return np.maximum.reduce(x.T.copy())


class Logistic:
    """p = 1 / (1 + exp(-z)), for each output independently."""

    def inverse(self, z, out):
        """Write p into `out`, which may be z. It computes in the dtype of `out`."""
        logistic(z, out)

    def clip(self, p):
        """Clip p, in place, to the numbers between 0 and 1, both excluded."""
        limits = np.finfo(p.dtype)
        p.clip(limits.tiny, 1.0 - limits.epsneg, out=p)

    def link(self, p):
        """Return the z that gives p: log p - log(1 - p)."""
        return np.log(p) - np.log1p(-p)

    def negative_log_likelihood(self, z, y):
        """Return -sum_k log P(y_k) of each row; z is overwritten.

        `-log P(y) = log(1 + exp(-|z|)) + max(z, 0) - y z`, which does not overflow.
        """
        loss = self._normalizer(z)
        loss += np.maximum(z, 0.0)
        z *= y
        loss -= z
        return row_sums(loss)

    def _normalizer(self, z):
        """Return log(1 + exp(-|z|))."""
        power = np.abs(z)
        np.negative(power, out=power)
        np.exp(power, out=power)
        return log1p(power)

    def pull_back(self, p, delta):
        """delta <- J^T delta, in place."""
        delta *= p * (1.0 - p)

    def events(self, y):
        """Return the target of each event, (2, n_rows, n_out): label true, label false."""
        return np.stack([y, 1.0 - y])

    def log_likelihoods(self, z):
        """Return log p of each event, in the shape of `events`."""
        return -np.maximum([-z, z], 0.0) - self._normalizer(z)

    def pull_back_events(self, log_p, slopes, out):
        """out <- dl/dz, given dl/d log p of each event."""
        yes, no = np.exp(log_p)
        np.subtract(slopes[0] * no, slopes[1] * yes, out=out)


class Softmax:
    """p_k = exp(z_k) / sum_j exp(z_j); z <- z - max(z) does not change p."""

    def inverse(self, z, out):
        """Write p into `out`, which may be z. Sums are 1 in the dtype of `out`.

        The exponentials are computed in the dtype of z: in float32 they take a third of the
        time.
        """
        np.subtract(z, _row_maxima(z)[:, None], out=out)
        np.exp(out, out=out, dtype=z.dtype)
        out /= row_sums(out)[:, None]

    def clip(self, p):
        """Clip p, in place, to positive numbers."""
        np.maximum(p, np.finfo(p.dtype).tiny, out=p)

    def link(self, p):
        """Return one z that gives p: log p."""
        return np.log(p)

    def negative_log_likelihood(self, z, y):
        """Return -log P(y) of each row; z is overwritten.

        -log P(y) = log sum_j exp(z_j) - y . z, after z <- z - max(z).
        """
        z -= _row_maxima(z)[:, None]
        true = row_sums(y * z)
        np.exp(z, out=z)
        return np.log(row_sums(z)) - true

    def pull_back(self, p, delta):
        """delta <- J^T delta = p * (delta - p . delta), in place."""
        delta -= row_sums(p * delta)[:, None]
        delta *= p

    def events(self, y):
        """Return the target of each event, (1, n_rows, n_out): the classes."""
        return y[None]

    def log_likelihoods(self, z):
        """Return log p of each event, in the shape of `events`."""
        log_p = z - _row_maxima(z)[:, None]
        log_p -= np.log(row_sums(np.exp(log_p)))[:, None]
        return log_p[None]

    def pull_back_events(self, log_p, slopes, out):
        """out <- dl/dz, given dl/d log p of each event."""
        np.multiply(np.exp(log_p[0]), -row_sums(slopes[0])[:, None], out=out)
        out += slopes[0]


class Identity:
    """p = z."""

    def inverse(self, z, out):
        """Write p into `out`, which may be z."""
        if out is not z:
            np.copyto(out, z)

    def clip(self, p):
        """Leave p as it is: every number is a prediction."""

    def link(self, p):
        """Return the z that gives p."""
        return p

    def pull_back(self, p, delta):
        """delta <- J^T delta, in place: J is the identity."""

    def mean_and_deviation(self, of: Moments):
        """Return the mean and deviation of y; a deviation of 0, up to rounding, is 1."""
        is_constant = (of.reach <= ROUNDING * np.abs(of.center)) | (of.deviation == 0.0)
        return of.center, np.where(is_constant, 1.0, of.deviation)

    def set_first_bias(self, bias):
        """Leave the first bias of the last layer as it is drawn."""

    def rescale(self, weights, bias, mean, deviation):
        """Change the last layer, in place, such that p becomes mean + deviation p."""
        weights *= deviation
        bias *= deviation
        bias += mean


class Exp:
    """p = exp(z), which is positive."""

    def inverse(self, z, out):
        """Write p into `out`, which may be z. It computes in the dtype of `out`."""
        np.exp(z, out=out, dtype=out.dtype)

    def clip(self, p):
        """Clip p, in place, to positive numbers."""
        np.maximum(p, np.finfo(p.dtype).tiny, out=p)

    def link(self, p):
        """Return the z that gives p: log p."""
        return np.log(p)

    def pull_back(self, p, delta):
        """delta <- J^T delta, in place."""
        delta *= p

    def mean_and_deviation(self, of: Moments):
        """Return 0 and the mean of y; a mean of 0 is 1."""
        return np.zeros_like(of.center), np.where(of.center <= 0.0, 1.0, of.center)

    def set_first_bias(self, bias):
        """Set the first bias of the last layer such that the first p is near the mean."""
        bias.fill(0.0)

    def rescale(self, weights, bias, mean, deviation):
        """Change the last layer, in place, such that p becomes deviation p; mean is 0."""
        bias += np.log(deviation)


CLASS_LINKS: dict[str, Logistic | Softmax] = {"logistic": Logistic(), "softmax": Softmax()}
NUMBER_LINKS: dict[str, Identity | Exp] = {"identity": Identity(), "exp": Exp()}
