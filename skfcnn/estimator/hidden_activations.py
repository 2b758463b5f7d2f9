"""The activation of each hidden layer: a name, or functions of the user, checked."""

import numpy as np

from skfcnn.estimator.aliases import hint
from skfcnn.network.activations import ACTIVATIONS


def hidden_activations(activation, n_hidden: int) -> tuple:
    """Return the activation of each hidden layer: a name, or a pair of functions.

    Raises
    ------
    ValueError
        Unless there is one for all layers or one for each, every name is known, and every
        pair a function and its derivative.
    """
    if isinstance(activation, str) or _is_pair(activation):
        activation = [activation] * n_hidden
    elif len(activation) != n_hidden:
        raise ValueError(
            f"activation={activation} is for {len(activation)} hidden layers, and "
            f"hidden_layer_sizes asks for {n_hidden}. Give one for each, or one for all."
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
    slopes = _applied(derivative, z, "derivative")
    above, below = (_applied(function, z + d, "function") for d in (step, -step))
    difference = (above - below) / (2.0 * step)
    if not slopes.shape == difference.shape == z.shape:
        raise ValueError(
            "The functions of an activation must return an array of the shape of z. For "
            f"shape {z.shape}, they returned {difference.shape} and {slopes.shape}."
        )
    # The differences err by rounding, about 1e-16 |f| / step = 1e-10 |f|.
    wrong = ~(np.abs(slopes - difference) <= 1e-6 * np.maximum(1.0, np.abs(difference)))
    if wrong.any():
        at = wrong.argmax()
        raise ValueError(
            f"The derivative given with an activation is {slopes[at]:.6g} at "
            f"z = {z[at]:.6g}, but the function has the slope {difference[at]:.6g} there. "
            "Give activation=(function, derivative), both functions of z alone."
        )


def _applied(function, z, name) -> np.ndarray:
    """Return the values of a function of the user, which must leave z as it is."""
    given = z.copy()
    values = np.array(function(given))
    if not np.array_equal(given, z):
        raise ValueError(
            f"The {name} given with an activation changes the array that it gets, which "
            "training needs as it is. Return a new array: np.tanh(z), not "
            "np.tanh(z, out=z)."
        )
    return values
