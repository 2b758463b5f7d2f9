"""A small network on the wine data, and what tests compare of it."""

import numpy as np
from scipy.special import softmax
from sklearn.preprocessing import StandardScaler

SETTINGS = {"hidden_layer_sizes": (8,), "max_iter": 10, "random_state": 0}
# A single step of length 1e-12: the parameters stay what they were, to 1e-11.
STANDING_STILL = {"max_iter": 1, "learning_rate_init": 1e-12, "alpha": 0.0}


def standardized(load):
    X, y = load(return_X_y=True)
    return StandardScaler().fit_transform(X), y


def labels_of_wine(y):
    """Two labels per bottle: not of class 0, not of class 2."""
    return np.column_stack([y != 0, y != 2]).astype(int)


def parameters(model):
    return np.concatenate([a.ravel() for a in [*model.coefs_, *model.intercepts_]])


def by_hand(coefs, intercepts, X):
    (W1, W2), (b1, b2) = coefs, intercepts
    return softmax(np.maximum(X @ W1 + b1, 0.0) @ W2 + b2, axis=1)


def answers(model, X):
    return [model.predict(X), model.predict_proba(X), model.predict_log_proba(X)]


def assert_same_answers(model, other, X):
    for a, b in zip(answers(model, X), answers(other, X), strict=True):
        np.testing.assert_array_equal(a, b, strict=True)
