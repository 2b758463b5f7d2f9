"""The classifier inside the meta-estimators of scikit-learn."""

import numpy as np
import pytest
from quick_network import network
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss
from sklearn.model_selection import TunedThresholdClassifierCV, train_test_split
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.semi_supervised import SelfTrainingClassifier

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
