"""Fully connected networks trained on a cluster, by Dask."""

from skfcnn.dask.classifier import DaskFullyConnectedClassifier

__all__ = ["DaskFullyConnectedClassifier"]
