"""TabularRegressor, through its public interface."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes
from sklearn.exceptions import NotFittedError
from sklearn.inspection import permutation_importance
from sklearn.metrics import mean_pinball_loss, r2_score
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score
from sklearn.utils.estimator_checks import (
    check_sample_weight_equivalence_on_dense_data,
    parametrize_with_checks,
)

from skfcnn import TabularRegressor
from skfcnn.network.losses import NUMBER_LOSSES
from skfcnn.tabular.regressor import OF_LOSSES

X, Y = load_diabetes(return_X_y=True, as_frame=True)
SHORT = {
    "network_params": {"max_iter": 3, "hidden_layer_sizes": (8,)},
    "trees": False,
    "random_state": 0,
}

WITHOUT_BATCHES = {"dtype": "float64", "batch_size": "auto"}  # up to 200 rows


@pytest.mark.grid(4)
@parametrize_with_checks(
    [
        TabularRegressor(),
        TabularRegressor("fast", encoder="passthrough", random_state=0),
    ],
)
def test_common_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("encoder", ["auto", "passthrough"])
@pytest.mark.parametrize("effort", ["fast", "balanced"])
def test_whole_weights_are_repeats_of_rows_without_mini_batches(effort, encoder):
    """As in scikit-learn, which checks its own MLPRegressor with parameters of its own."""
    model = TabularRegressor(
        effort, encoder=encoder, network_params=WITHOUT_BATCHES, trees=False, random_state=0
    )
    check_sample_weight_equivalence_on_dense_data("TabularRegressor", model)


def a_table(n=600, *, seed=0):
    """Columns of every kind, and numbers that depend on some."""
    rng = np.random.default_rng(seed)
    x, colour = rng.standard_normal(n), rng.choice(["red", "green", "blue"], n)
    town = rng.integers(0, 40, n)
    day = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n), "D")
    table = pd.DataFrame(
        {
            "x": np.where(rng.uniform(size=n) < 0.1, np.nan, x),
            "colour": colour,
            "town": [f"town {i}" for i in town],
            "price": [f"${1000 * abs(a):,.2f}" for a in x],
            "day": day,
        }
    )
    effect = np.random.default_rng(9).standard_normal(40)
    y = 1000.0 * (np.nan_to_num(x) + (colour == "red") + effect[town])
    return table, 5000.0 + y + 100.0 * rng.standard_normal(n)


@pytest.mark.filterwarnings("ignore:Check how these columns were read")
@pytest.mark.parametrize(
    "effort", ["fast", "balanced", pytest.param("best", marks=pytest.mark.slow)]
)
def test_every_effort_learns_from_a_raw_table(effort):
    (table, y), (new, of_new) = a_table(), a_table(seed=1)
    model = TabularRegressor(effort, random_state=0).fit(table, y)
    assert model.score(new, of_new) > 0.85
    assert model.predict(new).dtype == np.float64
    assert model.columns_.set_index("column").encoded["town"].startswith("target means")


@pytest.mark.parametrize("loss", NUMBER_LOSSES)
def test_every_loss_learns(loss):
    model = TabularRegressor("fast", loss=loss, random_state=0).fit(X, Y)
    assert model.score(X, Y) > 0.3
    assert (model.leaderboard_.score > 0.1).all()
    assert "temperature" not in model.leaderboard_


def test_unit_and_origin_of_y_do_not_matter():
    model = TabularRegressor("balanced", **SHORT)
    expected = model.fit(X, Y).predict(X)
    other = model.fit(X, 1e6 * Y - 7e8).predict(X)
    np.testing.assert_allclose((other + 7e8) / 1e6, expected, rtol=1e-4)


def test_several_numbers_per_row_are_predicted():
    y = np.column_stack([Y, -1e5 * Y])
    model = TabularRegressor("fast", random_state=0).fit(X, y)
    predicted = model.predict(X)
    assert predicted.shape == y.shape
    assert r2_score(y, predicted, multioutput="raw_values").min() > 0.4
    assert model.score(X, y) == pytest.approx(r2_score(y, predicted))


def test_several_quantiles_are_predicted_in_order():
    levels = [0.9, 0.1, 0.5]
    model = TabularRegressor("fast", loss="quantile", quantile=levels, random_state=0)
    low, middle, high = model.fit(X, Y).predict(X).T[[1, 2, 0]]
    assert (low <= middle).all() and (middle <= high).all()
    assert np.mean(Y <= low) == pytest.approx(0.1, abs=0.06)
    assert np.mean(Y <= high) == pytest.approx(0.9, abs=0.06)
    constant = mean_pinball_loss(Y, np.full(442, np.quantile(Y, 0.5)), alpha=0.5)
    assert mean_pinball_loss(Y, middle, alpha=0.5) < 0.85 * constant


def test_parameters_of_a_loss_reach_the_networks_and_the_weights():
    params = {"huber_delta": 0.5} | SHORT["network_params"]
    model = TabularRegressor("fast", loss="huber", network_params=params).fit(X, Y)
    assert model.estimators_[0].huber_delta == 0.5
    assert model._target.loss.huber_delta == 0.5
    assert OF_LOSSES <= model.estimators_[0].get_params().keys()


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"loss": "log_loss"}, "'loss' parameter"),
        ({"loss": "quantile", "quantile": 1.5}, "quantile"),
        ({"network_params": {"loss": "huber"}}, "Use the loss of TabularRegressor"),
        ({"network_params": {"no_such": 1}}, "no_such"),
    ],
)
def test_invalid_parameters_are_refused(params, message):
    with pytest.raises((ValueError, TypeError), match=message):
        TabularRegressor("fast", **params).fit(X, Y)


def test_it_is_cloned_searched_and_pickled():
    model = clone(TabularRegressor("fast", **SHORT))
    grid = {"network_params__hidden_layer_sizes": [(4,), (8,)]}
    search = GridSearchCV(model, grid, cv=2, error_score="raise").fit(X, Y)
    loaded = pickle.loads(pickle.dumps(search.best_estimator_))
    np.testing.assert_array_equal(loaded.predict(X), search.predict(X))


def test_a_fit_repeats_with_its_seed():
    one, same = (TabularRegressor("fast", **SHORT).fit(X, Y).predict(X) for _ in range(2))
    np.testing.assert_array_equal(one, same)
    other = TabularRegressor("fast", **(SHORT | {"random_state": 1})).fit(X, Y)
    assert (other.predict(X) != one).any()


def test_groups_validation_rows_and_weights():
    groups = np.arange(442) % 17
    grouped = TabularRegressor("fast", cv=GroupKFold(4), **SHORT).fit(X, Y, groups=groups)
    assert len(grouped.estimators_) == 4
    by_default = TabularRegressor("fast", **SHORT).fit(X, Y, groups=groups)
    assert len(by_default.estimators_) == 3
    val = {"X_val": X[::2], "y_val": Y[::2]}
    model = TabularRegressor("fast", **SHORT).fit(X[1::2], Y[1::2], **val)
    assert len(model.estimators_) == 3
    weights = (Y < 150).astype(float)
    light = TabularRegressor("fast", random_state=0).fit(X, Y, sample_weight=weights)
    assert light.predict(X).max() < 170.0
    scores = cross_val_score(TabularRegressor("fast", random_state=0), X, Y, cv=3)
    assert scores.mean() > 0.4


def test_importances_are_those_of_the_columns():
    model = TabularRegressor("fast", importances=True, random_state=0).fit(X, Y)
    found = pd.Series(model.feature_importances_, X.columns)
    assert {"bmi", "s5"} == {*found.nlargest(2).index}
    theirs = permutation_importance(model, X, Y, random_state=0, n_repeats=2)
    assert np.corrcoef(theirs.importances_mean, found)[0, 1] > 0.9


def test_time_limit_and_lines(capsys):
    model = TabularRegressor("best", time_limit=1e-6, verbose=True, random_state=0)
    model.fit(X, Y)
    assert len(model.estimators_) == 1
    told = capsys.readouterr().out
    assert "1 of 25 models" in told and "temperature" not in told


def test_it_is_unfitted_after_a_failed_fit():
    model = TabularRegressor("fast", **SHORT).fit(X, Y)
    with pytest.raises(ValueError, match="inconsistent"):
        model.fit(X, Y[:-1])
    with pytest.raises(NotFittedError):
        model.predict(X)
