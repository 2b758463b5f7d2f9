"""An epoch on a worker: in step with the others, or by steps of its own.

synchronous   g_k: the gradient of its rows of the batch, W_k: their weight
              g = sum_k W_k g_k / sum_k W_k + alpha W / sum_k W_k
              theta <- step(theta, g)        by the root, once for all
local steps   theta_k <- step(theta_k, g_k)  by every worker, H times
              theta <- sum_k s_k theta_k     s_k: the share of k in the weight of all rows

The first is the gradient of J over the whole batch, so that training goes as on one machine
with the same batches. The second is another method: it communicates once in H steps.

References
----------
Dean et al., "Large scale distributed deep networks", NIPS 2012. Stich, "Local SGD converges
fast and communicates little", arXiv:1805.09767.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from distributed import get_worker, secede
from threadpoolctl import ThreadpoolController

from skfcnn.dask.shard import Shard
from skfcnn.dask.tree import Tree
from skfcnn.network.layer import Layer
from skfcnn.network.losses import Loss
from skfcnn.network.network import Network
from skfcnn.training.objective import Data, Objective
from skfcnn.training.threads import _set_threads


@dataclass(frozen=True)
class EpochSettings:
    """What the workers of an epoch have in common."""

    name: str
    layers: tuple[Layer, ...]
    theta: np.ndarray
    loss: Loss
    alpha: float
    optimizer: Any
    rates: Sequence[float]
    local_steps: int | None
    seed: int | None  # of the orders of the rows
    dropout: Sequence[float]
    dropout_seed: int

    def network(self, rank: int) -> Network:
        """Return the network to train, with its own theta and dropout."""
        network = Network(self.layers, theta=self.theta.copy())
        if not any(self.dropout):
            return network
        seed = np.random.SeedSequence([self.dropout_seed, rank])
        rng = np.random.Generator(np.random.SFC64(seed))
        return network.with_dropout(self.dropout, rng)


class Ended(NamedTuple):
    """How an epoch ended, as returned by the root."""

    loss: float  # the sum over all batches of J times weight, each before its step
    theta: np.ndarray
    optimizer: Any


class Epochs:
    """Those under way in the process of a worker, of one fit or several."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.number = 0
        self.before: list[tuple] = []  # each BLAS with the threads that it had

    def begin(self, n_threads: int) -> None:
        """Set the threads of the BLAS for the first epoch."""
        with self.lock:
            self.number += 1
            if self.number == 1:
                blas = ThreadpoolController().select(user_api="blas").lib_controllers
                self.before = [(each, each.get_num_threads()) for each in blas]
                _set_threads(blas, n_threads)

    def end(self) -> None:
        """Set them back after the last one."""
        with self.lock:
            self.number -= 1
            if self.number == 0:
                for blas, n_threads in self.before:
                    _set_threads([blas], n_threads)


_epochs = Epochs()


@contextmanager
def all_threads() -> Iterator[None]:
    """Give the BLAS the threads of this worker, where Dask has set it to one."""
    worker = get_worker()
    if worker.nanny is None:  # the process is the client's too
        yield
        return
    _epochs.begin(worker.state.nthreads)
    try:
        yield
    finally:
        _epochs.end()


def run_epoch(
    settings: EpochSettings,
    chunks: list[Data],
    numbers: list[int],
    rank: int,
    share: float,
    addresses: list[str],
) -> Ended | None:
    """Take this worker's part in an epoch; return how it ended, from the root.

    Parameters
    ----------
    settings : EpochSettings
    chunks : list of Data
        The rows of this worker.
    numbers : list of int
        The numbers of these chunks.
    rank : int
        The number of this worker.
    share : float
        The weight of its rows, divided by that of all.
    addresses : list of str
        Those of all workers, by rank.
    """
    # As it waits for others, it must not keep them, or the rows they need, from running.
    secede()
    # Dask gives the same optimizer to all workers of a process.
    settings = replace(settings, optimizer=deepcopy(settings.optimizer))
    network = settings.network(rank)
    passes = Passes(network, settings, Shard(chunks, numbers, network.theta.dtype))
    train = train_in_step if settings.local_steps is None else train_apart
    with Tree(settings.name, rank, addresses) as tree, all_threads():
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            loss = train(settings, passes, tree, share)
    return Ended(loss, network.theta, settings.optimizer) if tree.is_root else None


class Passes:
    """The network of a worker, and its passes over batches of the rows that it has."""

    def __init__(self, network: Network, settings: EpochSettings, shard: Shard) -> None:
        self.shard = shard
        self.theta = network.theta
        self.gradient = np.empty_like(network.theta)
        self.workspace = network.workspace(len(shard.gathered.target))
        self.losses = Objective(network, settings.loss, alpha=0.0)
        self.objective = Objective(network, settings.loss, settings.alpha)
        self.optimizer = settings.optimizer
        self.batches = shard.batches(len(settings.rates), settings.seed)

    def sums(self, batch) -> tuple[float, float]:
        """Sum up gradients, losses and weights; return the sums of losses and weights.

        That of the gradients, each by its row's weight, stands in `gradient`.
        """
        summed, total = 0.0, 0.0
        self.gradient[...] = 0.0
        for piece in self.shard.pieces(batch):
            weight = float(piece.weights.sum())
            if weight > 0.0:
                workspace = self.workspace.rows(len(piece.target))
                J = self.losses.value_and_gradient(*piece, workspace)
                workspace.gradient *= weight
                self.gradient += workspace.gradient
                summed += J * weight
                total += weight
        return summed, total

    def step(self, summed: float, total: float, rate: float) -> float:
        """Take a step, by the gradients that were summed up; return J times their weight.

        A batch without any weight teaches nothing.
        """
        if total == 0.0:
            return 0.0
        J_times_weight = summed + self.objective.penalty()
        self.gradient /= total
        self.objective.add_decay(self.gradient, total)
        self.optimizer.step(self.theta, self.gradient, rate)
        return J_times_weight


def train_in_step(settings, passes, tree, share) -> float:
    """Take one step for each batch of all workers; return the summed loss, at the root."""
    loss = 0.0
    for batch, rate in zip(passes.batches, settings.rates, strict=True):
        summed, total = tree.sum_up(passes.gradient, *passes.sums(batch))
        if tree.is_root:
            loss += passes.step(summed, total, rate)
        tree.hand_down(passes.theta)
    return loss


def train_apart(settings, passes, tree, share) -> float:
    """Take steps on one's own, and average from time to time; return the summed loss."""
    loss, n_steps = 0.0, len(settings.rates)
    steps = zip(range(1, n_steps + 1), passes.batches, settings.rates, strict=True)
    for step, batch, rate in steps:
        loss += passes.step(*passes.sums(batch), rate)
        if step % settings.local_steps == 0 or step == n_steps:
            average(passes.theta, tree, share)
    for vector in vectors_of(passes.optimizer, len(passes.theta)):
        average(vector, tree, share)
    (loss,) = tree.sum_up(np.zeros(0), loss)
    return loss


def average(vector, tree, share) -> None:
    """Give every worker the mean of a vector, each worker by its share."""
    vector *= share
    tree.sum_up(vector)
    tree.hand_down(vector)


def vectors_of(optimizer, n_parameters: int) -> Iterator[np.ndarray]:
    """Yield the vectors that an optimizer moves, one number for each parameter."""
    for value in vars(optimizer).values():
        if isinstance(value, np.ndarray) and value.shape == (n_parameters,):
            yield value
        elif hasattr(value, "step"):
            yield from vectors_of(value, n_parameters)
