"""The classifier inside the meta-estimators of scikit-learn."""

import numpy as np
import pytest
from quick_network import network
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingClassifier,
    BaggingRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import brier_score_loss, log_loss
from sklearn.model_selection import (
    GridSearchCV,
    TunedThresholdClassifierCV,
    cross_val_predict,
    cross_val_score,
    learning_curve,
    train_test_split,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.multioutput import (
    ClassifierChain,
    MultiOutputClassifier,
    MultiOutputRegressor,
    RegressorChain,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.semi_supervised import SelfTrainingClassifier

from skfcnn import FullyConnectedRegressor

may_not_converge = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning"
)

META = {
    "calibrated sigmoid": CalibratedClassifierCV(network(), cv=3),
    "calibrated isotonic": CalibratedClassifierCV(network(), method="isotonic", cv=3),
    "stacking": StackingClassifier(
        [("network", network()), ("linear", LogisticRegression())], cv=3
    ),
    "stacking on top": StackingClassifier(
        [("linear", LogisticRegression())], final_estimator=network(), cv=3
    ),
    "voting": VotingClassifier(
        [("network", network()), ("linear", LogisticRegression())], voting="soft"
    ),
    "bagging": BaggingClassifier(network(), n_estimators=3, random_state=0),
    # Boosting's weights add up to 1, where alpha=1.0 is 1.0 per row: so less of it here.
    "boosting": AdaBoostClassifier(network(alpha=0.01), n_estimators=3, random_state=0),
    "one versus rest": OneVsRestClassifier(network()),
    "one versus one": OneVsOneClassifier(network()),
    "frozen": None,
}


@pytest.mark.grid(4)
@may_not_converge
@pytest.mark.parametrize("name", META)
@pytest.mark.parametrize("labels", ["numbers", "strings"])
def test_classifier_works_inside_meta_estimators(name, labels, wine):
    X, y = wine
    if labels == "strings":
        y = load_wine().target_names[y]
    meta = FrozenEstimator(network().fit(X, y)) if name == "frozen" else clone(META[name])
    meta.fit(X[::2], y[::2])
    assert meta.score(X[1::2], y[1::2]) > 0.9
    assert set(meta.predict(X)) == set(y)
    if hasattr(meta, "predict_proba"):
        # Three classes; the sums are rounded in the last digits of a float64.
        np.testing.assert_allclose(meta.predict_proba(X).sum(axis=1), 1.0, atol=1e-12)


def test_calibrated_probabilities_are_good():
    X, y = load_breast_cancer(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    train, test = train_test_split(np.arange(len(y)), random_state=0, stratify=y)
    model = CalibratedClassifierCV(network(), cv=3).fit(X[train], y[train])
    p = model.predict_proba(X[test])[:, 1]
    # Always giving the share of the classes (0.63) has a Brier score of 0.63 * 0.37.
    assert brier_score_loss(y[test], p) < 0.63 * 0.37 / 3
    prefit = CalibratedClassifierCV(FrozenEstimator(network().fit(X[train], y[train])))
    prefit.fit(X[train], y[train])
    assert log_loss(y[test], prefit.predict_proba(X[test])) < np.log(2) / 3


def test_threshold_tuning_and_self_training():
    X, y = load_breast_cancer(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    tuned = TunedThresholdClassifierCV(network(), scoring="balanced_accuracy", cv=3)
    assert tuned.fit(X, y).score(X, y) > 0.9
    some = np.where(np.arange(len(y)) % 10 == 0, y, -1)  # every tenth label is known
    learned = SelfTrainingClassifier(network()).fit(X, some)
    assert (learned.transduction_ != -1).sum() > (some != -1).sum()
    assert learned.score(X, y) > 0.9


def test_multi_output_estimators(wine):
    X, y = wine
    Y = np.column_stack([y == 0, y != 1]).astype(int)
    for meta in (MultiOutputClassifier(network()), ClassifierChain(network())):
        predicted = meta.fit(X[::2], Y[::2]).predict(X[1::2])
        assert (predicted == Y[1::2]).mean(axis=0).min() > 0.9


# ----- The regressor

DIABETES, LEVEL = load_diabetes(return_X_y=True)


def numbers(**params):
    given = {"hidden_layer_sizes": (5,), "solver": "lbfgs", "alpha": 30.0, "tol": 1e-2}
    net = FullyConnectedRegressor(**given | {"random_state": 0} | params)
    return make_pipeline(StandardScaler(), net)


OF_REGRESSORS = {
    "stacking": StackingRegressor([("net", numbers()), ("linear", Ridge())], cv=3),
    "voting": VotingRegressor([("net", numbers()), ("linear", Ridge())]),
    "bagging": BaggingRegressor(numbers(), n_estimators=3, random_state=0),
    "boosting": AdaBoostRegressor(numbers(), n_estimators=3, random_state=0),
    "log of y": TransformedTargetRegressor(numbers(), func=np.log, inverse_func=np.exp),
    "search": GridSearchCV(
        numbers(), {"fullyconnectedregressor__loss": ["huber", "poisson"]}, cv=3
    ),
}


@may_not_converge
@pytest.mark.parametrize("name", OF_REGRESSORS)
def test_regressor_works_inside_meta_estimators(name):
    train, test = slice(0, 300), slice(300, None)
    meta = clone(OF_REGRESSORS[name]).fit(DIABETES[train], LEVEL[train])
    # Ridge has 0.5 there.
    assert meta.score(DIABETES[test], LEVEL[test]) > 0.35


@may_not_converge
def test_regressor_of_several_outputs_in_meta_estimators():
    both = np.column_stack([LEVEL, 1e3 * LEVEL[::-1]])
    single = numbers().fit(DIABETES, both[:, 1]).predict(DIABETES)
    for meta in (MultiOutputRegressor(numbers()), RegressorChain(numbers())):
        predicted = meta.fit(DIABETES, both).predict(DIABETES)
        assert predicted.shape == both.shape
    of_columns = MultiOutputRegressor(numbers()).fit(DIABETES, both).predict(DIABETES)
    np.testing.assert_array_equal(of_columns[:, 1], single)
    online = MultiOutputRegressor(numbers(solver="adam")[-1])
    for _ in range(3):
        online.partial_fit(DIABETES, both)
    assert online.predict(DIABETES).shape == both.shape
    meta = TransformedTargetRegressor(numbers(), transformer=StandardScaler())
    assert meta.fit(DIABETES, both).predict(DIABETES).shape == both.shape


@may_not_converge
def test_regressor_is_cross_validated():
    scores = cross_val_score(numbers(), DIABETES, LEVEL, cv=3)
    assert scores.min() > 0.35
    predicted = cross_val_predict(
        numbers(loss="quantile", quantile=[0.1, 0.9], alpha=1.0), DIABETES, LEVEL, cv=3
    )
    covered = (predicted[:, 0] <= LEVEL) & (LEVEL <= predicted[:, 1])
    assert 0.6 < covered.mean() < 0.95


@may_not_converge
def test_learning_curve_is_made_by_partial_fit():
    X = StandardScaler().fit_transform(DIABETES)
    model = numbers(solver="adam", shuffle=False, alpha=1e-4, batch_size=50)[-1]
    sizes, _, scores = learning_curve(
        model, X, LEVEL, cv=3, train_sizes=[50, 150], exploit_incremental_learning=True
    )
    # The second point is the model of the first, and one epoch of the rows since then.
    train, test = np.arange(148, 442), np.arange(148)
    for n_before, n in zip([0, 50], [50, 150], strict=True):
        rows = train[n_before:n]
        model.partial_fit(X[rows], LEVEL[rows])
        found = scores[[50, 150].index(n), 0]
        assert found == pytest.approx(model.score(X[test], LEVEL[test]), rel=1e-12)
    assert sizes.tolist() == [50, 150]
