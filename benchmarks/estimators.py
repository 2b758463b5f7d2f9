"""The estimators that are compared in every case, under the names of its tables."""

from sklearn.neural_network import MLPClassifier

from skfcnn import FullyConnectedClassifier

BASE = "MLPClassifier"
BASES = (BASE, "MLPRegressor")


def estimators(**parameters):
    """Return the estimators by name, all with the same parameters."""
    return {
        BASE: MLPClassifier(**parameters),
        "skfcnn (float64)": FullyConnectedClassifier(**parameters, dtype="float64"),
        "skfcnn": FullyConnectedClassifier(**parameters),
    }
