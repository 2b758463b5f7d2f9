"""Linear splines of columns, appended to all columns.

The knots b_1 ... b_m of a column are quantiles. Between two of them rises a ramp, and a
spline is the difference of two ramps:

    t_k(x) = min(max((x - b_k) / (b_k+1 - b_k), 0), 1)        t_0 = 1, t_m = 0
    h_k(x) = t_k-1(x) - t_k(x)

so h_k is 1 at its knot and 0 at the other knots. Where two knots coincide, the ramp is a
step. These are the values of SplineTransformer(m, degree=1, knots="quantile",
extrapolation="constant"), which takes several times as long.
"""

from typing import Self

import numpy as np
from sklearn.utils import gen_batches

from skfcnn.estimator.row_counts import quantiles_of, row_counts

# Eight quantiles of a column; splines are scaled like the other features.
N_KNOTS, HEIGHT = 8, 0.3
LEVELS = np.linspace(0, 100, N_KNOTS)  # in percent
# Rows from which quantiles are computed, and rows per block of a transform, in float64.
N_FITTED, BLOCK = 10_000, 1_000


class LinearSplines:
    """Append the splines of some columns to all columns.

    Gorishniy et al., "On embeddings for numerical features in tabular deep learning",
    arXiv:2203.05556.

    Parameters
    ----------
    columns : sequence of int

    Attributes
    ----------
    knots : ndarray of shape (n_columns, N_KNOTS)
    """

    knots: np.ndarray

    def __init__(self, columns) -> None:
        self.columns = np.array(columns)

    def fit(self, X, weights=None) -> Self:
        """Compute the quantiles of the columns, of rows that count by their weights."""
        rows = np.arange(len(X)) if weights is None else np.flatnonzero(weights)
        rows = rows[:: 1 + len(rows) // N_FITTED]
        X = X[np.ix_(rows, self.columns)].astype(np.float64)
        counts = np.ones(len(rows)) if weights is None else row_counts(weights[rows])
        if (counts == counts[0]).all():
            self.knots = np.percentile(X, LEVELS, axis=0).T
        else:
            self.knots = np.array([quantiles_of(x, counts, LEVELS) for x in X.T])
        return self

    def transform(self, X) -> np.ndarray:
        """Return the splines and X: float32, (n_rows, N_KNOTS n_columns + n_features)."""
        n_splines = self.knots.size
        features = np.empty((len(X), n_splines + X.shape[1]), np.float32)
        features[:, n_splines:] = X
        for rows in gen_batches(len(X), BLOCK):
            features[rows, :n_splines] = self._heights(X[rows, self.columns])
        return features

    def _heights(self, x):
        widths = np.diff(self.knots)
        rise = x[:, :, None].astype(np.float64) - self.knots[:, :-1]
        is_past = (rise >= 0.0) & (widths == 0.0)
        ramps = np.zeros((*x.shape, N_KNOTS + 1))
        ramps[..., 0] = 1.0
        np.clip(rise / np.where(widths > 0.0, widths, np.inf), 0.0, 1.0, ramps[..., 1:-1])
        ramps[..., 1:-1] += is_past
        heights = (ramps[..., :-1] - ramps[..., 1:]) * (HEIGHT * has_spline(self.knots))
        return heights.reshape(len(x), -1)


def has_spline(knots) -> np.ndarray:
    """Return the mask of knots with a spline: all but a repeated first or last knot.

    SplineTransformer has none there.
    """
    found = np.ones(knots.shape)
    found[:, 0] = knots[:, 0] < knots[:, 1]
    found[:, -1] = knots[:, -2] < knots[:, -1]
    return found
