"""A stochastic solver, with all the state from which training can continue."""

import hashlib
import warnings
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from skfcnn.estimator.construction import configured, dropout_rates, in_python
from skfcnn.network.network import Network
from skfcnn.training.averaging import Averaged
from skfcnn.training.optimizers import DECOUPLED, LAZY, OPTIMIZERS, Clipped, Decayed
from skfcnn.training.param_groups import spread_factors
from skfcnn.training.schedules import FACTORS, SCHEDULES, Constant, FactorSchedule
from skfcnn.training.stopping import BestParameters

# The phases of a solver. If training fails, the phase stays TRAINING, and the solver is
# dropped.
NEW, TRAINING, FITTED, PARTIALLY_FITTED = "new", "training", "fitted", "partially fitted"


@dataclass
class FitRows:
    """The rows of a fit, and the values that a fit that resumes it must match.

    Parameters
    ----------
    rng : RandomState
        For the hold-out and the shuffles.
    rows : ndarray of int of shape (n_rows,)
        The rows to train on, in the order of the last epoch.
    held_out : ndarray of int or None
        The rows held out for early stopping.
    has_X_val : bool
    params : dict or None
        The parameters of the fit; None for a fit that cannot be resumed.
    data : dict or None
        The digests of the data, if computed.
    """

    rng: Any
    rows: np.ndarray
    held_out: np.ndarray | None
    has_X_val: bool
    params: dict | None
    data: dict | None


class Last(NamedTuple):
    """The parameters after the last epoch, if the best ones were restored."""

    theta: np.ndarray
    restored: bytes  # the digest of the best ones


@dataclass
class Solver:
    """The state of a stochastic solver: partial_fit and resumed fits continue from it.

    Parameters
    ----------
    optimizer, schedule
        A step, and its learning rate.
    moving : ndarray or None
        The parameters that the optimizer updates, if the network has their average.
    average : ndarray or None
        The average at the end of training.
    mask_rng : Generator or None
        For dropout; None until dropout is used.
    best : BestParameters or None
        None without early stopping.
    last : Last or None
        None unless the best parameters were restored.
    first_loss : float or None
        The loss of the initial weights, once computed.
    fit : FitRows or None
        None in a copy, which has no rows.
    trained : ndarray or None
        The parameters of the network that is trained, if y is standardized.
    phase : str
        NEW, TRAINING, FITTED or PARTIALLY_FITTED.
    is_lazy : bool
        Whether a step on sparse rows updates only the inputs that its batch contains.
    """

    optimizer: Any
    schedule: Constant
    moving: np.ndarray | None = None
    average: np.ndarray | None = None
    mask_rng: np.random.Generator | None = None
    best: BestParameters | None = None
    last: Last | None = None
    first_loss: float | None = None
    fit: FitRows | None = None
    trained: np.ndarray | None = None
    phase: str = NEW
    is_lazy: bool = False


def start_solver(params, network: Network, *, rows_seen: int) -> Solver:
    """Return a new optimizer, with the schedule of its learning rate."""
    params = in_python(params)
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
    return Solver(optimizer, schedule, moving, is_lazy=params.solver in LAZY)


def start_schedule(params, *, rows_seen: int) -> Constant:
    """Return the learning rate schedule of these parameters."""
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


def restore_last(network: Network, solver: Solver) -> bool:
    """Restore the last parameters; return False if weights were written since."""
    if solver.last is None or solver.last.restored != _digest(network.theta):
        return False
    network.theta[...], solver.last = solver.last.theta, None
    return True


def _digest(theta: np.ndarray) -> bytes:
    return hashlib.sha256(theta.data).digest()


def network_to_train(params, network: Network, solver: Solver) -> Network:
    """Return the network to train, with dropout and with the parameters before averaging.

    If the average has changed since the last training, because weights were written to the
    network or the best ones were restored, training continues from the changed weights.
    """
    trained = network
    if solver.moving is not None:
        if solver.average is not None and not np.array_equal(solver.average, network.theta):
            solver.moving[...] = network.theta
        trained = Network(network.layers, theta=solver.moving)
        solver.optimizer.average = network.theta  # also in a loaded copy
    if any(rates := dropout_rates(params.dropout, len(network.sizes) - 2)):
        if solver.mask_rng is None:
            assert solver.fit is not None, "a solver trains in a fit"
            seed = solver.fit.rng.randint(2**31)
            solver.mask_rng = np.random.Generator(np.random.SFC64(seed))
        trained = trained.with_dropout(rates, solver.mask_rng)
    return trained


def finish(solver: Solver, network: Network) -> None:
    """Restore the best parameters, if there are any, and store the last ones."""
    if solver.moving is not None:
        solver.average = network.theta.copy()
    if solver.best is not None:
        theta = network.theta.copy()
        solver.best.restore()
        solver.best = None
        solver.last = Last(theta, _digest(network.theta))
