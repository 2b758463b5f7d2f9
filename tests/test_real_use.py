"""The classifier inside the tools of scikit-learn, on data that ships with it.

Accuracy floors stand between two numbers: what a linear model reaches on the same data
(about 0.96 to 0.98 on all four sets) and what always naming the largest class reaches
(iris 0.33, wine 0.40, breast cancer 0.63, digits 0.10). A floor of 0.9 leaves room for
another NumPy or BLAS, and none for a model that has not learned.
"""

import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.frozen import FrozenEstimator
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, brier_score_loss, log_loss, make_scorer
from sklearn.model_selection import (
    GridSearchCV,
    RandomizedSearchCV,
    TunedThresholdClassifierCV,
    cross_val_predict,
    cross_val_score,
    cross_validate,
    learning_curve,
    train_test_split,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.semi_supervised import SelfTrainingClassifier

from skfcnn import FullyConnectedClassifier

LOADERS = {
    "iris": load_iris,
    "wine": load_wine,
    "breast_cancer": load_breast_cancer,
    "digits": load_digits,
}

may_not_converge = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning"
)


def network(**params):
    """A classifier that is quick to train: L-BFGS, a layer of ten units, a fixed seed."""
    given = {"hidden_layer_sizes": (10,), "solver": "lbfgs", "alpha": 1.0, "tol": 1e-2}
    return FullyConnectedClassifier(**(given | {"random_state": 0} | params))


def scaled(**params):
    return make_pipeline(StandardScaler(), network(**params))


@pytest.fixture(scope="module")
def wine():
    return load_wine(return_X_y=True)


@pytest.fixture(scope="module")
def scaled_wine(wine):
    X, y = wine
    return StandardScaler().fit_transform(X), y


@pytest.mark.grid(4)
@may_not_converge
@pytest.mark.parametrize("name", LOADERS)
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_learns(name, solver):
    X, y = LOADERS[name](return_X_y=True)
    train, test = train_test_split(
        np.arange(len(y)), test_size=0.3, stratify=y, random_state=0
    )
    rates = {"adam": 0.01, "sgd": 0.1, "lbfgs": 0.001}
    model = scaled(solver=solver, learning_rate_init=rates[solver], max_iter=300, tol=1e-4)
    model.fit(X[train], y[train])
    assert model.score(X[test], y[test]) > 0.9
    assert model.score(X[test], y[test]) == accuracy_score(y[test], model.predict(X[test]))


def test_defaults_learn_digits_like_a_linear_model():
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, random_state=0)
    model = FullyConnectedClassifier(random_state=0, max_iter=60)
    with pytest.warns(ConvergenceWarning, match=r"Maximum iterations \(60\) reached"):
        model.fit(X_train, y_train)
    linear = LogisticRegression(max_iter=1000).fit(X_train, y_train)
    # A hidden layer gains about 2 points on these digits; 1 point of room to lose.
    assert model.score(X_test, y_test) > linear.score(X_test, y_test) - 0.01


def test_score_takes_sample_weight(scaled_wine):
    X, y = scaled_wine
    model = network(max_iter=2)
    with pytest.warns(ConvergenceWarning, match="lbfgs failed to converge after 2 iter"):
        model.fit(X, y)
    weights = 1.0 + np.arange(len(y)) % 3
    wanted = np.average(model.predict(X) == y, weights=weights)
    assert model.score(X, y, sample_weight=weights) == pytest.approx(wanted, abs=1e-15)


def test_grid_search_with_two_jobs_finds_a_layer_worth_having():
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
def test_randomized_search_over_the_parameters_of_training(wine):
    space = {
        "fullyconnectedclassifier__solver": ["adam", "lbfgs"],
        "fullyconnectedclassifier__activation": ["relu", "tanh", "logistic"],
        "fullyconnectedclassifier__init": ["auto", "he_normal"],
        "fullyconnectedclassifier__learning_rate_init": [0.01, 0.02],
    }
    search = RandomizedSearchCV(scaled(max_iter=60), space, n_iter=4, cv=3, random_state=0)
    search.fit(*wine)
    assert search.best_score_ > 0.9
    assert not np.isnan(search.cv_results_["mean_test_score"]).any()


def test_cross_validation_gives_what_fold_by_fold_fits_give(wine):
    X, y = wine
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


def test_cross_validate_with_several_metrics(wine):
    metrics = ["accuracy", "neg_log_loss", "roc_auc_ovr"]
    scores = cross_validate(scaled(), *wine, cv=3, scoring=metrics, return_estimator=True)
    assert scores["test_accuracy"].min() > 0.9
    assert scores["test_roc_auc_ovr"].min() > 0.9
    assert scores["test_neg_log_loss"].min() > -np.log(3)  # of knowing nothing
    assert [model[-1].n_features_in_ for model in scores["estimator"]] == [13] * 3


def test_learning_curve_goes_up(wine):
    X, y = wine
    _, _, scores = learning_curve(
        scaled(), X, y, train_sizes=[0.1, 1.0], cv=3, shuffle=True, random_state=0
    )
    assert scores.mean(axis=1)[1] > scores.mean(axis=1)[0]
    assert scores.mean(axis=1)[1] > 0.9


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
def test_works_inside(name, labels, scaled_wine):
    X, y = scaled_wine
    if labels == "strings":
        y = load_wine().target_names[y]
    meta = FrozenEstimator(network().fit(X, y)) if name == "frozen" else clone(META[name])
    meta.fit(X[::2], y[::2])
    assert meta.score(X[1::2], y[1::2]) > 0.9
    assert set(meta.predict(X)) == set(y)
    if hasattr(meta, "predict_proba"):
        # Three classes; the sums are rounded in the last digits of a float64.
        np.testing.assert_allclose(meta.predict_proba(X).sum(axis=1), 1.0, atol=1e-12)


def test_calibration_does_not_spoil_probabilities():
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


def test_several_outputs(scaled_wine):
    X, y = scaled_wine
    Y = np.column_stack([y == 0, y != 1]).astype(int)
    for meta in (MultiOutputClassifier(network()), ClassifierChain(network())):
        predicted = meta.fit(X[::2], Y[::2]).predict(X[1::2])
        assert (predicted == Y[1::2]).mean(axis=0).min() > 0.9


def test_inspection_finds_a_feature_that_matters(scaled_wine):
    X, y = scaled_wine
    X = np.column_stack([X[:, 6], np.roll(X[:, 0], 89)])  # flavanoids, and wrong rows
    model = network().fit(X, y)
    importance = permutation_importance(model, X, y, n_repeats=5, random_state=0)
    assert importance.importances_mean[0] > 0.2 > importance.importances_mean[1]
    dependence = partial_dependence(model, X, [0], grid_resolution=5)
    assert dependence["average"].shape == (3, 5)
    # Grapes of class 0 are rich in flavanoids, those of class 2 poor.
    assert dependence["average"][0, -1] > dependence["average"][0, 0]
    assert dependence["average"][2, -1] < dependence["average"][2, 0]


class TestMetadataRouting:
    @pytest.fixture(autouse=True)
    def routing(self):
        with sklearn.config_context(enable_metadata_routing=True):
            yield

    @pytest.fixture
    def weights(self, wine):
        return 1.0 + np.arange(len(wine[1])) % 4

    def pipeline(self):
        model = network().set_fit_request(sample_weight=True)
        return make_pipeline(StandardScaler().set_fit_request(sample_weight=False), model)

    def test_a_pipeline_passes_sample_weight_on(self, wine, weights):
        X, y = wine
        model = self.pipeline().fit(X, y, sample_weight=weights)
        Z = StandardScaler().fit_transform(X)
        alone = network().fit(Z, y, sample_weight=weights)
        np.testing.assert_array_equal(model.predict_proba(X), alone.predict_proba(Z))
        unweighted = network().fit(Z, y)
        assert not np.array_equal(unweighted.predict_proba(Z), alone.predict_proba(Z))

    def test_so_does_a_grid_search_in_fit_and_in_score(self, wine, weights):
        X, y = wine
        train, test = np.arange(0, 178, 2), np.arange(1, 178, 2)
        search = GridSearchCV(
            self.pipeline(),
            {"fullyconnectedclassifier__alpha": [0.1, 30.0]},
            scoring=make_scorer(accuracy_score).set_score_request(sample_weight=True),
            cv=[(train, test)],
        )
        search.fit(X, y, sample_weight=weights)
        results = search.cv_results_
        for params, got in zip(results["params"], results["mean_test_score"], strict=True):
            model = self.pipeline().set_params(**params)
            model.fit(X[train], y[train], sample_weight=weights[train])
            right = model.predict(X[test]) == y[test]
            assert got == pytest.approx(np.average(right, weights=weights[test]), abs=1e-15)

    def test_cross_validation_passes_initial_weights_on(self, scaled_wine):
        X, y = scaled_wine
        start = network().fit(X, y)
        model = network(solver="adam", max_iter=1, learning_rate_init=1e-12)
        model.set_fit_request(coefs_init=True, intercepts_init=True)
        params = {"coefs_init": start.coefs_, "intercepts_init": start.intercepts_}
        with pytest.warns(ConvergenceWarning, match="Maximum iterations"):
            scores = cross_val_score(model, X, y, cv=3, params=params)
        assert scores.min() > 0.9

    def test_a_weight_without_a_request_is_an_error(self, wine, weights):
        model = make_pipeline(StandardScaler(), network())
        with pytest.raises(ValueError, match="sample_weight"):
            model.fit(*wine, sample_weight=weights)

    def test_partial_fit_has_a_request_of_its_own(self):
        model = network(solver="adam").set_partial_fit_request(
            sample_weight=True, classes=True
        )
        request = model.get_metadata_routing().partial_fit.requests
        asked = {name: value for name, value in request.items() if value is not None}
        assert asked == {"sample_weight": True, "classes": True}
