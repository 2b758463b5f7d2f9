"""Which rows an ensemble holds out, and what it says of its networks."""

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.exceptions import NotFittedError
from sklearn.metrics import log_loss
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    PredefinedSplit,
    RepeatedStratifiedKFold,
    StratifiedKFold,
    TimeSeriesSplit,
    TunedThresholdClassifierCV,
    cross_val_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skfcnn import TabularClassifier
from skfcnn.tabular.ensemble import TabularEnsemble
from skfcnn.tabular.family import mean_of_each_row
from skfcnn.tabular.folds import Fold, folds_of
from skfcnn.tabular.given_table import checked_weights

X, Y = load_iris(return_X_y=True, as_frame=True)
SHORT = {
    "network_params": {"max_iter": 3, "hidden_layer_sizes": (8,)},
    "trees": False,
    "random_state": 0,
}


def short(effort="fast", **params):
    return TabularClassifier(effort, **SHORT, **params)


# ----- which rows are held out


@pytest.mark.parametrize(
    ("cv", "n_networks"),
    [
        (4, 4),
        (StratifiedKFold(2), 2),
        (KFold(3), 3),  # of sorted labels: a class is missing in each training part
        (RepeatedStratifiedKFold(n_splits=2, n_repeats=2, random_state=0), 4),
        (PredefinedSplit(np.where(np.arange(150) % 3 == 0, 0, -1)), 1),
        ([(np.arange(0, 150, 2), np.arange(1, 150, 2))], 1),
        ([(np.arange(150) % 2 == 0, np.arange(150) % 2 == 1)], 1),
    ],
    ids=str,
)
def test_any_splitter_decides(cv, n_networks):
    model = short(cv=cv).fit(X, Y)
    assert isinstance(model, TabularEnsemble)
    assert len(model.estimators_) == len(model.leaderboard_) == n_networks
    assert all(len(network.classes_) == 3 for network in model.estimators_)
    assert np.isfinite(model.leaderboard_.score).all()
    assert model.predict_proba(X).shape == (150, 3)


def test_rows_of_time_are_never_judged_by_later_ones():
    held_out = []
    model = short(cv=Spy(TimeSeriesSplit(3), held_out)).fit(X[::-1], Y[::-1])
    assert len(model.estimators_) == 3
    assert all(train.max() < test.min() for train, test in held_out)


class Spy:
    """A splitter that records its splits."""

    def __init__(self, splitter, seen):
        self.splitter, self.seen = splitter, seen

    def get_n_splits(self, *args):
        return self.splitter.get_n_splits(*args)

    def split(self, X, y, groups=None):
        for pair in self.splitter.split(X, y, groups):
            self.seen.append(pair)
            yield pair


def test_groups_are_held_out_whole():
    groups, seen = np.arange(150) % 10, []
    short(cv=Spy(GroupKFold(5), seen)).fit(X, Y, groups=groups)
    assert len(seen) == 5
    for train, test in seen:
        assert not set(groups[train]) & set(groups[test])


def test_rare_classes_with_groups_give_no_warning():
    groups, y = np.arange(150) % 50, Y.copy()
    y[[0, 1, 70]] = 3, 3, 4  # fewer rows than folds
    model = short().fit(X, y, groups=groups)
    assert list(model.classes_) == [0, 1, 2, 3, 4]
    short().fit(X[:9], np.arange(9), groups=groups[:9])  # all are rare


def test_groups_without_a_splitter_are_held_out_whole():
    """A group's rows are alike: random folds would judge rows by their twins."""
    rng = np.random.default_rng(0)
    groups = np.arange(40).repeat(10)
    table = rng.standard_normal((40, 5))[groups] + 1e-3 * rng.standard_normal((400, 5))
    y = rng.integers(2, size=40)[groups]
    params = {"encoder": "passthrough", "random_state": 0}
    leaking = TabularClassifier("fast", **params).fit(table, y)
    model = TabularClassifier("fast", **params).fit(table, y, groups=groups)
    assert leaking.leaderboard_.score.mean() > -0.3
    assert model.leaderboard_.score.mean() < -0.5
    several = np.column_stack([y, 1 - y])
    by_labels = short().fit(table, several, groups=groups)
    assert len(by_labels.estimators_) == 3


def test_impossible_splits_are_refused():
    rows = np.arange(150)
    with pytest.raises(
        ValueError, match="Fold 0 of cv has 150 .* 150 rows both to train on and to hold"
    ):
        short(cv=[(rows, rows)]).fit(X, Y)
    with pytest.raises(ValueError, match="Fold 0 .* has 0 rows of positive weight"):
        short(cv=[(rows[:75], rows[75:])]).fit(X, Y, sample_weight=1.0 * (rows >= 75))
    with pytest.raises(ValueError, match="inconsistent"):
        short().fit(X, Y, groups=rows[:5])
    with pytest.raises(ValueError, match="All rows are in one group"):
        short().fit(X, Y, groups=np.zeros(150))
    with pytest.raises(ValueError, match="'cv' parameter"):
        short(cv=1.5).fit(X, Y)


def test_a_fold_names_the_classes_that_it_lacks():
    y = np.array([0, 0, 1, 1, 2, 2])
    missing = lambda train: np.array([4])  # noqa: E731
    made = folds_of([([0, 1, 2], [3, 5])], (None, y, None), np.ones(6), missing)
    assert [part.tolist() for part in made[0]] == [[0, 1, 2], [3, 5], [4]]
    weights = np.array([1.0, 1.0, 1.0, 0.0, 1.0, 1.0])
    made = folds_of([([0, 1, 2], [3, 5])], (None, y, None), weights, missing)
    assert made[0].held_out.tolist() == [5]
    assert Fold(y, y).named.tolist() == []


def test_a_class_that_is_only_named_is_not_learned():
    """A network that never saw the class in training gives it no probability."""
    rows = np.arange(150)
    cv = [(rows[:80], rows[80:100])]
    model = TabularClassifier("fast", cv=cv, random_state=0).fit(X, Y)
    assert model.predict_proba(X)[:100, 2].max() < 0.2


def test_rows_held_out_repeatedly_are_averaged():
    rows = [np.array([3, 1]), np.array([1])]
    outputs = [np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0, 8.0]])]
    judged, mean = mean_of_each_row(rows, outputs, 5)
    assert judged.tolist() == [1, 3]
    assert mean.tolist() == [[4.0, 6.0], [1.0, 2.0]]


# ----- rows to validate on


def test_validation_rows_replace_the_folds():
    train, val = X.index % 3 > 0, X.index % 3 == 0
    params = {"network_params": {"max_iter": 6}, "trees": False, "random_state": 0}
    model = TabularClassifier("best", **params)
    model.fit(X[train], Y[train], X_val=X[val], y_val=Y[val])
    assert len(model.estimators_) == 20
    family = model.leaderboard_[model.leaderboard_.model.str.contains("relu")]
    seeds = [network.coefs_[0].sum() for network in model.estimators_]
    assert len(set(seeds)) == 20  # all of other first weights
    p = np.mean(
        [
            each.predict_proba(model.encoder_.transform(X[val]))
            for each in model.estimators_[-5:]
        ],
        axis=0,
    )
    of_mean = log_loss(Y[val], p)
    # The mean of networks has a lower loss than they have on average.
    assert of_mean <= -family.score.mean() + 1e-9


def test_weights_of_validation_rows_count():
    """With weight zero for half of them, they are as if they were not there."""
    val = {"X_val": X[::2], "y_val": Y[::2]}
    weights = (np.arange(75) % 2).astype(float)
    fitted = short().fit(X, Y, **val, sample_weight_val=weights)
    fewer = short().fit(X, Y, X_val=X[::2][1::2], y_val=Y[::2][1::2])
    np.testing.assert_allclose(fitted.temperatures_, fewer.temperatures_, rtol=1e-3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"X_val": X}, "X_val and y_val must be passed together"),
        ({"y_val": Y}, "X_val and y_val must be passed together"),
        ({"sample_weight_val": Y}, "X_val and y_val must be passed together"),
        ({"X_val": X, "y_val": Y, "groups": Y}, "no fold is held out"),
        ({"X_val": X, "y_val": Y + 1}, r"labels \[3\] do not occur"),
        ({"X_val": X, "y_val": Y[:-1]}, "inconsistent"),
        ({"X_val": X.drop(columns=X.columns[0]), "y_val": Y}, "missing: 'sepal length"),
    ],
    ids=str,
)
def test_contradictions_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        short().fit(X, Y, **arguments)


# ----- weights and labels


def test_balanced_weights_count_in_the_calibration():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2000, 1))
    y = (rng.uniform(size=2000) < 0.1).astype(int)
    model = TabularClassifier("fast", class_weight="balanced", random_state=0).fit(x, y)
    # x tells nothing: the probability is the share of the weights.
    assert model.predict_proba(x)[:, 1].mean() == pytest.approx(0.5, abs=0.05)
    with pytest.raises(ValueError, match="Use the class_weight of TabularClassifier"):
        TabularClassifier(network_params={"class_weight": "balanced"}).fit(x, y)
    with pytest.raises(ValueError, match="'class_weight' parameter"):
        TabularClassifier(class_weight="other").fit(x, y)


def test_several_labels_are_learned():
    data = load_breast_cancer()
    y = np.column_stack([data.target, data.data[:, 0] > 14.0, data.data[:, 1] > 20.0])
    model = TabularClassifier("balanced", random_state=0).fit(data.data, y.astype(int))
    p = model.predict_proba(data.data)
    assert p.shape == (569, 3) and ((p > 0.0) & (p < 1.0)).all()
    labels = model.predict(data.data)
    assert (labels == (p > 0.5)).all()
    assert ((labels == y).mean(axis=0) > 0.95).all()
    assert model.classes_.tolist() == [0, 1, 2]
    np.testing.assert_allclose(model.predict_log_proba(data.data), np.log(p))


def test_weights_are_checked():
    assert checked_weights(None, Y).tolist() == [1.0] * 150
    with pytest.raises(ValueError, match="Negative values"):
        checked_weights(-np.ones(150), Y)
    with pytest.raises(ValueError, match="at least one non-zero"):
        checked_weights(np.zeros(150), Y)


# ----- what it says


def test_leaderboard_has_a_row_for_each_model():
    model = TabularClassifier("best", random_state=0, network_params={"max_iter": 4})
    assert not hasattr(model, "leaderboard_")
    board = model.fit(X, Y).leaderboard_
    assert isinstance(board, pd.DataFrame)
    assert list(board.columns) == [
        "model", "fold", "score", "best_epoch", "n_iter", "temperature", "weight",
        "seconds",
    ]  # fmt: skip
    assert board.fold.tolist() == [*range(5)] * 6
    assert board.model.nunique() == 6
    assert board.weight.sum() == pytest.approx(1.0)
    assert (board.seconds > 0.0).all()
    assert board.best_epoch[:20].between(1, 4).all()
    np.testing.assert_array_equal(board.temperature[::5], model.temperatures_)
    sums = board.groupby("model", sort=False).weight.sum()
    np.testing.assert_allclose(sums, model.family_weights_)


def test_score_is_minus_the_log_loss_on_the_fold():
    rows = np.arange(150)
    cv = [(rows[rows % 3 > 0], rows[rows % 3 == 0])]
    model = short(cv=cv).fit(X, Y)
    held_out = cv[0][1]
    expected = -log_loss(Y[held_out], model.predict_proba(X.iloc[held_out]))
    assert model.leaderboard_.score[0] == pytest.approx(expected, rel=1e-5)


# ----- with scikit-learn


def test_threshold_is_tuned_by_scikit_learn():
    data = load_breast_cancer(as_frame=True)
    model = TunedThresholdClassifierCV(short(), scoring="balanced_accuracy", cv=3)
    model.fit(data.data, data.target)
    assert 0.0 < model.best_threshold_ < 1.0
    assert model.score(data.data, data.target) > 0.8


def test_groups_and_validation_rows_are_routed():
    groups = np.arange(150) % 10
    with config_context(enable_metadata_routing=True):
        model = short(cv=GroupKFold(3)).set_fit_request(groups=True, sample_weight=True)
        model.set_score_request(sample_weight=True)
        scores = cross_val_score(
            model,
            X,
            Y,
            cv=GroupKFold(2),
            params={"groups": groups, "sample_weight": np.ones(150)},
            error_score="raise",
        )
        pipeline = make_pipeline(
            FunctionTransformer(),
            short().set_fit_request(X_val=True, y_val=True),
            transform_input=["X_val"],
        )
        pipeline.fit(X, Y, X_val=X, y_val=Y)
    assert len(scores) == 2
    assert len(pipeline[-1].estimators_) == 3


def test_it_is_unfitted_after_a_failed_fit():
    model = short().fit(X, Y)
    with pytest.raises(ValueError, match="inconsistent"):
        model.fit(X, Y[:-1])
    for method in (model.predict, model.predict_proba, model.predict_log_proba):
        with pytest.raises(NotFittedError):
            method(X)


def test_it_is_unfitted_if_the_fit_fails_at_its_very_end(monkeypatch):
    model = short(importances=True)

    def fail(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(type(model), "_set_importances", fail)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y)
    with pytest.raises(NotFittedError):
        model.predict(X)


def test_an_iterator_that_is_used_up_is_refused():
    X, y = load_iris(return_X_y=True)
    model = TabularClassifier("fast", cv=KFold(2).split(X), network_params={"max_iter": 1})
    model.fit(X, y)
    with pytest.raises(ValueError, match="cv has no folds. An iterator can be used only"):
        model.fit(X, y)


@pytest.mark.parametrize("missing", [None, np.nan])
def test_missing_groups_are_located(missing):
    X, y = load_iris(return_X_y=True)
    groups = np.array([*"ab" * 74, missing, "c"], dtype=object)
    with pytest.raises(ValueError, match=r"groups has 1 missing value\(s\), .* row 148"):
        TabularClassifier("fast").fit(X, y, groups=groups)


@pytest.mark.parametrize("held_out", [[], np.zeros(150, bool)], ids=["list", "mask"])
def test_a_split_may_hold_out_no_rows(held_out):
    splits = [(np.arange(100), held_out), (np.arange(100), np.arange(100, 150))]
    board = short(cv=splits).fit(X, Y).leaderboard_
    assert np.isnan(board.score).tolist() == [True, False]


def test_rows_counted_from_the_last_are_found_in_both_parts():
    with pytest.raises(ValueError, match="and 2 rows both to train on and to hold out"):
        short(cv=[(np.arange(150), [-1, -2])]).fit(X, Y)
