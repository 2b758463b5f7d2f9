"""First values for weights and biases: large enough to differ, too small to saturate.

glorot   Var(w) = 2 / (n_in + n_out)   keeps the variance of a forwards, of delta backwards
he       Var(w) = 2 / n_in             the same for relu, which passes half of its inputs

A uniform draw from [-bound, bound] has variance bound^2 / 3. All but "auto" start with
biases of zero. An initializer is a function (n_in, n_out, rng) -> (weights, bias).

References
----------
Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural
networks", AISTATS 2010. He et al., "Delving deep into rectifiers", arXiv:1502.01852.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

# For logistic units, MLPClassifier's factor in place of Glorot's own 6.
LOGISTIC_FACTOR = 2.0


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


INITIALIZERS = {
    "auto": _auto,
    "glorot_uniform": _glorot_uniform,
    "glorot_normal": _glorot_normal,
    "he_uniform": _he_uniform,
    "he_normal": _he_normal,
}


def select_initializer(init: str | Callable, activation) -> Callable:
    """Return the initializer for a name and an activation, or a user's own as it is."""
    if init == "auto" and activation == "logistic":
        return partial(_auto, factor=LOGISTIC_FACTOR)
    return init if callable(init) else INITIALIZERS[init]
