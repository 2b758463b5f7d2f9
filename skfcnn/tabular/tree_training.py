"""Training of scikit-learn's trees on the rows of a fold, within a time limit."""

import time
from contextlib import AbstractContextManager
from typing import NamedTuple

import numpy as np
from sklearn.base import is_classifier

from skfcnn.tabular.fold_averaging import evenly_spaced
from skfcnn.tabular.folds import Fold
from skfcnn.tabular.trained import Trained
from skfcnn.training.time_limit import TimeLimit

# Iterations from which the time of an iteration is measured, under a time limit.
N_TIMED = 5


class Sample(NamedTuple):
    """The rows that trees are trained on, and what `verbose` prints if not all are."""

    rows: np.ndarray
    weights: np.ndarray
    note: str


def sample_of(fold: Fold, y, weights, model, most: int) -> Sample:
    """Return the training rows of a fold; of more than `most`, some of all classes."""
    train, of_rows = fold.training_rows(weights)
    kept = enough_rows(y[train], model, most)
    note = f"on {len(kept)} of {len(train)} training rows" if len(kept) < len(train) else ""
    return Sample(train[kept], of_rows[kept], note)


def enough_rows(y, model, most: int) -> np.ndarray:
    """Return the positions of at most `most` evenly spaced rows, and one of each class."""
    rows = evenly_spaced(np.arange(len(y)), most)
    if is_classifier(model) and len(rows) < len(y):
        rows = np.union1d(rows, np.unique(y, return_index=True)[1])
    return rows


def fit_trees(
    model, given: dict, size: str, end: float, context: AbstractContextManager, sample: str
) -> Trained:
    """Fit trees inside a context, with as many iterations as there is time for.

    An interruption is returned as a flag, since some joblib backends do not propagate
    KeyboardInterrupt.

    Parameters
    ----------
    model : estimator
    given : dict
        The arguments of its `fit`.
    size : str
        The name of its parameter for the number of iterations.
    end : float
        The time, as in `time.time()`, by which it should be fitted.
    context : context manager
    sample : str
        What `verbose` prints of its rows.
    """
    start, interrupted = time.perf_counter(), False
    try:
        with context:
            if end < np.inf:
                model.set_params(**{size: affordable(model, given, size, end)})
            model.fit(**given)
    except KeyboardInterrupt:
        interrupted = True
    seconds = time.perf_counter() - start
    return Trained(model, seconds, interrupted, TimeLimit(end), sample=sample)


def affordable(model, given: dict, size: str, end: float) -> int:
    """Return the number of iterations until `end`, at least N_TIMED."""
    most, start = getattr(model, size), time.perf_counter()
    model.set_params(**{size: N_TIMED}).fit(**given)
    seconds = time.perf_counter() - start
    left = end - time.time()
    return int(np.clip(left / seconds * N_TIMED, N_TIMED, most))
