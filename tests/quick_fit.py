"""A quick fit, to compare forms of data."""

from skfcnn import FullyConnectedClassifier

# L-BFGS takes no shuffle and no batches: what the data are is all that can differ.
SETTINGS = {"hidden_layer_sizes": (5,), "solver": "lbfgs", "tol": 1e-2, "random_state": 0}


def fitted(X, y, **params):
    return FullyConnectedClassifier(**(SETTINGS | params)).fit(X, y)
