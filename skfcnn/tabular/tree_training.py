"""Training of scikit-learn's trees within a time limit."""

import time
from contextlib import AbstractContextManager

import numpy as np

from skfcnn.tabular.trained import Trained
from skfcnn.training.time_limit import TimeLimit

# Iterations from which the time of an iteration is measured, under a time limit.
N_TIMED = 5


def fit_trees(
    model, given: dict, size: str, end: float, context: AbstractContextManager
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
    return Trained(model, seconds, interrupted, TimeLimit(end))


def affordable(model, given: dict, size: str, end: float) -> int:
    """Return the number of iterations until `end`, at least N_TIMED."""
    most, start = getattr(model, size), time.perf_counter()
    model.set_params(**{size: N_TIMED}).fit(**given)
    seconds = time.perf_counter() - start
    left = end - time.time()
    return int(np.clip(left / seconds * N_TIMED, N_TIMED, most))
