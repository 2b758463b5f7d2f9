"""MAPIE: sets of classes, and intervals, that hold the truth at the stated rate."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split

from skfcnn import (
    FullyConnectedClassifier,
    FullyConnectedRegressor,
    TabularClassifier,
    TabularRegressor,
)

pytestmark = pytest.mark.integration

N_ROWS = 4000
X, y = make_classification(
    2 * N_ROWS + 1000, 10, n_informative=6, n_classes=4, class_sep=1.0, random_state=0
)
X_train, X_rest, y_train, y_rest = train_test_split(X, y, train_size=1000, random_state=0)
X_conformal, X_test, y_conformal, y_test = train_test_split(
    X_rest, y_rest, train_size=N_ROWS, random_state=0
)


def network(kind=FullyConnectedClassifier, **params):
    return kind(
        hidden_layer_sizes=(20,),
        schedule="cosine",
        learning_rate_init=0.01,
        max_iter=30,
        random_state=0,
        **params,
    )


def check_coverage(covered, level, n_conformal):
    """Compare how often the sets of the test rows hold the truth with the level.

    Over draws of both parts, the coverage has the mean `level` (up to 1 / n_conformal more)
    and about the variance p (1 - p) (1 / n_conformal + 1 / n_test): four of its roots.
    """
    error = np.sqrt(level * (1.0 - level) * (1.0 / n_conformal + 1.0 / len(covered)))
    assert covered.mean() == pytest.approx(level, abs=4.0 * error)


@pytest.mark.parametrize("kind", [int, str])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_prediction_sets_of_a_fitted_network_have_the_coverage(kind, dtype):
    model = network(dtype=dtype).fit(X_train, y_train.astype(kind))
    labels_conformal = y_conformal.astype(kind)
    # from here
    from mapie.classification import SplitConformalClassifier

    levels = [0.8, 0.9, 0.95]
    conformal = SplitConformalClassifier(model, confidence_level=levels)
    conformal.conformalize(X_conformal, labels_conformal)
    labels, sets = conformal.predict_set(X_test)  # sets: (rows, classes, levels)
    # to here
    assert sets.shape == (N_ROWS, 4, 3)
    np.testing.assert_array_equal(labels, model.predict(X_test))
    for i, level in enumerate(levels):
        check_coverage(sets[range(N_ROWS), y_test, i], level, N_ROWS)
    sizes = sets.sum(axis=1).mean(axis=0)
    assert (np.diff(sizes) > 0.0).all()
    assert sizes[-1] < 4.0


def test_prediction_sets_by_cross_validation_have_the_coverage():
    from mapie.classification import CrossConformalClassifier

    model = CrossConformalClassifier(network(), confidence_level=0.9, cv=5, random_state=0)
    _, sets = model.fit_conformalize(X_train, y_train).predict_set(X_test)
    # Only 0.8 is guaranteed; networks that are very similar give 0.9.
    check_coverage(sets[range(N_ROWS), y_test, 0], 0.9, len(X_train))


def draw_numbers(n, rng):
    """Return rows, and numbers around 1000 whose deviation grows from 10 to 110."""
    X = rng.uniform(0.0, 1.0, (n, 2))
    return X, rng.normal(1000.0 + 50.0 * np.sin(6.0 * X[:, 1]), 10.0 + 100.0 * X[:, 0])


@pytest.fixture(scope="module")
def numbers():
    rng = np.random.default_rng(0)
    return [draw_numbers(n, rng) for n in (2000, N_ROWS, N_ROWS)]


def is_inside(y, intervals):
    return (intervals[:, 0] <= y) & (y <= intervals[:, 1])


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_intervals_of_a_fitted_regressor_have_the_coverage(numbers, dtype):
    (X_train, y_train), (X_conformal, y_conformal), (X_test, y_test) = numbers
    model = network(FullyConnectedRegressor, dtype=dtype).fit(X_train, y_train)
    # from here: interval
    from mapie.regression import SplitConformalRegressor

    levels = [0.8, 0.9, 0.95]
    conformal = SplitConformalRegressor(model, confidence_level=levels)
    conformal.conformalize(X_conformal, y_conformal)
    # intervals: (rows, low and high, levels)
    predicted, intervals = conformal.predict_interval(X_test)
    # to here: interval
    assert intervals.shape == (N_ROWS, 2, 3)
    np.testing.assert_array_equal(predicted, model.predict(X_test))
    for i, level in enumerate(levels):
        check_coverage(is_inside(y_test, intervals[:, :, i]), level, N_ROWS)
    # Of a constant width, which is not that of the noise.
    widths = np.diff(intervals, axis=1)[:, 0]
    np.testing.assert_allclose(widths, widths[:1].repeat(N_ROWS, axis=0), rtol=1e-5)


def test_intervals_of_quantiles_have_the_coverage_and_follow_the_noise(numbers):
    (X_train, y_train), (X_conformal, y_conformal), (X_test, y_test) = numbers
    # from here: quantiles
    from mapie.regression import ConformalizedQuantileRegressor

    params = {"schedule": "cosine", "learning_rate_init": 0.01, "max_iter": 30}
    low, high, median = (
        FullyConnectedRegressor("quantile", quantile=level, random_state=0, **params)
        for level in (0.05, 0.95, 0.5)
    )
    models = [model.fit(X_train, y_train) for model in (low, high, median)]
    conformal = ConformalizedQuantileRegressor(models, confidence_level=0.9, prefit=True)
    conformal.conformalize(X_conformal, y_conformal)
    predicted, intervals = conformal.predict_interval(X_test)
    # to here: quantiles
    np.testing.assert_array_equal(predicted, median.predict(X_test))
    check_coverage(is_inside(y_test, intervals[:, :, 0]), 0.9, N_ROWS)
    deviations, widths = 10.0 + 100.0 * X_test[:, 0], np.diff(intervals[:, :, 0])[:, 0]
    assert np.corrcoef(widths, deviations)[0, 1] > 0.9
    # The interval of a normal number has 3.29 deviations.
    assert widths.mean() == pytest.approx(3.29 * deviations.mean(), rel=0.1)


def test_intervals_by_cross_validation_have_the_coverage(numbers):
    from mapie.regression import CrossConformalRegressor

    (X_train, y_train), _, (X_test, y_test) = numbers
    model = CrossConformalRegressor(network(FullyConnectedRegressor), cv=5)
    _, intervals = model.fit_conformalize(X_train, y_train).predict_interval(X_test)
    # As for classes: networks that are very similar give 0.9.
    check_coverage(is_inside(y_test, intervals[:, :, 0]), 0.9, len(X_train))


# ----- Ensembles for tables, in MAPIE and compared with it


SHORT = {"network_params": {"max_iter": 8}, "random_state": 0}
# MAPIE tries a fitted model on a row without names, as it would any of scikit-learn's, and
# warns of the warning that this gives.
FITTED_TO_A_FRAME = pytest.mark.filterwarnings(
    "ignore:X does not have valid feature names", "ignore:.*failed a minimal prediction"
)


@pytest.fixture(scope="module")
def tables(numbers):
    """The numbers, as frames."""
    return [(pd.DataFrame(X, columns=["noise", "wave"]), y) for X, y in numbers]


@FITTED_TO_A_FRAME
def test_intervals_around_a_fitted_ensemble_have_the_coverage(tables):
    (X_train, y_train), (X_conformal, y_conformal), (X_test, y_test) = tables
    from mapie.regression import SplitConformalRegressor

    model = TabularRegressor("fast", **SHORT).fit(X_train, y_train)
    conformal = SplitConformalRegressor(model, confidence_level=0.9)
    conformal.conformalize(X_conformal, y_conformal)
    predicted, intervals = conformal.predict_interval(X_test)
    np.testing.assert_array_equal(predicted, model.predict(X_test))
    check_coverage(is_inside(y_test, intervals[:, :, 0]), 0.9, N_ROWS)


@FITTED_TO_A_FRAME
def test_quantiles_of_ensembles_are_made_conformal(tables):
    (X_train, y_train), (X_conformal, y_conformal), (X_test, y_test) = tables
    from mapie.regression import ConformalizedQuantileRegressor

    models = [
        TabularRegressor("fast", loss="quantile", quantile=level, **SHORT)
        for level in (0.05, 0.95, 0.5)
    ]
    models = [model.fit(X_train, y_train) for model in models]
    conformal = ConformalizedQuantileRegressor(models, confidence_level=0.9, prefit=True)
    conformal.conformalize(X_conformal, y_conformal)
    _, intervals = conformal.predict_interval(X_test)
    check_coverage(is_inside(y_test, intervals[:, :, 0]), 0.9, N_ROWS)


def test_own_intervals_hold_as_those_by_cross_validation_and_are_narrower(tables):
    from mapie.regression import CrossConformalRegressor

    (X_train, y_train), _, (X_test, y_test) = tables
    model = TabularRegressor("fast", **SHORT)
    conformal = CrossConformalRegressor(model, confidence_level=0.9, cv=5)
    conformal.fit_conformalize(X_train, y_train)
    _, theirs = conformal.predict_interval(X_test)  # (rows, low and high, levels)

    ours = model.fit(X_train, y_train).predict_interval(X_test)  # (rows, low and high)
    assert theirs[:, :, 0].shape == ours.shape
    for limits in (theirs[:, :, 0], ours):
        check_coverage(is_inside(y_test, limits), 0.9, len(X_train))
    # The noise depends on the row: so does the width of ours, with five fits less.
    assert interval_score(y_test, ours) < 0.95 * interval_score(y_test, theirs[:, :, 0])


def interval_score(y, limits, level=0.9):
    """Return the mean Winkler score: the width, and what an interval misses y by."""
    low, high = limits.T
    missed = np.maximum(low - y, 0.0) + np.maximum(y - high, 0.0)
    return np.mean(high - low + 2.0 / (1.0 - level) * missed)


def test_own_sets_of_classes_hold_as_those_by_mapie():
    from mapie.classification import CrossConformalClassifier, SplitConformalClassifier

    model = TabularClassifier("fast", **SHORT).fit(X_train, y_train)
    split = SplitConformalClassifier(model, confidence_level=0.9)
    labels, of_split = split.conformalize(X_conformal, y_conformal).predict_set(X_test)
    np.testing.assert_array_equal(labels, model.predict(X_test))
    cross = CrossConformalClassifier(
        TabularClassifier("fast", **SHORT), confidence_level=0.9, cv=5, random_state=0
    )
    _, of_cross = cross.fit_conformalize(X_train, y_train).predict_set(X_test)
    ours = model.predict_set(X_test)  # (rows, classes)
    assert of_split[:, :, 0].shape == of_cross[:, :, 0].shape == ours.shape
    for sets, n in ((of_split[:, :, 0], N_ROWS), (ours, len(X_train))):
        check_coverage(sets[range(N_ROWS), y_test], 0.9, n)
    # Theirs are of five ensembles: fifteen networks, where ours has three.
    assert ours.sum(axis=1).mean() <= 1.1 * of_cross[:, :, 0].sum(axis=1).mean()
