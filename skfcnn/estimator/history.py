"""The values that are recorded for every epoch or iteration of training."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

NAMES = ("loss", "validation_score", "validation_loss", "learning_rate", "seconds")


def no_epochs() -> dict[str, list[float]]:
    """Return the `history_` of a network that is not trained yet."""
    return {name: [] for name in NAMES}


@dataclass
class History:
    """The curves of a training, over warm starts and partial fits.

    Parameters
    ----------
    epochs : dict of str to list of float
        One value for each epoch: the attribute `history_`, filled while training runs.
    validation_scores, validation_loss_curve : list of float
        One value for each epoch with a validation.
    n_iter : int
        The number of epochs of this fit so far.
    """

    epochs: dict[str, list[float]] = field(default_factory=no_epochs)
    validation_scores: list[float] = field(default_factory=list)
    validation_loss_curve: list[float] = field(default_factory=list)
    n_iter: int = 0

    @classmethod
    def of(cls, attributes: Mapping, *, n_iter: int = 0) -> "History":
        """Return a copy of the history of an estimator with these fitted attributes."""
        epochs = attributes.get("history_", {})
        return cls(
            {name: [*epochs.get(name, ())] for name in NAMES},
            [*(attributes.get("validation_scores_") or ())],
            [*(attributes.get("validation_loss_curve_") or ())],
            n_iter,
        )

    @property
    def loss_curve(self) -> list[float]:
        """The loss of each epoch."""
        return self.epochs["loss"]

    def append(
        self,
        loss: float,
        validated: tuple[float, float] | None,
        *,
        learning_rate: float = math.nan,
        seconds: float = math.nan,
    ) -> None:
        """Record an epoch; `validated` is the score and the loss of the validation."""
        self.n_iter += 1
        score, validation_loss = validated or (math.nan, math.nan)
        row = loss, score, validation_loss, learning_rate, seconds
        for name, value in zip(NAMES, row, strict=True):
            self.epochs[name].append(value)
        if validated is not None:
            self.validation_scores.append(score)
            self.validation_loss_curve.append(validation_loss)
