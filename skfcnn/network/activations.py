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
    mish        f(z) = z t                      f'(z) = t + 4 z e (e + 1) / (n + 2)^2
                t = tanh(softplus(z))
                  = n / (n + 2), n = e (e + 2), e = exp(z)
    softplus    f(z) = log(1 + exp(z))          f'(z) = sigma(z)

A function writes a = f(z) into `out`, and leaves in z what the slope needs. That is f'(z)
itself where both have the same exponentials. `work` is an array for intermediate values. A
slope gets what is left in z, and a. It returns f'(z), and may overwrite both.

Where z is close to zero, exp(z) - 1 has a large relative error. Its absolute error is that
of exp(z), and what is computed from it are sums of many such numbers.

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

from skfcnn.network.elementary import LARGE, logistic, normal_cdf, positive_part, sigmoids
from skfcnn.network.user_code import others_turn

LEAK = 0.01
# Mean 0 and variance 1 are a fixed point: Klambauer et al., equation 14.
LAMBDA, ALPHA = 1.0507009873554805, 1.6732632423543772
# With this coefficient of z^3, tanh approximates Phi: Hendrycks, Gimpel, section 2.
CUBIC = 0.044715
TWICE = 2.0 * math.sqrt(2.0 / math.pi)


class Activation(NamedTuple):
    """A function applied to every net input, and its slope."""

    function: Callable  # (z, out, work) -> None; z becomes what the slope needs
    slope: Callable  # (z, a) -> f'(z); both may be overwritten


def _identity(z, out, work):
    np.copyto(out, z)


def _identity_slope(z, a):
    z.fill(1.0)
    return z


def _logistic(z, out, work):
    logistic(z, out)


def _logistic_slope(z, a):
    np.subtract(1.0, a, out=z)
    z *= a
    return z


def _tanh(z, out, work):
    np.tanh(z, out=out)


def _tanh_slope(z, a):
    np.multiply(a, a, out=z)
    np.subtract(1.0, z, out=z)
    return z


def _relu(z, out, work):
    positive_part(z, out)


def _relu_slope(z, a):
    return a > 0.0


def _leaky_relu(z, out, work):
    np.multiply(z, LEAK, out=out)
    np.maximum(z, out, out=out)


def _leaky_relu_slope(z, a):
    np.greater(a, 0.0, out=z)
    z *= 1.0 - LEAK
    z += LEAK
    return z


def _elu(z, out, work):
    """Leaves exp(min(z, 0)), the slope."""
    positive_part(z, out)
    z -= out
    np.exp(z, out=z)
    out += np.subtract(z, 1.0, out=work)


def _left_in_z(z, a):
    return z


def _selu(z, out, work):
    """Leaves lambda alpha exp(min(z, 0))."""
    positive_part(z, out)
    z -= out
    np.exp(z, out=z)
    z *= LAMBDA * ALPHA
    out *= LAMBDA
    out += np.subtract(z, LAMBDA * ALPHA, out=work)


def _selu_slope(z, a):
    np.greater(a, 0.0, out=a)
    a *= LAMBDA * ALPHA - LAMBDA
    z -= a
    return z


def _gelu(z, out, work):
    """Leaves the slope."""
    density = np.multiply(z, z, out=work)
    density *= -0.5
    np.exp(density, out=density)
    density *= 1.0 / math.sqrt(2.0 * math.pi)
    normal_cdf(z, density, out)
    slope = np.multiply(z, density, out=density)
    slope += out
    out *= z
    np.copyto(z, slope)


def _gelu_tanh(z, out, work):
    """Leaves the slope."""
    square = z * z
    np.multiply(square, CUBIC, out=out)
    out += 1.0
    out *= z
    out *= TWICE
    slope = work
    sigmoids(out, out, rest=slope)
    square *= 3.0 * CUBIC * TWICE
    square += TWICE
    slope *= square
    _times_sigma(z, out, slope)


def _silu(z, out, work):
    """Leaves the slope."""
    sigmoids(z, out, rest=work)
    _times_sigma(z, out, work)


def _times_sigma(z, out, slope):
    """From sigma and sigma' / sigma, get z sigma and sigma + z sigma'."""
    slope *= z
    slope += 1.0
    slope *= out
    out *= z
    np.copyto(z, slope)


def _softplus(z, out, work):
    """Leaves the slope."""
    power = np.minimum(z, LARGE, out=work)  # above it, f(z) is z
    np.exp(power, out=power)
    np.add(power, 1.0, out=out)
    np.divide(power, out, out=power)
    np.log(out, out=out)
    np.maximum(z, out, out=out)
    np.copyto(z, power)


def _mish(z, out, work):
    """Leaves the slope."""
    e = np.minimum(z, 40.0, out=work)  # above it, t is 1, and n is finite in float32
    np.exp(e, out=e)
    n = e + 2.0
    n *= e
    np.add(n, 2.0, out=out)
    slope = e + 1.0
    slope *= e
    slope /= out
    slope *= 4.0
    slope *= z
    slope /= out
    np.divide(n, out, out=out)  # t
    slope += out
    out *= z
    np.copyto(z, slope)


ACTIVATIONS = {
    "identity": Activation(_identity, _identity_slope),
    "logistic": Activation(_logistic, _logistic_slope),
    "tanh": Activation(_tanh, _tanh_slope),
    "relu": Activation(_relu, _relu_slope),
    "leaky_relu": Activation(_leaky_relu, _leaky_relu_slope),
    "elu": Activation(_elu, _left_in_z),
    "selu": Activation(_selu, _selu_slope),
    "gelu": Activation(_gelu, _left_in_z),
    "gelu_tanh": Activation(_gelu_tanh, _left_in_z),
    "silu": Activation(_silu, _left_in_z),
    "mish": Activation(_mish, _left_in_z),
    "softplus": Activation(_softplus, _left_in_z),
}


def select_activation(activation: str | tuple[Callable, Callable]) -> Activation:
    """Return the activation for a name, or for a user's pair z -> f(z), z -> f'(z)."""
    if isinstance(activation, str):
        return ACTIVATIONS[activation]
    user_function, derivative = activation

    def function(z, out, work):
        with others_turn():
            np.copyto(out, user_function(z))

    def slope(z, a):
        with others_turn():
            return derivative(z)

    return Activation(function, slope)
