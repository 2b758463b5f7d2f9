"""The benchmarks of accuracy: forms of the data, prediction intervals, sets of classes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture(autouse=True)
def benchmarks(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)


@pytest.fixture
def mixed():
    """Return 100 rows of two numbers, and of variables of three and two categories."""
    from datasets import RegressionDataset

    rng = np.random.default_rng(0)
    numbers = rng.standard_normal((100, 2))
    three, two = rng.integers(0, 3, 100), rng.integers(0, 2, 100)
    X = np.column_stack([numbers[:, 0], np.eye(3)[three], numbers[:, 1], two])
    names = np.array(["a", "c=x", "c=y", "c=z=1", "a[0]", "d=yes"])
    y = numbers[:, 0] + three
    groups = np.array([-1, 0, 0, 0, -1, 1])
    return RegressionDataset(X.astype("f4"), y, names, groups)


@pytest.fixture
def folder(mixed, tmp_path):
    """Return a folder with these rows under the name of a data set."""
    np.savez(tmp_path / "yacht.npz", **mixed._asdict())
    return tmp_path


def test_one_hots_become_categories(mixed):
    from forms import frame

    found = frame(mixed)
    assert list(found) == ["a", "c", "a_0_", "d"]
    assert found["c"].dtype == pd.CategoricalDtype(["x", "y", "z=1"])
    np.testing.assert_array_equal(found["c"].cat.codes, mixed.X[:, 1:4].argmax(axis=1))
    assert found["d"].cat.categories.tolist() == ["not yes", "yes"]
    assert (found["d"] == "yes").to_numpy().tolist() == (mixed.X[:, 5] == 1).tolist()
    np.testing.assert_array_equal(found["a_0_"], mixed.X[:, 4])


def test_columns_that_are_no_one_hots_are_refused(mixed):
    from forms import frame

    mixed.X[3, 1:4] = 0.0
    with pytest.raises(ValueError, match="'c' are not one-hots"):
        frame(mixed)


def test_the_form_is_both_where_there_is_no_difference(mixed):
    import regression_contestants as contestants
    from forms import form_of

    plain = mixed._replace(cat_group=np.full(6, -1))
    assert form_of(contestants.hgb, mixed, "frame") == "frame"
    assert form_of(contestants.hgb, mixed, "one-hot") == "one-hot"
    assert form_of(contestants.hgb, plain, "frame") == "both"
    assert form_of(contestants.ridge, mixed, "frame") == "both"


@pytest.mark.parametrize("name", ["hgb", "lgbm", "xgb", "catboost"])
@pytest.mark.parametrize("form", ["frame", "one-hot"])
def test_trees_take_both_forms(name, form, folder):
    from accuracy import measure

    package = {"lgbm": "lightgbm", "xgb": "xgboost", "catboost": "catboost"}.get(name)
    if package:
        pytest.importorskip(package)
    row = measure(f"regression_contestants.{name}", "yacht", 0, form, folder)
    assert row["r2"] > 0.3


def test_only_catboost_is_told_the_names_of_categories(mixed):
    from contestants import NamesCategories
    from forms import in_form

    class Records:
        def fit(self, X, y, cat_features):
            return cat_features

    class Model(NamesCategories, Records):
        pass

    assert Model().fit(in_form(mixed, "frame"), mixed.y) == ["c", "d"]
    assert Model().fit(in_form(mixed, "one-hot"), mixed.y) is None


def test_results_of_other_columns_are_refused(tmp_path):
    from accuracy import read

    path = tmp_path / "old.csv"
    path.write_text("model,dataset\nmlp,iris\n")
    assert read(path, ["model", "dataset"]) == [{"model": "mlp", "dataset": "iris"}]
    with pytest.raises(ValueError, match="Pass another file as --results"):
        read(path, ["model", "dataset", "form"])


def test_the_scores_of_intervals_by_hand():
    from protocols import interval_scores

    y = np.array([0.0, 2.0, 4.0, 6.0])
    intervals = np.array([[-1, 1], [1, 3], [5, 6], [6, 7]])
    found = interval_scores(y, intervals)
    # Widths 2, 2, 1, 1; one number is 1 below its interval, which costs 20.
    assert found["covered"] == 3
    assert found["size"] == pytest.approx(1.5 / y.std())
    assert found["score"] == pytest.approx((6.0 + 20.0) / 4 / y.std())


def test_the_scores_of_sets_by_hand():
    from protocols import set_scores

    sets = np.array([[True, False], [True, True], [False, False]])
    found = set_scores(np.array([0, 1, 1]), sets)
    assert found == {"covered": 2, "size": 1.0, "empty": 1}


def test_conformal_quantiles_cover():
    from interval_contestants import ConformalQuantiles
    from sklearn.linear_model import QuantileRegressor

    rng = np.random.default_rng(0)
    X = rng.uniform(size=(3000, 1))
    y = rng.normal(X[:, 0], 1.0)

    def make(level):  # of wrong levels: the held-out rows correct them
        return QuantileRegressor(quantile=0.4 + 0.2 * level, alpha=0.0)

    model = ConformalQuantiles(make, seed=0).fit(X[:1000], y[:1000])
    low, high = model.predict_interval(X[1000:]).T
    covered = np.mean((low <= y[1000:]) & (y[1000:] <= high))
    # 200 held-out rows and 2000 test rows: a deviation of 0.022.
    assert covered == pytest.approx(0.9, abs=0.066)


def test_intervals_are_measured(folder, monkeypatch):
    import regression_contestants
    from accuracy import measure
    from protocols import INTERVALS

    def quick(seed):
        params = {"hidden_layer_sizes": (8,), "max_iter": 2}
        return regression_contestants.tabular("fast", seed, network_params=params)

    monkeypatch.setattr(regression_contestants, "balanced", quick)
    task = "interval_contestants.balanced_intervals", "yacht", 0, "frame", folder
    row = measure(*task, intervals=True)
    assert {"model", "dataset", "seed", "form", "status", *row} == set(INTERVALS.columns)
    assert 10 <= row["covered"] <= row["n_test"] == 20
    assert row["plain_s"] > 0.0
