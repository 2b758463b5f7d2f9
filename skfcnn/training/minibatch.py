"""The epoch loop: take rows -> objective -> step, until the monitor stops it."""

import math
from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np

from skfcnn.training.batches import Batch, Batches
from skfcnn.training.divergence import check_finite
from skfcnn.training.objective import Data, Objective


class Monitor(Protocol):
    """Watches a fit, one epoch or iteration at a time."""

    def begin(self) -> None:
        """Called before each epoch."""

    def end(self, loss: float) -> bool:
        """Called after each epoch with its loss; return True to stop."""


class Outcome(NamedTuple):
    """How training ended."""

    n_iter: int
    loss: float
    converged: bool
    interrupted: bool = False
    message: str = ""
    stopped: bool = False  # by a callback, before the stopping rule
    diverged: bool = False  # the best parameters of earlier epochs were kept


class Steps(Protocol):
    """The steps of an epoch: one step of the optimizer for each batch."""

    n_rows: int
    batch_size: int

    @property
    def n_steps(self) -> int:
        """The number of steps of an epoch."""

    def epoch(self, rates: Iterator[float]) -> float:
        """Take the steps of an epoch, each with its rate; return the loss.

        The loss is the weighted mean over the batches, each before its step. If the rates
        end before the rows, the epoch ends there.
        """


class MinibatchSteps:
    """Steps over rows in memory, batch by batch.

    Parameters
    ----------
    objective : Objective
        Its network's theta is changed in place.
    data : Data
        The training rows, and possibly other rows.
    optimizer : SGD, or another optimizer
    rows : ndarray of int of shape (n_rows,)
        The indices of the training rows in `data`. Shuffled in place.
    batch_size : int
    shuffle : bool
        Whether to shuffle the rows before every epoch. The order of the last epoch is
        shuffled again.
    rng : RandomState
        For the shuffles, one draw per epoch.
    """

    def __init__(
        self,
        objective: Objective,
        data: Data,
        optimizer,
        *,
        rows: np.ndarray,
        batch_size: int,
        shuffle: bool,
        rng: np.random.RandomState,
    ) -> None:
        self.objective = objective
        self.optimizer = optimizer
        self.rows = rows
        self.shuffle = shuffle
        self.rng = rng
        self.n_rows = len(rows)
        self.batch_size = batch_size
        self.n_steps = math.ceil(len(rows) / batch_size)
        network = objective.network
        self.batches = Batches(data, batch_size, len(rows), network.theta.dtype)
        self.workspace = network.workspace(batch_size)
        self.total = float(data.weights[np.sort(rows)].sum())  # identical in any order

    def epoch(self, rates: Iterator[float]) -> float:
        """Take a step for each batch; return the loss, as in `Steps.epoch`.

        The losses of batches that were gathered at once are computed at once, from their
        raw outputs: this needs fewer calls.
        """
        if self.shuffle:
            self.rows[...] = self.rows[self.rng.permutation(self.n_rows)]
        objective, summed, seen = self.objective, 0.0, 0.0
        for gathered in self.batches.gather(self.rows):
            _, target, weights = gathered
            raw = self.batches.raw[: len(weights)]
            for batch, total in self.batches.split(gathered):
                rate = next(rates, None)
                if rate is None:
                    done = slice(batch.start)
                    summed += objective.summed_loss(raw[done], target[done], weights[done])
                    return summed / seen
                summed += self.step(batch, total, rate)
                seen += total
            summed += objective.summed_loss(raw, target, weights)
        return summed / self.total

    def step(self, batch: Batch, total: float, rate: float) -> float:
        """Take the step of a batch with this weight and rate; return the penalty."""
        objective, workspace = self.objective, self.workspace.rows(len(batch.shares))
        batch.raw[...], penalty = objective.gradient(
            batch.X, batch.target, batch.shares, total, workspace
        )
        self.optimizer.step(objective.network.theta, workspace.gradient, rate)
        return penalty


def minimize_minibatch(
    steps: Steps, schedule, *, theta: np.ndarray, epochs: range, monitor: Monitor
) -> Outcome:
    """Minimize J by steps over batches, epoch after epoch.

    Parameters
    ----------
    steps : Steps
    schedule : Constant, or another schedule
    theta : ndarray of shape (n_parameters,)
        The parameters, changed in place by the steps.
    epochs : range
        The numbers of the epochs, from 0, or from where an earlier call ended.
    monitor : Monitor
        Called before and after every epoch. Decides when to stop.

    Raises
    ------
    Divergence
        When the loss or theta is no longer finite at the end of an epoch.
    """
    n_iter, loss = epochs.start, np.nan
    try:
        for n_iter in epochs:
            monitor.begin()
            loss = steps.epoch(schedule.rates(steps.n_steps))
            check_finite(loss, theta, when=f"in epoch {n_iter + 1}")
            schedule.end_epoch(steps.n_rows)
            if monitor.end(loss):
                return Outcome(n_iter + 1, loss, converged=True)
    except KeyboardInterrupt:
        return Outcome(n_iter, loss, converged=False, interrupted=True)
    return Outcome(epochs.stop, loss, converged=schedule.is_over)
