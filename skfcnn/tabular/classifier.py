"""TabularClassifier: from a raw table to probabilities, in one line."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from skfcnn._sklearn import StrOptions
from skfcnn.estimator.onnx_methods import ConvertsToOnnx
from skfcnn.tabular.class_labels import ClassLabels
from skfcnn.tabular.conformal import checked_level, conformal_of
from skfcnn.tabular.ensemble import TabularEnsemble

__all__ = ["TabularClassifier"]


class TabularClassifier(ConvertsToOnnx, ClassifierMixin, TabularEnsemble):
    """Classifier for tables: an ensemble of fully connected networks after an encoder.

    It takes a table as it is, with numbers, categories, dates and missing values. Every
    network, a `FullyConnectedClassifier`, is trained without one fold of the rows. It keeps
    the parameters of the epoch with the lowest log loss on that fold, after temperature
    scaling. All networks of a kind then share the temperature that is best on their
    out-of-fold predictions. The prediction is the mean of their probabilities, with a
    weight for each kind that is estimated from the out-of-fold predictions.

    Parameters
    ----------
    effort : {"fast", "balanced", "best"}, default="balanced"
        Trade-off between training time and accuracy.

    encoder : {"auto", "passthrough"} or transformer, default="auto"
        From the table to a dense array of numbers. "auto" reads and encodes the columns by
        their kinds. "passthrough" takes X as numbers without missing values; columns with
        values far outside [-3, 3] should be scaled first. A transformer is cloned, fitted
        to X and y, and must return a dense array of numbers.

    categorical_features : array-like of names or positions, or mask, default=None
        Columns of `encoder="auto"` that are categories, whatever they look like.

    numeric_features : array-like of names or positions, or mask, default=None
        Columns that are numbers, also as text; what cannot be read is a missing value.

    datetime_features : array-like of names or positions, or mask, default=None
        Columns that are dates, also as text, as 20241231 or as serial dates of Excel.

    drop_features : "auto", or array-like of names or positions, or mask, default="auto"
        Columns to leave out. "auto" leaves out identifiers; `()` keeps all columns.

    cv : int, cross-validation splitter or iterable, default=None
        Which rows each network is trained on, and which it is validated on. None and an int
        mean stratified folds: 3 for "fast", else 5, or that number. A splitter of
        scikit-learn such as `GroupKFold` or `TimeSeriesSplit` is needed if random folds
        would leak; the target means of "auto" are computed within the same splits. Rows
        that are never held out are not used to calibrate, rows that are held out repeatedly
        are predicted by the mean of their networks. There is a network of each kind for
        each split.

    class_weight : dict, list of dicts, "balanced" or None, default=None
        Weights of the classes by label, by which the sample weights are multiplied, in the
        calibration too. Classes that are not in the dict have weight 1. "balanced" weighs
        each class inversely to its frequency. Several labels per row need a list with a
        dict `{0: ..., 1: ...}` for each label, or "balanced".

    time_limit : float or None, default=None
        Time limit of `fit` in seconds, with the encoding of the table. The remaining time
        is planned again after every network: the next networks get fewer epochs, over which
        the learning rate follows its whole schedule, or fewer networks are trained, or
        fewer kinds of networks (see `leaderboard_`). At least one network, of the fastest
        kind, is trained for 50 steps. A limit that is not reached has no effect. The time
        of `importances=True` comes in addition.

    network_params : dict or None, default=None
        Parameters of `FullyConnectedClassifier` that replace those of the preset. An entry
        can be set or searched as `network_params__<name>`.

    trees : bool or "auto", default="auto"
        Whether the ensemble also has gradient-boosted trees, those of scikit-learn. They
        are trained on the same folds as the networks, and their weight in `leaderboard_`
        shows their contribution. With "auto", they are trained where they pay for their
        time: with n rows besides a fold, c columns of the encoded table, and k classes
        (k = 1 for two classes), "fast" needs n >= 500 and k (c + 20) <= 300, the others
        n >= 100 and k (c + 20) <= 1500. They are never trained for several labels per row.

    importances : bool, default=False
        Whether `fit` also computes `feature_importances_`, with 5 permutations of each
        column as in `permutation_importances`. Its time is not within the time limit.

    n_jobs : int or None, default=None
        Number of networks trained in parallel, in separate processes. None means 1 unless
        in a `joblib.parallel_backend` context; -1 means one per core. With a time limit of
        up to 8 seconds it is 1, since processes take seconds to start.

    random_state : int, RandomState instance or None, default=None
        Source of folds, initial weights, shuffles and dropout. Pass an int for reproducible
        fits, unless a time limit ends them early.

    verbose : bool, default=False
        Print a line for each trained model, with the estimated time left, then a summary
        of the time limit, and the temperature and weight of each kind of network.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Class labels, in the order of the columns of `predict_proba`. For several labels per
        row, the numbers of the columns of y.

    columns_ : DataFrame of shape (n_features, 6)
        A row for each column of the table: `column` (its name), `kind` (what it was read
        as), `encoded` (how), `missing` (the share of missing values), `distinct` (the
        number of distinct values; of numbers and dates, among the first 10,000 rows) and
        `notes`. Both are of the values as encoded: in a column of categories, a mark such
        as "?" is a category and not missing. Only with `encoder="auto"`.

    encoder_ : transformer or "passthrough"
        The fitted encoder.

    estimators_ : list of FullyConnectedClassifier, and of trees
        The networks, grouped by kind; with a time limit, some kinds may have fewer. Their
        labels are positions in `classes_`.

    leaderboard_ : DataFrame of shape (n_models, 8)
        A row for each model: `model` (its kind), `fold` (number of the fold it was
        validated on, from 0), `score` (minus the mean log loss on that fold, with the
        temperature; NaN for a fold without rows), `best_epoch`, `n_iter` (trained epochs;
        of trees, both are iterations), `temperature`, `weight` (its share of the
        prediction) and `seconds` (of training).

    family_weights_ : ndarray of shape (n_families,)
        Weight of each kind of model in the ensemble. With "best" there are four kinds of
        networks, or fewer if no embedding is possible, else one; trees are one more. With a
        time limit there may be fewer.

    temperatures_ : ndarray of shape (n_families,)
        Temperature of each kind, by which the outputs of its models were divided; below 1
        if they were underconfident.

    feature_importances_ : ndarray of shape (n_features,)
        By how much the log loss on rows that were not trained on rises if a column is
        permuted. Only with `importances=True`.

    n_features_in_ : int
        Number of columns of X.

    feature_names_in_ : ndarray of shape (n_features,)
        Names of the columns, if X has names that are all strings.

    See Also
    --------
    skfcnn.FullyConnectedClassifier : A single network, for arrays of numbers.

    References
    ----------
    Holzmueller et al., "Better by default: strong pre-tuned MLPs and boosted trees on
    tabular data", arXiv:2407.04491.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from skfcnn import TabularClassifier
    >>> X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    >>> TabularClassifier(effort="fast", random_state=0).fit(X, y).score(X, y) > 0.95
    True
    """

    classes_: np.ndarray
    _target: ClassLabels

    _target_class = ClassLabels
    _parameter_constraints: dict = {
        **TabularEnsemble._parameter_constraints,
        "class_weight": [dict, list, StrOptions({"balanced"}), None],
    }

    def __init__(
        self,
        effort: str = "balanced",
        *,
        encoder: Any = "auto",
        categorical_features: ArrayLike | None = None,
        numeric_features: ArrayLike | None = None,
        datetime_features: ArrayLike | None = None,
        drop_features: ArrayLike | str = "auto",
        cv: Any = None,
        class_weight: dict | list | str | None = None,
        time_limit: float | None = None,
        network_params: dict | None = None,
        trees: bool | str = "auto",
        importances: bool = False,
        n_jobs: int | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: bool | int = False,
    ) -> None:
        self.effort = effort
        self.encoder = encoder
        self.categorical_features = categorical_features
        self.numeric_features = numeric_features
        self.datetime_features = datetime_features
        self.drop_features = drop_features
        self.cv = cv
        self.class_weight = class_weight
        self.time_limit = time_limit
        self.network_params = network_params
        self.trees = trees
        self.importances = importances
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    @property
    def temperatures_(self) -> np.ndarray:
        """Temperature of each kind of network, (n_families,)."""
        check_is_fitted(self)
        return np.array([family.temperature for family in self._families])

    def predict_proba(self, X) -> np.ndarray:
        """Predict the probability of each class, as the weighted mean of the networks.

        Parameters
        ----------
        X : DataFrame, array-like of shape (n_samples, n_features), or records
            The table, with the columns of the training data.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            In the order of `classes_`; of several labels per row, the probability that each
            applies. Always float64.
        """
        p = self._outputs(X)
        return self._target.normalized(p)

    def predict_log_proba(self, X) -> np.ndarray:
        """Predict the logarithm of the probability of each class.

        Parameters
        ----------
        X : DataFrame, array-like of shape (n_samples, n_features), or records

        Returns
        -------
        log_probabilities : ndarray of shape (n_samples, n_classes)
        """
        return np.log(self.predict_proba(X))

    def predict_set(self, X, confidence_level: float = 0.9) -> np.ndarray:
        """Predict for each row a set of classes that has the true one.

        The sets are as small as the out-of-fold probabilities of the training rows allow.
        On rows that are drawn like these, a share of about `confidence_level` of the sets
        has the true class, where rows count by their weights, with `class_weight`. Every
        set has the most probable class.

        Parameters
        ----------
        X : DataFrame, array-like of shape (n_samples, n_features), or records
        confidence_level : float, default=0.9
            Between 0 and 1.

        Returns
        -------
        is_member : ndarray of bool of shape (n_samples, n_classes)
            Whether each class, in the order of `classes_`, is in the set.

        Raises
        ------
        ValueError
            If y has several labels per row, or no rows were held out.
        """
        p, sets = self.predict_proba(X), conformal_of(self)
        return sets.members(p, checked_level(confidence_level, "confidence_level"))

    def predict(self, X) -> np.ndarray:
        """Predict the class of each row: the most probable one.

        Parameters
        ----------
        X : DataFrame, array-like of shape (n_samples, n_features), or records

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_labels)
            Of several labels per row, 1 where a label is more likely than not.
        """
        p = self.predict_proba(X)
        return self._target.decode(p)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
