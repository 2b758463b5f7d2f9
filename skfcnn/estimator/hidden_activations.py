"""The activation of each hidden layer: a name, or checked functions of the user."""

import numpy as np

from skfcnn.estimator.aliases import hint
from skfcnn.network.activations import ACTIVATIONS


def hidden_activations(activation, n_hidden: int) -> tuple:
    """Return the activation of each hidden layer: a name, or a pair of functions.

    Raises
    ------
    ValueError
        If the number of activations is wrong, a name is unknown, or a pair is not a
        function and its derivative.
    """
    if isinstance(activation, str) or _is_pair(activation):
        activation = [activation] * n_hidden
    elif len(activation) != n_hidden:
        raise ValueError(
            f"activation={activation} is for {len(activation)} hidden layers, but "
            f"hidden_layer_sizes has {n_hidden}. Give one for each, or one for all."
        )
    for one in activation:
        if _is_pair(one):
            _check_derivative(*one)
        elif not (isinstance(one, str) and one in ACTIVATIONS):
            raise ValueError(
                f"activation of a hidden layer must be one of {sorted(ACTIVATIONS)}, or a "
                f"pair of functions (function, derivative); got {one!r}."
                f"{hint('activation', one)}"
            )
    return tuple(activation)


def _is_pair(activation) -> bool:
    return (
        isinstance(activation, tuple)
        and len(activation) == 2
        and all(map(callable, activation))
    )


def _check_derivative(function, derivative) -> None:
    """Compare with central differences, at points where few activations have a kink."""
    z, step = np.linspace(-4.0131, 3.9873, 33), 1e-6
    slopes = _evaluate(derivative, z, "derivative")
    above, below = (_evaluate(function, z + d, "function") for d in (step, -step))
    difference = (above - below) / (2.0 * step)
    if not slopes.shape == difference.shape == z.shape:
        raise ValueError(
            "The functions of an activation must return an array of the shape of z. For "
            f"shape {z.shape}, they returned {difference.shape} and {slopes.shape}."
        )
    # The rounding error of the differences is about 1e-16 |f| / step = 1e-10 |f|.
    wrong = ~(np.abs(slopes - difference) <= 1e-6 * np.maximum(1.0, np.abs(difference)))
    if wrong.any():
        at = wrong.argmax()
        raise ValueError(
            f"The derivative given with an activation is {slopes[at]:.6g} at "
            f"z = {z[at]:.6g}, but the function has the slope {difference[at]:.6g} there. "
            "Give activation=(function, derivative), both functions of z alone."
        )


def _evaluate(function, z, name) -> np.ndarray:
    """Return the values of a user's function, which must not change z."""
    given = z.copy()
    values = np.array(function(given))
    if not np.array_equal(given, z):
        raise ValueError(
            f"The {name} given with an activation changes the array that it gets, but "
            "training needs it unchanged. Return a new array: np.tanh(z), not "
            "np.tanh(z, out=z)."
        )
    return values
