"""One fit: a network for the data, a solver for the network, a monitor for the solver.

`params` is the classifier, of which these functions read the constructor's parameters and
nothing else. What they make, they return: it is the classifier that keeps it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from skfcnn._layers import check_layers, initializers, numeric_columns, some_rows
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
from skfcnn.network.architecture import Architecture
from skfcnn.network.drawing import draw_network
from skfcnn.network.initializers import OfInputs
from skfcnn.network.losses import LINKS, LOSSES, LabelSmoothing
from skfcnn.network.network import Network
from skfcnn.training.averaging import Averaged
from skfcnn.training.lbfgs import minimize_lbfgs
from skfcnn.training.minibatch import Outcome, minimize_minibatch
from skfcnn.training.objective import Data, Objective
from skfcnn.training.optimizers import OPTIMIZERS, Clipped
from skfcnn.training.rates import spread_factors
from skfcnn.training.schedules import FACTORS, SCHEDULES, Constant, Course
from skfcnn.training.stopping import BestParameters, NoImprovement
from skfcnn.training.threads import threads_for


@dataclass
class Solver:
    """A stochastic solver under way: what partial_fit, or a resumed fit, goes on with."""

    optimizer: object
    schedule: Constant
    moving: np.ndarray | None = None  # the theta whose average the network has
    average: np.ndarray | None = None  # as it was left
    mask_rng: np.random.Generator | None = None  # once there is dropout
    theta: np.ndarray | None = None  # where it is, if the best was restored
    rng: np.random.RandomState | None = None  # of the shuffles
    rows: np.ndarray | None = None  # to learn from, in the order of the last epoch
    held_out: np.ndarray | None = None
    has_X_val: bool = False
    params: dict | None = None  # of the fit that it belongs to, if it can be resumed

    def begin_fit(self, rng: np.random.RandomState, params: dict | None) -> None:
        """Forget the rows of an earlier fit."""
        self.rng, self.params, self.rows, self.held_out = rng, params, None, None
        self.has_X_val = False


def new_network(params, data: Data, rng: np.random.RandomState) -> Network:
    """Return a new network for the data, of the layers that `params` ask for."""
    n_in, n_out = data.X.shape[1], data.target.shape[1]
    sizes = layer_sizes(params.hidden_layer_sizes, n_in, n_out)
    hidden = hidden_activations(params.activation, len(sizes) - 2)
    of_layers = initializers(params.init, hidden or (params.activation,), len(sizes) - 1)
    looks = any(isinstance(initializer, OfInputs) for initializer in of_layers)
    embeds = params.numeric_embedding is not None
    architecture = Architecture(
        sizes,
        hidden,
        parametric=params.parametric_activation,
        scaling=params.scaling_layer,
        embedded=numeric_columns(data.X) if embeds else None,
    )
    n_weights = sum(n_in * n_units for n_in, n_units in architecture.linear)
    dtype = computing_dtype(params, data.X, n_weights)
    return draw_network(
        architecture,
        initializers=of_layers,
        rng=rng,
        dtype=dtype,
        inputs=some_rows(data.X, rng, dtype) if looks else None,
    )


def continued_network(params, fitted: Network) -> Network:
    """Return the fitted network, or another of its theta with a new activation or dtype.

    The theta of a model that was loaded as a read-only memory map is copied.

    Raises
    ------
    ValueError
        Where `params` ask for other layers, or layers of other sizes.
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
    architecture = fitted.architecture
    check_layers(params, architecture)
    activations = hidden_activations(params.activation, len(sizes) - 2)
    architecture = replace(architecture, activations=activations)
    if architecture == fitted.architecture and theta is fitted.theta:
        return fitted
    return Network(architecture, theta=theta)


def start_solver(params, network: Network, *, rows_seen: int) -> Solver:
    """Return a new optimizer, with the schedule of its learning rate."""
    theta, n_weights = network.theta, len(network.weights)
    kind = OPTIMIZERS[params.solver]
    given = {"theta": theta, "n_weights": n_weights}
    if params.rate_factors:
        given["factors"] = (spread_factors(network, params.rate_factors),)
    optimizer = configured(kind, params, **given)
    if params.clip_norm is not None:
        optimizer = Clipped(optimizer, float(params.clip_norm))
    moving = None
    if params.average:
        moving = network.theta.copy()
        optimizer = Averaged(optimizer, network.theta, float(params.average))
    schedule = start_schedule(params, rows_seen=rows_seen)
    return Solver(optimizer, schedule, moving)


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


def make_validation(params, network, target, data: Data | None, scoring):
    """Return the validation on these rows, with the loss of labels as they are."""
    if data is None:
        return None
    loss = LOSSES[params.loss](LINKS[target.out_activation])
    return Validation(data, target, network, loss, scoring)


def ended(outcome: Outcome, progress: Progress) -> Outcome:
    """Return how training ended, where perhaps a callback or the user has ended it."""
    if outcome.interrupted:  # perhaps after the epoch was recorded
        return outcome._replace(n_iter=progress.n_iter)
    if progress.schedule is not None and progress.schedule.is_over:
        progress.say("The schedule of the learning rate is at its end. Stopping.")
    elif progress.asked_to_stop:
        return outcome._replace(converged=False, stopped=True)
    return outcome


def choose_rows(params, data, target, solver: Solver, validation_data) -> None:
    """Choose the rows to learn from, and those to hold out for early stopping."""
    solver.rows, solver.held_out = np.arange(len(data.target)), None
    solver.has_X_val = validation_data is not None
    if params.early_stopping and validation_data is None:
        solver.rows, solver.held_out = hold_out(
            data, target, params.validation_fraction, solver.rng
        )


def go_on_from_best(history, watched, validation, network, solver: Solver) -> Mapping:
    """Return the history to go on from, with theta where the solver left it.

    Where weights were written into the network since, or the rows or the loss are others,
    the network has not the score of the best any more. Then what is watched begins anew,
    from the network as it is. Only with the accuracy of held-out rows, a warm start
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
    """Return the network that is moved: with dropout, and perhaps not its average.

    Where the average is not as it was left, because weights were written into the network
    or the best ones restored, the steps go on from there.
    """
    trained = network
    if solver.moving is not None:
        if solver.average is not None and not np.array_equal(solver.average, network.theta):
            solver.moving[...] = network.theta
        trained = Network(network.architecture, theta=solver.moving)
    if any(rates := dropout_rates(params.dropout, len(network.sizes) - 2)):
        if solver.mask_rng is None:
            seed = solver.rng.randint(2**31)
            solver.mask_rng = np.random.Generator(np.random.SFC64(seed))
        trained = trained.with_dropout(rates, solver.mask_rng)
    return trained


def train_minibatch(
    params,
    network: Network,
    target: Target,
    data: Data,
    *,
    solver: Solver,
    epochs: range,
    history: Mapping,
    validation_data: Data | None,
    scoring: str | Callable | None,
    watch: Callable,
) -> tuple[Outcome, dict]:
    """Train by steps over batches; return how it ended, and the fitted attributes.

    The rows are chosen unless the solver has some, whose fit is then resumed.
    """
    if solver.rows is None:
        choose_rows(params, data, target, solver, validation_data)
    rows, watched, best = solver.rows, params.loss, None
    if solver.held_out is not None:
        validation_data = data.rows(solver.held_out)
    validation = make_validation(params, network, target, validation_data, scoring)
    if params.early_stopping:
        rows_val = "X_val" if solver.has_X_val else "held-out rows"
        watched = f"{params.scoring or 'accuracy'} of {rows_val}"
        best = BestParameters(network.theta)
        history = go_on_from_best(history, watched, validation, network, solver)
    progress = Progress(
        history,
        watched=watched,
        stopping=NoImprovement(float(params.tol), patience(params)),
        schedule=solver.schedule,
        validation=validation,
        best_parameters=best,
        verbose=params.verbose,
        n_iter=epochs.start,
    )

    def rows_seen(n_iter):
        return history["t_"] + (n_iter - epochs.start) * len(rows)

    def snapshot():
        return progress.fitted_attributes() | {"t_": rows_seen(progress.n_iter)}

    trained = network_to_train(params, network, solver)
    batch_size = rows_per_batch(params.batch_size, len(rows))
    with threads_for(batch_size * network.weights.size):
        outcome = minimize_minibatch(
            make_objective(params, trained, target),
            data,
            solver.optimizer,
            solver.schedule,
            rows=rows,
            batch_size=batch_size,
            epochs=epochs,
            shuffle=params.shuffle,
            rng=solver.rng,
            monitor=watch(progress, snapshot),
        )
    if solver.moving is not None:
        solver.average = network.theta.copy()
    if best is not None and progress.validation_scores:
        solver.theta = network.theta.copy()
        best.restore()
    outcome = ended(outcome, progress)
    if outcome.interrupted:
        solver.params = None  # part of an epoch may have been trained
    return outcome, progress.attributes() | {"t_": rows_seen(outcome.n_iter)}


def train_lbfgs(
    params,
    network: Network,
    target: Target,
    data: Data,
    *,
    history: Mapping,
    validation_data: Data | None,
    scoring: str | Callable | None,
    watch: Callable,
) -> tuple[Outcome, dict]:
    """Train by L-BFGS over all rows; return how it ended, and the fitted attributes."""
    progress = Progress(
        history,
        watched=f"{params.loss} of all rows",
        stopping=NoImprovement(float(params.tol), np.inf),
        schedule=None,
        validation=make_validation(params, network, target, validation_data, scoring),
        verbose=params.verbose,
    )

    def snapshot():
        return progress.fitted_attributes() | {"t_": history["t_"]}

    with threads_for(len(data.target) * network.weights.size):
        outcome = minimize_lbfgs(
            make_objective(params, network, target),
            data.astype(network.theta.dtype),
            max_iter=params.max_iter,
            max_fun=params.max_fun,
            tol=params.tol,
            monitor=watch(progress, snapshot),
        )
    return ended(outcome, progress), progress.attributes() | {"t_": history["t_"]}
