"""TabularRegressor: from a raw table to numbers, in one line."""

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
    """Regressor for tables: an ensemble of fully connected networks after an encoder.

    It takes a table as it is, with numbers, categories, dates and missing values. Every
    network, a `FullyConnectedRegressor`, is trained without one fold of the rows, on y
    standardized by the rows that it is trained on, and keeps the parameters of the epoch
    with the lowest loss on that fold. The prediction is the mean of the networks, with
    weights for each kind that minimize the loss of the out-of-fold predictions.

    Parameters
    ----------
    effort : {"fast", "balanced", "best"}, default="balanced"
        Trade-off between training time and accuracy.

    loss : {"squared_error", "absolute_error", "huber", "quantile", "poisson", "gamma", \
            "tweedie"}, default="squared_error"
        What the networks and the weights of the ensemble minimize. Parameters of a loss are
        entries of `network_params`, such as `huber_delta` and `tweedie_power`.

    quantile : float or list of float, default=0.5
        The level or levels for `loss="quantile"`, between 0 and 1.

    link : {"auto", "identity", "log"}, default="auto"
        For `loss="squared_error"`. "log": the models predict exp(z), and are trained on the
        Poisson loss, whose best prediction is also the mean of y; y must not be negative.
        It suits numbers that are products of what the columns say, as prices and incomes
        are. "auto" compares it with "identity" if y is not negative and skewed to the
        right (a skewness above 1): small networks are trained with both, for a few seconds
        at most, and the smaller squared error on held-out rows chooses. It is "identity"
        for other y, and for an `encoder` other than "auto". See `training_loss_`.

    clip : bool, default=False
        Whether predictions outside the range of the y of training are clipped to it. This
        forbids extrapolation: of numbers that grow, none above the largest is predicted.
        Intervals and quantiles may exceed the range.

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
        Columns that are dates, also as text or as serial dates of Excel.

    drop_features : "auto", or array-like of names or positions, or mask, default="auto"
        Columns to leave out. "auto" leaves out identifiers; `()` keeps all columns.

    cv : int, cross-validation splitter or iterable, default=None
        Which rows each network is trained on, and which it is validated on. None and an int
        mean folds drawn at random: 3 for "fast", else 5, or that number. A splitter of
        scikit-learn such as `GroupKFold` or `TimeSeriesSplit` is needed if random folds
        would leak; the target means of "auto" are computed within the same splits. Rows
        that are never held out are not used to weigh the networks, rows that are held out
        repeatedly are predicted by the mean of their networks. There is a network of each
        kind for each split.

    time_limit : float or None, default=None
        Time limit of `fit` in seconds, with the encoding of the table. The remaining time
        is planned again after every network: the next networks get fewer epochs, over which
        the learning rate follows its whole schedule, or fewer networks are trained, or
        fewer kinds of networks (see `leaderboard_`). At least one network, of the fastest
        kind, is trained for 50 steps. A limit that is not reached has no effect. The time
        of `importances=True` comes in addition.

    network_params : dict or None, default=None
        Parameters of `FullyConnectedRegressor` that replace those of the preset. An entry
        can be set or searched as `network_params__<name>`.

    trees : bool or "auto", default="auto"
        Whether the ensemble also has gradient-boosted trees, those of scikit-learn. They
        are trained on the same folds as the networks, and their weight in `leaderboard_`
        shows their contribution. With "auto", they are trained where they pay for their
        time: "fast" needs at least 500 rows besides a fold, and at most 280 columns of the
        encoded table, the others 100 rows, and at most 1480 columns. They are never trained
        for several outputs, nor for the losses "huber" and "tweedie".

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
        of the time limit, and the weight of each kind of network.

    Attributes
    ----------
    columns_ : DataFrame of shape (n_features, 6)
        A row for each column of the table: `column` (its name), `kind` (what it was read
        as), `encoded` (how), `missing` (the share of missing values), `distinct` (the
        number of distinct values; of numbers and dates, among the first 10,000 rows) and
        `notes`. Both are of the values as encoded: in a column of categories, a mark such
        as "?" is a category and not missing. Only with `encoder="auto"`.

    encoder_ : transformer or "passthrough"
        The fitted encoder.

    estimators_ : list of FullyConnectedRegressor, and of trees
        The networks, grouped by kind; with a time limit, some kinds may have fewer.

    leaderboard_ : DataFrame of shape (n_models, 7)
        A row for each model: `model` (its kind), `fold` (number of the fold it was
        validated on, from 0), `score` (on that fold: R^2, or for another loss D^2, the
        share of the loss of the best constant for y that it saves; NaN for a fold without
        rows), `best_epoch`, `n_iter` (trained epochs; of trees, both are iterations),
        `weight` (its share of the prediction) and `seconds` (of training).

    family_weights_ : ndarray of shape (n_families,)
        Weight of each kind of model in the ensemble. With "best" there are four kinds of
        networks, or fewer if no embedding is possible, else one; trees are one more. With a
        time limit there may be fewer.

    training_loss_ : str
        The loss that the models were trained on: `loss`, or "poisson" if the log link was
        chosen.

    feature_importances_ : ndarray of shape (n_features,)
        By how much the score on rows that were not trained on falls if a column is
        permuted. Only with `importances=True`.

    n_features_in_ : int
        Number of columns of X.

    feature_names_in_ : ndarray of shape (n_features,)
        Names of the columns, if X has names that are all strings.

    See Also
    --------
    TabularClassifier : The same for classes.
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
        """Predict the numbers of each row, as the weighted mean of the networks.

        Parameters
        ----------
        X : DataFrame, array-like of shape (n_samples, n_features), or records
            The table, with the columns of the training data.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            In float64. With a list of quantiles, one column for each, in the order of the
            list; the columns of a row are sorted by their levels.
        """
        return self._target.decode(self._target.calibrated(self._outputs(X), 1.0))

    def predict_interval(self, X, confidence_level: float = 0.9) -> np.ndarray:
        """Predict for each row an interval that has the true number.

        On rows that are drawn like those of training, a share of about `confidence_level`
        of the intervals has the true number, where rows count by their weights. They are
        made from the out-of-fold residuals of the training rows, and are wider where these
        are larger.

        Parameters
        ----------
        X : DataFrame, array-like of shape (n_samples, n_features), or records
        confidence_level : float, default=0.9
            Between 0 and 1.

        Returns
        -------
        limits : ndarray of shape (n_samples, 2)
            The lower and the upper limit. They are infinite if too few rows were held out
            for this level: 90 % needs 20 rows.

        Raises
        ------
        ValueError
            If there are several outputs, or no rows were held out.
        """
        tail = (1.0 - checked_level(confidence_level, "confidence_level")) / 2.0
        return self.predict_quantiles(X, [tail, 1.0 - tail])

    def predict_quantiles(self, X, levels=(0.05, 0.5, 0.95)) -> np.ndarray:
        """Predict quantiles of the number of each row, from the out-of-fold residuals.

        Parameters
        ----------
        X : DataFrame, array-like of shape (n_samples, n_features), or records
        levels : array-like of float, default=(0.05, 0.5, 0.95)
            Between 0 and 1.

        Returns
        -------
        quantiles : ndarray of shape (n_samples, n_levels)
            In the order of the levels. They never cross.

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
        """Return R^2 of the predictions; for quantiles, D^2 of the pinball loss.

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
