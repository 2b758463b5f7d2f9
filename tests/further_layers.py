"""The parameters for further layers and their rates, and data to fit them to."""

import numpy as np

from skfcnn import FullyConnectedClassifier

RNG = np.random.RandomState(0)
X = RNG.standard_normal((200, 4))
X[:, 3] = X[:, 3] > 0.0
Y = (np.sin(3.0 * X[:, 0]) + X[:, 1] > 0.0).astype(int)
ALL = {
    "scaling_layer": True,
    "parametric_activation": True,
    "normalization": "layer",
    "numeric_embedding": "pbld",
    "weight_init": "data_driven",
    "learning_rate_multipliers": {
        "weights": "1/sqrt(n_in)",
        "bias": 0.1,
        "scale": 6.0,
        "mix": 0.1,
    },
}

ONE_BY_ONE = [{name: ALL[name]} for name in ALL]


def make_model(**params):
    settings = {"hidden_layer_sizes": (16, 8), "max_iter": 30, "random_state": 0}
    settings |= {"n_iter_no_change": 1000, "schedule": "cosine"}
    return FullyConnectedClassifier(**settings | params)
