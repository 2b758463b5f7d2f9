"""Training of the ensemble members: one model of each family for each fold."""

import math
import threading
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

import numpy as np
from joblib import Parallel, delayed
from joblib.parallel import get_active_backend
from sklearn.base import clone

from skfcnn.tabular.family import ModelFamily
from skfcnn.tabular.folds import Fold
from skfcnn.tabular.member_data import MemberData
from skfcnn.tabular.network_training import train_network
from skfcnn.tabular.progress import NetworkTasks
from skfcnn.tabular.resuming import Recorder
from skfcnn.tabular.targets import EnsembleTarget
from skfcnn.tabular.time_budget import (
    PREDICTION,
    SECONDS_TO_START,
    Plan,
    families_of,
)
from skfcnn.tabular.trained import NO_LOCK, Trained

# Batches for which the time of a step is measured, before any network is trained.
N_TIMED_BATCHES = 6
# Rows for which the time to find a temperature is measured.
N_TIMED_ROWS = 5000


class Member(NamedTuple):
    """A model to train on all rows except one fold."""

    family: ModelFamily
    fold: int
    seed: int
    number: int = 0


class AskedToStop(Exception):
    """A callback requests to train no further network."""


def arguments_of(member: Member, data: MemberData, tasks: NetworkTasks) -> tuple:
    """Begin the task of a member; return the function that trains it, and its arguments."""
    model = clone(member.family.model).set_params(random_state=member.seed)
    task = tasks.begin(member.number, model)
    return member.family.train, model, data.of(member.family), data.folds[member.fold], task


def train_members(
    members: Sequence[Member],
    data: MemberData,
    plan: Plan,
    recorder: Recorder,
    tasks: NetworkTasks,
) -> Iterator[tuple[Member, Trained]]:
    """Train members within the time limit, and yield each with its result.

    If a callback requests to stop after a network, no further one is trained.

    Raises
    ------
    KeyboardInterrupt
        If the user has interrupted the training of a member.
    """
    waiting = [*members]
    while waiting:
        wave, end = plan.wave(waiting)
        if not wave:
            return
        recorder.write_plan(plan, members)
        arguments = (
            (*arguments_of(member, data, tasks), end, files)
            for member in wave
            for files in [recorder.files_of(member.number, plan.end)]
        )
        results = train_in_parallel(arguments, plan.workers)
        for member, trained in zip(wave, results, strict=True):
            if trained.interrupted:
                results.throw(KeyboardInterrupt)  # stops the other networks
            plan.learn(member.family, trained.seconds, member.family.n_iter(trained.model))
            asked = tasks.end(member.number)
            yield member, trained
            if asked:
                with suppress(AskedToStop):
                    results.throw(AskedToStop)  # joblib would warn if it were closed
                return
        waiting = [member for member in waiting if member not in wave]


def train_in_parallel(
    arguments: Iterable[tuple], n_jobs: int
) -> Generator[Trained, None, None]:
    """Train members in parallel, and yield the results in order.

    With some backends of joblib, and with joblib 1.2, the first is yielded only after all
    are trained. Threads check their rows one at a time: before Python 3.14, the checks of
    scikit-learn change the warning filters of all threads for a moment.
    """
    if n_jobs == 1:
        yield from (train(*others) for train, *others in arguments)
        return
    backend, _ = get_active_backend()
    can_yield = getattr(backend, "supports_return_generator", False)
    options = {"return_as": "generator"} if can_yield else {}
    in_threads = getattr(backend, "uses_threads", False)
    checking = threading.Lock() if in_threads else NO_LOCK
    yield from Parallel(n_jobs=n_jobs, **options)(
        delayed(train)(*others, checking=checking) for train, *others in [*arguments]
    )


def plan_for(
    members: Sequence[Member],
    data: MemberData,
    start_time: float,
    time_limit,
    n_jobs: int,
    recorder: Recorder,
) -> Plan:
    """Return the plan of a fit from `start_time` on, limited to `time_limit` seconds."""
    if time_limit is None:
        return Plan(math.inf, n_jobs)
    n_rows = len(data.folds[0].held_out)
    workers = n_jobs if time_limit > SECONDS_TO_START else 1
    resumed = recorder.plan(members, start_time, workers)
    if resumed is not None:
        return resumed
    families = families_of(members)
    networks = [family for family in families if not family.comes_last]
    cheapest = min(networks, key=lambda family: family.n_products)
    target = cheapest.target
    to_weigh = weighting_seconds(n_rows, target, len(families))
    end = start_time + time_limit - target.conformal_seconds(data)
    plan = Plan(end, workers, to_weigh)
    plan.seconds[cheapest] = epoch_seconds(cheapest, data)
    return plan


def epoch_seconds(family: ModelFamily, data: MemberData) -> float:
    """Estimate the duration of an epoch from a few steps with a synthetic y."""
    network = clone(family.model).set_params(
        max_iter=1, learning_rate_init=1e-9, random_state=0, verbose=False
    )
    size = 200 if network.batch_size == "auto" else network.batch_size
    n_rows = max(min(N_TIMED_BATCHES * size, len(data.X)), 3 * family.target.n_outputs)
    rows, y = np.arange(n_rows), family.target.synthetic(n_rows)
    synthetic = data.X[rows % len(data.X)], y, np.ones(n_rows)
    trained = train_network(network, synthetic, Fold(rows, rows[:0]))
    if trained.interrupted:
        raise KeyboardInterrupt
    limit, step = trained.limit, trained.seconds
    if limit.n_steps > 1:  # 0 for L-BFGS, and for rates without a schedule
        step = (limit.last - limit.begin) / (limit.n_steps - 1)
    return (1.0 + PREDICTION) * step * math.ceil(len(data.folds[0].train) / size)


def weighting_seconds(n_rows: int, target: EnsembleTarget, n_families: int) -> float:
    """Estimate the time per family for the temperature and the weight, from n_rows rows."""
    n = max(1, min(n_rows, N_TIMED_ROWS))
    rng = np.random.default_rng(0)
    outputs = [*rng.uniform(0.1, 0.9, (n_families, n, target.n_outputs))]
    y, weights = target.synthetic(n), np.ones(n)
    start = time.perf_counter()
    target.calibration(outputs[0], y, weights)
    calibrated = time.perf_counter()
    target.ensemble_weights(outputs, y, weights)
    weighed = time.perf_counter()
    per_family = calibrated - start + (weighed - calibrated) / n_families
    return per_family * n_rows / n
