"""Rows of weight zero are as if absent, and whole weights are repeats of rows."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.preprocessing import FunctionTransformer
from table_support import LBFGS

from skfcnn import TabularClassifier, TabularRegressor
from skfcnn.tabular.counted_rows import positions_among, with_weight, with_zeros

pytestmark = pytest.mark.filterwarnings("ignore:Check how these columns were read")

SHORT = {
    "network_params": {"max_iter": 3, "hidden_layer_sizes": (8,)},
    "trees": False,
    "random_state": 0,
}
WITHOUT_TREES = {"trees": False, "random_state": 0}
# Without mini-batches; "auto" is up to 200 rows.
ADAM = {"batch_size": "auto", "max_iter": 8}
FORMS = {
    "pandas": lambda table: table,
    "polars": pl.from_pandas,
    "pyarrow": lambda table: pa.Table.from_pandas(table, preserve_index=False),
    "records": lambda table: table.to_dict("records"),
    "array": lambda table: table[["x", "price"]].to_numpy(),
}


def a_table(n=240, *, seed=0):
    """Numbers, few and many categories, a date, and numbers that depend on some."""
    rng = np.random.default_rng(seed)
    x, colour = rng.standard_normal(n), rng.choice(["red", "green", "blue"], n)
    day = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n), "D")
    table = pd.DataFrame(
        {
            "x": np.where(rng.uniform(size=n) < 0.1, np.nan, x),
            "colour": colour,
            "town": [f"town {i}" for i in rng.integers(0, 40, n)],
            "price": np.exp(x),
            "day": day.strftime("%Y-%m-%d"),
        }
    )
    return table, np.nan_to_num(x) + (colour == "red") + 0.3 * rng.standard_normal(n)


def with_idle(table, y):
    """Return rows with spoiled ones of weight zero between them, and which are kept."""
    rng = np.random.default_rng(1)
    spoiled = pd.DataFrame(
        {
            "x": [1e9] * 60,
            "colour": [f"colour {i}" for i in range(60)],
            "town": "nowhere",
            "price": [np.nan, -1e9] * 30,
            "day": "no date at all",
        }
    )
    order = rng.permutation(len(y) + 60)
    both = pd.concat([table, spoiled], ignore_index=True).iloc[order]
    is_kept = order < len(y)
    table, y = table.iloc[order[is_kept]], y[order[is_kept]]
    of_all = np.zeros(len(order))
    of_all[is_kept] = y
    return both.reset_index(drop=True), of_all, table.reset_index(drop=True), y, is_kept


def for_task(task, y):
    return (
        (TabularClassifier, np.where(y > 0.5, "b", "a")) if task else (TabularRegressor, y)
    )


def assert_equal_models(one, other, X):
    np.testing.assert_array_equal(one.predict(X), other.predict(X))
    if hasattr(one, "predict_proba"):
        np.testing.assert_array_equal(one.predict_proba(X), other.predict_proba(X))
        np.testing.assert_array_equal(one.predict_set(X), other.predict_set(X))
    else:
        np.testing.assert_array_equal(one.predict_interval(X), other.predict_interval(X))
    np.testing.assert_array_equal(one.family_weights_, other.family_weights_)
    pd.testing.assert_frame_equal(
        one.leaderboard_.drop(columns="seconds"), other.leaderboard_.drop(columns="seconds")
    )


@pytest.mark.parametrize("is_classifier", [True, False])
@pytest.mark.parametrize("form", FORMS)
def test_rows_of_weight_zero_are_as_if_absent(form, is_classifier):
    table, y, kept, of_kept, is_kept = with_idle(*a_table())
    model, labels = for_task(is_classifier, y)
    _, labels_of_kept = for_task(is_classifier, of_kept)
    X, X_kept = FORMS[form](table), FORMS[form](kept)
    weights = np.where(is_kept, np.random.default_rng(2).uniform(0.5, 2.0, len(y)), 0.0)
    of_all = model("fast", **SHORT).fit(X, labels, weights)
    of_some = model("fast", **SHORT).fit(X_kept, labels_of_kept, weights[is_kept])
    assert_equal_models(of_all, of_some, X_kept)
    pd.testing.assert_frame_equal(of_all.columns_, of_some.columns_)


@pytest.mark.parametrize("is_classifier", [True, False])
@pytest.mark.parametrize(
    "params",
    [
        {"effort": "best", "trees": True},
        {"effort": "balanced", "cv": 4},
        {"effort": "fast", "importances": True},
        {"effort": "fast", "encoder": "passthrough", "importances": True},
        {"effort": "fast", "encoder": FunctionTransformer(np.nan_to_num)},
    ],
    ids=["trees", "folds", "importances", "passthrough", "transformer"],
)
def test_whatever_the_ensemble(params, is_classifier):
    table, y, kept, of_kept, is_kept = with_idle(*a_table())
    model, labels = for_task(is_classifier, y)
    _, labels_of_kept = for_task(is_classifier, of_kept)
    weights = is_kept.astype(float)
    if "encoder" in params:
        table, kept = (each[["price"]] for each in (table, kept))
    of_all = model(**SHORT | params).fit(table, labels, weights)
    of_some = model(**SHORT | params).fit(kept, labels_of_kept)
    assert_equal_models(of_all, of_some, kept)
    if "importances" in params:
        expected = of_some.feature_importances_
        np.testing.assert_array_equal(of_all.feature_importances_, expected)
        again = of_all.permutation_importances(table, labels, weights, random_state=0)
        other = of_some.permutation_importances(kept, labels_of_kept, random_state=0)
        np.testing.assert_array_equal(again.importances, other.importances)


def test_groups_of_rows_of_weight_zero_are_in_no_fold():
    table, y, kept, of_kept, is_kept = with_idle(*a_table())
    groups = np.where(is_kept, np.arange(len(y)) % 9, 1000 + np.arange(len(y)))
    of_all = TabularRegressor("fast", **SHORT)
    of_all.fit(table, y, is_kept.astype(float), groups=[*groups])
    of_some = TabularRegressor("fast", **SHORT).fit(kept, of_kept, groups=groups[is_kept])
    assert_equal_models(of_all, of_some, kept)


def test_validation_rows_of_weight_zero_are_as_if_absent():
    table, y, kept, of_kept, is_kept = with_idle(*a_table())
    table.loc[~is_kept, "day"] = "2020-01-01"
    model = TabularRegressor("fast", importances=True, **SHORT)
    weights = is_kept.astype(float)
    weights[0], of_first = 0.0, is_kept[0]  # also the first row
    X_val = {"X_val": table, "y_val": y, "sample_weight_val": weights}
    model.fit(*a_table(seed=3), **X_val)
    rows = slice(int(of_first), None)
    other = TabularRegressor("fast", importances=True, **SHORT)
    other.fit(*a_table(seed=3), X_val=kept[rows], y_val=of_kept[rows])
    assert_equal_models(model, other, kept)
    np.testing.assert_array_equal(model.feature_importances_, other.feature_importances_)


def test_a_splitter_of_the_user_counts_all_rows():
    table, y, kept, of_kept, is_kept = with_idle(*a_table())
    fold, weights = np.arange(len(y)) % 2, is_kept.astype(float)
    splits = [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(2)]
    fold = fold[is_kept]
    of_kept_rows = [
        (np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(2)
    ]
    model = TabularRegressor("fast", cv=splits, importances=True, **SHORT)
    other = TabularRegressor("fast", cv=of_kept_rows, importances=True, **SHORT)
    model.fit(table, y, weights)
    other.fit(kept, of_kept)
    assert_equal_models(model, other, kept)
    np.testing.assert_array_equal(model.feature_importances_, other.feature_importances_)


def test_classes_of_rows_without_weight_are_known():
    table, y = a_table()
    labels, weights = np.where(y > 0.5, "b", "a"), np.ones(len(y))
    labels = labels.astype(object)
    labels[:20], weights[:20] = "never", 0.0
    for validation in ({}, {"X_val": table[20:], "y_val": labels[20:]}):
        model = TabularClassifier("fast", **SHORT).fit(table, labels, weights, **validation)
        assert model.classes_.tolist() == ["a", "b", "never"]
        assert all(len(network.classes_) == 3 for network in model.estimators_)


def test_class_weights_of_zero_leave_rows_out():
    table, y = a_table()
    labels = np.digitize(y, [-0.5, 0.5])
    weighted = TabularClassifier("fast", class_weight={1: 0.0}, **SHORT).fit(table, labels)
    zeros = TabularClassifier("fast", **SHORT).fit(
        table, labels, np.where(labels == 1, 0, 1)
    )
    np.testing.assert_array_equal(weighted.predict_proba(table), zeros.predict_proba(table))


# ----- repeats


@pytest.mark.parametrize("is_classifier", [True, False])
@pytest.mark.parametrize(
    ("form", "effort", "params"),
    [
        ("pandas", "fast", {"alpha": 0.01, "max_iter": 20, **LBFGS}),
        ("pandas", "balanced", ADAM),
        ("polars", "fast", ADAM),
        ("pyarrow", "fast", ADAM),
    ],
)
def test_whole_weights_are_repeats_of_rows_of_frames(form, params, effort, is_classifier):
    table, y = a_table(120)
    # Which towns are frequent is decided by rows: 19 of 5 rows, and 25 of 1 row.
    table["town"] = [f"town {i // 5 if i < 95 else i}" for i in range(120)]
    counts = np.random.default_rng(1).integers(1, 4, len(y))
    fold = np.arange(len(y)) % 3
    model, labels = for_task(is_classifier, y)
    repeated = table.loc[table.index.repeat(counts)].reset_index(drop=True)
    params = {"hidden_layer_sizes": (8,), "dtype": "float64", **params}

    def fitted(table, labels, fold, weights=None):
        splits = [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(3)]
        ensemble = model(effort, cv=splits, network_params=params, **WITHOUT_TREES)
        return ensemble.fit(FORMS[form](table), labels, weights)

    weighted = fitted(table, labels, fold, counts)
    other = fitted(repeated, labels.repeat(counts), fold.repeat(counts))
    # The encoded table is in float32, and its means are sums in another order.
    names = ("predict_proba",) if is_classifier else ("predict",)
    for name in names:
        found, expected = (getattr(m, name)(FORMS[form](table)) for m in (weighted, other))
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4)
    plain = fitted(table, labels, fold)
    assert np.abs(getattr(plain, names[0])(FORMS[form](table)) - found).max() > 1e-2


def test_equal_weights_have_no_effect_on_the_encoder():
    table, y = a_table()
    plain, weighted = (TabularRegressor("fast", **SHORT) for _ in range(2))
    plain.fit(table, y)
    weighted.fit(table, y, np.full(len(y), 3.0))
    expected = plain.encoder_.transform(table)
    np.testing.assert_array_equal(weighted.encoder_.transform(table), expected)


# ----- positions


def test_rows_of_any_table_are_taken():
    table, y = a_table(10)
    rows = np.array([1, 4, 5])
    for form in FORMS.values():
        X, of_rows = with_weight(form(table), y, rows, 10)
        assert len(X) == 3
        np.testing.assert_array_equal(of_rows, y[rows])
    texts, of_rows = with_weight([*"abcdefghij"], y, rows, 10)  # for an encoder of texts
    assert [*np.ravel(texts)] == ["b", "e", "f"]
    assert with_weight(table, y, np.arange(10), 10)[0] is table
    with pytest.raises(ValueError, match="inconsistent"):
        with_weight(table[:9], y, rows, 10)


def test_positions_among_some_rows():
    rows = np.array([1, 4, 5, 7])
    (train, held_out), *_ = positions_among(rows, [(np.array([1, 7]), np.array([4, 5]))])
    assert (train.tolist(), held_out.tolist()) == ([0, 3], [1, 2])
    assert positions_among(rows, None) is None
    table = with_zeros(np.ones((2, 3)), np.array([0, 2]), 4)
    assert table.sum(axis=1).tolist() == [3.0, 0.0, 3.0, 0.0]
