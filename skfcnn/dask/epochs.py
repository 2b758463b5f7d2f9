"""An epoch on a worker: synchronous steps of all workers, or local steps of each.

synchronous   g_k: the gradient of its rows of the batch, W_k: their weight
              g = sum_k W_k g_k / sum_k W_k + alpha W / sum_k W_k
              theta <- step(theta, g)        by the root, once for all
local steps   theta_k <- step(theta_k, g_k)  by every worker, H times
              theta <- sum_k s_k theta_k     s_k: the share of k in the weight of all rows

Synchronous steps use the gradient of J over the whole batch: training is the same as on one
machine with the same batches. Local steps are a different method that communicates only
once in H steps.

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
from skfcnn.network.loss import Loss
from skfcnn.network.network import Network
from skfcnn.training.objective import Data, Objective
from skfcnn.training.threads import _set_threads


@dataclass(frozen=True)
class EpochSettings:
    """The settings that all workers of an epoch share."""

    name: str
    layers: tuple[Layer, ...]
    theta: np.ndarray
    loss: Loss
    alpha: float
    optimizer: Any
    rates: Sequence[float]
    local_steps: int | None
    seed: int | None  # of the row orders
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


class EpochResult(NamedTuple):
    """The result of an epoch, returned by the root."""

    loss: float  # the sum over all batches of J times weight, before each step
    theta: np.ndarray
    optimizer: Any


class Epochs:
    """Counts the running epochs in a worker's process, of all fits."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.number = 0
        self.before: list[tuple] = []  # each BLAS library, and its previous threads

    def begin(self, n_threads: int) -> None:
        """Set the number of BLAS threads when the first epoch begins."""
        with self.lock:
            self.number += 1
            if self.number == 1:
                blas = ThreadpoolController().select(user_api="blas").lib_controllers
                self.before = [(each, each.get_num_threads()) for each in blas]
                _set_threads(blas, n_threads)

    def end(self) -> None:
        """Restore the number of BLAS threads when the last epoch ends."""
        with self.lock:
            self.number -= 1
            if self.number == 0:
                for blas, n_threads in self.before:
                    _set_threads([blas], n_threads)


_epochs = Epochs()


@contextmanager
def all_threads() -> Iterator[None]:
    """Let the BLAS use all threads of this worker, since Dask sets it to one."""
    worker = get_worker()
    if worker.nanny is None:  # the worker shares its process with the client
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
) -> EpochResult | None:
    """Run this worker's part of an epoch; return the result on the root, else None.

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
        The weight of its rows, divided by the weight of all rows.
    addresses : list of str
        The addresses of all workers, by rank.
    """
    # This task waits for others. It must not block their thread, or tasks that read rows.
    secede()
    # Dask passes the same optimizer object to all workers of a process.
    settings = replace(settings, optimizer=deepcopy(settings.optimizer))
    network = settings.network(rank)
    passes = Passes(network, settings, Shard(chunks, numbers, network.theta.dtype))
    train = train_synchronously if settings.local_steps is None else train_with_local_steps
    with Tree(settings.name, rank, addresses) as tree, all_threads():
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            loss = train(settings, passes, tree, share)
    return EpochResult(loss, network.theta, settings.optimizer) if tree.is_root else None


class Passes:
    """The network of a worker, with passes over batches of its rows."""

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
        """Compute weighted sums of a batch; return those of the losses and the weights.

        The weighted sum of the gradients is stored in `gradient`.
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
        """Take a step with the summed gradient; return J times the weight of the batch.

        A batch of zero weight is skipped.
        """
        if total == 0.0:
            return 0.0
        self.gradient /= total
        penalty = self.objective.add_penalty(self.gradient, total)
        self.optimizer.step(self.theta, self.gradient, rate)
        return summed + penalty


def train_synchronously(settings, passes, tree, share) -> float:
    """Take one step per batch of all workers; the root returns the summed loss."""
    loss = 0.0
    for batch, rate in zip(passes.batches, settings.rates, strict=True):
        summed, total = tree.sum_up(passes.gradient, *passes.sums(batch))
        if tree.is_root:
            loss += passes.step(summed, total, rate)
        tree.broadcast(passes.theta)
    return loss


def train_with_local_steps(settings, passes, tree, share) -> float:
    """Take local steps, average regularly; the root returns the summed loss."""
    loss, n_steps = 0.0, len(settings.rates)
    steps = zip(range(1, n_steps + 1), passes.batches, settings.rates, strict=True)
    for step, batch, rate in steps:
        loss += passes.step(*passes.sums(batch), rate)
        if step % settings.local_steps == 0 or step == n_steps:
            average(passes.theta, tree, share)
    for vector in state_vectors(passes.optimizer, len(passes.theta)):
        average(vector, tree, share)
    (loss,) = tree.sum_up(np.zeros(0), loss)
    return loss


def average(vector, tree, share) -> None:
    """Replace a vector by its mean over all workers, weighted by their shares."""
    vector *= share
    tree.sum_up(vector)
    tree.broadcast(vector)


def state_vectors(optimizer, n_parameters: int) -> Iterator[np.ndarray]:
    """Yield the state vectors of an optimizer, with one number for each parameter."""
    for value in vars(optimizer).values():
        if isinstance(value, np.ndarray) and value.shape == (n_parameters,):
            yield value
        elif hasattr(value, "step"):
            yield from state_vectors(value, n_parameters)
