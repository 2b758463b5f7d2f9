"""Seconds per epoch of a regression by Adam, at the shapes of the case fit with one output.

With `scale_target=False` and in float64, the numbers are those of MLPRegressor.
"""

import numpy as np
from clock import timed
from fit import SHAPES
from sklearn.neural_network import MLPRegressor
from turns import Contestant, Setting

from skfcnn import FullyConnectedRegressor


def make_data(n, d):
    """Return random rows, and a linear function of them with noise."""
    rng = np.random.RandomState(0)
    X = rng.standard_normal((n, d))
    return X, X @ rng.standard_normal(d) / np.sqrt(d) + rng.standard_normal(n)


def make_fit(estimator, shape):
    X, y = make_data(shape.n, shape.d)
    epochs = estimator.max_iter

    def fit():
        estimator.fit(X, y)
        assert estimator.n_iter_ == epochs, estimator

    return timed(fit, epochs)


def contestants(shape, epochs):
    same = {
        "hidden_layer_sizes": shape.hidden,
        "batch_size": shape.batch,
        "max_iter": epochs,
        "tol": 0.0,
        "n_iter_no_change": epochs,  # never fewer epochs than the others
        "random_state": 0,
    }
    exact = {"dtype": "float64", "scale_target": False}
    regressors = {
        "MLPRegressor": MLPRegressor(**same),
        "skfcnn (float64)": FullyConnectedRegressor(**same, **exact),
        "skfcnn": FullyConnectedRegressor(**same),
    }
    return [
        Contestant(name, make_fit, (regressor, shape))
        for name, regressor in regressors.items()
    ]


def settings(options):
    chosen = [SHAPES[int(number) - 1] for number in options.shapes]
    return [
        Setting(
            str(shape._replace(n_classes=1)), contestants(shape, epochs), options.threads
        )
        for shape, epochs in chosen
    ]
