"""When to stop, and which parameters to keep.

An epoch is an improvement if its value (a loss, or a negated score) is below the best so
far by at least tol. More than `patience` epochs in a row without improvement are a plateau.
An infinite value (a score of -inf) is no improvement. As long as all values are infinite,
the last epoch counts as the best.
"""

from dataclasses import dataclass

import numpy as np


def check_score(score: float, epoch: int) -> None:
    """Raise ValueError for a score that is NaN or inf: no later score can be better."""
    if not score < np.inf:
        raise ValueError(
            f"The score is {score} in epoch {epoch}, which early stopping cannot use. "
            "Use another scoring, or more validation rows."
        )


@dataclass
class NoImprovement:
    """Counts the epochs since the last improvement by at least tol."""

    tol: float
    patience: float
    best: float = np.inf
    count: int = 0

    def update(self, value: float) -> bool:
        """Record the value of an epoch; return whether it is the best so far."""
        improves = value <= self.best - self.tol and value < np.inf
        self.count = 0 if improves else self.count + 1
        is_best = value < self.best or self.best == np.inf
        if is_best:
            self.best = value
        return is_best

    @property
    def on_plateau(self) -> bool:
        """Whether more than `patience` epochs have passed without improvement."""
        return self.count > self.patience


class BestParameters:
    """Keeps a copy of the theta of the best epoch."""

    def __init__(self, theta: np.ndarray) -> None:
        self.theta = theta
        self.best = theta.copy()

    def keep(self) -> None:
        """Copy the current theta."""
        self.best[...] = self.theta

    def restore(self) -> None:
        """Restore theta from the last copy."""
        self.theta[...] = self.best
