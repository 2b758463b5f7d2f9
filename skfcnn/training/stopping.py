"""When to stop, and which parameters to keep.

An epoch improves when its value (a loss, or a score with its sign turned) falls below the
best so far by at least tol. More than `patience` epochs in a row without that: a plateau.
An infinite value (a score of -inf) is no improvement; until there is another, the last such
epoch counts as the best.
"""

from dataclasses import dataclass

import numpy as np


def check_score(score: float, epoch: int) -> None:
    """Raise ValueError for a score that is NaN, or than which none can be better."""
    if not score < np.inf:
        raise ValueError(
            f"The score is {score} in epoch {epoch}, and has to decide on when to stop. "
            "Use another scoring, or more rows to validate on."
        )


@dataclass
class NoImprovement:
    """Counts the epochs since the last one that was better than the best by tol."""

    tol: float
    patience: float
    best: float = np.inf
    count: int = 0

    def update(self, value: float) -> bool:
        """Take in the value of an epoch; return whether it is the best so far."""
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
    """Keeps a copy of theta as it was in the best epoch."""

    def __init__(self, theta: np.ndarray) -> None:
        self.theta = theta
        self.best = theta.copy()

    def keep(self) -> None:
        """Keep theta as it is now."""
        self.best[...] = self.theta

    def restore(self) -> None:
        """Turn theta back to what was kept last."""
        self.theta[...] = self.best
