"""make_tabular_classifier: from a raw table to probabilities, in one line."""

import time
from numbers import Integral, Real
from typing import Self

import numpy as np
from joblib import effective_n_jobs
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from skfcnn._sklearn import Interval, StrOptions, _check_sample_weight, fit_context
from skfcnn._version import VersionedState
from skfcnn.classifier import FullyConnectedClassifier
from skfcnn.estimator.construction import numeric_columns
from skfcnn.estimator.labels import by_position, classes_in, refuse_mixed
from skfcnn.estimator.onnx_methods import ConvertsToOnnx
from skfcnn.estimator.records import refuse_records
from skfcnn.estimator.solver import rows_per_batch
from skfcnn.tabular.blending import mixing_weights
from skfcnn.tabular.encoder import table_encoder
from skfcnn.tabular.families import NetworkFamily
from skfcnn.tabular.folds import folds
from skfcnn.tabular.members import (
    Member,
    MemberData,
    plan_for,
    progress_line,
    train_members,
)
from skfcnn.tabular.presets import EFFORTS, families

__all__ = ["TabularClassifier", "make_tabular_classifier"]


class TabularClassifier(ConvertsToOnnx, VersionedState, ClassifierMixin, BaseEstimator):
    """An ensemble of fully connected networks, with settings that suit the data.

    Every network, a `FullyConnectedClassifier`, is trained without one fold of the rows. It
    keeps the parameters of the epoch with the lowest log loss on that fold, after
    temperature scaling. All networks of a kind then share the temperature that is best on
    their out-of-fold predictions. The prediction is the mean of their probabilities, with a
    weight for each kind that is estimated from the out-of-fold predictions.

    Parameters
    ----------
    effort : {"fast", "balanced", "best"}, default="balanced"
        Trade-off between training time and accuracy.

    time_limit : float or None, default=None
        Time limit of `fit` in seconds, without the encoding of a table. The remaining time
        is planned again after every network: the next networks get fewer epochs, over which
        the learning rate follows its whole schedule, or fewer networks are trained, or
        fewer kinds of networks (see `estimators_`). At least one network, of the fastest
        kind, is trained for 50 steps. A limit that is not reached has no effect.

    network_params : dict or None, default=None
        Parameters of `FullyConnectedClassifier` that replace those of the preset. The keys
        of a `class_weight` dict are labels of y.

    n_jobs : int or None, default=None
        Number of networks trained in parallel, in separate processes. None means 1 unless
        in a `joblib.parallel_backend` context; -1 means one per core. With a time limit of
        up to 8 seconds it is 1, since processes take seconds to start.

    random_state : int, RandomState instance or None, default=None
        Source of folds, initial weights, shuffles and dropout. Pass an int for reproducible
        fits, unless a time limit ends them early.

    verbose : bool, default=False
        Print a line for each trained network, then a summary of the time limit, and the
        temperature and weight of each kind of network.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Class labels, in the order of the columns of `predict_proba`.

    estimators_ : list of FullyConnectedClassifier
        The networks, grouped by kind; with a time limit, some kinds may have fewer. Their
        labels are positions in `classes_`.

    family_weights_ : ndarray of shape (n_families,)
        Weight of each kind of network in the ensemble. With "best" there are four kinds, or
        three if no embedding is possible, else one; with a time limit there may be fewer.

    temperatures_ : ndarray of shape (n_families,)
        Temperature of each kind, by which the outputs of its networks were divided; below 1
        if they were underconfident.

    n_features_in_ : int
        Number of features.

    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, if X has names that are all strings.

    See Also
    --------
    make_tabular_classifier : The same after an encoder of tables.

    References
    ----------
    Holzmueller et al., "Better by default: strong pre-tuned MLPs and boosted trees on
    tabular data", arXiv:2407.04491.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from skfcnn.tabular import TabularClassifier
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> TabularClassifier(effort="fast", random_state=0).fit(X, y).score(X, y) > 0.95
    True
    """

    classes_: np.ndarray
    estimators_: list
    family_weights_: np.ndarray
    temperatures_: np.ndarray
    n_features_in_: int
    feature_names_in_: np.ndarray

    _parameter_constraints: dict = {
        "effort": [StrOptions(set(EFFORTS))],
        "time_limit": [Interval(Real, 0, None, closed="neither"), None],
        "network_params": [dict, None],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        effort: str = "balanced",
        *,
        time_limit: float | None = None,
        network_params: dict | None = None,
        n_jobs: int | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: bool | int = False,
    ) -> None:
        self.effort = effort
        self.time_limit = time_limit
        self.network_params = network_params
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X, y, sample_weight: ArrayLike | None = None) -> Self:
        """Train the networks.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Numbers. Columns with values far outside [-3, 3] should be scaled first.
        y : array-like of shape (n_samples,)
            Class labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row, not negative.

        Returns
        -------
        self : TabularClassifier
        """
        # Unfitted until fit succeeds: an encoder before it may be fitted to another table.
        self.__dict__.pop("family_weights_", None)
        return self._fit(X, y, sample_weight, start_time=time.time())

    @fit_context(prefer_skip_nested_validation=False)
    def _fit(self, X, y, sample_weight, *, start_time):
        refuse_records(X)
        refuse_mixed(y)
        X, y = validate_data(self, X, y, dtype=[np.float32, np.float64])
        self.classes_ = classes_in(y)
        numbers = np.searchsorted(self.classes_, y)
        weights = _check_sample_weight(sample_weight, X, ensure_non_negative=True)
        if not weights.any():
            raise ValueError("Sample weights must contain at least one non-zero number.")
        rng = check_random_state(self.random_state)
        effort, columns = EFFORTS[self.effort], numeric_columns(X)
        rows = folds(numbers, weights, effort.n_folds, rng)
        n_rows = min(len(train) for train, _ in rows)
        params = self._checked_network_params(n_rows)
        self._families = [
            NetworkFamily(family, X.shape[1], columns, len(rows[0][0]), params)
            for family in families(effort, len(columns), params)
        ]
        n_families = len(self._families)
        data = MemberData(X, numbers, weights, rows)
        self._train(data, rng, start_time)
        self._set_weights(data)
        if self.verbose:
            self._print_summary(n_families * len(rows))
        return self

    def _checked_network_params(self, n_rows):
        params = self.network_params or {}
        if "random_state" in params:
            raise ValueError(
                "network_params has a random_state, so all networks would be trained with "
                "the same one. Use the random_state of TabularClassifier."
            )
        FullyConnectedClassifier(**params)._validate_params()
        rows_per_batch(
            params.get("batch_size", "auto"), n_rows
        )  # warns once, not for every network
        weights = params.get("class_weight")
        if isinstance(weights, dict):  # the labels of the networks are positions
            params = params | {"class_weight": by_position(weights, self.classes_)}
        return params

    def _train(self, data, rng, start_time):
        """Train a network of each family for each fold, within the time limit."""
        members = [
            Member(family, fold, rng.randint(2**31))
            for family in self._families
            for fold in range(len(data.folds))
        ]
        n_jobs = effective_n_jobs(self.n_jobs)
        plan = plan_for(self._families, data, start_time, self.time_limit, n_jobs)
        for n, (member, trained) in enumerate(train_members(members, data, plan), start=1):
            member.family.members.append(trained.network)
            if self.verbose:
                print(
                    f"{n} of {len(members)}: {progress_line(member, trained)}", flush=True
                )
        self._families = [family for family in self._families if family.members]
        self.estimators_ = [each for family in self._families for each in family.members]

    def _set_weights(self, data):
        """Set the temperature and the ensemble weight of each family."""
        p_true = [
            family.calibrate(data.of(family), data.held_out(len(family.members)))
            for family in self._families
        ]
        self.temperatures_ = np.array([family.temperature for family in self._families])
        common = np.concatenate(data.held_out(min(len(f.members) for f in self._families)))
        p_true = np.array([p[: len(common)] for p in p_true])
        self.family_weights_ = mixing_weights(p_true, data.weights[common])

    def _print_summary(self, n_members):
        """Print a summary of the time limit, and of each family."""
        epochs = [network.n_iter_ for network in self.estimators_]
        all_epochs = self._families[0].network.max_iter
        if self.time_limit is not None:
            print(
                f"time_limit={self.time_limit}: {len(epochs)} of {n_members} networks, "
                f"with {min(epochs)} to {max(epochs)} of {all_epochs} epochs"
            )
        for family, weight in zip(self._families, self.family_weights_, strict=True):
            best = [network.best_epoch_ for network in family.members]
            print(
                f"{family}: best epochs {best}, temperature {family.temperature:.3f}, "
                f"weight {weight:.3f}"
            )

    def predict_proba(self, X) -> np.ndarray:
        """Predict the probability of each class, as the weighted mean of the networks.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            In the order of `classes_`. Always float64, also for X in float32.
        """
        check_is_fitted(self, "family_weights_")
        refuse_records(X)
        X = validate_data(self, X, dtype=[np.float32, np.float64], reset=False)
        of_families = [family.predict_proba(X) for family in self._families]
        p = np.tensordot(self.family_weights_, of_families, axes=1)
        p /= p.sum(axis=1, keepdims=True)  # before, it is 1 only in float32 precision
        return p

    def predict(self, X) -> np.ndarray:
        """Predict the class of each row: the most probable one.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        y : ndarray of shape (n_samples,)
        """
        p = self.predict_proba(X)
        return self.classes_[p.argmax(axis=1)]


def make_tabular_classifier(
    effort: str = "balanced",
    *,
    random_state: int | np.random.RandomState | None = None,
    **options,
) -> Pipeline:
    """Return a classifier that takes raw tables.

    Parameters
    ----------
    effort : {"fast", "balanced", "best"}, default="balanced"
    random_state : int, RandomState instance or None, default=None
    **options
        Further parameters of `TabularClassifier`.

    Returns
    -------
    model : sklearn.pipeline.Pipeline
        An unfitted pipeline with the steps "encoder" and "classifier".

    Examples
    --------
    >>> from skfcnn import make_tabular_classifier
    >>> model = make_tabular_classifier("fast", random_state=0)
    """
    classifier = TabularClassifier(effort, random_state=random_state, **options)
    encoder = table_encoder(random_state=random_state)
    return Pipeline([("encoder", encoder), ("classifier", classifier)])
