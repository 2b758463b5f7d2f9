"""Whether X_val is scaled like X, judged by some rows and columns of both.

Two signs of different scales, which held-out rows of the same data do not show:

- The Kolmogorov-Smirnov distance between a column of X and of X_val, sup |F(x) - G(x)|, is
  large on average over the columns. If nonnegative data were centered in one of them only,
  it is about 0.5 or more.
- Most nonzero values are far beyond all values of the same column in the other. This
  happens if pixels or counts, most of which are 0, were divided in one of them only.
"""

import numpy as np
import scipy.sparse

# Rows and columns that are compared; with fewer rows than LEAST there is no warning.
N_ROWS, N_COLUMNS, LEAST = 256, 64, 20
# The mean distance was at most 0.25 in splits of thirty public data sets, and at least 0.33
# if rows were not scaled. For one column with n and m rows of the same data, it is
# above BY_CHANCE sqrt(1/n + 1/m) with a probability of 1e-4.
DISTANT, BY_CHANCE = 0.33, 2.2
# A column needs ENOUGH nonzero values; FAR times the largest of them is far beyond them.
ENOUGH, FAR = 10, 3.0


def are_scaled_alike(X, X_val) -> bool:
    """Return False if X_val is clearly not scaled like X."""
    if min(X.shape[0], X_val.shape[0]) < LEAST:
        return True
    some, some_val = _some_numbers(X, X_val)
    if _is_far_beyond(some_val, some) or _is_far_beyond(some, some_val):
        return False
    distances = [_distance(x, x_val) for x, x_val in zip(some.T, some_val.T, strict=True)]
    by_chance = BY_CHANCE * np.sqrt(1.0 / len(some) + 1.0 / len(some_val))
    return float(np.mean(distances)) < max(DISTANT, by_chance)


def _some_numbers(*Xs) -> list[np.ndarray]:
    """Return some rows and columns of each; of sparse ones, the fullest columns."""
    rows = [np.arange(0, X.shape[0], -(-X.shape[0] // N_ROWS)) for X in Xs]
    if not any(map(scipy.sparse.issparse, Xs)):
        step = -(-Xs[0].shape[1] // N_COLUMNS)
        return [X[:, ::step][some] for X, some in zip(Xs, rows, strict=True)]
    parts = [scipy.sparse.csr_array(X[some]) for X, some in zip(Xs, rows, strict=True)]
    stored = np.concatenate([part.indices for part in parts])
    n_stored = np.bincount(stored, minlength=Xs[0].shape[1])
    columns = np.argsort(-n_stored, kind="stable")[:N_COLUMNS]
    return [part[:, columns].toarray() for part in parts]


@np.errstate(over="ignore")
def _is_far_beyond(x, others) -> bool:
    enough = np.count_nonzero(others, axis=0) >= ENOUGH
    numbers = np.abs(x[:, enough])
    is_far = numbers > FAR * np.abs(others[:, enough]).max(axis=0, initial=0.0)
    return bool(2 * np.count_nonzero(is_far) > np.count_nonzero(numbers))


def _distance(x, others) -> float:
    """Return sup |F - G| of the distribution functions of two columns."""
    both = np.concatenate([x, others])
    F, G = (np.searchsorted(np.sort(c), both, side="right") / len(c) for c in (x, others))
    return float(np.abs(F - G).max())
