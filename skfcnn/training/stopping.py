"""When to stop, and which parameters to keep.

An epoch improves when its value (a loss, or a score with its sign turned) falls below the
best so far by at least tol. More than `patience` epochs in a row without that: a plateau.
"""

from dataclasses import dataclass

import numpy as np


@dataclass
class NoImprovement:
    """Counts the epochs since the last one that was better than the best by tol."""

    tol: float
    patience: float
    best: float = np.inf
    count: int = 0

    def update(self, value: float) -> bool:
        """Take in the value of an epoch; return whether it is the best so far."""
        self.count = self.count + 1 if value > self.best - self.tol else 0
        is_best = value < self.best
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
