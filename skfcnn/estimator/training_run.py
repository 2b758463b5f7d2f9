"""One training run: the network, its solver, and the monitor of the epochs.

A run reads the constructor parameters of the estimator, as Python numbers, and its network,
target and state. It trains the network and updates the state.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from skfcnn.estimator.calls import PARTIAL_FIT, RESUMED_FIT, Call
from skfcnn.estimator.construction import in_python
from skfcnn.estimator.data import check_range
from skfcnn.estimator.diagnostics import check_outputs, loss_of_first_weights, on_divergence
from skfcnn.estimator.history import History
from skfcnn.estimator.monitor import Progress
from skfcnn.estimator.rows import Rows
from skfcnn.estimator.solver import (
    FITTED,
    PARTIALLY_FITTED,
    TRAINING,
    FitRows,
    Solver,
    finish,
    network_to_train,
    restore_last,
    start_solver,
)
from skfcnn.estimator.targets import Target
from skfcnn.estimator.training_state import TrainingState, Watched
from skfcnn.estimator.validation import Validation, hold_out, make_scorer
from skfcnn.network.network import Network
from skfcnn.training.divergence import Divergence
from skfcnn.training.lbfgs import minimize_lbfgs
from skfcnn.training.minibatch import Outcome, Steps, minimize_minibatch
from skfcnn.training.objective import Data, Objective
from skfcnn.training.optimizers import OPTIMIZERS
from skfcnn.training.stopping import BestParameters, NoImprovement
from skfcnn.training.threads import InTurn, threads_for


def patience(params) -> float:
    """Return the number of epochs without improvement after which training stops.

    A schedule over the fraction of training runs to its end, as all of its rates are meant
    to be used. Only early stopping may stop it.
    """
    runs_to_its_end = params.schedule not in (None, "adaptive")
    if runs_to_its_end and not params.early_stopping:
        return np.inf
    return params.n_iter_no_change


def ended(outcome: Outcome, progress: Progress) -> Outcome:
    """Return the outcome, corrected if a callback or the user stopped training."""
    if outcome.diverged:
        return outcome
    if outcome.interrupted:  # possibly after the epoch was recorded
        return outcome._replace(n_iter=progress.n_iter)
    if progress.schedule is not None and progress.schedule.is_over:
        progress.say("The schedule of the learning rate is at its end. Stopping.")
    elif progress.asked_to_stop:
        return outcome._replace(converged=False, stopped=True)
    return outcome


class TrainingRun:
    """One training of an estimator's network.

    `network` is the network that is trained, on y in the scale of the target. Its
    parameters are written to the network of the estimator, which has the units of y.

    Parameters
    ----------
    estimator : FittedNetwork
        With its network, target and state.
    rows : Rows
        Where the rows come from.
    data : Data
        The rows in memory, from `rows.read`.
    validation_data : Data or None
        The rows to validate on that the user has passed.
    call : Call
    """

    def __init__(self, estimator, rows: Rows, data: Data, validation_data, call: Call):
        self.params = in_python(estimator)
        self.in_units: Network = estimator._network
        self.target: Target = estimator._target
        self.state: TrainingState = estimator._training
        self.rows, self.data, self.validation_data = rows, data, validation_data
        self.call = call
        self.plain_loss = self.target.loss(self.params)
        self.loss = self.target.training_loss(self.params)
        for rows_of in (data, validation_data):
            check_range(self.params.loss, self.plain_loss, self.target, rows_of)
        self.scoring = make_scorer(estimator)
        earlier = vars(estimator) if call.continues else {}
        self.history = History.of(earlier, n_iter=call.epochs.start)
        self.earlier_best_epoch = earlier.get("best_epoch_")
        self.rows_before: int = earlier.get("t_", 0)
        self.rows_per_epoch = 0

    def train(self, watch: Callable) -> Outcome:
        """Train; `watch(progress, snapshot)` returns the monitor of the epochs."""
        train = self._by_lbfgs if self.params.solver == "lbfgs" else self._by_batches
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            self.outcome = train(watch)
        self.write()
        self.state.watched = self.progress.state()
        if self.outcome.diverged:
            self.state.solver = None  # its averages contain the bad gradients
        return self.outcome

    def attributes(self) -> dict:
        """Return the fitted attributes after training."""
        outcome, curve = self.outcome, self.history.loss_curve
        return self.progress.attributes() | {
            "t_": self._rows_seen(outcome.n_iter),
            "loss_": curve[-1] if outcome.diverged else outcome.loss * self.unit,
            "n_iter_": outcome.n_iter,
            "converged_": outcome.converged,
        }

    def write(self) -> None:
        """Write the parameters to the network of the estimator, in the units of y."""
        self.scale.write(self.network, self.in_units)

    def _set_networks(self, rows) -> None:
        """Set the scale, from these rows in a new fit, and the network to train."""
        self.target.set_scale(self.data, rows)
        self.scale = self.target.scale
        self.scale.check_fits(self.in_units.theta.dtype)
        self.unit = self.plain_loss.unit(self.scale.deviation)
        self.standardized = self._standardized(self.data)
        if not self.call.continues:
            # The line search of L-BFGS may end at once where a loss has a kink.
            is_stochastic = self.params.solver in OPTIMIZERS
            self.network = self.scale.first_network(
                self.in_units,
                starts_at_mean=is_stochastic and self.params.weight_init == "auto",
            )
            self.write()
        if self.call.has_init:
            self.call.write_init(self.in_units)
            self.state.watched = Watched()  # the best value is of other weights
        if self.call.continues or self.call.has_init:
            solver = self.state.solver
            exact = None if solver is None else solver.trained
            self.network = self.scale.network_of(self.in_units, exact)

    def _standardized(self, data: Data) -> Data:
        return data._replace(target=self.scale.standardize(data.target))

    def _snapshot(self) -> dict:
        """Return the fitted attributes as if training ended here."""
        progress = self.progress
        state = TrainingState(progress.state(), fit_id=self.state.fit_id)
        rows_seen = self._rows_seen(progress.n_iter)
        return progress.fitted_attributes() | {"t_": rows_seen, "_training": state}

    def _rows_seen(self, n_iter):
        return self.rows_before + (n_iter - self.call.epochs.start) * self.rows_per_epoch

    def _validation(self, data: Data | None) -> Validation | None:
        """Return the validation on these rows; its loss has no label smoothing."""
        if data is None:
            return None
        y = self.target.y_of(data.target) if callable(self.scoring) else None
        return Validation(
            self._standardized(data),
            self.target,
            self.network,
            self.plain_loss,
            self.scoring,
            y,
        )

    def objective(self, network: Network) -> Objective:
        """Return what training minimizes, over the parameters of this network."""
        return Objective(network, self.loss, float(self.params.alpha))

    def _by_batches(self, watch) -> Outcome:
        """Train by steps over batches."""
        fit = self._fit_rows()
        self._set_networks(fit.rows)
        params, network, solver = self.params, self.network, self._solver()
        solver.phase, solver.fit = TRAINING, fit
        solver.trained = None if network is self.in_units else network.theta
        if solver.first_loss is None:
            objective, data = self.objective(network), self.standardized
            solver.first_loss = loss_of_first_weights(objective, self.target, data)
        self.progress = self._stochastic_progress(solver, fit)
        trained = network_to_train(params, network, solver)
        objective = self.objective(trained)
        steps = self.rows.steps(params, objective, self.standardized, solver)
        self.rows_per_epoch = steps.n_rows
        outcome = self._minimized(steps, trained, solver, watch)
        if not self.history.validation_scores:
            solver.best = None
        finish(solver, network)
        check_outputs(params, self.target, network, self.data)
        is_partial = self.call.kind == PARTIAL_FIT
        solver.phase = PARTIALLY_FITTED if is_partial else FITTED
        if outcome.interrupted:
            fit.params = None  # part of an epoch may have been trained
        return ended(outcome, self.progress)

    def _solver(self) -> Solver:
        """Return the current solver, or a new one."""
        state = self.state
        if state.solver is None:
            before = self.rows_before
            state.solver = start_solver(self.params, self.network, rows_seen=before)
        return state.solver

    def _fit_rows(self) -> FitRows:
        """Return the rows to train on: those of the resumed fit, or newly chosen ones."""
        call, has_X_val = self.call, self.validation_data is not None
        solver = self.state.solver
        if call.kind == RESUMED_FIT:
            assert solver is not None and solver.fit is not None, "the fit can be resumed"
            return solver.fit
        rows, held_out = np.arange(len(self.data.target)), None
        if self.params.early_stopping and not has_X_val:
            fraction = self.params.validation_fraction
            rows, held_out = hold_out(self.data, self.target, fraction, call.rng)
        if solver is not None:
            solver.best = None
        return FitRows(call.rng, rows, held_out, has_X_val, call.params, call.digests)

    def _stochastic_progress(self, solver, fit) -> Progress:
        """Return the monitor; with early stopping, restore the last parameters."""
        params = self.params
        data = (
            self.validation_data if fit.held_out is None else self.data.rows(fit.held_out)
        )
        progress = Progress(
            self.history,
            str(params.loss),
            NoImprovement(float(params.tol), patience(params)),
            validation=self._validation(data),
            schedule=solver.schedule,
            verbose=params.verbose,
            first_loss=solver.first_loss,
            unit=self.unit,
            write=partial(self.scale.write, self.network, self.in_units),
        )
        watched = self.state.watched
        if params.early_stopping:
            rows = "X_val" if fit.has_X_val else "held-out rows"
            progress.watched = f"{params.scoring or self.target.score_name} of {rows}"
            progress.best_parameters = solver.best = BestParameters(self.network.theta)
            resumes = self.call.kind == RESUMED_FIT
            if not (resumes and restore_last(self.network, solver)):
                watched = self._watched_after_best(progress, solver, fit)
        progress.continue_from(watched, self.earlier_best_epoch)
        return progress

    def _watched_after_best(self, progress, solver, fit) -> Watched:
        """Return the best value to continue from, and restore the last parameters.

        If weights were written to the network, or the rows or the loss differ, the network
        no longer has the best score. Early stopping then restarts from the current weights.
        The accuracy of held-out rows is an exception: a warm start compares it with the
        best score of all fits, as MLPClassifier does.
        """
        watched, validation = self.state.watched, progress.validation
        as_mlp_classifier = (
            solver.last is None and not fit.has_X_val and validation.scoring is None
        )
        last, solver.last = solver.last, None
        if watched.name != progress.watched or as_mlp_classifier:
            return watched
        if not validation.confirms(-watched.best, watched.loss):
            return Watched()
        if last is not None:
            self.network.theta[...] = last.theta
        return watched

    def _minimized(self, steps: Steps, trained: Network, solver, watch) -> Outcome:
        progress = self.progress
        n_products = steps.batch_size * self.network.weights.size
        try:
            with threads_for(n_products) as turn:
                return minimize_minibatch(
                    steps,
                    solver.schedule,
                    theta=trained.theta,
                    epochs=self.call.epochs,
                    monitor=InTurn(watch(progress, self._snapshot), turn),
                )
        except Divergence as error:
            reason = on_divergence(self.params, self.data, error)
            if progress.best_epoch is None or progress.n_iter == 0:
                raise ValueError(reason) from error
            return progress.ended_by_divergence(reason)

    def _by_lbfgs(self, watch) -> Outcome:
        """Train by L-BFGS over all rows."""
        self._set_networks(slice(None))
        params, network, data = self.params, self.network, self.standardized
        self.progress = progress = Progress(
            self.history,
            f"{params.loss} of all rows",
            NoImprovement(float(params.tol), np.inf),
            validation=self._validation(self.validation_data),
            verbose=params.verbose,
            unit=self.unit,
            write=partial(self.scale.write, self.network, self.in_units),
        )
        progress.continue_from(self.state.watched, self.earlier_best_epoch)
        try:
            with threads_for(len(data.target) * network.weights.size) as turn:
                outcome = minimize_lbfgs(
                    self.objective(network),
                    data.astype(network.theta.dtype),
                    max_iter=params.max_iter,
                    max_fun=params.max_fun,
                    tol=params.tol,
                    monitor=InTurn(watch(progress, self._snapshot), turn),
                )
        except Divergence as error:
            raise ValueError(on_divergence(params, data, error)) from error
        return ended(outcome, progress)
