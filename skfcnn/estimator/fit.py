"""fit and partial_fit: the estimator is fitted completely, or unchanged."""

import copy
import os
import uuid
import warnings
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state

from skfcnn._sklearn import fit_context
from skfcnn.estimator.aliases import add_hint
from skfcnn.estimator.base import FittedNetwork
from skfcnn.estimator.calls import FIT, PARTIAL_FIT, RESUMED_FIT, Call
from skfcnn.estimator.constraints import check_compatible
from skfcnn.estimator.construction import continued_network, new_network
from skfcnn.estimator.data import check_X_y, make_data, make_validation_data
from skfcnn.estimator.diagnostics import on_the_end, on_validation_rows
from skfcnn.estimator.epoch_tasks import fit_task, no_tasks
from skfcnn.estimator.resuming import (
    FREE,
    Start,
    check_same_data,
    check_start,
    copy_fit,
    digests,
    parameters_that_count,
    to_resume_from,
)
from skfcnn.estimator.rows import GivenRows, Rows, RowsInMemory
from skfcnn.estimator.training_run import TrainingRun
from skfcnn.estimator.training_state import TrainingState, Watched, whole_or_unchanged
from skfcnn.training.minibatch import Outcome
from skfcnn.training.optimizers import OPTIMIZERS

INTERRUPTED = "Training interrupted by user."


def has_partial_fit(estimator) -> bool:
    """Return True, or raise AttributeError: only stochastic solvers have partial_fit."""
    if estimator.solver not in OPTIMIZERS:
        raise AttributeError(
            "partial_fit is only available for stochastic optimizers. "
            f"{estimator.solver} is not stochastic. Use solver='adam' or solver='sgd'."
        )
    return True


# Editors take `Self` for the class that defines a method, and complete only its names.
Estimator = TypeVar("Estimator", bound="LearningNetwork")


class LearningNetwork(FittedNetwork):
    """An estimator whose network is trained by `fit` and `partial_fit`."""

    dtype_: np.dtype
    history_: dict[str, list[float]]
    loss_: float
    loss_curve_: list[float]
    best_loss_: float | None
    validation_scores_: list[float] | None
    validation_loss_curve_: list[float] | None
    best_validation_score_: float | None
    best_epoch_: int | None
    converged_: bool
    n_iter_: int
    t_: int
    n_features_in_: int
    feature_names_in_: np.ndarray
    n_layers_: int
    n_outputs_: int
    out_activation_: str
    _training: TrainingState
    _run: TrainingRun  # during a fit

    _free_to_differ = FREE

    @fit_context(prefer_skip_nested_validation=True)
    def fit(
        self: Estimator,
        X,
        y,
        sample_weight: ArrayLike | None = None,
        *,
        X_val=None,
        y_val: ArrayLike | None = None,
        sample_weight_val: ArrayLike | None = None,
        coefs_init: Sequence[np.ndarray] | None = None,
        intercepts_init: Sequence[np.ndarray] | None = None,
        resume_from: "LearningNetwork | str | os.PathLike | None" = None,
        stop_after: int | None = None,
    ) -> Estimator:
        """Train the network on X and y.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The input data. Scale it first, for example by StandardScaler.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            The target values: class labels, or for several labels per row a matrix of 0 and
            1; for a regressor numbers.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row, nonnegative. None gives every row weight 1.
        X_val : {array-like, sparse matrix} of shape (n_val, n_features), default=None
            Validation data. Its score and mean loss are recorded after every epoch or
            iteration. With `early_stopping=True`, it is used instead of rows held out from
            X. A pipeline transforms it like X only with `transform_input=["X_val"]`. There
            is a warning if it is clearly not scaled like X.
        y_val : array-like of shape (n_val,) or (n_val, n_outputs), default=None
            Target values of X_val; class labels must all occur in y. Required with X_val.
        sample_weight_val : array-like of shape (n_val,), default=None
            Weights of the rows of X_val; `class_weight` does not change them.
        coefs_init : list of ndarrays of shape (n_in, n_out), default=None
            Initial weights of each layer, in the units of `coefs_`.
        intercepts_init : list of ndarrays of shape (n_out,), default=None
            Initial biases of each layer.
        resume_from : FullyConnectedClassifier or FullyConnectedRegressor, str or path, \
                default=None
            An estimator, possibly this one, whose `fit` is resumed. That fit must have
            used a stochastic solver, the same data and the same parameters, and must have
            been stopped early: by a smaller `max_iter`, by `stop_after`, or by a callback.
            Training continues exactly where it ended, with the same state of solver and
            shuffles, up to `max_iter` epochs in total.
            Alternatively, a file written by `skfcnn.callbacks.Checkpoint`, or its
            directory, of which the last undamaged file is used. If the directory has no
            file yet, the fit starts from scratch. A file holds numbers, text and arrays;
            loading it runs no code, even if it is crafted. Parameters that are functions or
            other objects are taken from this estimator, and must have the names that the
            file has recorded.
        stop_after : int, default=None
            Stop after this number of epochs. A schedule is still computed for `max_iter`
            epochs. With 0 the model is not trained: it has its initial parameters, or those
            of `coefs_init` and `intercepts_init`, and the features and the target of X, y.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If the input is invalid, or if training diverges. The estimator is then the
            same as before the call, but a solver that has started to train is dropped: if a
            resumed fit fails in training, it cannot be resumed again.
        OSError
            If `resume_from` is a path that does not exist or cannot be read.
        """
        return self._fit(
            RowsInMemory(X, y, sample_weight),
            GivenRows(X_val, y_val, sample_weight_val),
            Start(coefs_init, intercepts_init, resume_from, stop_after),
        )

    def _fit(self, rows: Rows, validation: GivenRows, start: Start) -> Self:
        """Train on rows from any source, and warn about problems."""
        check_compatible(self)
        check_start(self.solver, start)
        context = self._init_callback_context(max_subtasks=int(self.max_iter) + 1)
        start = start._replace(resume_from=to_resume_from(start.resume_from, self))
        with (
            whole_or_unchanged(self),
            fit_task(self, context, rows.given, validation) as watch,
        ):
            self._run = run = self._begin(rows, validation, start)
            if run.validation_data is not None:
                words = on_validation_rows(run.data.X, run.validation_data.X)
                if words is not None:
                    warnings.warn(words, UserWarning, stacklevel=4)
            if run.call.kind == FIT or (run.call.epochs and not self.converged_):
                outcome = self._train(run, watch)
                self._warn_of(run, outcome)
        return self

    def _fit_as_member(
        self,
        rows: Rows,
        validation: GivenRows,
        watch: Callable,
        checking: AbstractContextManager,
        resume_from: "LearningNetwork | None" = None,
    ) -> Outcome | None:
        """Train as a member of an ensemble, without the warnings of `fit`.

        Parameters
        ----------
        rows : Rows
            Where the rows of the fit come from.
        validation : GivenRows
            The rows to validate on.
        watch : callable
            `watch(tasks, progress, snapshot)` returns the monitor of the epochs;
            `tasks(progress, snapshot)` is the one that calls the callbacks.
        checking : context manager
            Entered while the rows are checked.
        resume_from : LearningNetwork, default=None
            The network whose fit is continued.

        Returns
        -------
        outcome : Outcome or None
            It has a flag that is set if the user interrupted training. None if the fit
            that is continued was over.
        """
        self._validate_params()
        check_compatible(self)
        context = self._init_callback_context(max_subtasks=int(self.max_iter) + 1)
        with (
            whole_or_unchanged(self),
            fit_task(self, context, rows.given, validation) as tasks,
        ):
            with checking:
                run = self._begin(rows, validation, Start(resume_from=resume_from))
            is_over = run.call.kind == RESUMED_FIT and self.converged_
            if is_over or not run.call.epochs:
                return None
            return self._train(run, partial(watch, tasks))

    def _begin(self, rows: Rows, validation: GivenRows, start: Start) -> TrainingRun:
        """Prepare the network and the state, and return the training run of a fit."""
        resumes = start.resume_from is not None
        if resumes:
            copy_fit(self, start.resume_from)
        continues = resumes or (self.warm_start and self.__sklearn_is_fitted__())
        if not resumes:
            watched = self._training.watched if continues else Watched()
            self._training = TrainingState(watched)
        data = rows.read(self, continues=continues)
        rng = check_random_state(self.random_state)
        self._set_network(data, rng, continues=continues)
        validation_data = make_validation_data(self, *validation)
        kind, done = (RESUMED_FIT, self.n_iter_) if resumes else (FIT, 0)
        epochs = self._epochs(start.stop_after, done=done)
        call = Call(
            kind,
            epochs,
            rng,
            continues,
            coefs_init=start.coefs_init,
            intercepts_init=start.intercepts_init,
        )
        # Digests take a part of the time of an epoch, and only resumed fits need them.
        if resumes or start.stop_after is not None or hasattr(self, "_skl_callbacks"):
            now = digests(data, validation_data) | rows.digests()
            call = call._replace(digests=now)
        if resumes:
            check_same_data(self._training.solver, data, validation_data, call.digests)
        else:
            self._training.fit_id = uuid.uuid4().hex
            call = call._replace(params=parameters_that_count(self))
        return TrainingRun(self, rows, data, validation_data, call)

    def _train(self, run: TrainingRun, watch) -> Outcome:
        """Train, and set the fitted attributes; `history_` is filled epoch by epoch."""
        self.history_ = run.history.epochs
        outcome = run.train(watch)
        self.__dict__.update(run.attributes())
        return outcome

    def _warn_of(self, run, outcome):
        """Warn the user about problems in training."""
        if outcome.interrupted:
            warnings.warn(INTERRUPTED, stacklevel=5)
        for words in on_the_end(run, outcome):
            warnings.warn(words, ConvergenceWarning, stacklevel=5)

    def _epochs(self, stop_after, *, done):
        last = self.max_iter if stop_after is None else done + int(stop_after)
        return range(done, min(last, self.max_iter))

    def _train_one_epoch(
        self, given: GivenRows, validation: GivenRows, create: Callable
    ) -> Self:
        """Train as `partial_fit`; `create(y)` returns the target of the first call."""
        if self.early_stopping and validation.X is None:
            raise ValueError(
                "partial_fit does not support early_stopping=True without X_val. "
                "Use early_stopping=False, pass X_val and y_val, or call fit."
            )
        check_compatible(self)
        with whole_or_unchanged(self):
            if continues := self.__sklearn_is_fitted__():
                self._validate_params()
            X, y = check_X_y(self, given.X, given.y, reset=not continues)
            if continues:
                self._target.check_params(self)
            else:
                self._target = create(y)
            self._target.check_known(y)
            data = make_data(self, X, y, given.sample_weight)
            rng = check_random_state(self.random_state)
            self._set_network(data, rng, continues=continues)
            validation_data = make_validation_data(self, *validation)
            call = Call(PARTIAL_FIT, range(1), rng, continues)
            rows = RowsInMemory(X, y, given.sample_weight)
            run = TrainingRun(self, rows, data, validation_data, call)
            if self._train(run, no_tasks).interrupted:
                warnings.warn(INTERRUPTED, stacklevel=4)
        return self

    def _set_network(self, data, rng, *, continues):
        if continues:
            network, state = continued_network(self, self._network), self._training
            if network.theta.dtype != self._network.theta.dtype:
                state.solver = None
            elif not self._network.theta.flags.writeable and state.solver is not None:
                state.solver = copy.deepcopy(state.solver)  # a memory map, like theta
            self._network = network
        else:
            self._network = new_network(self, self._target, data, rng)
        self._set_described()

    def _set_described(self):
        """Set the attributes that describe the target and the network."""
        vars(self).update(self._target.fitted_attributes())
        self.dtype_ = self._network.theta.dtype
        self.n_layers_ = len(self._network.sizes)
        self.n_outputs_ = self._network.sizes[-1]

    def _validate_params(self) -> None:
        """Validate the parameters; an error names the value for an alias."""
        try:
            super()._validate_params()
        except ValueError as error:
            add_hint(error, self.get_params(deep=False), self._parameter_constraints)
            raise
