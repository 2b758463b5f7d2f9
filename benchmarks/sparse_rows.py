"""Seconds and memory of a fit of one epoch on wide sparse rows, like those of text."""

import numpy as np
import scipy.sparse
from clock import timed
from estimators import estimators
from memory import STATUS, peak_megabytes
from turns import Contestant, Setting

N, D, N_STORED, N_CLASSES = 11_000, 100_000, 100, 20


def make_rows():
    """Return rows with N_STORED numbers each, on the average, and random classes."""
    rng = np.random.default_rng(0)
    density = N_STORED / D
    X = scipy.sparse.random_array((N, D), density=density, format="csr", rng=rng)
    return X, rng.integers(N_CLASSES, size=N)


def make_seconds(estimator):
    X, y = make_rows()
    return timed(lambda: estimator.fit(X, y))


def make_megabytes(estimator):
    X, y = make_rows()
    return lambda: peak_megabytes(lambda: estimator.fit(X, y))


def settings(options):
    same = estimators(hidden_layer_sizes=(100,), max_iter=1, random_state=0)
    shape = f"{N:,} x {D:,}, {N_STORED} numbers a row"

    def setting(make, unit):
        contestants = [Contestant(name, make, (model,)) for name, model in same.items()]
        return Setting(shape, contestants, options.threads, unit, fresh=True, most_rounds=3)

    every = [setting(make_seconds, "s")]
    if STATUS.exists():
        every.append(setting(make_megabytes, "MB")._replace(name=f"{shape}, memory"))
    return every
