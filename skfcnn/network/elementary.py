"""Elementary functions, computed with the functions that NumPy vectorizes on most machines.

NumPy has vector code for exp and log on processors with AVX2, and for expm1 and log1p only
with AVX-512. SciPy's expit and ndtr have none. They took 3 to 10 times as long as these::

    sigma(z) = 1 / (1 + exp(-z))
    log(1 + x) = log(u) + (x - (u - 1)) / u,     u = 1 + x
    1 - exp(x) = 2 t / (t - 1),                  t = tanh(x / 2)
    Phi(z) = 1/2 + sign(z) (1/2 - Q(|z|)),       the standard normal distribution
    Q(x) = phi(x) sum_k b_k t^k,                 t = 1 / (1 + p x)

x - (u - 1) is the rounding error of u. So log(1 + x) keeps its relative accuracy where x is
small. The error of Q is below 7.5e-8, enough for float32 only.

References
----------
Q: Abramowitz, Stegun, "Handbook of mathematical functions", 1964, equation 26.2.17.
"""

import numpy as np
from scipy.special import expit, ndtr

# exp(LARGE) is the largest exponential that is finite in float32.
LARGE = 88.0
P = 0.2316419
B = 0.319381530, -0.356563782, 1.781477937, -1.821255978, 1.330274429


def positive_part(z, out) -> None:
    """Write max(z, 0) into out, another array than z.

    In float32, NumPy compares two arrays three times faster than an array and a scalar.
    """
    out.fill(0.0)
    np.maximum(z, out, out=out)


def sigmoids(z, out, rest) -> None:
    """Write sigma(z) into out, and 1 - sigma(z) into rest, with its relative accuracy."""
    z.clip(-LARGE, LARGE, out=rest)
    np.negative(rest, out=rest)
    np.exp(rest, out=rest)
    np.add(rest, 1.0, out=out)
    np.divide(1.0, out, out=out)
    rest *= out


def logistic(z, out) -> None:
    """Write sigma(z) into out, which may be z; in float64 the numbers of scikit-learn."""
    if out.dtype == np.float64:
        expit(z, out=out, dtype=out.dtype)
        return
    np.negative(z, out=out)
    np.minimum(out, LARGE, out=out)
    np.exp(out, out=out)
    out += 1.0
    np.divide(1.0, out, out=out)


def log1p(x) -> np.ndarray:
    """Return log(1 + x), for x >= 0."""
    u = 1.0 + x
    rest = u - 1.0
    np.subtract(x, rest, out=rest)
    rest /= u
    np.log(u, out=u)
    u += rest
    return u


def one_minus_exp(x) -> np.ndarray:
    """Return 1 - exp(x), for x <= 0."""
    t = np.tanh(0.5 * x)
    return 2.0 * t / (t - 1.0)


def normal_cdf(z, density, out) -> None:
    """Write Phi(z) into out; `density` is phi(z)."""
    if out.dtype == np.float64:
        ndtr(z, out=out)
        return
    t = np.abs(z)
    t *= P
    t += 1.0
    np.divide(1.0, t, out=t)
    np.multiply(t, B[-1], out=out)
    for b in B[-2::-1]:
        out += b
        out *= t
    out *= density
    np.subtract(0.5, out, out=out)
    np.copysign(out, z, out=out)
    out += 0.5
