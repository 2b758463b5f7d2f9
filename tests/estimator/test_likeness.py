"""Validation rows that are scaled like the training rows, and rows that are not."""

import re
import warnings
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse
import sklearn
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, StandardScaler

from skfcnn import FullyConnectedClassifier
from skfcnn.estimator.likeness import are_scaled_alike

LOADERS = [load_breast_cancer, load_digits, load_iris, load_wine]
GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "validation.md"


def heavy_tails(n, rng):
    return rng.standard_cauchy((n, 6))


def rare_categories(n, rng):
    """Return 300 columns of one group, each 1 in a row of 300, as one category of many."""
    return np.eye(300)[rng.randint(300, size=n)]


def counts(n, rng):
    return rng.poisson(0.05, (n, 100)) * rng.exponential(20.0, (n, 100))


def with_constants(n, rng):
    return np.c_[np.ones((n, 5)), rng.uniform(size=(n, 5)) < 0.002]


def one_column(n, rng):
    return rng.exponential(size=(n, 1))


MADE = [heavy_tails, rare_categories, counts, with_constants, one_column]


@pytest.mark.grid(4)
@pytest.mark.parametrize("n_val", [20, 30, 100])
@pytest.mark.parametrize("load", LOADERS)
def test_splits_of_the_same_data_are_alike(load, n_val):
    X = load().data
    for seed in range(10):
        rows, rows_val = train_test_split(X, test_size=n_val, random_state=seed)
        for scaler in (StandardScaler().fit(rows), MinMaxScaler().fit(rows)):
            assert are_scaled_alike(scaler.transform(rows), scaler.transform(rows_val))


@pytest.mark.grid(4)
@pytest.mark.parametrize("make", MADE)
def test_rows_with_tails_or_rare_values_are_alike(make):
    for seed in range(8):
        rng = np.random.RandomState(seed)
        for n, n_val in ((30, 20), (1000, 20), (1000, 400), (20, 1000)):
            rows, rows_val = make(n, rng), make(n_val, rng)
            scaler = StandardScaler().fit(rows)
            assert are_scaled_alike(scaler.transform(rows), scaler.transform(rows_val))
            assert are_scaled_alike(rows, rows_val)
            sparse = map(scipy.sparse.csr_matrix, (rows, rows_val))
            assert are_scaled_alike(*sparse)


@pytest.mark.parametrize("load", LOADERS)
def test_unscaled_rows_are_detected(load):
    X = load().data
    for seed in range(5):
        rows, rows_val = train_test_split(X, test_size=40, random_state=seed)
        scaler = StandardScaler().fit(rows)
        assert not are_scaled_alike(scaler.transform(rows), rows_val)
        assert not are_scaled_alike(rows, scaler.transform(rows_val))


@pytest.mark.parametrize("form", [np.asarray, scipy.sparse.csr_array])
def test_undivided_rows_are_detected_among_zeros(form):
    rng = np.random.RandomState(0)
    rows, rows_val = counts(500, rng), counts(500, rng)
    scaler = MaxAbsScaler().fit(rows)
    X, X_val = form(scaler.transform(rows)), form(scaler.transform(rows_val))
    assert are_scaled_alike(X, X_val)
    assert not are_scaled_alike(X, form(rows_val))
    assert not are_scaled_alike(form(rows), X_val)


def test_few_rows_are_not_judged():
    X = load_iris().data
    assert are_scaled_alike(StandardScaler().fit_transform(X), X[::10])


def test_only_some_rows_of_a_large_array_are_read():
    """The array is too large to be read completely: it repeats one number."""
    X = np.broadcast_to(np.float64(1.0), (2**30, 2**20))
    assert are_scaled_alike(X, X[:100])
    assert not are_scaled_alike(X, np.broadcast_to(0.1, (100, 2**20)))


CANCER = train_test_split(*load_breast_cancer(return_X_y=True), random_state=0)


def warnings_of(fit):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit()
    caught = [each for each in caught if each.category is not ConvergenceWarning]
    return [(each.category, str(each.message)) for each in caught]


def test_pipeline_without_transform_input_warns_once():
    X, X_val, y, y_val = CANCER
    network = FullyConnectedClassifier(early_stopping=True, random_state=0)
    pipeline = make_pipeline(StandardScaler(), network)
    given = {
        "fullyconnectedclassifier__X_val": X_val,
        "fullyconnectedclassifier__y_val": y_val,
    }
    ((category, text),) = warnings_of(lambda: pipeline.fit(X, y, **given))
    assert category is UserWarning
    assert text.startswith("X_val is not scaled like X")
    with sklearn.config_context(enable_metadata_routing=True):
        network.set_fit_request(X_val=True, y_val=True)
        pipeline = make_pipeline(StandardScaler(), network)
        told = warnings_of(lambda: pipeline.fit(X, y, X_val=X_val, y_val=y_val))
    assert [each for _, each in told] == [text]


def test_user_guide_transforms_the_validation_rows():
    (code,) = re.findall(
        r"### In a pipeline.*?```python\n(.*?)```", GUIDE.read_text(), re.S
    )
    names = {}
    assert warnings_of(lambda: exec(code, names)) == []
    model, X_val, y_val = (names[name] for name in ("model", "X_val", "y_val"))
    assert model.score(X_val, y_val) == model[-1].best_validation_score_ > 0.9
