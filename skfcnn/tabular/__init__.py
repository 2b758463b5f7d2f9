"""Models for tables: TabularClassifier takes a DataFrame without preprocessing."""

from skfcnn.tabular.classifier import TabularClassifier

__all__ = ["TabularClassifier"]
