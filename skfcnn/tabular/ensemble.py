"""TabularEnsemble: what an ensemble of networks for a table does for any kind of y.

A table is encoded as numbers. Every member, a fully connected network, is trained without
one fold of the rows, and keeps the parameters of its best epoch on that fold. The target
answers what depends on the kind of y: see `skfcnn.tabular.targets`.
"""

import os
import time
from functools import partial, reduce
from itertools import product
from numbers import Integral, Real
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd
from joblib import effective_n_jobs
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from skfcnn._sklearn import (
    CallbackSupportMixin,
    HasMethods,
    Interval,
    StrOptions,
    _check_sample_weight,
    fit_context,
)
from skfcnn._version import VersionedState
from skfcnn.estimator.construction import numeric_columns
from skfcnn.estimator.epoch_tasks import fit_task
from skfcnn.estimator.rows import GivenRows
from skfcnn.estimator.solver import rows_per_batch
from skfcnn.tabular.blending import mixing_weights
from skfcnn.tabular.described_columns import DescribesColumns
from skfcnn.tabular.encoding import encode, encode_training_rows
from skfcnn.tabular.families import NetworkFamily
from skfcnn.tabular.folds import Fold, folds, folds_of, splitter_for
from skfcnn.tabular.importances import ColumnImportances
from skfcnn.tabular.members import (
    Member,
    MemberData,
    plan_for,
    train_members,
)
from skfcnn.tabular.network_params import NetworkParams, refuse_unknown
from skfcnn.tabular.presets import EFFORTS, families
from skfcnn.tabular.progress import NetworkTasks, ProgressLines, print_summary
from skfcnn.tabular.recording import Drawn
from skfcnn.tabular.resuming import Recorder


class GivenTable(NamedTuple):
    """A table, its y, and what else is known of each row, as passed to `fit`."""

    X: Any = None
    y: Any = None
    sample_weight: ArrayLike | None = None
    groups: ArrayLike | None = None


class TabularEnsemble(
    DescribesColumns,
    ColumnImportances,
    NetworkParams,
    VersionedState,
    CallbackSupportMixin,
    BaseEstimator,
):
    """An ensemble of fully connected networks for a table."""

    encoder_: Any
    estimators_: list
    family_weights_: np.ndarray
    temperatures_: np.ndarray
    n_features_in_: int
    feature_names_in_: np.ndarray

    _target_class: Any  # type[EnsembleTarget]
    _target: Any  # EnsembleTarget
    _writes_checkpoints = True  # read by skfcnn.callbacks.Checkpoint
    _parameter_constraints: dict = {
        "effort": [StrOptions(set(EFFORTS))],
        "encoder": [StrOptions({"auto", "passthrough"}), HasMethods(["fit", "transform"])],
        "categorical_features": ["array-like", None],
        "numeric_features": ["array-like", None],
        "datetime_features": ["array-like", None],
        "drop_features": ["array-like", StrOptions({"auto"})],
        "cv": ["cv_object"],
        "time_limit": [Interval(Real, 0, None, closed="neither"), None],
        "network_params": [dict, None],
        "importances": ["boolean"],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def fit(
        self,
        X,
        y,
        sample_weight: ArrayLike | None = None,
        *,
        groups: ArrayLike | None = None,
        X_val=None,
        y_val=None,
        sample_weight_val: ArrayLike | None = None,
        resume_from: str | os.PathLike | None = None,
    ) -> Self:
        """Encode the table, and train the networks.

        Parameters
        ----------
        X : DataFrame, array-like of shape (n_samples, n_features), or records
            The table, as it is: a DataFrame of pandas, polars, pyarrow or any library that
            narwhals reads, an array, or a list of dicts.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            The target values: class labels, or for several labels per row a matrix of 0 and
            1.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row, not negative. None gives every row weight 1.
        groups : array-like of shape (n_samples,), default=None
            The group of each row, for a `cv` such as GroupKFold. With `cv=None`, the rows
            of a group are all in the same fold, as by StratifiedGroupKFold.
        X_val : table, default=None
            Rows to choose the epochs, the temperatures and the ensemble weights by. No fold
            is held out then: every network is trained on all rows of X.
        y_val : array-like, default=None
            Their target values; every label must occur in y. Required with X_val.
        sample_weight_val : array-like, default=None
            Their weights; `class_weight` does not change them.
        resume_from : str or path, default=None
            The directory of `skfcnn.callbacks.Checkpoint`, or a file `<fit>.ensemble` in
            it: the fit that wrote it, and was killed, is continued. With the same table and
            the same parameters (`n_jobs` and `verbose` may differ), the result is equal to
            the bit to that of a fit without interruption. Networks that are done are not
            trained again. If the directory has no file yet, the fit starts from scratch.
            Of a time limit, the time until the last checkpoint is used up; the time since
            then is not counted. A file holds numbers, text and arrays; reading it runs no
            code.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If the table, y or a parameter is invalid, or differs from that of the fit to
            resume, or if a file is damaged. The estimator is then unfitted.
        OSError
            If `resume_from` does not exist or cannot be read.
        """
        start_time = time.time()
        self.__dict__.pop("family_weights_", None)  # unfitted until fit succeeds
        given = GivenTable(X, y, sample_weight, groups)
        validation = GivenTable(X_val, y_val, sample_weight_val)
        return self._fit(given, validation, resume_from, start_time)

    @fit_context(prefer_skip_nested_validation=False)
    def _fit(self, given, validation, resume_from, start_time) -> Self:
        check_val(self, given, validation)
        target = self._target_class.of(given.y)
        y = target.encode(given.y)
        weights = checked_weights(given.sample_weight, y)
        weights = self._final_weights(target, y, weights)
        labels = y, weights, given.groups
        recorder = Recorder.of(self, resume_from, labels)
        drawn = recorder.drawn or self._draw(target, given, validation, (y, weights))
        data = MemberData(None, y, weights, drawn.folds)
        params = self._checked_network_params(min(len(fold.train) for fold in data.folds))
        context = self._init_callback_context(max_subtasks=len(drawn.seeds))
        tasks = NetworkTasks(self, context)
        with fit_task(self, context, GivenRows(*given[:3]), GivenRows(*validation[:3])):
            data = self._encoded(target, given, validation, data, drawn.encoder_seed)
            recorder.begin(self, data, labels, drawn)
            splits_means = self._splits_means(given, validation)
            self._keep_held_out((given.X, validation.X), data, splits_means)
            self._set_families(target, data, params)
            n_networks = len(self._families) * len(data.folds)
            self._train(data, drawn.seeds, recorder, tasks, start_time)
            self._set_weights(data)
            self._target = target
            self.__dict__.update(target.fitted_attributes())
            judged = given if validation.X is None else validation
            rng = np.random.RandomState(drawn.importances_seed)
            self._set_importances(judged.X, judged.y, data, rng)
        if self.verbose:
            self._print_summary(n_networks)
        return self

    def _draw(self, target, given, validation, labelled) -> Drawn:
        """Draw the folds and the seeds."""
        rng = check_random_state(self.random_state)
        rows = self._folds(target, given, validation, labelled, rng)
        # What a transformer draws for an int is the same for all ensembles with this int.
        is_int = isinstance(self.random_state, Integral)
        encoder_seed = self.random_state if is_int else rng.randint(2**31)
        n_networks = len(EFFORTS[self.effort].families) * len(rows)
        seeds = [int(rng.randint(2**31)) for _ in range(n_networks)]
        return Drawn(rows, int(encoder_seed), seeds, int(rng.randint(2**31)))

    def _set_families(self, target, data, params) -> None:
        """Set the families, without networks."""
        columns = numeric_columns(data.X)
        self._families = [
            NetworkFamily(
                family,
                target,
                n_features=data.X.shape[1],
                columns=columns,
                n_rows=len(data.folds[0].train),
                params=params,
            )
            for family in families(EFFORTS[self.effort], len(columns), params)
        ]

    def _final_weights(self, target, y, weights) -> np.ndarray:
        """Return the weights that training uses."""
        return weights

    def _folds(self, target, given, validation, labelled, rng) -> list[Fold]:
        """Return the rows to train on and to hold out, for each network of a kind."""
        y, weights = labelled
        n_folds = EFFORTS[self.effort].n_folds
        if validation.X is not None:
            n_val = len(target.encode(validation.y))
            all_rows = Fold(np.arange(len(y)), len(y) + np.arange(n_val))
            return [all_rows] * n_folds
        if isinstance(self.cv, Integral):
            return folds(target.strata(y), weights, int(self.cv), rng)
        cv = splitter_for(self.cv, given.groups, n_folds, rng)
        if cv is None:
            return folds(target.strata(y), weights, n_folds, rng)
        labels = target.strata(y) if self.cv is None else given.y
        missing_rows = partial(target.missing_rows, y)
        return folds_of(cv, (given.X, labels, given.groups), weights, missing_rows)

    def _encoded(self, target, given, validation, data: MemberData, seed) -> MemberData:
        """Fit the encoder, and return all rows, those to validate on last."""
        splits = None
        if self._splits_means(given, validation):
            splits = [fold[:2] for fold in data.folds]
        self.encoder_, X = encode_training_rows(self, given.X, given.y, splits, seed)
        if validation.X is None:
            return MemberData(X, data.y, data.weights, data.folds)
        y_val = target.encode(validation.y)
        weights = checked_weights(validation.sample_weight, y_val)
        X_val = encode(self, validation.X)
        check_consistent_length(X_val, y_val)
        return MemberData(
            np.vstack([X, X_val]),
            np.concatenate([data.y, y_val]),
            np.concatenate([data.weights, weights]),
            data.folds,
        )

    def _splits_means(self, given, validation) -> bool:
        """Return whether target means are computed within the folds."""
        return validation.X is None and (self.cv is not None or given.groups is not None)

    def _checked_network_params(self, n_rows) -> dict:
        params = self.network_params or {}
        name, network_class = type(self).__name__, self._target_class.network_class
        for refused, reason in NOT_OF_NETWORKS.items():
            if refused in params:
                raise ValueError(
                    f"network_params has a {refused}, {reason}. Use the {refused} of "
                    f"{name}."
                )
        refuse_unknown(params, network_class, name)
        network_class(**params)._validate_params()
        rows_per_batch(
            params.get("batch_size", "auto"), n_rows
        )  # warns once, not for every network
        return params

    def _train(self, data, seeds, recorder, tasks, start_time) -> None:
        """Train a network of each family for each fold, within the time limit."""
        places = product(self._families, range(len(data.folds)))
        pairs = zip(places, seeds, strict=False)  # some kinds may not suit the table
        members = [
            Member(family, fold, seed, number)
            for number, ((family, fold), seed) in enumerate(pairs)
        ]
        n_jobs = effective_n_jobs(self.n_jobs)
        plan = plan_for(members, data, start_time, self.time_limit, n_jobs, recorder)
        lines = ProgressLines(members, plan.workers)
        for member, trained in train_members(members, data, plan, recorder, tasks):
            member.family.add(trained)
            if self.verbose:
                print(lines.after(member, trained, plan.end), flush=True)
        self._families = [family for family in self._families if family.members]
        self.estimators_ = [each for family in self._families for each in family.members]

    def _set_weights(self, data) -> None:
        """Set the temperature and the ensemble weight of each family."""
        judged = [
            family.judge(data.of(family), data.folds[: len(family.members)])
            for family in self._families
        ]
        common = reduce(np.intersect1d, [rows for rows, _ in judged])
        likelihoods = [p[np.isin(rows, common)] for rows, p in judged]
        n_labels = likelihoods[0].size // max(1, len(common))
        self.temperatures_ = np.array([family.temperature for family in self._families])
        self.family_weights_ = mixing_weights(
            np.array([p.ravel() for p in likelihoods]),
            data.weights[common].repeat(n_labels),
        )

    @property
    def leaderboard_(self) -> pd.DataFrame:
        """A row for each network, see the attributes of the class."""
        if not self.__sklearn_is_fitted__():
            raise AttributeError(f"This {type(self).__name__} has no leaderboard_: fit it.")
        pairs = zip(self._families, self.family_weights_, strict=True)
        boards = [family.leaderboard(weight) for family, weight in pairs]
        return pd.concat(boards, ignore_index=True)

    def _print_summary(self, n_networks: int) -> None:
        print_summary(self, n_networks)

    def _outputs(self, X) -> np.ndarray:
        """Return the weighted mean of the outputs of all networks."""
        check_is_fitted(self, "family_weights_")
        encoded = encode(self, X)
        of_families = [family.predict(encoded) for family in self._families]
        return np.tensordot(self.family_weights_, of_families, axes=1)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "family_weights_")


# Parameters of networks that belong to the ensemble, and why.
NOT_OF_NETWORKS = {
    "random_state": "so all networks would be trained with the same one",
    "class_weight": "but the calibration needs the weights too",
}


def checked_weights(sample_weight, y) -> np.ndarray:
    """Return the weight of each row; raise ValueError if one is negative, or all are 0."""
    weights = _check_sample_weight(
        sample_weight, np.empty((len(y), 1)), ensure_non_negative=True
    )
    if not weights.any():
        raise ValueError("Sample weights must contain at least one non-zero number.")
    return weights


def check_val(model, given: GivenTable, validation: GivenTable) -> None:
    """Raise ValueError if what is passed to `fit` contradicts itself."""
    has_X, has_y = validation.X is not None, validation.y is not None
    if has_X != has_y or (validation.sample_weight is not None and not has_X):
        raise ValueError(
            "X_val and y_val must be passed together. Pass both, or neither (and then no "
            "sample_weight_val)."
        )
    if has_X and (model.cv is not None or given.groups is not None):
        raise ValueError(
            "With X_val no fold is held out, so cv and groups have no meaning. Use cv=None "
            "and groups=None, or pass no X_val."
        )
    if given.groups is not None:
        check_consistent_length(given.y, given.groups)
        is_missing = pd.isna(np.asarray(given.groups, dtype=object))
        if is_missing.any():
            raise ValueError(
                f"groups has {is_missing.sum()} missing value(s), the first in row "
                f"{is_missing.argmax()}. Give each of these rows a group."
            )
