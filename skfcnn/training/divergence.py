"""Training that leaves the finite numbers, or goes far up: seen in the epoch it happens."""

import math

import numpy as np

# A loss has exploded that is so many times that of the first weights, or 1 if that is less.
EXPLODED = 1e6


class Divergence(ValueError):
    """Training that makes things worse without end."""


class ValidationOverflow(Divergence):
    """Rows that are validated on, and not learned from, are too large."""


def check_finite(loss: float, theta: np.ndarray, when: str) -> None:
    """Raise Divergence where the loss or a parameter is NaN or infinite."""
    if not (math.isfinite(loss) and np.isfinite(theta).all()):
        raise Divergence(f"Solver produced non-finite parameter weights {when}.")


def check_not_exploded(loss: float, first: float, epoch: int) -> None:
    """Raise Divergence where the loss is far above that of the first weights."""
    if loss > EXPLODED * max(1.0, first):
        raise Divergence(
            f"The loss has exploded in epoch {epoch}: from {first:.3g} with the first "
            f"weights to {loss:.3g}."
        )
