"""A quick classifier, alone and after a scaler."""

from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skfcnn import FullyConnectedClassifier


def network(**params):
    """A classifier that is quick to train: L-BFGS, a layer of ten units, a fixed seed."""
    given = {"hidden_layer_sizes": (10,), "solver": "lbfgs", "alpha": 1.0, "tol": 1e-2}
    return FullyConnectedClassifier(**(given | {"random_state": 0} | params))


def scaled(**params):
    return make_pipeline(StandardScaler(), network(**params))
