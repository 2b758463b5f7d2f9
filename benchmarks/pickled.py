"""Bytes of a pickled model, and of its parameters."""

import pickle
from itertools import pairwise

import numpy as np
from estimators import estimators
from shapes import make_data
from turns import Contestant, Setting

SIZES = (784, 256, 128, 10)


def make_pickle(estimator):
    estimator.fit(*make_data(500, SIZES[0], SIZES[-1]))
    return lambda: len(pickle.dumps(estimator))


def make_count(dtype):
    count = sum((n_in + 1) * n_out for n_in, n_out in pairwise(SIZES))
    return lambda: count * np.dtype(dtype).itemsize


def settings(options):
    same = estimators(hidden_layer_sizes=SIZES[1:-1], max_iter=1, random_state=0)
    contestants = [Contestant(name, make_pickle, (it,)) for name, it in same.items()]
    contestants += [
        Contestant(f"parameters ({dtype})", make_count, (dtype,))
        for dtype in ("float64", "float32")
    ]
    name = " -> ".join(map(str, SIZES))
    return [Setting(name, contestants, options.threads, "bytes", most_rounds=1)]
