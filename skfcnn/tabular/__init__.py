"""Models for tables. They accept a DataFrame without preprocessing."""

from skfcnn.tabular.classifier import TabularClassifier
from skfcnn.tabular.regressor import TabularRegressor

__all__ = ["TabularClassifier", "TabularRegressor"]
