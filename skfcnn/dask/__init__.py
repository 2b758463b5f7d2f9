"""Fully connected networks trained on a Dask cluster."""

from skfcnn.dask.classifier import DaskFullyConnectedClassifier
from skfcnn.dask.regressor import DaskFullyConnectedRegressor

__all__ = ["DaskFullyConnectedClassifier", "DaskFullyConnectedRegressor"]
