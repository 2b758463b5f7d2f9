"""TabularRegressor: a regressor for tables with columns of any type."""

from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import RegressorMixin

from skfcnn._sklearn import StrOptions
from skfcnn.estimator.onnx_methods import ConvertsToOnnx
from skfcnn.network.losses import NUMBER_LOSSES
from skfcnn.tabular.conformal import checked_level, conformal_of
from skfcnn.tabular.ensemble import TabularEnsemble
from skfcnn.tabular.number_values import NumberValues

__all__ = ["TabularRegressor"]


class TabularRegressor(ConvertsToOnnx, RegressorMixin, TabularEnsemble):
    """Regressor for tables: an ensemble of fully connected networks and trees.

    X is a table without preprocessing: numbers, categories, text, dates and missing values.
    The models are trained with cross-validation. Each network, a `FullyConnectedRegressor`,
    is trained without one fold of the rows, on y standardized by its training rows, and
    early stopping restores the epoch with the lowest loss on that fold. The prediction of
    the ensemble is the weighted mean of its models. The weights of the model types minimize
    the loss of the out-of-fold predictions.

    Parameters
    ----------
    effort : {"fast", "balanced", "best"}, default="balanced"
        Trade-off between training time and accuracy.

    loss : {"squared_error", "absolute_error", "huber", "quantile", "poisson", "gamma", \
            "tweedie"}, default="squared_error"
        Loss that the models and the ensemble weights minimize. Set the parameters of a
        loss, such as `huber_delta` and `tweedie_power`, in `network_params`.

    quantile : float or list of float, default=0.5
        Quantile level or levels for `loss="quantile"`, between 0 and 1.

    link : {"auto", "identity", "log"}, default="auto"
        Link function for `loss="squared_error"`.

        - "identity": the models predict y itself.
        - "log": the models predict exp(z), and are trained on the Poisson loss, whose best
          prediction is also the mean of y; y must be nonnegative. It suits targets on which
          the features act as factors, such as prices and incomes.
        - "auto": "log" or "identity" if y is nonnegative and skewed to the right (skewness
          above 1). Small networks are trained with both, for a few seconds at most, and
          the link with the smaller squared error on held-out rows is used. For any other
          y, and for an `encoder` other than "auto", it is "identity".

        `training_loss_` shows the result, and `verbose` prints it.

    clip : bool, default=False
        Whether predictions are clipped to the range of the training y. The model then
        cannot extrapolate: for a growing target, it never predicts more than the largest
        training value. Intervals and quantiles are not clipped.

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
        trained per split. An int is a number of random folds; None means 3 for "fast" and 5
        otherwise. Pass a scikit-learn splitter such as `GroupKFold` or `TimeSeriesSplit` if
        random folds would leak. The target encoding of "auto" uses the same splits. Rows
        that are never held out are not used for the ensemble weights. Rows that are held
        out several times are predicted by the mean of their models.

    time_limit : float or None, default=None
        Time limit of `fit` in seconds, including the encoding of the table. After each
        model, the remaining time is distributed again: the next networks are trained for
        fewer epochs (the learning rate still follows its whole schedule), or fewer networks
        or model types are trained (see `leaderboard_`). At least one network, of the
        fastest type, is trained for 50 steps. A limit that is not reached has no effect.
        The time for `importances=True` is not included.

    network_params : dict or None, default=None
        Parameters of `FullyConnectedRegressor` that replace those of the preset. An entry
        can be set or searched as `network_params__<name>`.

    trees : bool or "auto", default="auto"
        Whether the ensemble also has scikit-learn's histogram gradient-boosted trees. They
        are trained on the same folds as the networks, and their weight in `leaderboard_`
        shows their contribution. With "auto", they are trained where the gain is worth the
        time: "fast" needs at least 500 training rows per split and at most 280 columns of
        the encoded table; the other values of `effort` need at least 100 rows and at most
        1480 columns. They are never trained for several outputs, or for the losses "huber"
        and "tweedie".

        For large tables, trees are trained on evenly spaced rows, at most 300 for each leaf
        of all iterations: 180,000 rows with "fast" and 930,000 with "balanced". `verbose`
        prints how many.

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
        Whether to print the link that `link="auto"` has selected by held-out rows, a line
        for each trained model, with the estimated time left, and then a summary of the time
        limit and the weight of each model type.

    Attributes
    ----------
    columns_ : DataFrame of shape (n_features, 6)
        How each column of the table is encoded: `column` (its name), `kind` (its detected
        type), `encoded` (the encoding), `missing` (the fraction of missing values),
        `distinct` (the number of distinct values; for numbers and dates, in the first
        10,000 rows) and `notes`. `missing` and `distinct` refer to the values as encoded:
        in a categorical column, a placeholder such as "?" is a category and not missing.
        Defined only with `encoder="auto"`.

    encoder_ : transformer or "passthrough"
        The fitted encoder.

    estimators_ : list of FullyConnectedRegressor, and of trees
        The fitted models, grouped by model type; with a time limit, some types may have
        fewer.

    leaderboard_ : DataFrame of shape (n_models, 7)
        A row for each model: `model` (its type), `fold` (number of its validation fold,
        from 0), `score` (R^2 on that fold, or for another loss D^2, the fraction of that
        loss that is explained; NaN for a fold without rows), `best_epoch`, `n_iter`
        (trained epochs; for trees, both are iterations), `weight` (its weight in the
        ensemble) and `seconds` (training time).

    family_weights_ : ndarray of shape (n_families,)
        Weight of each model type in the ensemble. With "best" there are four types of
        networks, or fewer if no embedding is possible; otherwise there is one. Trees are
        one more type. With a time limit there may be fewer.

    training_loss_ : str
        Loss that the models were trained on: `loss`, or "poisson" with the log link.

    feature_importances_ : ndarray of shape (n_features,)
        Decrease of the score on held-out rows if a column is permuted. Defined only with
        `importances=True`.

    n_features_in_ : int
        Number of columns of X.

    feature_names_in_ : ndarray of shape (n_features,)
        Names of the columns, if X has names that are all strings.

    See Also
    --------
    TabularClassifier : The same for class labels.
    skfcnn.FullyConnectedRegressor : A single network, for arrays of numbers.

    References
    ----------
    Holzmueller et al., "Better by default: strong pre-tuned MLPs and boosted trees on
    tabular data", arXiv:2407.04491.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from skfcnn import TabularRegressor
    >>> X, y = load_diabetes(return_X_y=True, as_frame=True)
    >>> TabularRegressor(effort="fast", random_state=0).fit(X, y).score(X, y) > 0.5
    True
    """

    training_loss_: str
    _target: NumberValues

    _target_class = NumberValues
    _parameter_constraints: dict = {
        **TabularEnsemble._parameter_constraints,
        "loss": [StrOptions(set(NUMBER_LOSSES))],
        "quantile": [Real, "array-like"],
        "link": [StrOptions({"auto", "identity", "log"})],
        "clip": ["boolean"],
    }

    def __init__(
        self,
        effort: str = "balanced",
        *,
        loss: str = "squared_error",
        quantile: float | list[float] = 0.5,
        link: str = "auto",
        clip: bool = False,
        encoder: Any = "auto",
        categorical_features: ArrayLike | None = None,
        numeric_features: ArrayLike | None = None,
        datetime_features: ArrayLike | None = None,
        drop_features: ArrayLike | str = "auto",
        cv: Any = None,
        time_limit: float | None = None,
        network_params: dict | None = None,
        trees: bool | str = "auto",
        importances: bool = False,
        n_jobs: int | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: bool | int = False,
    ) -> None:
        self.effort = effort
        self.loss = loss
        self.quantile = quantile
        self.link = link
        self.clip = clip
        self.encoder = encoder
        self.categorical_features = categorical_features
        self.numeric_features = numeric_features
        self.datetime_features = datetime_features
        self.drop_features = drop_features
        self.cv = cv
        self.time_limit = time_limit
        self.network_params = network_params
        self.trees = trees
        self.importances = importances
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    def predict(self, X) -> np.ndarray:
        """Predict the target of each row, as the weighted mean of the models.

        Parameters
        ----------
        X : DataFrame, array-like of shape (n_samples, n_features), or records
            The table, with the same columns as the training data.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Predicted values in float64. With a list of quantiles, one column for each, in
            the order of the list. A higher quantile is never below a lower one.
        """
        outputs = self._outputs(X)
        return self._target.decode(self._target.calibrated(outputs, 1.0))

    def predict_interval(self, X, confidence_level: float = 0.9) -> np.ndarray:
        """Predict an interval for each row, by conformal prediction.

        On new rows from the same distribution, the interval contains the true value with a
        probability of about `confidence_level`. Rows are weighted by their sample weights.
        The intervals are calibrated on the out-of-fold residuals of the training rows, and
        are wider where these are larger.

        Parameters
        ----------
        X : DataFrame, array-like of shape (n_samples, n_features), or records
        confidence_level : float, default=0.9
            Probability that an interval contains the true value, between 0 and 1.

        Returns
        -------
        limits : ndarray of shape (n_samples, 2)
            Lower and upper limit. They are infinite if too few rows were held out for
            this level: 90 % needs 20 rows.

        Raises
        ------
        ValueError
            If there are several outputs, or no rows were held out.
        """
        tail = (1.0 - checked_level(confidence_level, "confidence_level")) / 2.0
        return self.predict_quantiles(X, [tail, 1.0 - tail])

    def predict_quantiles(self, X, levels=(0.05, 0.5, 0.95)) -> np.ndarray:
        """Predict quantiles of the target of each row, from the out-of-fold residuals.

        Parameters
        ----------
        X : DataFrame, array-like of shape (n_samples, n_features), or records
        levels : array-like of float, default=(0.05, 0.5, 0.95)
            Quantile levels between 0 and 1.

        Returns
        -------
        quantiles : ndarray of shape (n_samples, n_levels)
            In the order of `levels`. Quantiles never cross.

        Raises
        ------
        ValueError
            If there are several outputs, or no rows were held out.
        """
        if np.ndim(levels) != 1 or not len(levels):
            raise ValueError(f"levels must be a list of numbers; got {levels!r}.")
        levels = [checked_level(level, "levels") for level in levels]
        encoded = self._encoded_rows(X)
        predicted = self._target.calibrated(self._outputs_of(encoded), 1.0)[:, 0]
        return conformal_of(self).quantiles(encoded, predicted, levels)

    def score(self, X, y, sample_weight: ArrayLike | None = None) -> float:
        """Return R^2 of the predictions; with `loss="quantile"`, D^2 of the pinball loss.

        Parameters
        ----------
        X : DataFrame, array-like of shape (n_samples, n_features), or records
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        sample_weight : array-like of shape (n_samples,), default=None

        Returns
        -------
        score : float
        """
        predicted = self.predict(X)
        return self._target.target.score_of(y, predicted, sample_weight)

    def _loss_params(self) -> dict:
        """Return the parameters of the networks that belong to the loss.

        Returns
        -------
        params : dict
        """
        given = self.network_params or {}
        own = {name: given[name] for name in OF_LOSSES if name in given}
        return {"loss": self.loss, "quantile": self.quantile, **own}

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


# Entries of `network_params` that are parameters of a loss, or give it its units.
OF_LOSSES = {"huber_delta", "tweedie_power", "scale_target"}
