"""SHAP: the contribution of each feature to a prediction, from predictions only."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_iris
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skfcnn import (
    FullyConnectedClassifier,
    FullyConnectedRegressor,
    TabularClassifier,
)

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


def test_shapley_values_of_a_table_of_numbers_words_and_dates(figures):
    import pandas as pd
    import shap

    rng = np.random.default_rng(0)
    days = pd.to_timedelta(rng.integers(0, 900, 400), "D")
    table = pd.DataFrame(
        {
            "age": rng.normal(40, 10, 400),
            "city": rng.choice(["Bern", "Basel", "Genf"], 400),
            "since": pd.Timestamp("2020-01-01") + days,
        }
    )
    y = (table["age"] > 40) == (table["city"] == "Bern")
    table.loc[::50, ["age", "city"]] = None
    X_train, X_test, y_train, _ = train_test_split(table, y, random_state=0)
    model = TabularClassifier("fast", random_state=0).fit(X_train, y_train)

    def probabilities(rows):
        frame = pd.DataFrame(rows, columns=X_train.columns)
        return model.predict_proba(frame.astype(X_train.dtypes))

    background = shap.sample(X_train, 20, random_state=0)
    explanation = shap.KernelExplainer(probabilities, background)(X_test, silent=True)
    shap.plots.bar(explanation[:, :, 1], show=False)  # the second class
    assert explanation.values.shape == (100, 3, 2)
    assert explanation.feature_names == [*table.columns]
    # Networks in float32, and means of some hundred probabilities.
    total = explanation.base_values + explanation.values.sum(axis=1)
    np.testing.assert_allclose(total, model.predict_proba(X_test), atol=1e-6)
    age, city, since = np.abs(explanation.values).mean(axis=(0, 2))
    assert min(age, city) > 5.0 * since


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


@pytest.mark.parametrize("levels", [0.5, [0.1, 0.5, 0.9]], ids=str)
def test_shapley_values_add_up_to_the_predicted_numbers(levels):
    import shap

    X, y = load_diabetes(return_X_y=True)
    network = FullyConnectedRegressor(
        "quantile", quantile=levels, schedule="cosine", max_iter=30, random_state=0
    )
    # Body mass index, blood pressure and a blood value, in their own units.
    X = X[:, [2, 3, 8]]
    model = make_pipeline(StandardScaler(), network).fit(X, y)
    explained = shap.KernelExplainer(model.predict, X[:40])(X[40:60], silent=True)
    p = model.predict(X[40:60])
    assert explained.values.shape == (20, 3, *p.shape[1:])
    # Sums of some hundred numbers of about 100, each rounded at 1e-14.
    total = explained.base_values + explained.values.sum(axis=1)
    np.testing.assert_allclose(total, p, atol=1e-9)
    np.testing.assert_allclose(explained.base_values[0], model.predict(X[:40]).mean(axis=0))


def test_shapley_values_of_a_linear_regressor():
    import shap

    X, y = load_diabetes(return_X_y=True)
    X = StandardScaler().fit_transform(X[:, :4])
    y = np.column_stack([y, 1e3 * y**2])
    network = FullyConnectedRegressor(
        hidden_layer_sizes=(), solver="lbfgs", dtype="float64"
    )
    model = network.fit(X, y)
    explained = shap.KernelExplainer(model.predict, X[:50])(X[50:60], silent=True)
    centred = X[50:60] - X[:50].mean(axis=0)
    expected = centred[:, :, None] * model.coefs_[0]
    # As above, relative to the largest value of each output.
    errors = np.abs(explained.values - expected).max(axis=(0, 1))
    assert (errors < 1e-9 * np.abs(expected).max(axis=(0, 1))).all()
