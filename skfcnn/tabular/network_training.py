"""Training of one network of an ensemble, validated on its fold."""

import copy
import math
import time
from contextlib import AbstractContextManager
from functools import partial

from skfcnn.estimator.rows import GivenRows, RowsInMemory
from skfcnn.tabular.folds import Fold
from skfcnn.tabular.progress import in_task, pass_task
from skfcnn.tabular.recording import NO_FILES, NetworkFiles, Recording
from skfcnn.tabular.time_budget import TimeLimitMonitor
from skfcnn.tabular.trained import NO_LOCK, Trained
from skfcnn.training.minibatch import Monitor
from skfcnn.training.time_limit import TimeLimit


def rows_of(network, data, fold: Fold) -> tuple[RowsInMemory, GivenRows]:
    """Return the rows to train a network on, and those to validate it on.

    The network gets the parameters that suit them.
    """
    X, y, weights = data
    held_out, validation = fold.held_out, GivenRows()
    if len(held_out):
        validation = GivenRows(X[held_out], y[held_out], weights[held_out])
    else:
        network.set_params(early_stopping=False)
    if network.batch_size != "auto":
        network.set_params(batch_size=min(network.batch_size, len(fold.train)))
    train, of_rows = fold.training_rows(weights)
    return RowsInMemory(X[train], y[train], of_rows), validation


def as_if_ended(network, progress, snapshot):
    """Return a copy of a network in training, as if its training ended here."""
    progress.write()
    fitted = copy.copy(network)
    vars(fitted).update(snapshot())
    return fitted


def train_network(
    network,
    data,
    fold: Fold,
    task=None,
    end: float = math.inf,
    files: NetworkFiles = NO_FILES,
    checking: AbstractContextManager = NO_LOCK,
) -> Trained:
    """Train a network on some rows, at most until `end`, and validate it on its fold.

    Training continues from the last one of `files`, and writes further ones. `task` is the
    context of its task, for callbacks. The rows are checked inside the context `checking`.

    The network is returned without its solver. An interruption is returned as a flag, since
    some joblib backends do not propagate KeyboardInterrupt.
    """
    start = time.perf_counter()
    rows, validation = rows_of(network, data, fold)
    before, state = files.last(network)
    if state.get("is_done"):
        pass_task(task, network)
        return Trained(copy.copy(before), state["seconds"], False, TimeLimit(end), True)
    limit = TimeLimit.of_state(state, end) if state else TimeLimit(end)

    def seconds() -> float:
        return state.get("seconds", 0.0) + time.perf_counter() - start

    def write(fitted, *, is_done=False) -> None:
        files.write(network, fitted, limit, seconds(), is_done=is_done)

    def watch(tasks, progress, snapshot) -> Monitor:
        fitted = partial(as_if_ended, network, progress, snapshot)
        monitor = Recording(tasks(progress, snapshot), fitted, files.every, write)
        return TimeLimitMonitor(monitor, progress.schedule, limit)

    try:
        with in_task(task, network):
            outcome = network._fit_as_member(rows, validation, watch, checking, before)
        interrupted = outcome is not None and outcome.interrupted
        trained = copy.copy(network)
        if not interrupted:
            write(trained, is_done=True)
    except KeyboardInterrupt:  # before the first epoch, or after the last
        interrupted, trained = True, copy.copy(network)
    return Trained(trained, seconds(), interrupted, limit)
