"""Seconds of a call of `predict_proba`, for one row and for many."""

import numpy as np
import torch_loop
from clock import timed
from estimators import estimators
from shapes import make_data
from turns import Contestant, Setting

D, HIDDEN, N_CLASSES = 54, (256, 256, 256), 7


def draw(n, dtype):
    return np.random.default_rng(0).standard_normal((n, D)).astype(dtype)


def make_predict(estimator, n, dtype, calls):
    estimator.fit(*make_data(500, D, N_CLASSES))
    X = draw(n, dtype)
    return timed(lambda: [estimator.predict_proba(X) for _ in range(calls)], calls)


def make_torch(n, dtype, calls):
    return torch_loop.make_predict(draw(n, dtype), HIDDEN, N_CLASSES, calls)


def settings(options):
    same = estimators(hidden_layer_sizes=HIDDEN, max_iter=1, random_state=0)

    def setting(name, *task):
        contestants = [
            Contestant(who, make_predict, (model, *task)) for who, model in same.items()
        ]
        if torch_loop.INSTALLED:
            contestants.append(Contestant("PyTorch", make_torch, task))
        return Setting(name, contestants, options.threads)

    return [
        setting("1 row", 1, np.float64, 1000),
        setting("100,000 rows", 100_000, np.float64, 1),
        setting("100,000 rows of float32", 100_000, np.float32, 1),
    ]
