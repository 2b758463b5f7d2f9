"""SHAP: the contribution of each feature to a prediction, from probabilities only."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skfcnn import FullyConnectedClassifier

pytestmark = [
    pytest.mark.integration,
    # shap 0.51 sets the colours of its plots, when it is imported, in matplotlib's old way.
    pytest.mark.filterwarnings("ignore:The set_.* function:PendingDeprecationWarning"),
]

X, y = load_iris(return_X_y=True, as_frame=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)


def network(*sizes):
    return FullyConnectedClassifier(
        sizes, solver="lbfgs", alpha=1.0, tol=1e-3, dtype="float64", random_state=0
    )


def test_shapley_values_add_up_to_the_probabilities(figures):
    model = make_pipeline(StandardScaler(), network(10)).fit(X_train, y_train)
    # from here
    import pandas as pd
    import shap

    def probabilities(rows):
        return model.predict_proba(pd.DataFrame(rows, columns=X_train.columns))

    background = shap.sample(X_train, 50, random_state=0)
    explanation = shap.KernelExplainer(probabilities, background)(X_test, silent=True)
    shap.plots.beeswarm(explanation[:, :, 0], show=False)  # the first class
    # to here
    assert explanation.values.shape == (len(X_test), 4, 3)
    assert explanation.feature_names == [*X.columns]
    mean = probabilities(background).mean(axis=0)
    # Sums of some hundred probabilities, each rounded at 1e-16.
    np.testing.assert_allclose(
        explanation.base_values, np.tile(mean, (len(X_test), 1)), atol=1e-12
    )
    np.testing.assert_allclose(
        explanation.base_values + explanation.values.sum(axis=1),
        model.predict_proba(X_test),
        atol=1e-12,
    )
    # The petals distinguish the species.
    importance = np.abs(explanation.values).mean(axis=(0, 2))
    assert importance[2:].min() > importance[:2].max()


def test_shapley_values_of_a_linear_model():
    """For f(x) = w x + b, the Shapley value of a feature is w_j (x_j - mean of x_j)."""
    import shap

    two = y_train > 0
    rows = StandardScaler().fit_transform(X_train)[two]
    model = network().fit(rows, y_train[two])

    def log_odds(rows):
        return np.diff(model.predict_log_proba(rows))[:, 0]

    explained = shap.KernelExplainer(log_odds, rows)(rows[:10], silent=True)
    expected = model.coefs_[0][:, 0] * (rows[:10] - rows.mean(axis=0))
    # All 14 subsets are used: only the rounding of a least-squares fit remains.
    np.testing.assert_allclose(explained.values, expected, atol=1e-9)
