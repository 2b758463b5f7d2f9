"""Held-out rows: the split, and the score and loss of the network on them."""

import warnings
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.metrics import check_scoring
from sklearn.model_selection import train_test_split

from skfcnn._sklearn import takes_sample_weight
from skfcnn.estimator.targets import Target
from skfcnn.network.loss import Loss
from skfcnn.network.network import Network
from skfcnn.training.objective import Data
from skfcnn.training.threads import others_turn

# "calibrated_loss" divides the outputs by each of these; the smallest loss counts.
TEMPERATURES = (0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0)


def hold_out(data: Data, target: Target, fraction: float, rng):
    """Split the rows into those to train on and those to hold out, by one draw of rng.

    The split is stratified by class, but not for several labels per row, as in the
    documentation of MLPClassifier. Its code does not stratify multiclass targets.

    Returns
    -------
    rows, held_out : ndarrays of int

    Raises
    ------
    ValueError
        If fewer than two rows would be held out, if all weights on one side are zero, or
        if a class of a binary problem has fewer than two rows.
    """
    n_rows = len(data.target)
    n_held_out = int(np.ceil(fraction * n_rows))
    rows, held_out = train_test_split(
        np.arange(n_rows),
        random_state=rng,
        test_size=min(max(n_held_out, 2), n_rows - 1),  # its other errors are about classes
        stratify=target.strata(data.target, n_held_out),
    )
    if n_held_out < 2:
        raise ValueError(
            "The validation set is too small. Increase 'validation_fraction' or the "
            "size of your dataset."
        )
    if n_held_out == n_rows:
        raise ValueError(
            f"validation_fraction={fraction} holds out all of the {n_rows} rows and leaves "
            "none to learn from. Decrease it."
        )
    check_weights(data, rows, held_out)
    return rows, held_out


def check_weights(data: Data, rows, held_out) -> None:
    """Raise ValueError if the weights of either part are all zero; held_out may be None."""
    for part, side in ((rows, "training"), (held_out, "validation")):
        if part is not None and not data.weights[part].any():
            raise ValueError(
                f"The sample weights of the {side} set are all zero. Use another "
                "random_state, other weights, or early_stopping=False."
            )


class WeightedScorer:
    """A scorer, or a function (estimator, X, y), for rows with weights.

    If it does not take sample_weight, all rows have the same weight, with one warning.
    """

    def __init__(self, scorer: Callable, name) -> None:
        self.scorer = scorer
        self.name = name
        self.has_warned = False

    def __call__(self, estimator, X, y, weights=None) -> float:
        """Return the score; without weights all rows count equally."""
        if weights is None:
            return float(self.scorer(estimator, X, y))
        if takes_sample_weight(self.scorer):
            return float(self.scorer(estimator, X, y, sample_weight=weights))
        if not self.has_warned:
            self.has_warned = True
            warnings.warn(
                f"scoring={self.name!r} does not accept sample_weight. The rows to "
                "validate on have weights, from sample_weight or class_weight, but count "
                "equally in the score. For a weighted score, use a metric that accepts "
                "sample_weight, or a function (estimator, X, y, sample_weight).",
                UserWarning,
                stacklevel=2,
            )
        return float(self.scorer(estimator, X, y))


def make_scorer(estimator) -> str | Callable | None:
    """Return the scoring of the validation: a name, or a function of X, y and weights."""
    scoring = estimator.scoring
    if scoring is None or scoring in estimator._target.scorings:
        return scoring
    scorer = WeightedScorer(check_scoring(estimator, scoring=scoring), scoring)
    unnamed = object.__new__(type(estimator))  # X is an array at this point
    vars(unnamed).update(vars(estimator))
    vars(unnamed).pop("feature_names_in_", None)

    # A user's function may run fits in other threads, and wait for them.
    turn = others_turn if callable(scoring) else nullcontext

    def score(X, y, weights):
        are_alike = (weights == weights[0]).all()
        with turn():
            return scorer(unnamed, X, y, None if are_alike else weights)

    return score


@dataclass
class Validation:
    """Score and loss of a network on rows that it is not trained on.

    Parameters
    ----------
    data : Data
    target : Target
    network : Network
    loss : LogLoss or SquaredError
    scoring : None, "loss", "calibrated_loss" or callable
        The score. None is that of the target, "loss" is the negative loss, and
        "calibrated_loss" is the negative loss at the best temperature. A callable is a
        function of X, y and the weights.
    y : array-like or None
        For a callable: the y of the rows, in its units.
    """

    data: Data
    target: Target
    network: Network
    loss: Loss
    scoring: str | Callable | None = None
    y: Any = None

    def confirms(self, score: float, loss: float | None) -> bool:
        """Return whether the network has this score and loss, up to rounding."""
        if loss is None:
            return False
        found = self.evaluate()
        # The number of threads changes the order of sums.
        return bool(np.allclose(found, (score, loss), rtol=1e-6, atol=0.0))

    def evaluate(self) -> tuple[float, float]:
        """Return the score, and the weighted mean loss, without the penalty."""
        X, _, weights = self.data
        temperatures = TEMPERATURES if self.scoring == "calibrated_loss" else (1.0,)
        of_rows, row_scores = self._of_each_row(temperatures)
        losses = [float(each.dot(weights) / weights.sum()) for each in of_rows]
        loss = losses[temperatures.index(1.0)]
        if callable(self.scoring):
            return self.scoring(X, self.y, weights), loss
        if self.scoring in ("loss", "calibrated_loss"):
            return -min(losses), loss
        return self.target.score(row_scores, self.data.target, weights), loss

    @np.errstate(over="ignore", invalid="ignore")
    def _of_each_row(self, temperatures):
        """Return the loss at each temperature, and the terms of the default score.

        They are computed in chunks: a matrix of all rows and thousands of classes would be
        large.
        """
        X, matrix, _ = self.data
        losses = np.empty((len(temperatures), len(matrix)))
        row_scores = self.target.empty_scores(len(matrix))
        for rows, z in self.network.raw_outputs(X):
            y = matrix[rows].astype(z.dtype)
            for temperature, of_rows in zip(temperatures, losses, strict=True):
                of_rows[rows] = self.loss.values(z / temperature, y)
            self.loss.link.inverse(z, out=z)
            row_scores[rows] = self.target.row_scores(z, y)
        return losses, row_scores
