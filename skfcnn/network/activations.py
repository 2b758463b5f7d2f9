"""Activation functions of the hidden layers, each beside its slope.

identity  f(z) = z                   f'(z) = 1
logistic  f(z) = 1 / (1 + exp(-z))   f'(z) = f(z) (1 - f(z))
tanh      f(z) = tanh(z)             f'(z) = 1 - f(z)^2
relu      f(z) = max(z, 0)           f'(z) = 1 where z > 0, else 0

A function writes a = f(z) into `out`. A slope returns f'(z); it may use both z and a, and
may overwrite z with what it returns: once a is known, z serves for nothing else.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import expit


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
    # Against an array of zeros NumPy compares four times faster than against one zero.
    out.fill(0.0)
    np.maximum(z, out, out=out)


def _relu_slope(z, a):
    return a > 0.0


ACTIVATIONS = {
    "identity": Activation(_identity, _identity_slope),
    "logistic": Activation(_logistic, _logistic_slope),
    "tanh": Activation(_tanh, _tanh_slope),
    "relu": Activation(_relu, _relu_slope),
}
