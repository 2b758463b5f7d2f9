"""Whether rows to validate on are scaled as those to learn from: looked at in some of both.

Two signs, of which held-out rows of the same data show neither:

- In the mean over columns, the distance of Kolmogorov and Smirnov between a column of the
  one and of the other, sup |F(x) - G(x)|, is large. Where data that are not negative were
  centered in the one only, it is about a half or more.
- Most numbers that are not 0 are far beyond all those of the same column in the other. So
  it is where pixels or counts, of which most are 0, were divided in the one only.
"""

import numpy as np
import scipy.sparse

# Rows and columns that are looked at; with fewer rows than LEAST nothing is told.
N_ROWS, N_COLUMNS, LEAST = 256, 64, 20
# Splits of thirty public data sets had a mean distance of 0.25 at most, and rows that were
# not scaled 0.33 and more. One column alone of n and m rows, of the same data, is further
# than this many times sqrt(1/n + 1/m) with a probability of 1e-4.
DISTANT, BY_CHANCE = 0.33, 2.2
# So many numbers that are not 0 tell what is far beyond them: so many times the largest.
ENOUGH, FAR = 10, 3.0


def are_scaled_alike(X, X_val) -> bool:
    """Return whether nothing speaks against it that the one is scaled as the other is."""
    if min(X.shape[0], X_val.shape[0]) < LEAST:
        return True
    some, some_val = _some_numbers(X, X_val)
    if _is_far_beyond(some_val, some) or _is_far_beyond(some, some_val):
        return False
    distances = [_distance(x, x_val) for x, x_val in zip(some.T, some_val.T, strict=True)]
    by_chance = BY_CHANCE * np.sqrt(1.0 / len(some) + 1.0 / len(some_val))
    return float(np.mean(distances)) < max(DISTANT, by_chance)


def _some_numbers(*Xs) -> list[np.ndarray]:
    """Return some rows of each, and some columns: of sparse ones those that have most."""
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
    tell = np.count_nonzero(others, axis=0) >= ENOUGH
    numbers = np.abs(x[:, tell])
    is_far = numbers > FAR * np.abs(others[:, tell]).max(axis=0, initial=0.0)
    return bool(2 * np.count_nonzero(is_far) > np.count_nonzero(numbers))


def _distance(x, others) -> float:
    """Return sup |F - G| of the distribution functions of two columns."""
    both = np.concatenate([x, others])
    F, G = (np.searchsorted(np.sort(c), both, side="right") / len(c) for c in (x, others))
    return float(np.abs(F - G).max())
