"""Initial weights and biases: large enough to differ, too small to saturate.

glorot   Var(w) = 2 / (n_in + n_out)   keeps the variance of a forward, of delta backward
he       Var(w) = 2 / n_in             the same for relu, which passes half of its inputs

ntk      Var(w) = 1 / n_in, Var(b) = 1 the neural tangent parametrization
zeros    for the last layer: all raw outputs start at 0

A uniform draw from [-bound, bound] has variance bound^2 / 3. Glorot's and He's biases start
at zero. An initializer is a function (n_in, n_out, rng) -> (weights, bias).

data_driven depends on x, the inputs of its layer for some rows. The weights are scaled so
that x W of every unit has variance 1 over these rows. The bias is chosen so that z = 0 at a
randomly weighted mean of N_POINTS of them. So the kink of a unit lies among the rows.

References
----------
Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural
networks", AISTATS 2010. He et al., "Delving deep into rectifiers", arXiv:1502.01852. Jacot
et al., "Neural tangent kernel", arXiv:1806.07572. Holzmueller et al., "Better by default",
arXiv:2407.04491, appendix C; the biases: Steinwart, "A sober look at neural network
initializations", arXiv:1903.11482.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

# For logistic units: the factor of scikit-learn's MLPs, instead of Glorot's 6.
LOGISTIC_FACTOR = 2.0
N_POINTS = 5


class OfInputs(NamedTuple):
    """An initializer that depends on the inputs of its layer."""

    function: Callable  # (x, n_out, rng) -> (weights, bias)


def _auto(n_in, n_out, rng, *, factor=6.0):
    bound = np.sqrt(factor / (n_in + n_out))
    weights = rng.uniform(-bound, bound, (n_in, n_out))
    return weights, rng.uniform(-bound, bound, n_out)


def _glorot_uniform(n_in, n_out, rng):
    bound = np.sqrt(6.0 / (n_in + n_out))
    return rng.uniform(-bound, bound, (n_in, n_out)), np.zeros(n_out)


def _glorot_normal(n_in, n_out, rng):
    deviation = np.sqrt(2.0 / (n_in + n_out))
    return deviation * rng.standard_normal((n_in, n_out)), np.zeros(n_out)


def _he_uniform(n_in, n_out, rng):
    bound = np.sqrt(6.0 / n_in)
    return rng.uniform(-bound, bound, (n_in, n_out)), np.zeros(n_out)


def _he_normal(n_in, n_out, rng):
    deviation = np.sqrt(2.0 / n_in)
    return deviation * rng.standard_normal((n_in, n_out)), np.zeros(n_out)


def _ntk(n_in, n_out, rng):
    weights = rng.standard_normal((n_in, n_out)) / np.sqrt(n_in)
    return weights, rng.standard_normal(n_out)


def _zeros(n_in, n_out, rng):
    return np.zeros((n_in, n_out)), np.zeros(n_out)


def _data_driven(x, n_out, rng):
    weights = rng.standard_normal((x.shape[1], n_out))
    z = x @ weights
    deviation = z.std(axis=0)
    # For equal rows the deviation is a rounding error of z, and is not scaled to 1.
    deviation[deviation <= 1e-6 * np.abs(z).max(axis=0)] = 1.0
    points = rng.randint(x.shape[0], size=(N_POINTS, n_out))
    shares = rng.exponential(size=(N_POINTS, n_out))
    shares /= shares.sum(axis=0)
    z /= deviation
    bias = -(shares * np.take_along_axis(z, points, axis=0)).sum(axis=0)
    return weights / deviation, bias


INITIALIZERS = {
    "auto": _auto,
    "glorot_uniform": _glorot_uniform,
    "glorot_normal": _glorot_normal,
    "he_uniform": _he_uniform,
    "he_normal": _he_normal,
    "ntk": _ntk,
    "zeros": _zeros,
}

DATA_DRIVEN = {"data_driven": OfInputs(_data_driven)}


def select_initializer(weight_init: str | Callable, activation) -> Callable | OfInputs:
    """Return the initializer for a name and an activation; a function is returned as is."""
    if weight_init == "auto" and activation == "logistic":
        return partial(_auto, factor=LOGISTIC_FACTOR)
    return (
        weight_init if callable(weight_init) else (INITIALIZERS | DATA_DRIVEN)[weight_init]
    )
