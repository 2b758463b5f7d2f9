"""One training: a solver for the network, a monitor for the solver.

`params` is the estimator, of which these functions read the constructor's parameters, as
numbers of Python, and nothing else. They return what they make, and the estimator keeps it.
"""

from collections.abc import Callable, Mapping

import numpy as np

from skfcnn.estimator.construction import InPython, make_objective, plain_loss
from skfcnn.estimator.diagnostics import on_divergence
from skfcnn.estimator.monitor import Progress
from skfcnn.estimator.solver import (
    Solver,
    choose_rows,
    go_on_from_best,
    go_on_from_where_it_was,
    leave,
    network_to_train,
)
from skfcnn.estimator.targets import Target
from skfcnn.estimator.validation import Validation
from skfcnn.network.network import Network, NonFiniteOutputs
from skfcnn.training.divergence import Divergence
from skfcnn.training.lbfgs import minimize_lbfgs
from skfcnn.training.minibatch import Outcome, Steps, minimize_minibatch
from skfcnn.training.objective import Data
from skfcnn.training.stopping import BestParameters, NoImprovement
from skfcnn.training.threads import InTurn, threads_for

# Rows to compute the loss of the first weights, and to check that outputs are finite.
N_LOOKED_AT, N_SEEN = 100, 10


def make_validation(params, network, target, data: Data | None, scoring):
    """Return the validation on these rows, with the loss without label smoothing."""
    if data is None:
        return None
    return Validation(data, target, network, plain_loss(params, target), scoring)


def loss_of_first_weights(params, network: Network, target: Target, data: Data) -> float:
    """Return J before training, over some of the rows; infinity if it overflows."""
    rows, objective = data.some(N_LOOKED_AT), make_objective(params, network, target)
    try:
        _, loss = Validation(rows, target, network, objective.loss).evaluate()
    except NonFiniteOutputs:
        return np.inf
    return loss + objective.penalty() / float(data.weights.sum())


def patience(params) -> float:
    """Return after how many epochs without improvement training is over.

    A schedule over the fraction of training ends at its end, unless early stopping is
    asked for: its rates are meant to be seen by the network one after the other.
    """
    runs_to_its_end = params.schedule not in (None, "adaptive")
    if runs_to_its_end and not params.early_stopping:
        return np.inf
    return params.n_iter_no_change


def check_outputs(params, network: Network, data: Data) -> None:
    """Raise ValueError if the outputs are not finite after training.

    The loss of an epoch is computed before its steps, so the last step may have diverged.
    """
    rows = data.some(N_SEEN)
    raw = np.empty(rows.target.shape, network.theta.dtype)
    try:
        network.apply(rows.X, lambda z, out: np.copyto(out, z), raw)
    except NonFiniteOutputs as error:
        diverged = Divergence("The outputs are not finite after the last step.")
        raise ValueError(on_divergence(params, data, diverged)) from error


def ended(outcome: Outcome, progress: Progress) -> Outcome:
    """Return the outcome, which a callback or the user may have caused."""
    if outcome.diverged:
        return outcome
    if outcome.interrupted:  # maybe after the epoch was recorded
        return outcome._replace(n_iter=progress.n_iter)
    if progress.schedule is not None and progress.schedule.is_over:
        progress.say("The schedule of the learning rate is at its end. Stopping.")
    elif progress.asked_to_stop:
        return outcome._replace(converged=False, stopped=True)
    return outcome


def what_is_watched(
    params, network: Network, solver: Solver, validation, history: Mapping, *, resumes: bool
) -> tuple[str, Mapping]:
    """Return the name of what has to improve, and its history to continue from.

    With early stopping the solver keeps the best parameters from here on.
    """
    if not params.early_stopping:
        return params.loss, history
    rows_val = "X_val" if solver.has_X_val else "held-out rows"
    watched = f"{params.scoring or 'accuracy'} of {rows_val}"
    solver.best = BestParameters(network.theta)
    if not (resumes and go_on_from_where_it_was(network, solver)):
        history = go_on_from_best(history, watched, validation, network, solver)
    return watched, history


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
    steps_over: Callable[..., Steps],
) -> tuple[Outcome, dict]:
    """Train by steps over batches; return the outcome and the fitted attributes.

    The rows are chosen unless the solver has them, from a fit that is resumed.
    """
    params = InPython(params)
    resumes = solver.rows is not None
    solver.under_way = True
    if not resumes:
        choose_rows(params, data, target, solver, validation_data)
    if solver.first_loss is None:
        solver.first_loss = loss_of_first_weights(params, network, target, data)
    if solver.held_out is not None:
        validation_data = data.rows(solver.held_out)
    validation = make_validation(params, network, target, validation_data, scoring)
    watched, history = what_is_watched(
        params, network, solver, validation, history, resumes=resumes
    )
    progress = Progress(
        history,
        watched=watched,
        stopping=NoImprovement(float(params.tol), patience(params)),
        schedule=solver.schedule,
        validation=validation,
        best_parameters=solver.best,
        verbose=params.verbose,
        n_iter=epochs.start,
        first_loss=solver.first_loss,
    )

    trained = network_to_train(params, network, solver)
    steps = steps_over(make_objective(params, trained, target), data, solver)

    def rows_seen(n_iter):
        return history["t_"] + (n_iter - epochs.start) * steps.n_rows

    def snapshot():
        return progress.fitted_attributes() | {"t_": rows_seen(progress.n_iter)}

    try:
        with threads_for(steps.batch_size * network.weights.size) as turn:
            outcome = minimize_minibatch(
                steps,
                solver.schedule,
                theta=trained.theta,
                epochs=epochs,
                monitor=InTurn(watch(progress, snapshot), turn),
            )
    except Divergence as error:
        reason = on_divergence(params, data, error)
        if progress.best_epoch is None or progress.n_iter == 0:
            raise ValueError(reason) from error
        outcome = progress.ended_by_divergence(reason)
    if not progress.validation_scores:
        solver.best = None
    leave(solver, network)
    check_outputs(params, network, data)
    solver.under_way = False
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
    """Train by L-BFGS over all rows; return the outcome and the fitted attributes."""
    params = InPython(params)
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

    try:
        with threads_for(len(data.target) * network.weights.size) as turn:
            outcome = minimize_lbfgs(
                make_objective(params, network, target),
                data.astype(network.theta.dtype),
                max_iter=params.max_iter,
                max_fun=params.max_fun,
                tol=params.tol,
                monitor=InTurn(watch(progress, snapshot), turn),
            )
    except Divergence as error:
        raise ValueError(on_divergence(params, data, error)) from error
    return ended(outcome, progress), progress.attributes() | {"t_": history["t_"]}
