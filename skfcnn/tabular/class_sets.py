"""Conformal prediction sets: the classes that are not too improbable.

The score of a row is 1 - p, with the probability p of its true class by the networks that
have not been trained on it, converted to that of the mean of all: see `fold_averaging`. The
set of a new row has all classes whose score is not above the quantile of these scores, and
always the most probable class.

References
----------
Sadinle, Lei, Wasserman, "Least ambiguous set-valued classifiers with bounded error levels",
Journal of the American Statistical Association 114, 2019.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from skfcnn.tabular.conformal import HeldOutScores


@dataclass(frozen=True)
class ClassSets:
    """Conformal prediction sets of classes with a confidence level."""

    improbabilities: HeldOutScores

    @classmethod
    def of(cls, scores: np.ndarray, weights: np.ndarray) -> Self:
        """Return prediction sets, calibrated on the scores 1 - p of held-out rows."""
        return cls(HeldOutScores.of(scores, weights))

    def members(self, p: np.ndarray, confidence_level: float) -> np.ndarray:
        """Return whether each class is in the set of a row, bool, (n_rows, n_classes)."""
        most = self.improbabilities.at_most(confidence_level)
        is_member = 1.0 - p <= most
        is_member[np.arange(len(p)), p.argmax(axis=1)] = True
        return is_member
