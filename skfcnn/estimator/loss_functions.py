"""Check of the functions that a user gives as a loss."""

import numpy as np

from skfcnn.network.links import NUMBER_LINKS

# Step of the central differences, and the largest relative error of a gradient: as for
# activations, the rounding error of the differences is about 1e-10.
STEP, TOLERANCE = 1e-6, 1e-6


def check_loss_functions(loss) -> None:
    """Raise an error unless the loss is `(value, gradient)` or `(value, gradient, link)`.

    The gradient is compared with central differences of the value, at points where few
    losses have a kink.

    Raises
    ------
    ValueError
        If the loss has another form, or the gradient is not that of the value.
    """
    has_form = len(loss) in (2, 3) and all(map(callable, loss[:2]))
    if not has_form or loss[2:] not in ((), *((link,) for link in NUMBER_LINKS)):
        raise ValueError(
            "loss must be a name, or functions (value, gradient) or (value, gradient, "
            f"link) with a link of {[*NUMBER_LINKS]}; got {loss!r}. hidden_layer_sizes is "
            "the second parameter."
        )
    value, gradient = loss[:2]
    least = 0.1131 if loss[2:] == ("exp",) else -3.0131
    y, p = np.meshgrid(np.linspace(least, 2.9873, 9), np.linspace(least + 0.01, 3.1, 9))
    slopes = _evaluate(gradient, y, p, "gradient")
    above, below = (_evaluate(value, y, p + d, "value") for d in (STEP, -STEP))
    difference = (above - below) / (2.0 * STEP)
    wrong = ~(np.abs(slopes - difference) <= TOLERANCE * np.maximum(1.0, abs(difference)))
    if wrong.any():
        at = np.unravel_index(wrong.argmax(), wrong.shape)
        raise ValueError(
            f"The gradient given with a loss is {slopes[at]:.6g} at y = {y[at]:.6g} and "
            f"prediction {p[at]:.6g}, but the value has the slope {difference[at]:.6g} "
            "there. Give loss=(value, gradient), both functions (y, p) of arrays, with the "
            "derivative with respect to the prediction p."
        )


def _evaluate(function, y, p, name) -> np.ndarray:
    """Return the values of a user's function, which must not change y and p."""
    given = y.copy(), p.copy()
    values = np.array(function(*given))
    if not (np.array_equal(given[0], y) and np.array_equal(given[1], p)):
        raise ValueError(
            f"The {name} given with a loss changes an array that it gets. Return a new "
            "array: np.abs(p - y), not np.subtract(p, y, out=p)."
        )
    if values.shape != y.shape:
        raise ValueError(
            f"The {name} given with a loss must return a number for each number of y. For "
            f"shape {y.shape}, it returned {values.shape}."
        )
    return values
