"""Weights as numbers of rows, and the quantiles of rows that are counted by them."""

import numpy as np


def row_counts(weights: np.ndarray) -> np.ndarray:
    """Return the number of rows that each row counts as, (n_rows,); zero for no weight.

    Whole numbers count as repeats of a row. Of other weights, and of equal ones, only the
    proportions matter: the mean count of the rows with weight is 1.
    """
    positive = weights[weights > 0.0]
    are_equal = (positive == positive[:1]).all()
    if not len(positive) or (not are_equal and (positive % 1.0 == 0.0).all()):
        return weights
    return weights * (len(positive) / positive.sum())


def quantiles_of(values: np.ndarray, counts: np.ndarray, percentages) -> np.ndarray:
    """Return quantiles of rows that are repeated, (n_quantiles,).

    They are those of `np.percentile(values.repeat(counts), percentages)`, for counts that
    need not be whole numbers.

    Parameters
    ----------
    values : ndarray of shape (n_rows,)
    counts : ndarray of shape (n_rows,)
        Not all zero.
    percentages : array-like of shape (n_quantiles,)
    """
    order, percentages = np.argsort(values), np.asarray(percentages)
    ends = np.cumsum(counts[order])
    place = np.maximum(ends[-1] - 1.0, 0.0) * (percentages / 100.0)
    below = np.floor(place)
    last = np.searchsorted(ends, ends[-1])  # the last row that has a count
    rows = [np.searchsorted(ends, each, side="right") for each in (below, below + 1.0)]
    low, high = (values[order[np.minimum(each, last)]] for each in rows)
    part, step = place - below, high - low
    # As NumPy rounds it.
    found = np.where(part < 0.5, low + step * part, high - step * (1.0 - part))
    return np.where(percentages < 100.0, found, values[order[last]])
