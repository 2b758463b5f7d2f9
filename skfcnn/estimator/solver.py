"""A stochastic solver, with everything from which training can continue."""

import hashlib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from skfcnn.estimator.construction import InPython, configured, dropout_rates
from skfcnn.estimator.validation import hold_out
from skfcnn.network.network import Network
from skfcnn.training.averaging import Averaged
from skfcnn.training.optimizers import DECOUPLED, OPTIMIZERS, Clipped, Decayed
from skfcnn.training.param_groups import spread_factors
from skfcnn.training.schedules import FACTORS, SCHEDULES, Constant, FactorSchedule
from skfcnn.training.stopping import BestParameters


@dataclass
class Solver:
    """The state of a stochastic solver: partial_fit and resumed fits continue from it."""

    optimizer: Any
    schedule: Constant
    moving: np.ndarray | None = None  # theta, if the network has its average
    average: np.ndarray | None = None  # as it was at the end of training
    mask_rng: np.random.Generator | None = None  # once there is dropout
    best: BestParameters | None = None  # while there is early stopping
    theta: np.ndarray | None = None  # the last one, if the best was restored
    restored: bytes | None = None  # the digest of what was restored
    rng: Any = None  # RandomState of the shuffles
    rows: Any = None  # to train on, (n_rows,), in the order of the last epoch
    held_out: np.ndarray | None = None
    has_X_val: bool = False
    first_loss: float | None = None  # the loss of the first weights
    params: dict | None = None  # of the fit, if it can be resumed
    under_way: bool = False  # training, or failed in training
    data: dict | None = None  # digests of the data of the fit, if computed
    of_partial_fit: bool = False  # which trained last, and may continue elsewhere

    def begin_fit(
        self, rng, params: dict | None, data: dict | None, *, of_partial_fit: bool = False
    ) -> None:
        """Forget the rows of an earlier fit."""
        self.rng, self.params, self.data = rng, params, data
        self.rows, self.held_out, self.has_X_val, self.best = None, None, False, None
        self.of_partial_fit = of_partial_fit

    def to_go_along(self) -> "Solver | None":
        """Return what a pickle or a copy contains: all but the rows, or nothing."""
        if not self.of_partial_fit or self.under_way:
            return None
        return replace(self, rng=None, rows=None, held_out=None)


def start_solver(params, network: Network, *, rows_seen: int) -> Solver:
    """Return a new optimizer, with the schedule of its learning rate."""
    params = InPython(params)
    given: dict[str, Any] = {"theta": network.theta}
    if params.learning_rate_multipliers:
        given["factors"] = (spread_factors(network, params.learning_rate_multipliers),)
    optimizer = configured(OPTIMIZERS[params.solver], params, **given)
    if params.solver in DECOUPLED:
        optimizer = Decayed(optimizer, len(network.weights), float(params.weight_decay))
    if params.max_grad_norm is not None:
        optimizer = Clipped(optimizer, float(params.max_grad_norm))
    moving = None
    if params.weight_averaging:
        moving = network.theta.copy()
        optimizer = Averaged(optimizer, network.theta, float(params.weight_averaging))
    schedule = start_schedule(params, rows_seen=rows_seen)
    return Solver(optimizer, schedule, moving)


def start_schedule(params, *, rows_seen: int) -> Constant:
    """Return the schedule of the learning rate that `params` ask for."""
    if params.schedule in (None, "adaptive"):
        for_sgd = params.learning_rate if params.solver == "sgd" else "constant"
        kind = SCHEDULES[params.schedule or for_sgd]
        return configured(kind, params, rows_seen=rows_seen)
    return configured(
        FactorSchedule, params, factor=FACTORS.get(params.schedule, params.schedule)
    )


def rows_per_batch(batch_size, n_rows: int) -> int:
    """Return how many of n_rows rows make a batch; "auto" is at most 200."""
    if batch_size == "auto":
        return min(200, n_rows)
    if batch_size > n_rows:
        warnings.warn(
            "Got `batch_size` less than 1 or larger than sample size. "
            "It is going to be clipped",
            stacklevel=2,
        )
    return min(int(batch_size), n_rows)


def choose_rows(params, data, target, solver: Solver, validation_data) -> None:
    """Choose the rows to train on, and those to hold out for early stopping."""
    solver.rows, solver.held_out = np.arange(len(data.target)), None
    solver.has_X_val = validation_data is not None
    if params.early_stopping and validation_data is None:
        solver.rows, solver.held_out = hold_out(
            data, target, params.validation_fraction, solver.rng
        )


def go_on_from_where_it_was(network: Network, solver: Solver) -> bool:
    """Restore the last theta in a resumed fit; False if weights were written since."""
    if solver.theta is None or solver.restored != _digest(network.theta):
        return False
    network.theta[...], solver.theta = solver.theta, None
    return True


def _digest(theta: np.ndarray) -> bytes:
    return hashlib.sha256(theta.data).digest()


def go_on_from_best(history, watched, validation, network, solver: Solver) -> Mapping:
    """Return the history to continue from, and restore the last theta.

    If weights were written into the network since, or the rows or the loss differ,
    the network no longer has the best score, so early stopping restarts, from the network
    as it is. Only with the accuracy of held-out rows, a warm start
    compares with the best score of all fits, as MLPClassifier does.
    """
    as_mlp_classifier = (
        solver.theta is None and not solver.has_X_val and validation.scoring is None
    )
    theta, solver.theta = solver.theta, None
    if history.get("_watched") != watched or as_mlp_classifier:
        return history
    best, loss = -history["_best_watched"], history["_loss_of_best"]
    if not validation.confirms(best, loss):
        return {**history, "_watched": None}
    if theta is not None:
        network.theta[...] = theta
    return history


def network_to_train(params, network: Network, solver: Solver) -> Network:
    """Return the network to train: with dropout, and not the average of the parameters.

    If the average has changed since, because weights were written into the network or the
    best ones were restored, training continues from there.
    """
    trained = network
    if solver.moving is not None:
        if solver.average is not None and not np.array_equal(solver.average, network.theta):
            solver.moving[...] = network.theta
        trained = Network(network.layers, theta=solver.moving)
        solver.optimizer.average = network.theta  # also in a loaded copy
    if any(rates := dropout_rates(params.dropout, len(network.sizes) - 2)):
        if solver.mask_rng is None:
            seed = solver.rng.randint(2**31)
            solver.mask_rng = np.random.Generator(np.random.SFC64(seed))
        trained = trained.with_dropout(rates, solver.mask_rng)
    return trained


def leave(solver: Solver, network: Network) -> None:
    """Finish: restore the parameters to keep, and remember where training was."""
    if solver.moving is not None:
        solver.average = network.theta.copy()
    if solver.best is not None:
        solver.theta = network.theta.copy()
        solver.best.restore()
        solver.best = None
        solver.restored = _digest(network.theta)
