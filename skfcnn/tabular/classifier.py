"""TabularClassifier: a classifier for tables with columns of any type."""

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
    """Classifier for tables: an ensemble of fully connected networks and trees.

    X is a table without preprocessing: numbers, categories, text, dates and missing values.
    The models are trained with cross-validation. Each network, a
    `FullyConnectedClassifier`, is trained without one fold of the rows, and early stopping
    restores the epoch with the lowest log loss on that fold. The probabilities of each
    model type are calibrated by temperature scaling on its out-of-fold predictions. The
    prediction of the ensemble is the weighted mean of the probabilities of its models. The
    weight of each model type is estimated from the out-of-fold predictions.

    Parameters
    ----------
    effort : {"fast", "balanced", "best"}, default="balanced"
        Trade-off between training time and accuracy.

    encoder : {"auto", "passthrough"} or transformer, default="auto"
        How the table is converted to a dense numeric array. "auto" detects the type of
        each column and encodes it accordingly. "passthrough" uses X unchanged: it must be
        numeric without missing values, and columns with values far outside [-3, 3] should
        be scaled first. A transformer is cloned and fitted to X and y; it must return a
        dense numeric array.

    categorical_features : array-like of names or positions, or mask, default=None
        Columns that `encoder="auto"` treats as categorical, whatever their values are.

    numeric_features : array-like of names or positions, or mask, default=None
        Columns that are numeric, including numbers stored as text. Values that cannot be
        parsed become missing values.

    datetime_features : array-like of names or positions, or mask, default=None
        Columns that are dates, including dates stored as text, as 20241231, or as Excel
        serial numbers.

    drop_features : "auto", or array-like of names or positions, or mask, default="auto"
        Columns to drop. "auto" drops identifiers; `()` keeps all columns.

    cv : int, cross-validation splitter or iterable, default=None
        How the rows are split into training and validation rows. One model of each type is
        trained per split. An int is a number of stratified folds; None means 3 for "fast"
        and 5 otherwise. Pass a scikit-learn splitter such as `GroupKFold` or
        `TimeSeriesSplit` if random folds would leak. The target encoding of "auto" uses the
        same splits. Rows that are never held out are not used for calibration. Rows that
        are held out several times are predicted by the mean of their models.

    class_weight : dict, list of dicts, "balanced" or None, default=None
        Weights of the classes, `{class_label: weight}`. The sample weight of a row is
        multiplied by the weight of its class, in training and in calibration. Classes that
        are not in the dict have weight 1. "balanced" weights each class inversely to its
        frequency. For a multilabel target, pass a list with a dict `{0: ..., 1: ...}` for
        each label, or "balanced".

    time_limit : float or None, default=None
        Time limit of `fit` in seconds, including the encoding of the table. After each
        model, the remaining time is distributed again: the next networks are trained for
        fewer epochs (the learning rate still follows its whole schedule), or fewer networks
        or model types are trained (see `leaderboard_`). At least one network, of the
        fastest type, is trained for 50 steps. A limit that is not reached has no effect.
        The time for `importances=True` is not included.

    network_params : dict or None, default=None
        Parameters of `FullyConnectedClassifier` that replace those of the preset. An entry
        can be set or searched as `network_params__<name>`.

    trees : bool or "auto", default="auto"
        Whether the ensemble also has trees of scikit-learn: histogram gradient-boosted
        trees, and extremely randomized trees. They are trained on the same folds as the
        networks, and their weights in `leaderboard_` show their contribution. With "auto",
        they are trained where the gain is worth the time. For n training rows per split, c
        columns of the encoded table, and k classes (k = 1 for two classes), boosted trees
        need n >= 500 and k (c + 20) <= 300 with "fast", and n >= 100 and k (c + 20) <= 1500
        with the other values of `effort`; with True, they are always trained. Extremely
        randomized trees are trained for 100 <= n <= 4000 and up to 20 classes. Trees are
        never trained for a multilabel target.

        For large tables, boosted trees are trained on evenly spaced rows, at most 300 for
        each leaf of all iterations: 180,000 rows with "fast" and 930,000 with "balanced".
        `verbose` prints how many.

    importances : bool, default=False
        Whether `fit` also computes `feature_importances_`, with 5 permutations of each
        column, as in `permutation_importances`. This time is not part of the time limit.

    n_jobs : int or None, default=None
        Number of models trained in parallel, in separate processes. None means 1 unless
        in a `joblib.parallel_backend` context; -1 means one per core. With a time limit of
        up to 8 seconds it is 1, since processes take seconds to start.

    random_state : int, RandomState instance or None, default=None
        Seed of the folds, initial weights, shuffles and dropout. Pass an int for
        reproducible results. A fit that a time limit shortens is not reproducible.

    verbose : bool, default=False
        Whether to print a line for each trained model, with the estimated time left, and
        then a summary of the time limit and the temperature and weight of each model type.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Class labels, in the order of the columns of `predict_proba`. For a multilabel
        target, the column numbers of y.

    columns_ : DataFrame of shape (n_features, 6)
        How each column of the table is encoded: `column` (its name), `kind` (its detected
        type), `encoded` (the encoding), `missing` (the fraction of missing values),
        `distinct` (the number of distinct values; for numbers and dates, in the first
        10,000 rows) and `notes`. `missing` and `distinct` refer to the values as encoded:
        in a categorical column, a placeholder such as "?" is a category and not missing.
        Defined only with `encoder="auto"`.

    encoder_ : transformer or "passthrough"
        The fitted encoder.

    estimators_ : list of FullyConnectedClassifier, and of trees
        The fitted models, grouped by model type; with a time limit, some types may have
        fewer. Their class labels are positions in `classes_`.

    leaderboard_ : DataFrame of shape (n_models, 8)
        A row for each model: `model` (its type), `fold` (number of its validation fold,
        from 0), `score` (the negative mean log loss on that fold after temperature scaling;
        NaN for a fold without rows), `best_epoch`, `n_iter` (trained epochs; for boosted
        trees, iterations; for extremely randomized trees, both are their number),
        `temperature`, `weight` (its weight in the ensemble) and `seconds` (training time).

    family_weights_ : ndarray of shape (n_families,)
        Weight of each model type in the ensemble. With "best" there are four types of
        networks, or fewer if no embedding is possible; otherwise there is one. Each kind of
        trees is one more type. With a time limit there may be fewer.

    temperatures_ : ndarray of shape (n_families,)
        Temperature of each model type, by which the outputs of its models are divided. It
        is below 1 if the models were underconfident.

    feature_importances_ : ndarray of shape (n_features,)
        Increase of the log loss on held-out rows if a column is permuted. Defined only
        with `importances=True`.

    n_features_in_ : int
        Number of columns of X.

    feature_names_in_ : ndarray of shape (n_features,)
        Names of the columns, if X has names that are all strings.

    See Also
    --------
    TabularRegressor : The same for numbers.
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
        """Temperature of each model type, (n_families,)."""
        check_is_fitted(self)
        return np.array([family.temperature for family in self._families])

    def predict_proba(self, X) -> np.ndarray:
        """Predict the probability of each class, as the weighted mean of the models.

        Parameters
        ----------
        X : DataFrame, array-like of shape (n_samples, n_features), or records
            The table, with the same columns as the training data.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            In the order of `classes_`. For a multilabel target, the probability of each
            label. Always float64.
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
        """Predict a set of classes for each row, by conformal prediction.

        On new rows from the same distribution, the set contains the true class with a
        probability of about `confidence_level`. Rows are weighted by their sample weights
        and `class_weight`. The sets are calibrated on the out-of-fold probabilities of the
        training rows, and are as small as these allow. Every set contains the most probable
        class.

        Parameters
        ----------
        X : DataFrame, array-like of shape (n_samples, n_features), or records
        confidence_level : float, default=0.9
            Probability that a set contains the true class, between 0 and 1.

        Returns
        -------
        is_member : ndarray of bool of shape (n_samples, n_classes)
            Whether each class, in the order of `classes_`, is in the set.

        Raises
        ------
        ValueError
            If the target is multilabel, or no rows were held out.
        """
        p, sets = self.predict_proba(X), conformal_of(self)
        return sets.members(p, checked_level(confidence_level, "confidence_level"))

    def predict(self, X) -> np.ndarray:
        """Predict the most probable class of each row.

        Parameters
        ----------
        X : DataFrame, array-like of shape (n_samples, n_features), or records

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_labels)
            For a multilabel target, 1 for each label that is more likely than not.
        """
        p = self.predict_proba(X)
        return self._target.decode(p)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
