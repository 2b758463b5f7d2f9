"""Models for tables: make_tabular_classifier takes a DataFrame without preprocessing."""

from skfcnn.tabular.ensemble import TabularClassifier, make_tabular_classifier

__all__ = ["TabularClassifier", "make_tabular_classifier"]
