"""TabularEnsemble: the part of the ensembles for tables that does not depend on y.

A table is encoded as a numeric array. Each member, a fully connected network or trees, is
trained without one fold of the rows; networks and boosted trees have early stopping on that
fold. What depends on the type of y is in the target: see `skfcnn.tabular.targets`.
"""

import os
import time
from functools import reduce
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
import pandas as pd
from joblib import effective_n_jobs
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from skfcnn._sklearn import (
    CallbackSupportMixin,
    HasMethods,
    Interval,
    StrOptions,
    fit_context,
)
from skfcnn._version import VersionedState
from skfcnn.estimator.construction import numeric_columns
from skfcnn.estimator.epoch_tasks import fit_task
from skfcnn.estimator.rows import GivenRows
from skfcnn.tabular.described_columns import DescribesColumns
from skfcnn.tabular.drawing import draw, splits_means
from skfcnn.tabular.encoding import encode
from skfcnn.tabular.families import NetworkFamily
from skfcnn.tabular.family import ModelFamily
from skfcnn.tabular.given_table import (
    GivenTable,
    check_val,
    checked_weights,
    warn_of_other_order,
)
from skfcnn.tabular.importances import ColumnImportances
from skfcnn.tabular.member_data import MemberData, encoded_data
from skfcnn.tabular.members import Member, plan_for, train_members
from skfcnn.tabular.network_params import NetworkParams, checked_network_params
from skfcnn.tabular.presets import EFFORTS, families
from skfcnn.tabular.progress import NetworkTasks, ProgressLines, print_summary
from skfcnn.tabular.resuming import Recorder
from skfcnn.tabular.tree_families import tree_families


class TabularEnsemble(
    DescribesColumns,
    ColumnImportances,
    NetworkParams,
    VersionedState,
    CallbackSupportMixin,
    BaseEstimator,
):
    """An ensemble of fully connected networks and trees for a table."""

    encoder_: Any
    estimators_: list
    family_weights_: np.ndarray
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
        "trees": ["boolean", StrOptions({"auto"})],
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
        """Encode the table, and train the models.

        Parameters
        ----------
        X : DataFrame, array-like of shape (n_samples, n_features), or records
            The table without preprocessing: a DataFrame of pandas, polars, pyarrow or any
            library that narwhals supports, an array, or a list of dicts.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Target values. For TabularClassifier: class labels, or a matrix of 0 and 1 for
            a multilabel target. For TabularRegressor: numbers, with a column for each
            output.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row, nonnegative. None gives every row weight 1. Rows with weight
            zero are ignored, except that their classes are known and that a splitter given
            as `cv` splits them too. Integer weights are equivalent to repeated rows in the
            encoder "auto", the losses, temperatures and ensemble weights. For other
            weights, and for equal ones, only the proportions matter. The result is not
            identical to a fit with repeated rows, since the batches differ. An `encoder`
            other than "auto" gets no weights.
        groups : array-like of shape (n_samples,), default=None
            Group of each row, for a `cv` such as GroupKFold. If `cv` is None or an int, all
            rows of a group are in the same fold, as with StratifiedGroupKFold.
        X_val : table, default=None
            Validation data. It is used instead of held-out folds for early stopping,
            temperatures, ensemble weights, intervals, prediction sets and importances, and
            every model is trained on all rows of X. Cannot be used with `cv` or `groups`.
        y_val : array-like, default=None
            Target values of X_val; class labels must occur in y. Required with X_val.
        sample_weight_val : array-like, default=None
            Weights of the rows of X_val; `class_weight` does not change them.
        resume_from : str or path, default=None
            Directory of `skfcnn.callbacks.Checkpoint`, or a file `<fit>.ensemble` in it.
            The interrupted fit that wrote it is resumed. With the same table and the same
            parameters (`n_jobs` and `verbose` may differ), the result is identical, bit for
            bit, to that of a fit without interruption. Finished networks are not trained
            again; trees are. If the directory has no file yet, the fit starts from scratch.
            With a time limit, the time until the last checkpoint counts, and the time
            after it does not. A file holds numbers, text and arrays; loading it runs no
            code.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If the table, y or a parameter is invalid or differs from that of the fit to
            resume, or if a file is damaged. The estimator is then not fitted.
        OSError
            If `resume_from` does not exist or cannot be read.
        """
        start_time = time.time()
        given = GivenTable(X, y, sample_weight, groups)
        validation = GivenTable(X_val, y_val, sample_weight_val)
        self.__dict__.pop("family_weights_", None)  # unfitted until fit succeeds
        try:
            return self._fit(given, validation, resume_from, start_time)
        except BaseException:
            self.__dict__.pop("family_weights_", None)
            raise

    @fit_context(prefer_skip_nested_validation=False)
    def _fit(self, given, validation, resume_from, start_time) -> Self:
        check_val(self, given, validation)
        warn_of_other_order(given)
        warn_of_other_order(validation, "_val")
        target = self._target_class.of(given.y, self, given.sample_weight)
        y = target.encode(given.y)
        weights = checked_weights(given.sample_weight, y)
        weights = target.weights(y, weights, self)
        labels = y, weights, given.groups
        recorder = Recorder.of(self, resume_from, labels)
        drawn = recorder.drawn or draw(self, target, given, validation, (y, weights))
        data = MemberData(None, y, weights, drawn.folds)
        params = checked_network_params(self, min(len(fold.train) for fold in data.folds))
        context = self._init_callback_context(max_subtasks=len(drawn.seeds))
        tasks = NetworkTasks(self, context)
        with fit_task(self, context, GivenRows(*given[:3]), GivenRows(*validation[:3])):
            of_folds = splits_means(self, given, validation)
            splits = [fold[:2] for fold in data.folds] if of_folds else None
            data = encoded_data(
                self, target, given, validation, data, splits, drawn.encoder_seed
            )
            recorder.begin(self, data, labels, drawn)
            target = target.for_members(data, self, drawn.encoder_seed)
            self._keep_held_out((given.X, validation.X), data, len(y), of_folds)
            self._set_families(target, data, params)
            n_models = sum(family.n_members(data.folds) for family in self._families)
            self._train(data, drawn.seeds, recorder, tasks, start_time)
            self._set_weights(data)
            self.__dict__.update(target.fitted_attributes())
            judged = given if validation.X is None else validation
            rng = np.random.RandomState(drawn.importances_seed)
            self._set_importances(judged.X, judged.y, data, rng)
        if self.verbose:
            print_summary(self, n_models)
        return self

    def _set_families(self, target, data, params) -> None:
        """Set the families, without members."""
        effort, columns = EFFORTS[self.effort], numeric_columns(data.X_with_weight)
        n_rows, n_features = len(data.folds[0].train), data.X.shape[1]
        kinds = families(effort, len(columns), params, is_continuous=target.is_continuous)
        self._families: list[ModelFamily] = [
            NetworkFamily(
                family,
                target,
                n_features=n_features,
                columns=columns,
                n_rows=n_rows,
                params=params,
            )
            for family in kinds
        ]
        self._families += tree_families(self.trees, effort, target, n_rows, n_features)

    def _train(self, data, seeds, recorder, tasks, start_time) -> None:
        """Train the members of each family, within the time limit."""
        places = [
            (family, fold)
            for family in self._families
            for fold in range(family.n_members(data.folds))
        ]
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
        """Set the ensemble weight of each family, and all temperatures."""
        judged = [
            family.judge(data.of(family), data.folds[: len(family.members)])
            for family in self._families
        ]
        common = reduce(np.intersect1d, [rows for rows, _ in judged])
        outputs = [of_rows[np.isin(rows, common)] for rows, of_rows in judged]
        target, labelled = self._families[0].target, (data.y[common], data.weights[common])
        self.family_weights_ = target.ensemble_weights(outputs, *labelled)
        mixed, self._temperature = self._mixed(outputs), 1.0
        if len(self._families) > 1 and len(common):
            self._temperature = target.calibration(mixed, *labelled)
        self._target = target
        pairs = [*zip(self._families, self.family_weights_, strict=True)]
        self._conformal = target.conformal(data, common, self._calibrated(mixed), pairs)

    @property
    def leaderboard_(self) -> pd.DataFrame:
        """A row for each model, see the attributes of the class."""
        if not self.__sklearn_is_fitted__():
            raise AttributeError(f"This {type(self).__name__} has no leaderboard_: fit it.")
        pairs = zip(self._families, self.family_weights_, strict=True)
        boards = [family.leaderboard(weight) for family, weight in pairs]
        return pd.concat(boards, ignore_index=True)

    def _outputs(self, X) -> np.ndarray:
        """Return the weighted mean of the outputs of all models."""
        return self._outputs_of(self._encoded_rows(X))

    def _encoded_rows(self, X) -> np.ndarray:
        check_is_fitted(self, "family_weights_")
        return encode(self, X)

    def _outputs_of(self, encoded) -> np.ndarray:
        of_families = [family.predict(encoded) for family in self._families]
        return self._calibrated(self._mixed(of_families))

    def _mixed(self, of_families) -> np.ndarray:
        return np.tensordot(self.family_weights_, of_families, axes=1)

    def _calibrated(self, mixed) -> np.ndarray:
        """Return the outputs of the ensemble at its temperature."""
        if self._temperature == 1.0:
            return mixed
        return self._target.calibrated(mixed, self._temperature)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "family_weights_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        reads_tables = not (isinstance(self.encoder, str) and self.encoder == "passthrough")
        tags.input_tags.allow_nan = reads_tables
        tags.input_tags.string = tags.input_tags.categorical = reads_tables
        return tags
