"""fit and partial_fit: the estimator is fitted completely, or unchanged."""

import copy
import os
import uuid
import warnings
from collections.abc import Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import check_scoring
from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import available_if

from skfcnn._sklearn import (
    _check_partial_fit_first_call,
    fit_context,
)
from skfcnn.estimator.constraints import check_compatible
from skfcnn.estimator.construction import continued_network, new_network
from skfcnn.estimator.data import CheckedInput
from skfcnn.estimator.diagnostics import on_the_end
from skfcnn.estimator.epoch_tasks import EpochTasks
from skfcnn.estimator.labels import classes_in
from skfcnn.estimator.resuming import (
    FREE,
    check_course,
    check_same_data,
    copy_fit,
    digests,
    parameters_that_count,
    to_resume_from,
)
from skfcnn.estimator.solver import rows_per_batch, start_solver
from skfcnn.estimator.targets import ClassTarget
from skfcnn.estimator.training_run import train_lbfgs, train_minibatch
from skfcnn.estimator.validation import WeightedScorer
from skfcnn.training.minibatch import MinibatchSteps, Outcome
from skfcnn.training.objective import Data
from skfcnn.training.optimizers import OPTIMIZERS
from skfcnn.training.threads import end_turns_but, others_turn, turns_of_this_thread

INTERRUPTED = "Training interrupted by user."


def _unwatched(progress, snapshot):
    return progress


def _not_looked_at(data, validation_data):
    pass


class LearningNetwork(CheckedInput):
    """An estimator whose network is trained by `fit` and `partial_fit`."""

    classes_: np.ndarray
    dtype_: np.dtype
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
    # Names of attributes that exist only during a fit.
    _of_a_fit: frozenset[str] = frozenset()

    _free_to_differ = FREE

    @fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
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
    ) -> Self:
        """Train the network on X and y.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The input data. Scale it first, for example by StandardScaler.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Class labels, or a matrix of 0 and 1 with one column per label.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row, not negative; None gives every row weight 1.
        X_val : {array-like, sparse matrix} of shape (n_val, n_features), default=None
            Rows to validate on: after every epoch or iteration, their score and mean loss
            are recorded. With `early_stopping=True` they take the place of rows held out.
            In a pipeline they are transformed like X only if it has
            `transform_input=["X_val"]`; there is a warning where they clearly are not.
        y_val : array-like of shape (n_val,) or (n_val, n_labels), default=None
            Their labels, all among those of y. Needed with X_val.
        sample_weight_val : array-like of shape (n_val,), default=None
            Their weights; `class_weight` does not change them.
        coefs_init : list of ndarrays of shape (n_in, n_out), default=None
            Weights of each layer to start from.
        intercepts_init : list of ndarrays of shape (n_out,), default=None
            Biases of each layer to start from.
        resume_from : FullyConnectedClassifier, str or path, default=None
            A classifier (perhaps this one) whose `fit` by a stochastic solver, on the
            same data and with the same parameters, ended before its time: at a smaller
            `max_iter`, by `stop_after`, or by a callback. Training continues exactly where
            that one ended, solver and shuffles included, up to `max_iter` epochs in all.
            Or a file that `skfcnn.callbacks.Checkpoint` wrote, or its directory: then the
            last file that is whole; if there is none yet, the fit begins anew. A file holds
            numbers, text and arrays; loading it runs no code, even of a crafted file.
            Functions and other objects among the parameters are taken from this classifier,
            and need the names that the file has recorded.
        stop_after : int, default=None
            Stop after so many epochs, of the `max_iter` that a schedule is made for.
            After 0 the model has its first parameters, perhaps those of `coefs_init` and
            `intercepts_init`, and has seen X and y for features and classes only.

        Returns
        -------
        self : FullyConnectedClassifier

        Raises
        ------
        ValueError
            For input that cannot be used, and when training diverges. The classifier is
            then what it was before the call; but a solver that had begun to train is lost,
            so that a fit that failed while it was resumed cannot be resumed again.
        OSError
            Where `resume_from` is a path, and nothing is there or can be read.
        """
        check_compatible(self)
        has_init = coefs_init is not None or intercepts_init is not None
        resumes = resume_from is not None
        check_course(self.solver, stop_after, resumes=resumes, has_init=has_init)
        context = self._init_callback_context(max_subtasks=int(self.max_iter) + 1)
        resume_from = to_resume_from(resume_from, self)
        metadata = {
            "sample_weight": sample_weight,
            "X_val": X_val,
            "y_val": y_val,
            "sample_weight_val": sample_weight_val,
        }
        with self._whole_or_unchanged(), self._task(context, X, y, metadata) as watch:
            data, outcome = self._learn(
                X,
                y,
                **metadata,
                coefs_init=coefs_init,
                intercepts_init=intercepts_init,
                resume_from=resume_from,
                stop_after=stop_after,
                watch=watch,
                look_at=self._warn_of_unlike_rows,
            )
            if outcome is not None:
                self._tell(data, outcome)
        return self

    def _learn(
        self,
        X,
        y,
        sample_weight,
        *,
        X_val,
        y_val,
        sample_weight_val,
        coefs_init=None,
        intercepts_init=None,
        resume_from=None,
        stop_after=None,
        watch=_unwatched,
        look_at=_not_looked_at,
    ) -> tuple[Data, Outcome | None]:
        """Train without warnings; return the outcome, None if there was nothing to do.

        `look_at(data, validation_data)` is called before training.
        """
        has_init = coefs_init is not None or intercepts_init is not None
        resumes = resume_from is not None
        if resumes:
            copy_fit(self, resume_from)
        else:
            self.__dict__.pop("_solver", None)
        goes_on = resumes or (self.warm_start and self.__sklearn_is_fitted__())
        data = self._check_data(X, y, sample_weight, goes_on=goes_on)
        rng = self._solver.rng if resumes else check_random_state(self.random_state)
        self._set_network(data, rng, goes_on=goes_on)
        validation_data = self._validation_data(X_val, y_val, sample_weight_val)
        look_at(data, validation_data)
        if resumes:
            taken = self._digests(data, validation_data)
            check_same_data(self._solver, data, validation_data, taken)
        else:
            self._fit_id = uuid.uuid4().hex
        if has_init:
            self._start_from(coefs_init, intercepts_init)
        epochs = self._epochs(stop_after, done=self.n_iter_ if resumes else 0)
        begun = None if resumes else self._begun(data, validation_data, stop_after)
        if resumes and (not epochs or self.converged_):
            return data, None
        outcome = self._train(
            data,
            rng,
            goes_on=goes_on,
            validation_data=validation_data,
            epochs=epochs,
            begun=begun,
            watch=watch,
        )
        return data, outcome

    def _tell(self, data, outcome):
        """Warn the user of what went wrong in training."""
        if outcome.interrupted:
            warnings.warn(INTERRUPTED, stacklevel=4)
        for words in on_the_end(self, data, outcome):
            warnings.warn(words, ConvergenceWarning, stacklevel=4)

    def _fit_as_member(self, X, y, sample_weight, *, watch, **validation_data) -> Outcome:
        """Train as a member of an ensemble, without the warnings of `fit`.

        Returns
        -------
        outcome : Outcome
            It tells whether the user has interrupted the training.
        """
        self._validate_params()
        check_compatible(self)
        with self._whole_or_unchanged():
            _, outcome = self._learn(X, y, sample_weight, watch=watch, **validation_data)
        assert outcome is not None, "only a fit that is resumed can have nothing to do"
        return outcome

    def _begun(self, data, validation_data, stop_after):
        """Return the parameters and digests that a fit has to share to resume this one.

        Digests take a small part of the time of an epoch, and are computed only if the fit
        may be resumed.
        """
        is_to_be_resumed = stop_after is not None or hasattr(self, "_skl_callbacks")
        taken = self._digests(data, validation_data) if is_to_be_resumed else None
        return {"params": parameters_that_count(self), "data": taken}

    def _digests(self, data, validation_data):
        return digests(data, validation_data)

    def _steps_over(self, objective, data, solver):
        """Return the steps of an epoch over the rows of the solver."""
        return MinibatchSteps(
            objective,
            data,
            solver.optimizer,
            rows=solver.rows,
            batch_size=rows_per_batch(self.batch_size, len(solver.rows)),
            shuffle=self.shuffle,
            rng=solver.rng,
        )

    def _start_from(self, coefs_init, intercepts_init):
        if coefs_init is not None:
            self._views("coefs_init", "weights")[:] = coefs_init
        if intercepts_init is not None:
            self._views("intercepts_init", "bias")[:] = intercepts_init
        self.__dict__.pop("_watched", None)  # the best so far is of other weights

    def _epochs(self, stop_after, *, done):
        last = self.max_iter if stop_after is None else done + int(stop_after)
        return range(done, min(last, self.max_iter))

    def _has_partial_fit(self):
        if self.solver not in OPTIMIZERS:
            raise AttributeError(
                "partial_fit is only available for stochastic optimizers. "
                f"{self.solver} is not stochastic. Use solver='adam' or solver='sgd'."
            )
        return True

    @available_if(_has_partial_fit)
    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(
        self,
        X,
        y,
        sample_weight: ArrayLike | None = None,
        classes: ArrayLike | None = None,
        *,
        X_val=None,
        y_val: ArrayLike | None = None,
        sample_weight_val: ArrayLike | None = None,
    ) -> Self:
        """Train for one epoch on X and y, from where the last call ended.

        After a fit with early stopping that is from the best parameters, which it restored,
        unless this call has early stopping too. Callbacks are for `fit` only.

        The solver under way keeps the parameters that it was started with (`solver`, the
        learning rate and its schedule, momentum, `beta_1`, `beta_2`, `epsilon`,
        `weight_decay`, `max_grad_norm`, `learning_rate_multipliers`, `weight_averaging`):
        new ones wait for the next `fit`. A new `dtype` starts a new solver; other layer
        sizes are refused; all else takes effect at once.

        A model that was trained by this method last takes its solver along into pickles,
        files and copies, and continues there with the same bits.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The input data.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Class labels, or a matrix of 0 and 1 with one column per label.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row, not negative; None gives every row weight 1.
        classes : array-like of shape (n_classes,), default=None
            All classes that any call will bring. Needed in the first call only.
        X_val, y_val, sample_weight_val
            Rows to validate on after the epoch, as in `fit`. With `early_stopping=True`
            they are needed, and should be the same in every call: the classifier then has
            the parameters of the best call so far, the next call continues from the last
            ones, and `converged_` tells when `fit` would have stopped.

        Returns
        -------
        self : FullyConnectedClassifier

        Raises
        ------
        ValueError
            For input that cannot be used, with `early_stopping=True` and no X_val, and
            when training diverges. The classifier is then what it was before the call; but
            if training had begun, the solver under way is lost, and the next call starts a
            new one.
        """
        if self.early_stopping and X_val is None:
            raise ValueError(
                "partial_fit does not support early_stopping=True without X_val. "
                "Use early_stopping=False, give X_val and y_val, or fit."
            )
        if self.class_weight == "balanced":
            raise ValueError(
                "partial_fit does not see all rows, and so cannot balance the classes. "
                "Use class_weight=dict(zip(classes, compute_class_weight('balanced', "
                "classes=classes, y=y))), with a y that is like all rows."
            )
        check_compatible(self)
        with self._whole_or_unchanged():
            if goes_on := self.__sklearn_is_fitted__():
                self._validate_params()
            if classes is not None:
                classes_in(classes)  # raises an error that says what is wrong
            is_first = _check_partial_fit_first_call(self, classes)
            X, y = self._check_X_y(X, y, reset=not goes_on)
            if is_first:
                self._target = ClassTarget.declared(classes, y)
            self._target.check_known(y)
            data = self._make_data(X, y, sample_weight)
            rng = check_random_state(self.random_state)
            self._set_network(data, rng, goes_on=goes_on)
            validation_data = self._validation_data(X_val, y_val, sample_weight_val)
            outcome = self._train(
                data,
                rng,
                goes_on=goes_on,
                validation_data=validation_data,
                epochs=range(1),
                begun={"params": None, "data": None, "of_partial_fit": True},
                watch=_unwatched,
            )
            if outcome.interrupted:
                warnings.warn(INTERRUPTED, stacklevel=3)
        return self

    @contextmanager
    def _task(self, context, X, y, metadata):
        """Call the callbacks of the fit, and yield what calls them for each epoch."""
        if not hasattr(self, "_skl_callbacks"):
            yield _unwatched
            return
        metadata = {name: data for name, data in metadata.items() if data is not None}
        given = {"X": X, "y": y, "metadata": metadata}
        context.call_on_fit_task_begin(estimator=self, **given)
        yield partial(EpochTasks, context=context, estimator=self, given=given)
        context.call_on_fit_task_end(estimator=self, **given, reconstruction_attributes={})

    @contextmanager
    def _whole_or_unchanged(self):
        """Restore everything if fitting fails, so that no model is half fitted.

        A solver that was training when it failed is dropped, as its averages contain the
        gradients that led there.
        """
        before = vars(self).copy()
        theta = self._network.theta.copy() if self.__sklearn_is_fitted__() else None
        turns = turns_of_this_thread()
        try:
            yield
        except BaseException:
            end_turns_but(turns)
            used = vars(self).get("_solver")
            vars(self).clear()
            vars(self).update(before)
            if theta is not None:
                self._network.theta[...] = theta
            if used is before.get("_solver") and getattr(used, "under_way", False):
                self.__dict__.pop("_solver", None)
            raise

    def _scorer(self):
        """Return the scoring of the validation: a name, or a function of X, y, weights."""
        if self.scoring in (None, "loss", "calibrated_loss"):
            return self.scoring
        scorer = WeightedScorer(check_scoring(self, scoring=self.scoring), self.scoring)
        unnamed = object.__new__(type(self))  # the rows are an array by then
        vars(unnamed).update(vars(self))
        vars(unnamed).pop("feature_names_in_", None)

        # A user's function may run fits in other threads, and wait for them.
        turn = others_turn if callable(self.scoring) else nullcontext

        def score(X, y, weights):
            are_alike = (weights == weights[0]).all()
            with turn():
                return scorer(unnamed, X, y, None if are_alike else weights)

        return score

    def _set_network(self, data, rng, *, goes_on):
        if goes_on:
            network = continued_network(self, self._network)
            if network.theta.dtype != self._network.theta.dtype:
                self.__dict__.pop("_solver", None)
            elif not self._network.theta.flags.writeable and hasattr(self, "_solver"):
                self._solver = copy.deepcopy(self._solver)  # of a memory map, as theta is
            self._network = network
        else:
            self._network = new_network(self, data, rng)
        self._set_described()

    def _set_described(self):
        """Set the attributes that tell of the target and of the network."""
        vars(self).update(self._target.fitted_attributes())
        self.dtype_ = self._network.theta.dtype
        self.n_layers_ = len(self._network.sizes)
        self.n_outputs_ = self._network.sizes[-1]

    def _train(self, data, rng, *, goes_on, validation_data, epochs, begun, watch):
        """Train the network, with the current solver if there is one.

        `begun` is None for a fit that is resumed.
        """
        network, target = self._network, self._target
        history = vars(self) if goes_on else {"t_": 0}
        watched = {
            "validation_data": validation_data,
            "scoring": self._scorer(),
            "watch": watch,
        }
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            if self.solver == "lbfgs":
                outcome, attributes = train_lbfgs(
                    self, network, target, data, history=history, **watched
                )
            else:
                if not hasattr(self, "_solver"):
                    rows_seen = history["t_"]
                    self._solver = start_solver(self, network, rows_seen=rows_seen)
                if begun is not None:
                    self._solver.begin_fit(rng, **begun)
                outcome, attributes = train_minibatch(
                    self,
                    network,
                    target,
                    data,
                    solver=self._solver,
                    epochs=epochs,
                    history=history,
                    steps_over=self._steps_over,
                    **watched,
                )
        vars(self).update(
            attributes,
            loss_=outcome.loss,
            n_iter_=outcome.n_iter,
            converged_=outcome.converged,
        )
        if outcome.diverged:
            del self._solver  # its averages contain what went wrong
        return outcome
