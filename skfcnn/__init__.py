"""Fully connected neural networks for classification, with backpropagation by hand."""

from skfcnn.classifier import FullyConnectedClassifier

__version__ = "0.1.0.dev0"

__all__ = ["FullyConnectedClassifier", "__version__"]
