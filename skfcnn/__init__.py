"""Fully connected neural networks for scikit-learn, in NumPy."""

from skfcnn._version import __version__
from skfcnn.classifier import FullyConnectedClassifier
from skfcnn.regressor import FullyConnectedRegressor

__all__ = [
    "FullyConnectedClassifier",
    "FullyConnectedRegressor",
    "TabularClassifier",
    "TabularRegressor",
    "__version__",
]


def __getattr__(name):
    """Import the models for tables, and pandas, on first use."""
    if name in ("TabularClassifier", "TabularRegressor"):
        import skfcnn.tabular

        return getattr(skfcnn.tabular, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
