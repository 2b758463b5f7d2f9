"""Divergence: values that are not finite, or a loss that explodes. Checked every epoch."""

import math

import numpy as np

# A loss has exploded if it is above this factor times the initial loss, or times 1 if the
# initial loss is less.
EXPLODED = 1e6


class Divergence(ValueError):
    """Raised when training diverges."""


class ValidationOverflow(Divergence):
    """Raised when values of the validation rows are too large."""


def check_finite(loss: float, theta: np.ndarray, when: str) -> None:
    """Raise Divergence if the loss or a parameter is NaN or infinite."""
    if not (math.isfinite(loss) and np.isfinite(theta).all()):
        raise Divergence(f"Solver produced non-finite parameter weights {when}.")


def check_not_exploded(loss: float, first: float, epoch: int) -> None:
    """Raise Divergence if the loss is far above that of the initial weights."""
    if loss > EXPLODED * max(1.0, first):
        raise Divergence(
            f"The loss has exploded in epoch {epoch}: from {first:.3g} with the initial "
            f"weights to {loss:.3g}."
        )
