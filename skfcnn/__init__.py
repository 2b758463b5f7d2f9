"""Fully connected neural networks for scikit-learn, with backpropagation by hand."""

from skfcnn._version import __version__
from skfcnn.classifier import FullyConnectedClassifier
from skfcnn.regressor import FullyConnectedRegressor

__all__ = [
    "FullyConnectedClassifier",
    "FullyConnectedRegressor",
    "__version__",
    "make_tabular_classifier",
]


def __getattr__(name):
    """Import what tables need, pandas among it, once somebody asks for it."""
    if name == "make_tabular_classifier":
        from skfcnn.tabular import make_tabular_classifier

        return make_tabular_classifier
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
