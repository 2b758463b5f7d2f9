"""Fully connected networks trained on a Dask cluster."""

from skfcnn.dask.classifier import DaskFullyConnectedClassifier

__all__ = ["DaskFullyConnectedClassifier"]
