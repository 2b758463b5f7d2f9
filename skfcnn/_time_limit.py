"""How much of a training fits into a time: fewer epochs, and if need be fewer networks."""

import time

# A network with fewer epochs is worth less than the mean with it.
MIN_EPOCHS = 16


def affordable(train_one_epoch, seconds: float, n_members: int, max_iter: int) -> tuple:
    """Return how many networks, and of how many epochs each, can be trained in so long.

    Parameters
    ----------
    train_one_epoch : callable
        Trains a network for one epoch; its time is taken, and counts.
    seconds : float
    n_members, max_iter : int
        What is wanted.

    Returns
    -------
    n_members, max_iter : int
        At least one of each, however short the time.
    """
    began = time.perf_counter()
    train_one_epoch()
    epoch = time.perf_counter() - began
    epochs = (seconds - epoch) / epoch
    fewest = min(MIN_EPOCHS, max_iter)
    n_members = max(1, min(n_members, int(epochs / fewest)))
    return n_members, max(1, min(max_iter, int(epochs / n_members)))
