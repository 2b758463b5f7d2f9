"""The classifier in the searches and cross-validations of scikit-learn."""

import numpy as np
import pytest
from quick_network import network, scaled
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import accuracy_score
from sklearn.model_selection import (
    GridSearchCV,
    RandomizedSearchCV,
    cross_val_predict,
    cross_validate,
    learning_curve,
)
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

may_not_converge = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning"
)


def test_grid_search_with_two_jobs_equals_one_job():
    X, y = load_breast_cancer(return_X_y=True)
    pipeline = Pipeline([("scale", StandardScaler()), ("network", network(alpha=10.0))])
    sizes = [(), (5,), (10, 5)]
    search = GridSearchCV(pipeline, {"network__hidden_layer_sizes": sizes}, cv=3, n_jobs=2)
    search.fit(X, y)
    assert search.best_params_["network__hidden_layer_sizes"] in sizes
    assert (search.cv_results_["mean_test_score"] > 0.9).all()
    assert search.predict_proba(X).shape == (len(y), 2)
    # One job and two jobs are the same arithmetic, so the scores are the same numbers.
    alone = clone(search).set_params(n_jobs=None).fit(X, y)
    for key in ("mean_test_score", "split0_test_score"):
        np.testing.assert_array_equal(search.cv_results_[key], alone.cv_results_[key])
    assert search.best_params_ == alone.best_params_


@may_not_converge
def test_randomized_search_over_training_parameters(raw_wine):
    space = {
        "fullyconnectedclassifier__solver": ["adam", "lbfgs"],
        "fullyconnectedclassifier__activation": ["relu", "tanh", "logistic"],
        "fullyconnectedclassifier__weight_init": ["auto", "he_normal"],
        "fullyconnectedclassifier__learning_rate_init": [0.01, 0.02],
    }
    search = RandomizedSearchCV(scaled(max_iter=60), space, n_iter=4, cv=3, random_state=0)
    search.fit(*raw_wine)
    assert search.best_score_ > 0.9
    assert not np.isnan(search.cv_results_["mean_test_score"]).any()


def test_cross_validation_equals_a_fit_per_fold(raw_wine):
    X, y = raw_wine
    folds = [
        (
            np.flatnonzero(np.arange(len(y)) % 3 != k),
            np.flatnonzero(np.arange(len(y)) % 3 == k),
        )
        for k in range(3)
    ]
    proba = cross_val_predict(scaled(), X, y, cv=folds, method="predict_proba")
    log_proba = cross_val_predict(scaled(), X, y, cv=folds, method="predict_log_proba")
    labels = cross_val_predict(scaled(), X, y, cv=folds)
    for train, test in folds:
        model = scaled().fit(X[train], y[train])
        np.testing.assert_array_equal(proba[test], model.predict_proba(X[test]))
        np.testing.assert_array_equal(log_proba[test], model.predict_log_proba(X[test]))
        np.testing.assert_array_equal(labels[test], model.predict(X[test]))
    np.testing.assert_array_equal(labels, proba.argmax(axis=1))
    assert accuracy_score(y, labels) > 0.9


def test_cross_validate_with_several_metrics(raw_wine):
    metrics = ["accuracy", "neg_log_loss", "roc_auc_ovr"]
    scores = cross_validate(
        scaled(), *raw_wine, cv=3, scoring=metrics, return_estimator=True
    )
    assert scores["test_accuracy"].min() > 0.9
    assert scores["test_roc_auc_ovr"].min() > 0.9
    assert scores["test_neg_log_loss"].min() > -np.log(3)  # of knowing nothing
    assert [model[-1].n_features_in_ for model in scores["estimator"]] == [13] * 3


def test_learning_curve_rises(raw_wine):
    X, y = raw_wine
    _, _, scores = learning_curve(
        scaled(), X, y, train_sizes=[0.1, 1.0], cv=3, shuffle=True, random_state=0
    )
    assert scores.mean(axis=1)[1] > scores.mean(axis=1)[0]
    assert scores.mean(axis=1)[1] > 0.9
