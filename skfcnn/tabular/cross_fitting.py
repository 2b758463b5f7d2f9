"""Out-of-fold target means, the same numbers as TargetEncoder.fit_transform.

TargetEncoder itself is not used: it warns if a class has fewer rows than there are folds,
as rare classes do, and a warning can only be silenced for all threads at once.

The mean of a category is shrunk towards the mean of all rows, m:
`lambda mean + (1 - lambda) m`, with `lambda = n v / (n v + s)`, n rows in the category, the
variance s of the target in it and v in all rows.

References
----------
Micci-Barreca, "A preprocessing scheme for high-cardinality categorical attributes in
classification and prediction problems", SIGKDD Explorations 3, 2001.
"""

import numpy as np
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


def cross_fitted_means(categories: np.ndarray, targets: np.ndarray, fold) -> np.ndarray:
    """Return for each row the out-of-fold means of its category.

    Parameters
    ----------
    categories : ndarray of int of shape (n_rows,)
        The number of the category of each row.
    targets : ndarray of int of shape (n_targets, n_rows)
        Zeros and ones.
    fold : ndarray of int of shape (n_rows,)

    Returns
    -------
    means : ndarray of shape (n_targets, n_rows)
    """
    means, n_categories = np.empty(targets.shape), categories.max() + 1
    for number in np.unique(fold):
        held_out, others = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        known, new = categories[others], categories[held_out]
        n = np.bincount(known, minlength=n_categories)
        for mean, target in zip(means, targets, strict=True):
            mean[held_out] = _encoding(known, target[others], n)[new]
    return means


def _encoding(categories, target, n) -> np.ndarray:
    """Return the smoothed mean of each category; n is its number of rows."""
    of_all, variance = np.mean(target), np.var(target)
    with np.errstate(invalid="ignore"):  # for categories without rows
        means = np.bincount(categories, target, len(n)) / n
        squares = (target - means[categories]) ** 2
        within = np.bincount(categories, squares, len(n)) / n
        share = variance * n / (variance * n + within)
        smoothed = share * means + (1.0 - share) * of_all
    return np.where(np.isnan(share), of_all, smoothed)
