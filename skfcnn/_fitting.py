"""One fit: a network for the data, a solver for the network, a monitor for the solver.

`params` is the classifier, of which these functions read the constructor's parameters and
nothing else. What they make, they return: it is the classifier that keeps it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from skfcnn._parameters import (
    computing_dtype,
    configured,
    dropout_rates,
    hidden_activations,
    layer_sizes,
    patience,
    rows_per_batch,
)
from skfcnn._progress import Progress
from skfcnn._target import Target
from skfcnn._validation import Validation, hold_out
from skfcnn.network.initializers import select_initializer
from skfcnn.network.losses import LINKS, LOSSES, LabelSmoothing
from skfcnn.network.network import Network
from skfcnn.training.lbfgs import minimize_lbfgs
from skfcnn.training.minibatch import Outcome, minimize_minibatch
from skfcnn.training.objective import Data, Objective
from skfcnn.training.optimizers import OPTIMIZERS, Clipped
from skfcnn.training.schedules import FACTORS, SCHEDULES, Constant, Course
from skfcnn.training.stopping import BestParameters, NoImprovement
from skfcnn.training.threads import threads_for


@dataclass
class Solver:
    """A stochastic solver under way: it goes on from one partial_fit to the next."""

    optimizer: object
    schedule: Constant
    mask_rng: np.random.Generator | None = None  # once there is dropout


def draw_network(params, data: Data, rng: np.random.RandomState) -> Network:
    """Return a new network for the data, of the layers that `params` ask for."""
    n_in, n_out = data.X.shape[1], data.target.shape[1]
    sizes = layer_sizes(params.hidden_layer_sizes, n_in, n_out)
    hidden = hidden_activations(params.activation, len(sizes) - 2)
    of_all_layers = [*hidden, hidden[-1] if hidden else params.activation]
    return Network.drawn(
        sizes,
        hidden,
        initializers=[select_initializer(params.init, one) for one in of_all_layers],
        rng=rng,
        dtype=computing_dtype(params, data.X, sizes),
    )


def continued_network(params, fitted: Network) -> Network:
    """Return the fitted network, or another of its theta with a new activation or dtype.

    The theta of a model that was loaded as a read-only memory map is copied.

    Raises
    ------
    ValueError
        Where `params` ask for layers of other sizes.
    """
    n_in, *_, n_out = fitted.sizes
    sizes = layer_sizes(params.hidden_layer_sizes, n_in, n_out)
    if sizes != fitted.sizes:
        raise ValueError(
            f"The fitted network has layers of {fitted.sizes} units, and "
            f"hidden_layer_sizes={params.hidden_layer_sizes} asks for {sizes}. Go on "
            "with the sizes that it has, or fit a new classifier."
        )
    dtype = fitted.theta.dtype if params.dtype == "auto" else np.dtype(params.dtype)
    theta = np.require(fitted.theta, dtype, ["WRITEABLE", "ENSUREARRAY"])
    activations = hidden_activations(params.activation, len(sizes) - 2)
    if activations == fitted.activations and theta is fitted.theta:
        return fitted
    return Network(sizes, activations, theta=theta)


def start_solver(params, network: Network, *, rows_seen: int) -> Solver:
    """Return a new optimizer, with the schedule of its learning rate."""
    theta, n_weights = network.theta, len(network.weights)
    kind = OPTIMIZERS[params.solver]
    optimizer = configured(kind, params, theta=theta, n_weights=n_weights)
    if params.clip_norm is not None:
        optimizer = Clipped(optimizer, float(params.clip_norm))
    return Solver(optimizer, start_schedule(params, rows_seen=rows_seen))


def start_schedule(params, *, rows_seen: int) -> Constant:
    """Return the schedule of the learning rate that `params` ask for."""
    if params.schedule in (None, "adaptive"):
        for_sgd = params.learning_rate if params.solver == "sgd" else "constant"
        kind = SCHEDULES[params.schedule or for_sgd]
        return configured(kind, params, rows_seen=rows_seen)
    return configured(Course, params, factor=FACTORS.get(params.schedule, params.schedule))


def make_objective(params, network: Network, target: Target) -> Objective:
    """Return what is minimized: the loss of `params`, by the link that the target has."""
    loss = LOSSES[params.loss](LINKS[target.out_activation])
    if params.label_smoothing:
        n_values = network.sizes[-1] if target.is_exclusive else 2
        loss = LabelSmoothing(loss, float(params.label_smoothing), n_values)
    return Objective(network, loss, float(params.alpha))


def train_minibatch(
    params,
    network: Network,
    target: Target,
    data: Data,
    *,
    solver: Solver,
    max_epochs: int,
    rng: np.random.RandomState,
    history: Mapping,
) -> tuple[Outcome, dict]:
    """Train by steps over batches; return how it ended, and the fitted attributes."""
    rows, validation, best = np.arange(len(data.target)), None, None
    if params.early_stopping:
        rows, held_out = hold_out(data, target, params.validation_fraction, rng)
        link = LINKS[target.out_activation]
        validation = Validation(data.rows(held_out), target, network, link)
        best = BestParameters(network.theta)
    progress = Progress(
        history,
        watched="accuracy" if params.early_stopping else params.loss,
        stopping=NoImprovement(float(params.tol), patience(params)),
        schedule=solver.schedule,
        validation=validation,
        best_parameters=best,
        verbose=params.verbose,
    )
    trained = network
    if any(rates := dropout_rates(params.dropout, len(network.sizes) - 2)):
        if solver.mask_rng is None:
            solver.mask_rng = np.random.Generator(np.random.SFC64(rng.randint(2**31)))
        trained = network.with_dropout(rates, solver.mask_rng)
    batch_size = rows_per_batch(params.batch_size, len(rows))
    with threads_for(batch_size * network.weights.size):
        outcome = minimize_minibatch(
            make_objective(params, trained, target),
            data,
            solver.optimizer,
            solver.schedule,
            rows=rows,
            batch_size=batch_size,
            max_epochs=max_epochs,
            shuffle=params.shuffle,
            rng=rng,
            monitor=progress,
        )
    if best is not None and progress.validation_scores:
        best.restore()
    rows_seen = history["t_"] + outcome.n_iter * len(rows)
    return outcome, progress.attributes() | {"t_": rows_seen}


def train_lbfgs(
    params, network: Network, target: Target, data: Data, *, history: Mapping
) -> tuple[Outcome, dict]:
    """Train by L-BFGS over all rows; return how it ended, and the fitted attributes."""
    progress = Progress(
        history,
        watched=f"{params.loss} of all rows",
        stopping=NoImprovement(float(params.tol), np.inf),
        schedule=Constant(params.learning_rate_init),
        verbose=params.verbose,
    )
    with threads_for(len(data.target) * network.weights.size):
        outcome = minimize_lbfgs(
            make_objective(params, network, target),
            data.astype(network.theta.dtype),
            max_iter=params.max_iter,
            max_fun=params.max_fun,
            tol=params.tol,
            monitor=progress,
        )
    return outcome, progress.attributes() | {"t_": history["t_"]}
