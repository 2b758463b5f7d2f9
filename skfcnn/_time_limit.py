"""How much of a training fits into a time: fewer epochs, and if need be fewer folds."""

from collections.abc import Sequence
from typing import NamedTuple

# A network with fewer epochs is worth less than the mean with it.
MIN_EPOCHS = 16


class Cost(NamedTuple):
    """The seconds that a network takes: before and after its epochs, and for each."""

    fixed: float
    of_an_epoch: float

    @classmethod
    def of(cls, one: float, three: float) -> "Cost":
        """Return what trainings of one and of three epochs tell of it."""
        of_an_epoch = max((three - one) / 2.0, one / 100.0)
        return cls(max(0.0, one - of_an_epoch), of_an_epoch)


def affordable(
    seconds: float, epochs: Sequence[int], costs: Sequence[Cost], n_folds: int
) -> tuple[int, list[int]]:
    """Return for how many folds, and how many epochs, networks can be trained in so long.

    Parameters
    ----------
    seconds : float
    epochs : sequence of int
        How many are wanted for each network of a fold.
    costs : sequence of Cost
        Of each of them.
    n_folds : int
        How many are wanted.

    Returns
    -------
    n_folds, epochs : int, list of int
        At least one of each, however short the time.
    """
    fixed = sum(cost.fixed for cost in costs)
    moving = sum(n * cost.of_an_epoch for n, cost in zip(epochs, costs, strict=True))
    fewest = min(1.0, MIN_EPOCHS / max(epochs))
    n_folds = max(1, min(n_folds, int(seconds / (fixed + fewest * moving))))
    share = min(1.0, max(0.0, seconds / n_folds - fixed) / moving)
    return n_folds, [max(1, int(share * n)) for n in epochs]
