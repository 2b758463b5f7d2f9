"""How much of a training fits into a time: fewer epochs, and if need be fewer folds."""

from collections.abc import Sequence

# A network with fewer epochs is worth less than the mean with it.
MIN_EPOCHS = 16


def affordable(
    seconds: float, epochs: Sequence[int], of_an_epoch: Sequence[float], n_folds: int
) -> tuple[int, list[int]]:
    """Return for how many folds, and how many epochs, networks can be trained in so long.

    Parameters
    ----------
    seconds : float
    epochs : sequence of int
        How many are wanted for each network of a fold.
    of_an_epoch : sequence of float
        The seconds that an epoch of each takes.
    n_folds : int
        How many are wanted.

    Returns
    -------
    n_folds, epochs : int, list of int
        At least one of each, however short the time.
    """
    of_a_fold = sum(n * s for n, s in zip(epochs, of_an_epoch, strict=True))
    fewest = min(1.0, MIN_EPOCHS / max(epochs))
    n_folds = max(1, min(n_folds, int(seconds / (fewest * of_a_fold))))
    share = min(1.0, seconds / (n_folds * of_a_fold))
    return n_folds, [max(1, int(share * n)) for n in epochs]
