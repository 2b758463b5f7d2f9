"""RobustSmoothScaler: scales columns of any distribution into (-3, 3).

With the median m and the distance q of two quantiles of a column,

    u  = (x - m) / q
    x' = u / sqrt(1 + (u / 3)^2)

Values near the median are scaled linearly; outliers are compressed, but keep their order.
"""

from numbers import Real
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils import gen_batches
from sklearn.utils.validation import check_is_fitted, validate_data

from skfcnn._sklearn import Interval, _check_sample_weight, fit_context
from skfcnn.estimator.onnx_methods import ConvertsToOnnx
from skfcnn.estimator.row_counts import quantiles_of, row_counts

__all__ = ["RobustSmoothScaler"]

FLOATS = [np.float64, np.float32]
# Rows scaled at a time, in float64: with a few hundred columns, they fit in a cache.
BLOCK = 256
# Values whose quantiles are computed at a time.
N_VALUES = 2**20
# Beyond this many times the bound, x' equals the bound in float64.
FAR_OUT = 1e9


class RobustSmoothScaler(
    ConvertsToOnnx, OneToOneFeatureMixin, TransformerMixin, BaseEstimator
):
    """Scale by median and quantiles, and compress outliers smoothly into a bounded range.

    A column with the median m and the distance q of its two quantiles becomes::

        u  = s (x - m),  s = 1 / q
        x' = u / sqrt(1 + (u / bound)^2)

    so that `|x'|` is at most `bound`: the robust scaling with smooth clipping of [1]_.

    If the quantiles coincide, as in a column that is mostly zero, q is half the median
    distance of the other values from m. If all values are equal, s = 0. (In [1]_, q is half
    of the range if the quantiles coincide. A single outlier then makes q so large that all
    other values become nearly equal. For a column of two values both rules agree.)

    Missing values (NaN) are excluded from the statistics and stay NaN. A column with only
    missing values is treated as constant.

    Parameters
    ----------
    quantile_range : tuple of two floats, default=(25.0, 75.0)
        The quantiles whose distance is q, in percent.

    bound : float or None, default=3.0
        Bound of the scaled values; None means no bound.

    Attributes
    ----------
    center_ : ndarray of shape (n_features,)
        The median m of each column; 0 for columns without values.

    scale_ : ndarray of shape (n_features,)
        The factor s of each column.

    n_features_in_ : int
        Number of columns seen in `fit`.

    feature_names_in_ : ndarray of shape (n_features,)
        Names of the columns seen in `fit`, if all of them are strings.

    See Also
    --------
    sklearn.preprocessing.RobustScaler : The same without a bound.

    References
    ----------
    .. [1] D. Holzmüller, L. Grinsztajn, I. Steinwart, "Better by default: Strong pre-tuned
       MLPs and boosted trees on tabular data", NeurIPS 2024. arXiv:2407.04491.

    Examples
    --------
    >>> from skfcnn.preprocessing import RobustSmoothScaler
    >>> X = [[1.0], [2.0], [3.0], [4.0], [1000.0]]
    >>> RobustSmoothScaler().fit_transform(X).round(2).tolist()
    [[-0.95], [-0.49], [0.0], [0.49], [3.0]]
    """

    center_: np.ndarray
    scale_: np.ndarray
    n_features_in_: int
    feature_names_in_: np.ndarray

    _parameter_constraints: dict = {
        "quantile_range": [tuple, list],
        "bound": [Interval(Real, 0, None, closed="right"), None],
    }

    def __init__(
        self, quantile_range: tuple[float, float] = (25.0, 75.0), bound: float | None = 3.0
    ) -> None:
        self.quantile_range = quantile_range
        self.bound = bound

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y: None = None, sample_weight: ArrayLike | None = None) -> Self:
        """Compute the median and the quantiles of each column.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Numbers and NaN.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row, nonnegative. Rows with weight zero are ignored. Integer
            weights are equivalent to repeated rows. For other weights, and for equal ones,
            only the proportions matter.

        Returns
        -------
        self : RobustSmoothScaler

        Raises
        ------
        ValueError
            If X has infinite values, a weight is negative, all weights are zero, or
            `quantile_range` is not a valid range.
        """
        if len(self.quantile_range) != 2 or not (
            0 <= self.quantile_range[0] < self.quantile_range[1] <= 100
        ):
            raise ValueError(
                "quantile_range must be two percentages, the smaller one first; got "
                f"{self.quantile_range}. Use, for example, (25.0, 75.0)."
            )
        low, high = self.quantile_range
        X = validate_data(self, X, dtype=FLOATS, ensure_all_finite="allow-nan")
        X, counts = _counted(X, sample_weight)
        n_columns = max(1, N_VALUES // len(X))
        statistics = [
            _center_and_scale(X[:, columns], counts, low, high)
            for columns in gen_batches(X.shape[1], n_columns)
        ]
        self.center_, self.scale_ = np.hstack(statistics)
        return self

    def transform(self, X) -> np.ndarray:
        """Return the scaled columns.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Numbers and NaN.

        Returns
        -------
        X_scaled : ndarray of shape (n_samples, n_features)
            float32 if X is float32, else float64. NaN where X is NaN.
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=FLOATS, ensure_all_finite="allow-nan", reset=False)
        X_scaled = np.empty(X.shape, X.dtype)
        self._scale_into(X, X_scaled)
        return X_scaled

    def _scale_into(self, X, X_scaled) -> None:
        """Write the scaled columns of a checked array into X_scaled."""
        for rows in gen_batches(len(X), BLOCK):
            X_scaled[rows] = self._scale(X[rows].astype(np.float64), X.dtype)

    def _scale(self, u, dtype):
        bound = np.inf if self.bound is None else self.bound
        largest = min(FAR_OUT * bound, np.finfo(dtype).max)
        # Halved, since x - m itself may overflow.
        u *= 0.5
        u -= 0.5 * self.center_
        with np.errstate(over="ignore"):
            u *= 2.0 * self.scale_
        np.clip(u, -largest, largest, out=u)
        u /= np.sqrt(1.0 + (u / bound) ** 2)
        return u

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def _counted(X, sample_weight):
    """Return the rows that count, and their counts; None if these are equal."""
    if sample_weight is None:
        return X, None
    weights = _check_sample_weight(
        sample_weight, X, dtype=np.float64, ensure_non_negative=True
    )
    if not weights.any():
        raise ValueError(
            "Sample weights must contain at least one non-zero number; got only zeros."
        )
    has_weight = weights > 0.0
    X, counts = X[has_weight], row_counts(weights[has_weight])
    return X, None if (counts == counts[0]).all() else counts


def _center_and_scale(columns, counts, low, high):
    """Return m and s of each column, (2, n_columns)."""
    x = 0.5 * columns.T.astype(np.float64)  # halved as in _scale
    bottom, center, top = _quantiles(x, counts, [low, 50.0, high])
    half_q = top - bottom
    for j in np.flatnonzero(half_q == 0.0):
        half_q[j] = _distance_of_others(x[j], counts, center[j]) / 2.0
    # The inverse of a range of 1e-309 overflows; _scale uses twice the inverse.
    with np.errstate(divide="ignore", over="ignore"):
        scale = np.minimum(0.5 / half_q, np.finfo(np.float64).max / 2.0)
    return 2.0 * center, np.where(half_q > 0.0, scale, 0.0)


def _quantiles(x, counts, percentages):
    """Return quantiles of the non-missing values in each row; 0 if there are none."""
    quantiles = np.zeros((len(percentages), len(x)))
    one_by_one = np.isnan(x).any(axis=1) if counts is None else np.ones(len(x), bool)
    if not one_by_one.all():
        quantiles[:, ~one_by_one] = np.percentile(x[~one_by_one], percentages, axis=1)
    for j in np.flatnonzero(one_by_one):
        quantiles[:, j] = _of_some(x[j], counts, ~np.isnan(x[j]), percentages)
    return quantiles


def _distance_of_others(x, counts, center):
    """Return the median distance from the center of all values other than the center."""
    distances = np.abs(x - center)
    is_other = distances > 0.0  # and no NaN
    if counts is None and is_other.any():
        return np.median(distances[is_other])
    return _of_some(distances, counts, is_other, [50.0])[0]


def _of_some(values, counts, mask, percentages):
    """Return quantiles of the values in a mask; 0 if there are none."""
    if not mask.any():
        return np.zeros(len(percentages))
    if counts is None:
        return np.percentile(values[mask], percentages)
    return quantiles_of(values[mask], counts[mask], percentages)
