"""Conformal prediction, calibrated on held-out rows.

The score of a held-out row measures how unusual its y is, given its prediction. Of the
scores of n held-out rows and a new row, the new one is in the lowest fraction `level` if it
is not above the

    k-th smallest of the n scores, k = ceil(level (n + 1))

With weights, k counts the weights of the rows, which are scaled to a sum of n.

References
----------
Vovk, Gammerman, Shafer, "Algorithmic learning in a random world", 2005. Barber, Candes,
Ramdas, Tibshirani, "Predictive inference with the jackknife+", Annals of Statistics 49,
2021.
"""

from dataclasses import dataclass
from numbers import Real
from typing import Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

# Scores that are kept of more rows: a level is then kept within 1 / MOST.
MOST = 1000


@dataclass(frozen=True)
class HeldOutScores:
    """The scores of held-out rows.

    Parameters
    ----------
    scores : ndarray of shape (n_rows,)
        In ascending order.
    counts : ndarray of shape (n_rows,)
        Cumulated weights, scaled such that the last one is the number of rows.
    """

    scores: np.ndarray
    counts: np.ndarray

    @classmethod
    def of(cls, scores: np.ndarray, weights: np.ndarray) -> Self:
        """Return the scores of rows with weights; rows of weight zero do not count."""
        counted = weights > 0.0
        scores, weights = scores[counted], weights[counted]
        order = np.argsort(scores)
        counts, n = np.cumsum(weights[order]), len(order)
        if n:
            counts *= n / counts[-1]
        kept = np.unique(np.linspace(0, n - 1, min(n, MOST)).astype(int))
        return cls(scores[order][kept], counts[kept])

    def at_most(self, level: float) -> float:
        """Return the score that a share `level` of new scores does not exceed.

        It is infinite if there are too few rows for this level.
        """
        n = self.counts[-1]
        position = np.searchsorted(self.counts, level * (n + 1.0) - 1e-9)
        return float(self.scores[position]) if position < len(self.scores) else np.inf

    def at_least(self, level: float) -> float:
        """Return the score below which there is at most a share `level` of new scores."""
        weights = np.diff(self.counts, prepend=0.0)
        negated = HeldOutScores(-self.scores[::-1], np.cumsum(weights[::-1]))
        return -negated.at_most(1.0 - level)

    def quantile(self, level: float) -> float:
        """Return the score of a level, on the safe side of it for both tails."""
        return self.at_least(level) if level < 0.5 else self.at_most(level)


def checked_level(level, name: str) -> float:
    """Return a level between 0 and 1, or raise an error that has the name."""
    if not isinstance(level, Real) or not 0.0 < float(level) < 1.0:
        raise ValueError(f"{name} must be a number between 0 and 1; got {level!r}.")
    return float(level)


def conformal_of(model):
    """Return the conformal prediction of a fitted ensemble.

    Raises
    ------
    ValueError
        If no rows were held out, or y has several columns.
    """
    check_is_fitted(model, "family_weights_")
    if model._conformal is None:
        raise ValueError(
            "Intervals and sets need rows that were held out, and a y of one column. Use "
            "more rows, or one model for each column."
        )
    return model._conformal
