"""Losses for numbers, in regression; the squared error is for class labels, too.

With e = p - y, summed over the outputs, and the delta dl/dz::

    squared error    l = e^2 / 2                            delta = J^T e, with J = dp/dz
    absolute error   l = |e|                                delta = sign(e)
    huber            l = e^2 / 2, or d |e| - d^2 / 2        delta = e clipped to [-d, d]
                         where |e| > d = huber_delta
    quantile         l = -q e, or (1 - q) e where e > 0     delta = -q, or 1 - q

With the link p = exp(z)::

    poisson    l = y log(y / p) - y + p                     delta = p - y
    gamma      l = log(p / y) + y / p - 1                   delta = 1 - y / p
    tweedie    l = y^(2-t) / ((1-t) (2-t)) - y p^(1-t) / (1-t) + p^(2-t) / (2-t)
                                                            delta = p^(2-t) - y p^(1-t)

The last three are half of the deviance of the distribution whose variance is proportional
to p^t, with t = tweedie_power; poisson has t = 1, and gamma t = 2.

References
----------
Huber, "Robust estimation of a location parameter", 1964. Koenker, Bassett, "Regression
quantiles", Econometrica 46, 1978. Joergensen, "The theory of dispersion models", 1997,
chapter 4.
"""

from collections.abc import Callable, Sequence

import numpy as np
import scipy.optimize
from scipy.special import xlogy

from skfcnn.network.links import row_sums
from skfcnn.network.loss import Loss, Range
from skfcnn.network.user_code import others_turn


class SquaredError(Loss):
    """l = 1/2 sum_k (p_k - y_k)^2, delta = J^T (p - y)."""

    degree = 2.0

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


class AbsoluteError(Loss):
    """l = sum_k |z_k - y_k|, delta = sign(z - y)."""

    degree = 1.0

    def values(self, z, y):
        """Return the loss of each row, (n_rows,); z is overwritten."""
        z -= y
        return row_sums(np.abs(z, out=z))

    def deltas(self, z, y, out):
        """Write delta of each row into `out`, (n_rows, n_out)."""
        np.subtract(z, y, out=out)
        np.sign(out, out=out)

    def best_constant(self, y, weights):
        """Return the weighted median of each column."""
        return weighted_quantile(y, 0.5, weights)


class Huber(Loss):
    """l = e^2 / 2 up to |e| = d, and d |e| - d^2 / 2 above: one formula for both.

    With c = min(|e|, d), l is c (|e| - c / 2).
    """

    degree = 1.0  # of the values; d is in deviations of y

    def __init__(self, link, huber_delta: float = 1.35) -> None:
        super().__init__(link)
        self.huber_delta = huber_delta

    def values(self, z, y):
        """Return the loss of each row, (n_rows,); z is overwritten."""
        z -= y
        size = np.abs(z, out=z)
        clipped = np.minimum(size, self.huber_delta)
        return row_sums(clipped * (size - 0.5 * clipped))

    def deltas(self, z, y, out):
        """Write delta of each row into `out`, (n_rows, n_out)."""
        np.subtract(z, y, out=out)
        out.clip(-self.huber_delta, self.huber_delta, out=out)

    def best_constant(self, y, weights):
        """Return the constant of each column whose weighted mean delta is zero."""

        def mean_delta(constant, column):
            return weights.dot(
                (constant - column).clip(-self.huber_delta, self.huber_delta)
            )

        ends = zip(y.min(axis=0), y.max(axis=0), y.T, strict=True)
        return np.array(
            [
                scipy.optimize.brentq(mean_delta, low, high, args=(column,))
                if low < high
                else low
                for low, high, column in ends
            ]
        )


class Quantile(Loss):
    """The pinball loss, l = max(q (y - z), (q - 1) (y - z)), with a level q per output."""

    degree = 1.0

    def __init__(self, link, quantile: float | Sequence[float] = 0.5) -> None:
        super().__init__(link)
        self.levels = np.atleast_1d(np.array(quantile, float))  # (n_out,)

    def values(self, z, y):
        """Return the loss of each row, (n_rows,); z is overwritten."""
        levels = self.levels.astype(z.dtype)
        np.subtract(y, z, out=z)
        return row_sums(np.maximum(levels * z, (levels - 1.0) * z))

    def deltas(self, z, y, out):
        """Write delta of each row into `out`, (n_rows, n_out)."""
        np.greater(z, y, out=out)
        out -= self.levels

    def best_constant(self, y, weights):
        """Return the weighted quantile of each column, at its level."""
        columns = zip(y.T, self.levels, strict=True)
        return np.array([weighted_quantile(column, q, weights) for column, q in columns])


class Poisson(Loss):
    """l = sum_k y_k log(y_k / p_k) - y_k + p_k, delta = p - y, with p = exp(z)."""

    y_range = Range(0.0)
    degree = 1.0

    def values(self, z, y):
        """Return the loss of each row, (n_rows,)."""
        return row_sums(xlogy(y, y) - y * z - y + np.exp(z))

    def deltas(self, z, y, out):
        """Write delta of each row into `out`, (n_rows, n_out)."""
        np.exp(z, out=out)
        out -= y


class Gamma(Loss):
    """l = sum_k log(p_k / y_k) + y_k / p_k - 1, delta = 1 - y / p, with p = exp(z)."""

    y_range = Range(0.0, includes_low=False)

    def values(self, z, y):
        """Return the loss of each row, (n_rows,)."""
        return row_sums(z - np.log(y) + y * np.exp(-z) - 1.0)

    def deltas(self, z, y, out):
        """Write delta of each row into `out`, (n_rows, n_out)."""
        np.negative(z, out=out)
        np.exp(out, out=out)
        out *= y
        np.subtract(1.0, out, out=out)


class Tweedie(Loss):
    """Half of the deviance for a variance proportional to p^t; t is neither 1 nor 2."""

    def __init__(self, link, tweedie_power: float) -> None:
        super().__init__(link)
        self.t = tweedie_power
        self.degree = 2.0 - tweedie_power
        has_zeros = tweedie_power < 2.0
        self.y_range = (
            Range(0.0, includes_low=has_zeros) if tweedie_power > 0.0 else Range()
        )

    def values(self, z, y):
        """Return the loss of each row, (n_rows,)."""
        a, b = 1.0 - self.t, 2.0 - self.t
        of_y = np.maximum(y, 0.0) ** b / (a * b)  # some y are negative only where t <= 0
        return row_sums(of_y - y * np.exp(a * z) / a + np.exp(b * z) / b)

    def deltas(self, z, y, out):
        """Write delta of each row into `out`, (n_rows, n_out)."""
        np.exp((2.0 - self.t) * z, out=out)
        out -= y * np.exp((1.0 - self.t) * z)


def tweedie(link, tweedie_power: float = 1.5) -> Loss:
    """Return the loss for this power; 1 is the Poisson loss, and 2 the gamma loss."""
    limits: dict[float, type[Loss]] = {1.0: Poisson, 2.0: Gamma}
    if tweedie_power in limits:
        return limits[tweedie_power](link)
    return Tweedie(link, tweedie_power)


class FunctionLoss(Loss):
    """A loss of the user: two functions of y and p, arrays of shape (n_rows, n_out).

    `value(y, p)` returns the loss of each number, and `gradient(y, p)` its derivative with
    respect to p.
    """

    def __init__(self, link, value: Callable, gradient: Callable) -> None:
        super().__init__(link)
        self.value, self.gradient = value, gradient

    def values(self, z, y):
        """Return the loss of each row, (n_rows,); z is overwritten."""
        self.link.inverse(z, out=z)
        with others_turn():
            return row_sums(np.asarray(self.value(y, z), z.dtype))

    def deltas(self, z, y, out):
        """Write delta of each row into `out`, (n_rows, n_out)."""
        p = np.empty_like(z)
        self.link.inverse(z, out=p)
        with others_turn():
            np.copyto(out, self.gradient(y, p))
        self.link.pull_back(p, out)


def weighted_quantile(y, level: float, weights):
    """Return the quantile of each column: the least y with this share of the weights."""
    return np.quantile(y, level, axis=0, weights=weights, method="inverted_cdf")
