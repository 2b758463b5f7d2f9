"""Out-of-fold target means, the same numbers as TargetEncoder.fit_transform.

TargetEncoder itself is not used: it warns if a class has fewer rows than there are folds,
as rare classes do, and a warning can only be silenced for all threads at once.

The mean of a category is shrunk towards the mean of all rows, m:
`lambda mean + (1 - lambda) m`, with `lambda = n v / (n v + s)`, n rows in the category, the
variance s of the target in it and v in all rows. Rows are counted by their weights.

References
----------
Micci-Barreca, "A preprocessing scheme for high-cardinality categorical attributes in
classification and prediction problems", SIGKDD Explorations 3, 2001.
"""

import numpy as np
import pandas as pd
from sklearn.preprocessing import TargetEncoder
from sklearn.utils import check_random_state


def fold_of_each_row(y, n_folds: int, random_state) -> np.ndarray:
    """Return the fold of each row, (n_rows,), as in a shuffled StratifiedKFold."""
    _, first, numbers = np.unique(y, return_index=True, return_inverse=True)
    numbers = np.argsort(np.argsort(first))[numbers]  # in order of appearance
    n_classes, in_order = len(first), np.sort(numbers)
    sizes = [np.bincount(in_order[i::n_folds], minlength=n_classes) for i in range(n_folds)]
    rng, fold = check_random_state(random_state), np.empty(len(numbers), int)
    for k in range(n_classes):
        of_class = np.arange(n_folds).repeat([size[k] for size in sizes])
        rng.shuffle(of_class)
        fold[numbers == k] = of_class
    return fold


def splits_of(fold: np.ndarray) -> list[tuple]:
    """Return the pairs (train, held_out) of rows for a number of a fold for each row."""
    numbers = np.unique(fold)
    return [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in numbers]


def cross_fitted_means(
    categories: np.ndarray, targets: np.ndarray, counts: np.ndarray, splits
) -> np.ndarray:
    """Return for each row the out-of-fold means of its category.

    Parameters
    ----------
    categories : ndarray of int of shape (n_rows,)
        The number of the category of each row.
    targets : ndarray of int of shape (n_targets, n_rows)
        Zeros and ones.
    counts : ndarray of shape (n_rows,)
        The number of rows that each row counts as, positive.
    splits : list of pairs of ndarrays of int
        Rows to compute the means from, and rows to encode with them. A row that is encoded
        repeatedly gets the average, one that never is gets the mean of all rows.

    Returns
    -------
    means : ndarray of shape (n_targets, n_rows)
    """
    total, times = np.zeros(targets.shape), np.zeros(len(categories), int)
    n_categories = categories.max() + 1
    for train, held_out in splits:
        known, new = categories[train], categories[held_out]
        n = np.bincount(known, counts[train], n_categories)
        times[held_out] += 1
        for means, target in zip(total, targets, strict=True):
            found = smoothed_means(known, target[train], counts[train], n)
            means[held_out] += found[new]
    of_all = np.average(targets, axis=1, weights=counts)[:, None]
    return np.where(times > 0, total / np.maximum(times, 1), of_all)


def smoothed_means(categories, target, counts, n) -> np.ndarray:
    """Return the smoothed mean of each category; n is its number of counted rows."""
    of_all = np.average(target, weights=counts)
    variance = np.average((target - of_all) ** 2, weights=counts)
    with np.errstate(invalid="ignore"):  # for categories without rows
        means = np.bincount(categories, counts * target, len(n)) / n
        squares = (target - means[categories]) ** 2
        within = np.bincount(categories, counts * squares, len(n)) / n
        share = variance * n / (variance * n + within)
        smoothed = share * means + (1.0 - share) * of_all
    return np.where(np.isnan(share), of_all, smoothed)


def set_means(encoder: TargetEncoder, X, targets, counts) -> None:
    """Replace the means of a fitted encoder by those of counted rows.

    Parameters
    ----------
    encoder : TargetEncoder
    X : DataFrame
        As it was fitted to.
    targets, counts
        As for `cross_fitted_means`.
    """
    encoder.encodings_ = []
    for name, own in zip(X, encoder.categories_, strict=True):
        categories = pd.Index(own).get_indexer(X[name])
        n = np.bincount(categories, counts, len(own))
        encoder.encodings_ += [
            smoothed_means(categories, target, counts, n) for target in targets
        ]
    of_all = np.average(targets, axis=1, weights=counts)
    encoder.target_mean_ = of_all if len(targets) > 1 else of_all[0]
