"""Seconds of a call of `predict_proba`, for one row and for many, of arrays and tables."""

import numpy as np
import table_models
import torch_loop
from clock import timed
from estimators import estimators
from shapes import make_data
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from turns import Contestant, Setting

SMALL, LARGE = (20, (100,), 2), (54, (256, 256, 256), 7)  # columns, hidden layers, classes


def draw(n, d, dtype):
    return np.random.default_rng(0).standard_normal((n, d)).astype(dtype)


def make_predict(estimator, d, n_classes, n, dtype, calls):
    estimator.fit(*make_data(500, d, n_classes))
    X = draw(n, d, dtype)
    return timed(lambda: [estimator.predict_proba(X) for _ in range(calls)], calls)


def make_torch(d, hidden, n_classes, n, dtype, calls):
    return torch_loop.make_predict(draw(n, d, dtype), hidden, n_classes, calls)


def settings(options):
    def setting(name, shape, *task, scaled=False):
        d, hidden, n_classes = shape
        models = estimators(hidden_layer_sizes=hidden, max_iter=1, random_state=0)
        if scaled:
            models = {
                who: make_pipeline(StandardScaler(), model) for who, model in models.items()
            }
        contestants = [
            Contestant(who, make_predict, (model, d, n_classes, *task))
            for who, model in models.items()
        ]
        if torch_loop.INSTALLED and not scaled:
            task = (d, hidden, n_classes, *task)
            contestants.append(Contestant("PyTorch", make_torch, task))
        return Setting(name, contestants, options.threads)

    return [
        setting("1 row, a layer of 100", SMALL, 1, np.float64, 1000),
        setting("1 row", LARGE, 1, np.float64, 1000),
        setting("100,000 rows", LARGE, 100_000, np.float64, 1),
        setting("100,000 rows of float32", LARGE, 100_000, np.float32, 1),
        setting("1 row, behind StandardScaler", SMALL, 1, np.float64, 1000, scaled=True),
        *table_models.settings(options),
    ]
