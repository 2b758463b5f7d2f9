"""Contestants of accuracy.py --intervals: models with intervals, or with sets of classes.

They are functions of a seed, and their models have `predict_interval` or `predict_set`, at
the level of protocols.py.
"""

import contestants
import numpy as np
import regression_contestants
from protocols import LEVEL
from sklearn.model_selection import train_test_split

HELD_OUT = 0.2


class ConformalQuantiles:
    """Two models of quantiles, made conformal on held-out rows (CQR).

    The interval is extended on both sides by a quantile of the held-out scores
    max(low - y, y - high), the ceil((n + 1) LEVEL)-th smallest of n.

    References
    ----------
    Romano, Patterson, Candes, "Conformalized quantile regression", NeurIPS 2019.
    """

    def __init__(self, make, seed):
        self.make, self.seed = make, seed

    def fit(self, X, y):
        """Fit a model for each end of the interval; the other rows are held out."""
        parts = train_test_split(X, y, test_size=HELD_OUT, random_state=self.seed)
        X_train, X_held_out, y_train, y_held_out = parts
        ends = (1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0
        self.models_ = [self.make(end).fit(X_train, y_train) for end in ends]
        low, high = self.quantiles(X_held_out)
        scores = np.sort(np.maximum(low - y_held_out, y_held_out - high))
        rank = int(np.ceil((len(scores) + 1) * LEVEL))
        self.margin_ = scores[min(rank, len(scores)) - 1]
        return self

    def quantiles(self, X):
        """Return the lower and the upper quantile, in this order."""
        return np.sort([model.predict(X) for model in self.models_], axis=0)

    def predict_interval(self, X):
        """Return the lower and the upper end of each row."""
        low, high = self.quantiles(X)
        return np.column_stack([low - self.margin_, high + self.margin_])


class CrossConformal:
    """MAPIE's cross-conformal sets of classes around a classifier."""

    def __init__(self, classifier, seed):
        self.classifier, self.seed = classifier, seed

    def fit(self, X, y):
        """Fit a classifier for each fold."""
        from mapie.classification import CrossConformalClassifier

        self.model_ = CrossConformalClassifier(
            self.classifier, confidence_level=LEVEL, cv=5, random_state=self.seed
        ).fit_conformalize(X, y)
        return self

    def predict_set(self, X):
        """Return whether each class is in the set of each row."""
        return self.model_.predict_set(X)[1][:, :, 0]


def balanced_intervals(seed):
    """TabularRegressor as it is."""
    return regression_contestants.balanced(seed)


def cqr(seed):
    """CatBoost's quantile pair, made conformal on a held-out fifth."""

    def quantile(level):
        loss = f"Quantile:alpha={level:g}"
        return regression_contestants.catboost(seed, loss_function=loss)

    return ConformalQuantiles(quantile, seed)


def balanced_sets(seed):
    """TabularClassifier as it is."""
    return contestants.balanced(seed)


def mapie_sets(seed):
    """MAPIE's cross-conformal sets around TabularClassifier as it is."""
    return CrossConformal(contestants.balanced(seed), seed)
