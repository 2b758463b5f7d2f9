"""make_tabular_classifier: from a table as it comes to probabilities, in one line."""

from functools import partial
from numbers import Integral, Real

import numpy as np
from joblib import Parallel, delayed
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from skfcnn._calibration import best_temperature
from skfcnn._columns import table_encoder
from skfcnn._folds import folds
from skfcnn._layers import numeric_columns
from skfcnn._recipe import EFFORTS, network_params
from skfcnn._sklearn import Interval, StrOptions, _check_sample_weight, _fit_context
from skfcnn._time_limit import affordable
from skfcnn.classifier import FullyConnectedClassifier

__all__ = ["TabularClassifier", "make_tabular_classifier"]


class TabularClassifier(ClassifierMixin, BaseEstimator):
    """An ensemble of fully connected networks, with settings that suit the data.

    Every network, a `FullyConnectedClassifier`, is trained without a part of the rows, its
    fold, and has the parameters of the epoch with the least log loss on it. All of them are
    brought to the temperature that is best on the folds, and predict the mean of their
    probabilities.

    Parameters
    ----------
    effort : {"fast", "balanced", "best"}, default="balanced"
        How much time it takes, and how good the model is.

    time_limit : float or None, default=None
        Seconds that training the networks may take. They are measured as they begin, and
        get fewer epochs, over which the learning rate takes its whole course, or are
        fewer. The encoding of a table is not counted.

    network_params : dict or None, default=None
        Parameters of `FullyConnectedClassifier` in place of those of the recipe.

    n_jobs : int or None, default=None
        Number of networks trained at the same time, in processes of their own; None is 1
        unless in a `joblib.parallel_backend` context, and -1 is one per core.

    random_state : int, RandomState instance or None, default=None
        Source of folds, first weights, shuffles and dropout. An integer repeats a fit.

    verbose : bool, default=False
        Print what the training of each network came to.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Class labels, in the order of the columns of `predict_proba`.

    estimators_ : list of FullyConnectedClassifier
        The networks. Their labels are numbers: positions in `classes_`.

    temperature_ : float
        What the outputs of the networks were divided by: under 1 where they were not
        confident enough.

    n_features_in_ : int
        Number of features.

    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, where X has names that are all strings.

    See Also
    --------
    make_tabular_classifier : The same behind an encoder of tables.

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
        effort="balanced",
        *,
        time_limit=None,
        network_params=None,
        n_jobs=None,
        random_state=None,
        verbose=False,
    ):
        self.effort = effort
        self.time_limit = time_limit
        self.network_params = network_params
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, sample_weight=None):
        """Train the networks.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Numbers. What is not near [-3, 3] should be scaled first.
        y : array-like of shape (n_samples,)
            Class labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row, not negative.

        Returns
        -------
        self : TabularClassifier
        """
        X, y = validate_data(self, X, y, dtype=[np.float32, np.float64])
        check_classification_targets(y)
        self.classes_, numbers = np.unique(y, return_inverse=True)
        weights = _check_sample_weight(sample_weight, X, ensure_non_negative=True)
        data = X, numbers, weights
        rng = check_random_state(self.random_state)
        effort = EFFORTS[self.effort]
        members = folds(numbers, effort.n_members, rng)
        network = self._network(len(members[0][0]), len(numeric_columns(X)))
        if self.time_limit is not None:
            one_epoch = clone(network).set_params(max_iter=1, random_state=0)
            n_members, max_iter = affordable(
                partial(train_member, one_epoch, data, *members[0]),
                self.time_limit,
                len(members),
                network.max_iter,
            )
            members, network.max_iter = members[:n_members], max_iter
        self.estimators_ = Parallel(n_jobs=self.n_jobs)(
            delayed(train_member)(
                clone(network).set_params(random_state=rng.randint(2**31)), data, *rows
            )
            for rows in members
        )
        self._calibrate(data, [fold for _, fold in members])
        return self

    def _network(self, n_rows, n_numeric):
        """Return a network, not fitted, for data of this size."""
        params = network_params(EFFORTS[self.effort], n_rows, n_numeric)
        return FullyConnectedClassifier(**params | (self.network_params or {}))

    def _calibrate(self, data, out_of):
        """Bring all networks to the temperature that is best on what each has not seen."""
        X, numbers, weights = data
        pairs = zip(self.estimators_, out_of, strict=True)
        p = [network.predict_proba(X[fold]) for network, fold in pairs if len(fold)]
        seen = np.concatenate(out_of)
        self.temperature_ = 1.0
        if weights[seen].any():
            self.temperature_ = best_temperature(np.vstack(p), numbers[seen], weights[seen])
        for network in self.estimators_:
            network.coefs_[-1] /= self.temperature_
            network.intercepts_[-1] /= self.temperature_

    def predict_proba(self, X):
        """Predict the probability of each class: the mean over the networks.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            In the order of `classes_`.
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=[np.float32, np.float64], reset=False)
        return np.mean([network.predict_proba(X) for network in self.estimators_], axis=0)

    def predict(self, X):
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


def train_member(network, data, train, fold):
    """Return the network, trained on some rows, and validated on its fold."""
    X, numbers, weights = data
    validation = {}
    if len(fold):
        validation = {"X_val": X[fold], "y_val": numbers[fold]}
        validation["sample_weight_val"] = weights[fold]
    else:
        network.set_params(early_stopping=False)
    return network.fit(X[train], numbers[train], weights[train], **validation)


def make_tabular_classifier(effort="balanced", *, random_state=None, **options):
    """Return a classifier that takes tables as they come.

    Parameters
    ----------
    effort : {"fast", "balanced", "best"}, default="balanced"
    random_state : int, RandomState instance or None, default=None
    **options
        Further parameters of `TabularClassifier`.

    Returns
    -------
    model : sklearn.pipeline.Pipeline
        Of the steps "encoder" and "classifier", not fitted.

    Examples
    --------
    >>> from skfcnn import make_tabular_classifier
    >>> model = make_tabular_classifier("fast", random_state=0)
    """
    classifier = TabularClassifier(effort, random_state=random_state, **options)
    encoder = table_encoder(random_state=random_state)
    return Pipeline([("encoder", encoder), ("classifier", classifier)])
