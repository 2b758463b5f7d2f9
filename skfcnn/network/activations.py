"""Activation functions of the hidden layers, each with its slope.

With sigma(z) = 1 / (1 + exp(-z)), and Phi and phi the standard normal distribution and its
density::

    identity    f(z) = z                        f'(z) = 1
    logistic    f(z) = sigma(z)                 f'(z) = f (1 - f)
    tanh        f(z) = tanh(z)                  f'(z) = 1 - f^2
    relu        f(z) = max(z, 0)                f'(z) = 1 where z > 0, else 0
    leaky_relu  f(z) = z, or z / 100 if z < 0   f'(z) = 1 where z > 0, else 1 / 100
    elu         f(z) = z, or exp(z) - 1         f'(z) = 1 where z > 0, else f + 1
    selu        f(z) = lambda z, or             f'(z) = lambda where z > 0, else
                       lambda alpha (exp(z) - 1)        f + lambda alpha
    gelu        f(z) = z Phi(z)                 f'(z) = Phi + z phi
    gelu_tanh   f(z) = z s, s = sigma(2 u)      f'(z) = s + z s (1 - s) 2 u'
                u = sqrt(2 / pi) (z + 0.044715 z^3)
    silu        f(z) = z sigma(z)               f'(z) = f + sigma (1 - f)
    mish        f(z) = z t                      f'(z) = t + z sigma (1 - t^2)
                t = tanh(softplus(z))
    softplus    f(z) = log(1 + exp(z))          f'(z) = sigma(z)

A function writes a = f(z) into `out`. A slope returns f'(z). It may use both z and a, and
may overwrite z with the result: once a is known, z is not needed any more.

References
----------
leaky_relu: Maas et al., 2013. elu: Clevert et al., arXiv:1511.07289. selu: Klambauer et
al., arXiv:1706.02515. gelu: Hendrycks, Gimpel, arXiv:1606.08415. silu: Elfwing et al.,
arXiv:1702.03118. mish: Misra, arXiv:1908.08681.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import expit, ndtr

from skfcnn.network.user_code import others_turn

LEAK = 0.01
# Mean 0 and variance 1 are a fixed point: Klambauer et al., equation 14.
LAMBDA, ALPHA = 1.0507009873554805, 1.6732632423543772
# With this coefficient of z^3, tanh approximates Phi: Hendrycks, Gimpel, section 2.
CUBIC = 0.044715


class Activation(NamedTuple):
    """A function applied to every net input, and its slope."""

    function: Callable  # (z, out) -> None
    slope: Callable  # (z, a) -> f'(z)


def _identity(z, out):
    np.copyto(out, z)


def _identity_slope(z, a):
    z.fill(1.0)
    return z


def _logistic(z, out):
    expit(z, out=out)


def _logistic_slope(z, a):
    np.subtract(1.0, a, out=z)
    z *= a
    return z


def _tanh(z, out):
    np.tanh(z, out=out)


def _tanh_slope(z, a):
    np.multiply(a, a, out=z)
    np.subtract(1.0, z, out=z)
    return z


def _relu(z, out):
    # NumPy compares with an array of zeros four times faster than with a scalar zero.
    out.fill(0.0)
    np.maximum(z, out, out=out)


def _relu_slope(z, a):
    return a > 0.0


def _leaky_relu(z, out):
    np.multiply(z, LEAK, out=out)
    np.maximum(z, out, out=out)


def _leaky_relu_slope(z, a):
    np.greater(a, 0.0, out=z)
    z *= 1.0 - LEAK
    z += LEAK
    return z


def _elu(z, out):
    out.fill(0.0)
    np.minimum(z, out, out=out)
    np.expm1(out, out=out)
    np.maximum(z, out, out=out)


def _elu_slope(z, a):
    z.fill(0.0)
    np.minimum(a, z, out=z)
    z += 1.0
    return z


def _selu(z, out):
    # Both parts are computed separately: a masked copy takes three times as long.
    out.fill(0.0)
    positive = np.maximum(z, out)
    np.minimum(z, out, out=out)
    np.expm1(out, out=out)
    out *= ALPHA
    out += positive
    out *= LAMBDA


def _selu_slope(z, a):
    at_zero = LAMBDA * ALPHA
    z.fill(0.0)
    np.minimum(a, z, out=z)
    z += at_zero
    step = z.dtype.type(LAMBDA - at_zero)
    z += step * (a > 0.0)
    return z


def _gelu(z, out):
    ndtr(z, out=out)
    out *= z


def _gelu_slope(z, a):
    z_density = z * np.exp(-0.5 * z * z)
    z_density /= math.sqrt(2.0 * math.pi)
    ndtr(z, out=z)
    z += z_density
    return z


def _gelu_tanh_s(z):
    return expit(math.sqrt(8.0 / math.pi) * z * (1.0 + CUBIC * z * z))


def _gelu_tanh(z, out):
    np.multiply(z, _gelu_tanh_s(z), out=out)


def _gelu_tanh_slope(z, a):
    s = _gelu_tanh_s(z)
    z *= math.sqrt(8.0 / math.pi) * (1.0 + 3.0 * CUBIC * z * z)
    z *= 1.0 - s
    z += 1.0
    z *= s
    return z


def _silu(z, out):
    expit(z, out=out)
    out *= z


def _silu_slope(z, a):
    expit(z, out=z)
    z *= 1.0 - a
    z += a
    return z


def _softplus(z, out):
    np.logaddexp(z, 0.0, out=out)


def _softplus_slope(z, a):
    return expit(z, out=z)


def _mish(z, out):
    _softplus(z, out)
    np.tanh(out, out=out)
    out *= z


def _mish_slope(z, a):
    t = np.empty_like(z)
    _softplus(z, t)
    np.tanh(t, out=t)
    z *= expit(z)
    z *= 1.0 - t * t
    z += t
    return z


ACTIVATIONS = {
    "identity": Activation(_identity, _identity_slope),
    "logistic": Activation(_logistic, _logistic_slope),
    "tanh": Activation(_tanh, _tanh_slope),
    "relu": Activation(_relu, _relu_slope),
    "leaky_relu": Activation(_leaky_relu, _leaky_relu_slope),
    "elu": Activation(_elu, _elu_slope),
    "selu": Activation(_selu, _selu_slope),
    "gelu": Activation(_gelu, _gelu_slope),
    "gelu_tanh": Activation(_gelu_tanh, _gelu_tanh_slope),
    "silu": Activation(_silu, _silu_slope),
    "mish": Activation(_mish, _mish_slope),
    "softplus": Activation(_softplus, _softplus_slope),
}


def select_activation(activation: str | tuple[Callable, Callable]) -> Activation:
    """Return the activation for a name, or for a user's pair z -> f(z), z -> f'(z)."""
    if isinstance(activation, str):
        return ACTIVATIONS[activation]
    user_function, derivative = activation

    def function(z, out):
        with others_turn():
            np.copyto(out, user_function(z))

    def slope(z, a):
        with others_turn():
            return derivative(z)

    return Activation(function, slope)
