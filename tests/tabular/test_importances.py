"""Permutation importances of the columns of a table, on held-out rows."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.datasets import load_iris, make_multilabel_classification
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.feature_selection import SelectFromModel
from sklearn.inspection import permutation_importance
from sklearn.metrics import log_loss
from sklearn.model_selection import GroupKFold, RepeatedStratifiedKFold, TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skfcnn import TabularClassifier
from skfcnn.tabular.conformal import MOST
from skfcnn.tabular.importances import OutOfFold, mean_score

pytestmark = pytest.mark.filterwarnings("ignore:Columns that were not read as they came")

COLUMNS = ["x", "noise", "colour", "town", "day", "none"]
SHORT = {"network_params": {"max_iter": 20, "hidden_layer_sizes": (16,)}, "trees": False}
IRIS = load_iris(return_X_y=True)


def a_table(n=600, *, seed=0):
    """Columns of every kind; x decides, the colour inverts it, the town helps."""
    rng = np.random.RandomState(seed)
    x, colour = rng.standard_normal(n), rng.choice(["red", "green", "blue"], n)
    town, days = rng.randint(0, 40, n), rng.randint(0, 900, n)
    table = pd.DataFrame(
        {
            "x": np.where(rng.uniform(size=n) < 0.1, np.nan, x),
            "noise": rng.standard_normal(n),
            "colour": pd.Series(colour).where(rng.uniform(size=n) > 0.1),
            "town": [f"town {i}" for i in town],
            "day": pd.Timestamp("2020-01-01") + pd.to_timedelta(days, "D"),
            "none": np.nan,
        }
    )
    y = np.where((2.0 * x + (town % 2) > 0.5) ^ (colour == "red"), "good", "bad")
    return table, y


TABLE, Y = a_table()


def a_model(**params):
    base = {"effort": "fast", "trees": False, "random_state": 0}
    return TabularClassifier(**base | params)


@pytest.fixture(scope="module")
def model():
    return a_model(importances=True).fit(TABLE, Y)


# ----- what the columns are worth


def test_columns_that_decide_are_told_from_noise(model):
    found = model.permutation_importances(TABLE, Y, random_state=0)
    assert found.feature_names == COLUMNS
    mean = dict(zip(COLUMNS, found.importances_mean, strict=True))
    assert min(mean["x"], mean["colour"]) > 0.3
    assert max(abs(mean["noise"]), abs(mean["day"])) < 0.05
    assert mean["none"] == 0.0
    assert found.importances.shape == (6, 5)
    assert found.importances_std.max() < 0.1 * found.importances_mean.max()
    np.testing.assert_array_equal(found.importances_mean, found.importances.mean(axis=1))
    np.testing.assert_array_equal(found.importances_std, found.importances.std(axis=1))


def test_held_out_rows_agree_with_new_rows(model):
    """About the same as scikit-learn's, which encodes and predicts new rows."""
    ours = model.permutation_importances(TABLE, Y, random_state=0).importances_mean
    others = permutation_importance(
        model, *a_table(2000, seed=1), scoring="neg_log_loss", random_state=0
    ).importances_mean
    assert np.argsort(ours)[-2:].tolist() == np.argsort(others)[-2:].tolist()
    np.testing.assert_allclose(ours, others, rtol=0.4, atol=0.05)


def test_the_baseline_is_the_score_of_the_leaderboard(model):
    """Also with target means: they are those of training, by the same seed."""
    rows = OutOfFold(model, TABLE, Y, np.ones(len(Y)))
    rows.importances(lambda outputs: 0.0, 1, np.random.RandomState(0))
    y = model._target.encode(Y)[rows.rows]
    outputs = rows.predict(rows._unchanged)
    score = mean_score(model._target, y, np.ones(len(y)), outputs)
    # The folds are of 200 rows each. Parameters in float32 were divided by a temperature.
    assert score == pytest.approx(model.leaderboard_["score"].mean(), rel=1e-5)


def test_a_column_of_rare_categories_is_worth_nothing_by_its_labels():
    """Target means of `transform` have the label of the row itself."""
    rng = np.random.RandomState(0)
    table = pd.DataFrame(
        {"x": rng.normal(size=600), "rare": [f"r {i}" for i in rng.randint(0, 400, 600)]}
    )
    y = (table["x"] + rng.normal(size=600) > 0).astype(int)
    model = a_model(importances=True).fit(table, y)
    of_x, of_rare = model.feature_importances_
    assert of_rare < 0.02 < 0.1 < of_x


def test_permutations_repeat_with_their_seed(model):
    first, again, other = (
        model.permutation_importances(TABLE, Y, n_repeats=2, random_state=seed).importances
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_several_kinds_of_networks_and_time_limits():
    model = a_model(effort="best", **SHORT).fit(TABLE, Y)
    found = model.permutation_importances(TABLE, Y, n_repeats=1).importances_mean
    assert set(np.argsort(found)[-2:]) == {0, 2}
    short = a_model(effort="best", time_limit=1e-3, **SHORT).fit(TABLE, Y)
    assert len(short.estimators_) < 20
    assert short.permutation_importances(TABLE, Y, n_repeats=1).importances.shape == (6, 1)


# ----- scores, weights, targets


@pytest.mark.parametrize("scoring", ["accuracy", "roc_auc", "neg_log_loss"])
def test_any_scorer_of_scikit_learn_scores(model, scoring):
    found = model.permutation_importances(TABLE, Y, scoring=scoring, random_state=0)
    assert set(np.argsort(found.importances_mean)[-2:]) == {0, 2}
    default = model.permutation_importances(TABLE, Y, random_state=0).importances
    if scoring == "neg_log_loss":
        np.testing.assert_allclose(found.importances, default, atol=1e-6)


def test_a_function_scores():
    model = a_model(**SHORT).fit(TABLE, Y)

    def score(estimator, X, y, sample_weight=None):
        assert list(estimator.classes_) == ["bad", "good"]
        return -log_loss(y, estimator.predict_proba(X), sample_weight=sample_weight)

    own = model.permutation_importances(TABLE, Y, scoring=score, random_state=0)
    default = model.permutation_importances(TABLE, Y, random_state=0)
    np.testing.assert_allclose(own.importances, default.importances, atol=1e-6)


@pytest.mark.parametrize("class_weight", [None, "balanced"])
def test_rows_count_by_their_weights(class_weight):
    """`second` decides only where weights are 0."""
    rng = np.random.RandomState(0)
    X = rng.normal(size=(600, 2))
    is_first = rng.uniform(size=600) < 0.7
    y, weights = np.where(is_first, X[:, 0], X[:, 1]) > 0, is_first.astype(float)
    model = a_model(class_weight=class_weight, importances=True).fit(X, y, weights)
    found = model.permutation_importances(X, y, weights, random_state=0).importances_mean
    assert found[0] > 0.3
    assert abs(found[1]) < 0.05
    np.testing.assert_allclose(model.feature_importances_, found, atol=0.1)
    with pytest.raises(ValueError, match="Different: sample_weight"):
        model.permutation_importances(X, y)


def test_several_labels_per_row():
    X, y = make_multilabel_classification(300, n_classes=3, n_features=5, random_state=0)
    X = np.column_stack([X, np.random.RandomState(0).normal(size=300)])
    model = a_model(importances=True).fit(X, y)
    found = model.permutation_importances(X, y, random_state=0)
    assert found.importances_mean[:5].max() > 0.2
    assert abs(found.importances_mean[5]) < 0.1
    assert found.feature_names == [f"x{i}" for i in range(6)]
    by_accuracy = model.permutation_importances(X, y, scoring="f1_micro")
    assert by_accuracy.importances_mean.max() > 0.05


# ----- which rows are held out


@pytest.mark.parametrize(
    "cv", [4, RepeatedStratifiedKFold(n_splits=2, n_repeats=2), TimeSeriesSplit(3)], ids=str
)
def test_any_splitter_holds_out(cv):
    model = a_model(cv=cv).fit(TABLE, Y)
    found = model.permutation_importances(TABLE, Y, random_state=0).importances_mean
    assert set(np.argsort(found)[-2:]) == {0, 2}


@pytest.mark.parametrize("cv", [None, GroupKFold(3)], ids=str)
def test_groups_are_not_needed_again(cv):
    model = a_model(cv=cv, **SHORT).fit(TABLE, Y, groups=np.arange(600) // 3)
    found = model.permutation_importances(TABLE, Y, random_state=0).importances_mean
    assert set(np.argsort(found)[-2:]) == {0, 2}


def test_with_X_val_its_rows_are_judged_by_all_networks():
    X_val, y_val = a_table(seed=1)
    X_val = X_val[COLUMNS[::-1]]  # columns are matched by name
    model = a_model(importances=True).fit(TABLE, Y, X_val=X_val, y_val=y_val)
    found = model.permutation_importances(X_val, y_val, random_state=0)
    assert found.feature_names == COLUMNS
    assert set(np.argsort(found.importances_mean)[-2:]) == {0, 2}
    np.testing.assert_allclose(model.feature_importances_, found.importances_mean, atol=0.2)
    rows = OutOfFold(model, X_val, y_val, np.ones(len(y_val)))
    # The means of networks are in float64, of families in float32.
    np.testing.assert_allclose(
        rows.predict(rows._unchanged), model.predict_proba(X_val), atol=1e-6
    )
    with pytest.raises(ValueError, match="X_val, y_val and sample_weight_val that fit"):
        model.permutation_importances(TABLE, Y)


def test_without_held_out_rows_there_are_none():
    X, y = IRIS
    model = a_model(**SHORT).fit(X[:4], np.arange(4))
    with pytest.raises(ValueError, match="No network has held out any rows.* Use more"):
        model.permutation_importances(X[:4], np.arange(4))
    with pytest.raises(ValueError, match="No network has held out any rows.* Use more"):
        model.set_params(importances=True).fit(X[:4], np.arange(4))
    with pytest.raises(NotFittedError):
        model.predict(X)


# ----- tables and encoders


def test_tables_of_other_libraries():
    table = pl.DataFrame(
        {name: TABLE[name].to_list() for name in COLUMNS[:4]}, strict=False
    )
    model = a_model(importances=True).fit(table, Y)
    assert set(np.argsort(model.feature_importances_)[-2:]) == {0, 2}
    records = table.to_dicts()
    of_records = a_model(importances=True).fit(records, Y).feature_importances_
    np.testing.assert_allclose(of_records, model.feature_importances_, atol=0.05)


@pytest.mark.parametrize(
    "encoder",
    ["passthrough", StandardScaler(), make_pipeline(StandardScaler(), PCA(3))],
    ids=str,
)
@pytest.mark.parametrize("as_list", [False, True])
def test_any_encoder(encoder, as_list):
    X, y = IRIS
    X = np.column_stack([X - X.mean(axis=0), np.zeros(150)])
    X = X.tolist() if as_list else X
    model = a_model(encoder=encoder, importances=True).fit(X, y)
    assert set(np.argsort(model.feature_importances_)[-2:]) == {2, 3}
    assert model.feature_importances_[4] == 0.0


class OfOneColumn(TransformerMixin, BaseEstimator):
    """An encoder that reads one column, and does not know how many there are."""

    def fit(self, X, y=None):
        return self

    def __sklearn_is_fitted__(self):
        return True

    def transform(self, X):
        return X[["b"]].to_numpy()


def test_a_column_that_the_encoder_does_not_need_may_be_absent_in_X_val():
    X, y = IRIS
    table = pd.DataFrame(X - X.mean(axis=0), columns=list("cadb"))
    model = a_model(encoder=OfOneColumn(), importances=True)
    model.fit(table, y, X_val=table[["b", "c"]], y_val=y)
    assert (model.feature_importances_ > 0.3).tolist() == [False, False, False, True]
    assert (model.feature_importances_[:3] == 0.0).all()


def test_what_is_no_table_is_refused():
    texts = ["good day", "bad day", "good night", "bad night"] * 30
    dense = FunctionTransformer(lambda counts: counts.toarray())
    model = a_model(encoder=make_pipeline(CountVectorizer(), dense), **SHORT)
    y = np.arange(120) % 2
    model.fit(texts, y)
    with pytest.raises(ValueError, match="must be a table"):
        model.permutation_importances(texts, y)
    with pytest.raises(ValueError, match="must be a table"):
        model.set_params(importances=True).fit(texts, y)


# ----- during fit


def test_fit_computes_them_only_if_asked(model):
    found = model.permutation_importances(TABLE, Y, random_state=1)
    np.testing.assert_allclose(
        model.feature_importances_, found.importances_mean, atol=0.1, rtol=0.2
    )
    plain = a_model().fit(TABLE, Y)
    assert not hasattr(plain, "feature_importances_")
    with pytest.raises(AttributeError, match="Fit it with importances=True, or use perm"):
        plain.feature_importances_  # noqa: B018
    np.testing.assert_array_equal(plain.predict_proba(TABLE), model.predict_proba(TABLE))


def test_another_fit_forgets_them():
    model = a_model(importances=True, **SHORT).fit(TABLE, Y)
    model.set_params(importances=False).fit(TABLE, Y)
    assert not hasattr(model, "feature_importances_")
    assert not hasattr(clone(model).set_params(importances=True), "feature_importances_")


def test_an_unfitted_model_has_none():
    with pytest.raises(NotFittedError):
        a_model().permutation_importances(TABLE, Y)
    assert not hasattr(a_model(importances=True), "feature_importances_")


def test_columns_are_selected_by_them():
    X, y = IRIS
    X = np.column_stack([X, np.random.RandomState(0).normal(size=(150, 2))])
    selector = SelectFromModel(a_model(importances=True), threshold=0.05).fit(X, y)
    kept = np.flatnonzero(selector.get_support())
    assert {2, 3} <= set(kept) <= {0, 1, 2, 3}


def test_a_pickled_model_explains_itself_and_has_no_rows(model):
    loaded = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(loaded.feature_importances_, model.feature_importances_)
    ours, its = (
        each.permutation_importances(TABLE, Y, n_repeats=1, random_state=0).importances
        for each in (model, loaded)
    )
    np.testing.assert_array_equal(ours, its)
    sizes = []
    for n in (400, 4000):
        X = np.random.RandomState(0).normal(size=(n, 5))
        short = a_model(
            encoder="passthrough",
            importances=True,
            network_params={"max_iter": 1, "hidden_layer_sizes": (8,)},
        )
        sizes.append(len(pickle.dumps(short.fit(X, X[:, 0] > 0))))
    # A bit of each fold for each row more, numbers with more bytes, and the quantiles of
    # the held-out rows for sets of classes.
    assert sizes[1] - sizes[0] < 3 / 8 * 3600 + 100 + 16 * MOST


@pytest.mark.parametrize(
    "params", [{"n_repeats": 0}, {"n_repeats": 1.5}, {"scoring": "no"}]
)
def test_invalid_arguments_are_refused(model, params):
    with pytest.raises((ValueError, TypeError)):
        model.permutation_importances(TABLE, Y, **params)
