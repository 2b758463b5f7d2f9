"""The epoch loop: take rows -> objective -> step, until the monitor has seen enough."""

import math
from typing import NamedTuple, Protocol

import numpy as np

from skfcnn.training.batches import Batches
from skfcnn.training.divergence import check_finite
from skfcnn.training.objective import Data, Objective


class Monitor(Protocol):
    """What watches a fit, one epoch or iteration at a time."""

    def begin(self) -> None:
        """Hear that an epoch begins."""

    def end(self, loss: float) -> bool:
        """Hear an epoch's loss; return True to stop."""


class Outcome(NamedTuple):
    """How training ended."""

    n_iter: int
    loss: float
    converged: bool
    interrupted: bool = False
    message: str = ""
    stopped: bool = False  # by a callback, before the rule would have
    diverged: bool = False  # and the best parameters of before were kept


def minimize_minibatch(
    objective: Objective,
    data: Data,
    optimizer,
    schedule,
    *,
    rows: np.ndarray,
    batch_size: int,
    epochs: range,
    shuffle: bool,
    rng: np.random.RandomState,
    monitor: Monitor,
) -> Outcome:
    """Minimize J by one step per batch, epoch after epoch.

    Parameters
    ----------
    objective : Objective
        Its network's theta is changed in place.
    data : Data
        Rows to learn from, and perhaps others.
    optimizer : SGD, or another of its kind
    schedule : Constant, or another of its kind
    rows : ndarray of int of shape (n_rows,)
        The rows of `data` to learn from. Shuffled in place.
    batch_size : int
    epochs : range
        The numbers of the epochs, from 0, or from where an earlier call ended.
    shuffle : bool
        Shuffle the rows before every epoch, those of the last epoch again.
    rng : RandomState
        For the shuffles, one draw per epoch.
    monitor : Monitor
        Hears of every epoch: its loss is the mean over its batches, by weight, each
        before its step. It says when to stop.

    Raises
    ------
    Divergence
        When the loss or theta is no longer finite at the end of an epoch.
    """
    theta = objective.network.theta
    batches = Batches(data, batch_size, len(rows), theta.dtype)
    workspace = objective.network.workspace(batch_size)
    total = float(data.weights[np.sort(rows)].sum())  # to the bit, in whatever order
    n_iter, loss = epochs.start, np.nan
    try:
        for n_iter in epochs:
            monitor.begin()
            if shuffle:
                rows[...] = rows[rng.permutation(len(rows))]
            rates = schedule.rates(math.ceil(len(rows) / batch_size))
            loss = _epoch(objective, batches, rows, optimizer, rates, workspace) / total
            check_finite(loss, theta, when=f"in epoch {n_iter + 1}")
            schedule.end_epoch(len(rows))
            if monitor.end(loss):
                return Outcome(n_iter + 1, loss, converged=True)
    except KeyboardInterrupt:
        return Outcome(n_iter, loss, converged=False, interrupted=True)
    return Outcome(epochs.stop, loss, converged=schedule.is_over)


def _epoch(objective, batches, order, optimizer, rates, workspace) -> float:
    """Take a step for each batch; return the sum of J times weight, each before its step.

    The losses of batches that were gathered together are computed together, which takes
    fewer calls: until then, their raw outputs are kept.
    """
    theta, summed = objective.network.theta, 0.0
    for X, target, weights in batches.gather(order):
        raw = batches.raw[: len(weights)]
        for rows, total, shares in batches.split(weights, target):
            passes = workspace.rows(len(shares))
            raw[rows] = objective.gradient(X[rows], target[rows], shares, total, passes)
            summed += objective.penalty()
            optimizer.step(theta, passes.gradient, next(rates))
        summed += objective.summed_loss(raw, target, weights)
    return summed
