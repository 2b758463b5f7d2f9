"""Training of the ensemble members: one network of each family for each fold."""

import copy
import math
import time
from collections.abc import Generator, Iterator, Sequence
from functools import partial
from itertools import starmap
from typing import NamedTuple

import numpy as np
from joblib import Parallel, delayed
from joblib.parallel import get_active_backend
from sklearn.base import clone

from skfcnn.classifier import FullyConnectedClassifier
from skfcnn.tabular.blending import mixing_weights
from skfcnn.tabular.families import NetworkFamily
from skfcnn.tabular.temperature import best_temperature
from skfcnn.tabular.time_budget import PREDICTION, SECONDS_TO_START, InTime, Plan
from skfcnn.training.time_limit import TimeLimit

# Batches by which the time of a step is measured, before any network is trained.
PROBED = 6
# Rows by which the time to find a temperature is measured.
REHEARSED = 5000


class Member(NamedTuple):
    """A network to train, without one fold."""

    family: NetworkFamily
    fold: int
    seed: int


class Trained(NamedTuple):
    """A trained network, its seconds, and whether it was interrupted."""

    network: FullyConnectedClassifier
    seconds: float
    interrupted: bool
    limit: TimeLimit


class MemberData:
    """X, y and weights, with the features of each family, computed when needed."""

    def __init__(self, X, y, weights, folds: Sequence[tuple]) -> None:
        self.X, self.y, self.weights, self.folds = X, y, weights, folds
        self.features: dict = {}

    def of(self, family: NetworkFamily) -> tuple:
        """Return the features, labels and weights for the networks of a family."""
        if family not in self.features:
            self.features[family] = family.learn_features(self.X).features(self.X)
        return self.features[family], self.y, self.weights

    def held_out(self, n_folds: int) -> list[np.ndarray]:
        """Return the held-out rows of the first folds."""
        return [fold for _, fold in self.folds[:n_folds]]


def train_network(network, data, train, fold, end: float = math.inf) -> Trained:
    """Train a network on some rows, until `end` at the latest, and validate it on its fold.

    The network is returned without its solver. An interruption is returned as a flag, since
    not every pool of workers passes on a KeyboardInterrupt.
    """
    began = time.perf_counter()
    X, y, weights = data
    validation = {"X_val": None, "y_val": None, "sample_weight_val": None}
    if len(fold):
        validation = {"X_val": X[fold], "y_val": y[fold]}
        validation["sample_weight_val"] = weights[fold]
    else:
        network.set_params(early_stopping=False)
    if network.batch_size != "auto":
        network.set_params(batch_size=min(network.batch_size, len(train)))
    limit = TimeLimit(end)
    rows = X[train], y[train], weights[train]
    try:
        outcome = network._fit_as_member(
            *rows, watch=partial(InTime, limit=limit), **validation
        )
        interrupted = outcome.interrupted
    except KeyboardInterrupt:  # before the first epoch, or after the last
        interrupted = True
    seconds = time.perf_counter() - began
    return Trained(copy.copy(network), seconds, interrupted, limit)


def train_members(
    members: Sequence[Member], data: MemberData, plan: Plan
) -> Iterator[tuple[Member, Trained]]:
    """Yield the members when they are trained, as many as there is time for.

    Raises
    ------
    KeyboardInterrupt
        If the user has interrupted a training.
    """
    waiting = [*members]
    while waiting:
        wave, end = plan.wave(waiting)
        if not wave:
            return
        tasks = [
            (
                clone(member.family.network).set_params(random_state=member.seed),
                data.of(member.family),
                *data.folds[member.fold],
                end,
            )
            for member in wave
        ]
        results = at_once(tasks, plan.workers)
        for member, trained in zip(wave, results, strict=True):
            if trained.interrupted:
                results.throw(KeyboardInterrupt)  # which ends the networks in training
            plan.learn(member.family, trained.seconds, trained.network.n_iter_)
            yield member, trained
        waiting = [member for member in waiting if member not in wave]


def at_once(tasks: Sequence[tuple], n_jobs: int) -> Generator[Trained, None, None]:
    """Train networks in parallel, and yield them in this order.

    Some backends of joblib, and joblib 1.2, yield none before all are trained.
    """
    if n_jobs == 1:
        yield from starmap(train_network, tasks)
        return
    backend, _ = get_active_backend()
    can_yield = getattr(backend, "supports_return_generator", False)
    ways = {"return_as": "generator"} if can_yield else {}
    yield from Parallel(n_jobs=n_jobs, **ways)(
        delayed(train_network)(*task) for task in tasks
    )


def told(member: Member, trained: Trained) -> str:
    """Return the line to print when a network is trained."""
    network, on_what = trained.network, "on the fold"
    losses = network.validation_loss_curve_
    if losses is None:
        losses, on_what = network.loss_curve_, "in training"
    best = network.best_epoch_ or network.n_iter_
    return (
        f"{member.family}, fold {member.fold + 1}: epoch {best} of {network.n_iter_}, "
        f"loss {losses[best - 1]:.4f} {on_what}, {trained.seconds:.1f} s"
    )


def plan_for(families, data: MemberData, began: float, time_limit, n_jobs: int) -> Plan:
    """Return the plan of a fit that began at `began` and has `time_limit` seconds."""
    if time_limit is None:
        return Plan(math.inf, n_jobs)
    n_classes = data.y.max() + 1
    n_rows = len(data.folds[0][1])
    workers = n_jobs if time_limit > SECONDS_TO_START else 1
    plan = Plan(began + time_limit, workers, rehearse_weighing(n_rows, n_classes))
    cheapest = min(families, key=lambda family: family.n_products)
    plan.seconds[cheapest] = probe(cheapest, data, n_classes)
    return plan


def probe(family: NetworkFamily, data: MemberData, n_classes: int) -> float:
    """Estimate the seconds of an epoch by a few steps on made-up labels."""
    network = clone(family.network).set_params(
        max_iter=1, learning_rate_init=1e-9, random_state=0, verbose=False
    )
    size = 200 if network.batch_size == "auto" else network.batch_size
    n_rows = max(min(PROBED * size, len(data.X)), 3 * n_classes)
    rows = np.arange(n_rows)
    made_up = data.X[rows % len(data.X)], rows % n_classes, np.ones(n_rows)
    trained = train_network(network, made_up, rows, rows[:0])
    limit, step = trained.limit, trained.seconds
    if limit.n_steps > 1:  # not by L-BFGS, nor where the rate is no course of its own
        step = (limit.last - limit.begin) / (limit.n_steps - 1)
    return (1.0 + PREDICTION) * step * math.ceil(len(data.folds[0][0]) / size)


def rehearse_weighing(n_rows: int, n_classes: int) -> float:
    """Estimate the seconds that temperatures and ensemble weights of n_rows rows take."""
    n = max(1, min(n_rows, REHEARSED))
    p = np.random.default_rng(0).dirichlet(np.ones(n_classes), n)
    y, weights = np.arange(n) % n_classes, np.ones(n)
    began = time.perf_counter()
    best_temperature(p, y, weights)
    mixing_weights(p[None, np.arange(n), y], weights)
    return (time.perf_counter() - began) * n_rows / n
