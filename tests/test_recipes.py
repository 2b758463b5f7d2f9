"""The recipes of docs/recipes.md: the page includes the code of these tests."""

import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from callback_support import needs_callbacks
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris
from sklearn.inspection import permutation_importance
from sklearn.metrics import (
    balanced_accuracy_score,
    log_loss,
    mean_absolute_error,
    mean_poisson_deviance,
    mean_squared_error,
    r2_score,
)
from sklearn.model_selection import GridSearchCV, StratifiedKFold, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skfcnn import (
    FullyConnectedClassifier,
    FullyConnectedRegressor,
    TabularClassifier,
)
from skfcnn.callbacks import TimeBudget
from skfcnn.inspection import ImportancesDisplay

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def cancer():
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    return train_test_split(X, y, stratify=y, random_state=0)


@pytest.fixture(scope="module")
def diabetes():
    X, y = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
    return train_test_split(X, y, random_state=0)


@pytest.mark.slow
def test_search_of_sizes(cancer):
    X_train, X_test, y_train, y_test = cancer
    # from here: search
    model = make_pipeline(StandardScaler(), FullyConnectedClassifier(random_state=0))
    grid = {
        "fullyconnectedclassifier__hidden_layer_sizes": [(), (20,), (50, 50)],
        "fullyconnectedclassifier__alpha": [1e-4, 1.0],
    }
    search = GridSearchCV(model, grid, cv=StratifiedKFold(3), n_jobs=2)
    search.fit(X_train, y_train)
    print(search.best_params_, search.best_score_)
    # to here: search
    assert search.score(X_test, y_test) > 0.93


def test_columns_of_several_kinds():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "age": rng.normal(40, 10, 400),
            "city": rng.choice(["Bern", "Basel", "Genf"], 400),
        }
    )
    y = (table["age"] > 40) == (table["city"] == "Bern")
    # from here: columns
    columns = make_column_transformer(
        (StandardScaler(), make_column_selector(dtype_include="number")),
        (
            OneHotEncoder(handle_unknown="ignore"),
            make_column_selector(dtype_exclude="number"),
        ),
    )
    model = make_pipeline(columns, FullyConnectedClassifier(random_state=0))
    # to here: columns
    assert model.fit(table, y).score(table, y) > 0.95


def test_columns_that_matter(monkeypatch):
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "age": rng.normal(40, 10, 800),
            "city": rng.choice(["Bern", "Basel", "Genf"], 800),
            "since": pd.Timestamp("2020-01-01")
            + pd.to_timedelta(rng.integers(0, 900, 800), "D"),
        }
    )
    y = (table["age"] > 40) == (table["city"] == "Bern")
    X_train, X_test, y_train, y_test = train_test_split(table, y, random_state=0)
    displayed = []
    monkeypatch.setattr(
        ImportancesDisplay, "from_importances", lambda found: displayed.append(found)
    )
    # from here: matter
    model = TabularClassifier(random_state=0).fit(X_train, y_train)
    importances = model.permutation_importances(X_train, y_train, random_state=0)
    print(pd.Series(importances.importances_mean, importances.feature_names))
    ImportancesDisplay.from_importances(importances)
    # to here: matter
    # from here: new rows
    new = permutation_importance(
        model, X_test, y_test, scoring="neg_log_loss", random_state=0
    )
    # to here: new rows
    assert displayed == [importances]
    for found in (importances, new):
        assert found.importances_mean[:2].min() > 0.5
        assert abs(found.importances_mean[2]) < 0.05


def test_a_rare_class():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(3000, 5))
    y = (X[:, 0] + rng.normal(0, 0.7, 3000) > 2.4).astype(int)  # one in forty
    X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
    plain = FullyConnectedClassifier((20,), max_iter=50, random_state=0)
    # from here: rare
    model = FullyConnectedClassifier(
        (20,), class_weight="balanced", max_iter=50, random_state=0
    )
    model.fit(X_train, y_train)
    print(balanced_accuracy_score(y_test, model.predict(X_test)))
    # to here: rare
    before = balanced_accuracy_score(y_test, plain.fit(X_train, y_train).predict(X_test))
    assert balanced_accuracy_score(y_test, model.predict(X_test)) > before + 0.1


def test_stop_early_in_a_pipeline(cancer):
    X, X_test, y, y_test = cancer
    X_train, X_val, y_train, y_val = train_test_split(X, y, stratify=y, random_state=0)
    # from here: early
    network = FullyConnectedClassifier(
        early_stopping=True, scoring="loss", max_iter=1000, random_state=0
    )
    with sklearn.config_context(enable_metadata_routing=True):
        network.set_fit_request(X_val=True, y_val=True)
        model = make_pipeline(StandardScaler(), network, transform_input=["X_val"])
        model.fit(X_train, y_train, X_val=X_val, y_val=y_val)
    print(model[-1].best_epoch_, model[-1].best_validation_score_)
    # to here: early
    assert model.score(X_test, y_test) > 0.94
    assert model[-1].best_epoch_ <= model[-1].n_iter_ < 1000


def test_against_overfitting():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2300, 40))
    y = (X[:, :3].sum(axis=1) + rng.normal(0, 1.0, 2300) > 0).astype(int)
    X_train, X_test, y_train, y_test = X[:300], X[300:], y[:300], y[300:]
    # from here: overfitting
    model = FullyConnectedClassifier(
        (200, 200),
        solver="adamw",
        weight_decay=0.05,
        alpha=0.0,
        dropout=0.3,
        label_smoothing=0.05,
        schedule="cosine",
        max_iter=100,
        random_state=0,
    )
    model.fit(X_train, y_train)
    # to here: overfitting
    plain = FullyConnectedClassifier((200, 200), max_iter=100, random_state=0)
    plain.fit(X_train, y_train)
    ours, others = (log_loss(y_test, each.predict_proba(X_test)) for each in (model, plain))
    assert ours < others
    assert model.score(X_test, y_test) > plain.score(X_test, y_test) - 0.01


def test_calibrated_probabilities():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1200, 5))
    y = (X[:, 0] + rng.normal(0, 1.0, 1200) > 0).astype(int)
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    network = FullyConnectedClassifier((100, 100), max_iter=100, random_state=0)
    # from here: calibrated
    model = CalibratedClassifierCV(network, method="sigmoid", ensemble=False, cv=3)
    model.fit(X_train, y_train)
    print(log_loss(y_test, model.predict_proba(X_test)))
    # to here: calibrated
    over_confident = log_loss(y_test, network.fit(X_train, y_train).predict_proba(X_test))
    assert log_loss(y_test, model.predict_proba(X_test)) < over_confident


def test_rows_in_portions():
    X, y = load_digits(return_X_y=True)
    portions = [(X[i::6], y[i::6]) for i in range(6)]
    # from here: portions
    scaler, model = StandardScaler(), FullyConnectedClassifier(random_state=0)
    for X_new, _ in portions:
        scaler.partial_fit(X_new)
    for _ in range(20):
        for X_new, y_new in portions:
            model.partial_fit(scaler.transform(X_new), y_new, classes=range(10))
    # to here: portions
    assert model.score(scaler.transform(X), y) > 0.97


@needs_callbacks
def test_limited_training_time():
    X, y = load_digits(return_X_y=True)
    # from here: minute
    model = FullyConnectedClassifier(max_iter=10_000, tol=0.0, random_state=0)
    model.set_callbacks(TimeBudget(seconds=0.3))
    model.fit(X, y)
    # to here: minute
    assert 1 <= model.n_iter_ < 10_000


def test_keep_a_model(cancer, tmp_path, monkeypatch):
    X_train, X_test, y_train, y_test = cancer
    monkeypatch.chdir(tmp_path)
    model = make_pipeline(StandardScaler(), FullyConnectedClassifier(random_state=0))
    model.fit(X_train, y_train)
    # from here: keep
    joblib.dump(model, "model.joblib", compress=3)
    model = joblib.load("model.joblib")  # only files that are your own
    # to here: keep
    assert model.score(X_test, y_test) > 0.93


def test_reproducible_numbers():
    X, y = load_iris(return_X_y=True)
    # from here: again
    first, second = (
        FullyConnectedClassifier(dtype="float64", random_state=0).fit(X, y)
        for _ in range(2)
    )
    np.testing.assert_array_equal(first.predict_proba(X), second.predict_proba(X))
    # to here: again
    assert first.coefs_[0].dtype == np.float64


def test_a_logistic_regression():
    X, y = load_iris(return_X_y=True)
    # from here: regression
    model = FullyConnectedClassifier((), solver="lbfgs", alpha=1.0)
    # to here: regression
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert model.fit(X, y).score(X, y) > 0.95
    assert len(model.coefs_) == 1


def test_a_number(diabetes):
    X_train, X_test, y_train, y_test = diabetes
    # from here: number
    network = FullyConnectedRegressor(early_stopping=True, random_state=0)
    model = make_pipeline(StandardScaler(), network)
    model.fit(X_train, y_train)
    print(r2_score(y_test, model.predict(X_test)))
    # to here: number
    # A linear regression has 0.36 on these rows.
    assert model.score(X_test, y_test) > 0.3
    p = model.predict(X_test)
    # In another unit of y, the network is the same, up to the rounding in float64.
    np.testing.assert_allclose(model.fit(X_train, y_train / 1e3).predict(X_test), p / 1e3)


def test_stop_early_by_the_absolute_error(diabetes):
    X_train, X_test, y_train, y_test = diabetes
    # from here: absolute error
    network = FullyConnectedRegressor(
        "absolute_error",
        early_stopping=True,
        scoring="neg_mean_absolute_error",
        tol=0.01,  # in the units of y
        max_iter=1000,
        random_state=0,
    )
    model = make_pipeline(StandardScaler(), network).fit(X_train, y_train)
    print(model[-1].best_epoch_, -model[-1].best_validation_score_)
    # to here: absolute error
    assert model[-1].best_epoch_ <= model[-1].n_iter_ < 1000
    error = mean_absolute_error(y_test, model.predict(X_test))
    assert error < 0.8 * mean_absolute_error(y_test, np.full(len(y_test), y_train.median()))


def test_several_numbers():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.uniform(-2.0, 2.0, (600, 2)), columns=["east", "north"])
    noise = rng.normal(0.0, 0.1, (600, 2))
    y = np.column_stack([20.0 + np.sin(X["east"]), 1e4 * X["north"] ** 2])
    y += noise * y.std(axis=0)
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    # from here: several
    model = make_pipeline(StandardScaler(), FullyConnectedRegressor(random_state=0))
    model.fit(X_train, y_train)  # y_train has a column for each number
    print(r2_score(y_test, model.predict(X_test), multioutput="raw_values"))
    # to here: several
    assert model.predict(X_test).shape == y_test.shape
    # The noise leaves 0.99.
    scores = r2_score(y_test, model.predict(X_test), multioutput="raw_values")
    assert scores.min() > 0.95


def test_an_interval():
    rng = np.random.default_rng(0)
    X = rng.uniform(0.0, 3.0, (6000, 1))
    y = rng.normal(np.sin(X[:, 0]), 0.1 + 0.2 * X[:, 0])
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    # from here: interval
    network = FullyConnectedRegressor(
        "quantile", quantile=[0.05, 0.95], early_stopping=True, random_state=0
    )
    model = make_pipeline(StandardScaler(), network).fit(X_train, y_train)
    low, high = model.predict(X_test).T
    print(np.mean((low <= y_test) & (y_test <= high)))
    # to here: interval
    covered = np.mean((low <= y_test) & (y_test <= high))
    # The count of 1500 rows has the deviation 0.008, and the network errs by as much.
    assert covered == pytest.approx(0.9, abs=0.03)
    # The deviation grows with x: 1.645 of it lie on each side.
    is_wide = X_test[:, 0] > 2.0
    assert (high - low)[is_wide].mean() > 2.0 * (high - low)[X_test[:, 0] < 1.0].mean()


def test_counts_over_different_times():
    rng = np.random.default_rng(0)
    X = rng.uniform(-1.0, 1.0, (4000, 2))
    years = rng.uniform(0.1, 3.0, 4000)
    rate = np.exp(0.5 + X[:, 0] - X[:, 1] ** 2)
    counts = rng.poisson(rate * years)
    # from here: counts
    model = make_pipeline(
        StandardScaler(),
        FullyConnectedRegressor("poisson", early_stopping=True, random_state=0),
    )
    model.fit(X, counts / years, fullyconnectedregressor__sample_weight=years)
    expected_counts = years * model.predict(X)
    # to here: counts
    constant = years * counts.sum() / years.sum()
    deviance, of_constant, of_truth = (
        mean_poisson_deviance(counts, each)
        for each in (expected_counts, constant, years * rate)
    )
    assert deviance < of_truth + 0.1 * (of_constant - of_truth)


def test_outliers():
    rng = np.random.default_rng(0)
    X = rng.uniform(-2.0, 2.0, (600, 1))
    truth = np.sin(2.0 * X[:, 0])
    y = truth + rng.normal(0.0, 0.1, 600)
    y[::20] += 20.0
    # from here: outliers
    model = FullyConnectedRegressor("huber", huber_delta=0.1, random_state=0)
    model.fit(X, y)
    # to here: outliers
    plain = FullyConnectedRegressor(random_state=0).fit(X, y)
    error = mean_squared_error(truth, model.predict(X))
    assert error < 0.1 * mean_squared_error(truth, plain.predict(X))


def test_a_loss_of_ones_own():
    rng = np.random.default_rng(0)
    X = rng.uniform(-2.0, 2.0, (2000, 1))
    y = X[:, 0] ** 2 + rng.normal(0.0, 0.5, 2000)

    # from here: own
    def cost(y, p):
        return np.where(p < y, 4.0, 1.0) * (p - y) ** 2

    def derivative(y, p):
        return np.where(p < y, 8.0, 2.0) * (p - y)

    model = FullyConnectedRegressor((cost, derivative), random_state=0).fit(X, y)
    # to here: own
    p = model.predict(X)
    plain = FullyConnectedRegressor(random_state=0).fit(X, y).predict(X)
    assert cost(y, p).mean() < 0.9 * cost(y, plain).mean()
    # At the minimum the derivatives sum to 0: 4 times the errors below are those above.
    too_low, too_high = np.maximum(y - p, 0.0).sum(), np.maximum(p - y, 0.0).sum()
    assert too_high / too_low == pytest.approx(4.0, rel=0.05)
