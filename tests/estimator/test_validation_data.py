"""Validation rows and scores given by the user, curves, and the best epoch."""

import warnings

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.metrics import get_scorer, log_loss, make_scorer, roc_auc_score
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skfcnn import FullyConnectedClassifier
from skfcnn.training.optimizers import OPTIMIZERS

pytestmark = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning"  # most fits here are short
)


def load(loader):
    X, y = loader(return_X_y=True)
    X, X_val, y, y_val = train_test_split(X, y, random_state=0, stratify=y)
    scaler = StandardScaler().fit(X)
    return scaler.transform(X), scaler.transform(X_val), y, y_val


DIGITS, CANCER = load(load_digits), load(load_breast_cancer)


def make_model(**params):
    # In float32, log_loss of scikit-learn clips probabilities at 1.2e-7.
    base = {"random_state": 0, "max_iter": 8, "dtype": "float64"}
    return FullyConnectedClassifier(**base | params)


@pytest.mark.grid(4)
@pytest.mark.parametrize("solver", [*OPTIMIZERS, "lbfgs"])
@pytest.mark.parametrize("data", [DIGITS, CANCER], ids=["digits", "cancer"])
def test_validation_curves_do_not_change_training(data, solver):
    X, X_val, y, y_val = data
    plain = make_model(solver=solver).fit(X, y)
    watched = make_model(solver=solver).fit(X, y, X_val=X_val, y_val=y_val)
    assert watched.loss_curve_ == plain.loss_curve_
    assert plain.validation_loss_curve_ is plain.validation_scores_ is None
    assert watched.best_epoch_ is None
    assert len(watched.validation_scores_) == len(watched.validation_loss_curve_) == 8
    assert watched.validation_scores_[-1] == watched.score(X_val, y_val)
    expected = log_loss(y_val, watched.predict_proba(X_val))
    assert watched.validation_loss_curve_[-1] == pytest.approx(expected, rel=1e-9)


def test_early_stopping_on_given_rows_restores_the_best_epoch():
    X, X_val, y, y_val = CANCER
    model = make_model(early_stopping=True, max_iter=300, learning_rate_init=0.01)
    model.fit(X, y, X_val=X_val, y_val=y_val)
    assert model.converged_ and model.n_iter_ < 300
    assert model.t_ == model.n_iter_ * len(X)
    scores = model.validation_scores_
    assert model.best_epoch_ == scores.index(max(scores)) + 1 < model.n_iter_
    assert model.score(X_val, y_val) == model.best_validation_score_ == max(scores)
    shorter = make_model(learning_rate_init=0.01, max_iter=model.best_epoch_).fit(X, y)
    np.testing.assert_array_equal(model.predict_proba(X_val), shorter.predict_proba(X_val))


@pytest.mark.parametrize("given", [False, True], ids=["held out", "given"])
def test_early_stopping_by_the_loss(given):
    X, X_val, y, y_val = CANCER
    rows = {"X_val": X_val, "y_val": y_val} if given else {}
    model = make_model(early_stopping=True, scoring="loss", max_iter=300)
    model.set_params(learning_rate_init=0.01).fit(X, y, **rows)
    losses = model.validation_loss_curve_
    assert model.validation_scores_ == [-loss for loss in losses]
    assert losses.index(min(losses)) + 1 == model.best_epoch_ < model.n_iter_ < 300
    if given:
        assert log_loss(y_val, model.predict_proba(X_val)) == pytest.approx(min(losses))


@pytest.mark.parametrize("scoring", ["roc_auc", get_scorer("neg_brier_score")])
def test_early_stopping_by_a_scorer_of_scikit_learn(scoring):
    X, X_val, y, y_val = CANCER
    model = make_model(early_stopping=True, scoring=scoring, max_iter=30, tol=0.0)
    model.fit(X, y, X_val=X_val, y_val=y_val)
    scorer = get_scorer(scoring) if isinstance(scoring, str) else scoring
    assert scorer(model, X_val, y_val) == model.best_validation_score_


def test_scoring_function_gets_labels_and_weights():
    X, X_val, y, y_val = CANCER
    names = np.array(["malignant", "benign"])
    weights = np.random.RandomState(0).uniform(0.5, 2.0, len(y_val))
    seen = []

    def auc(estimator, rows, labels, sample_weight):
        seen.append((set(labels), sample_weight))
        p = estimator.predict_proba(rows)[:, 1]
        return roc_auc_score(labels == "malignant", p, sample_weight=sample_weight)

    model = make_model(scoring=auc)
    model.fit(X, names[y], X_val=X_val, y_val=names[y_val], sample_weight_val=weights)
    assert seen[0][0] == {"benign", "malignant"}
    np.testing.assert_array_equal(seen[0][1], weights)
    expected = auc(model, X_val, names[y_val], weights)
    assert model.validation_scores_[-1] == pytest.approx(expected, rel=1e-12)


def test_scoring_data_frames_does_not_warn_about_feature_names():
    X, X_val, y, y_val = (
        pd.DataFrame(part).add_prefix("feature ") if part.ndim == 2 else pd.Series(part)
        for part in CANCER
    )
    model = make_model(scoring="roc_auc", early_stopping=True)
    model.fit(X, y, X_val=X_val, y_val=y_val)
    assert len(model.validation_scores_) == 8
    with pytest.raises(ValueError, match="feature names should match"):
        model.fit(X, y, X_val=X_val.iloc[:, ::-1], y_val=y_val)


def test_validation_rows_may_have_weights():
    X, X_val, y, y_val = DIGITS
    weights = (y_val == 3).astype(float)
    model = make_model().fit(X, y, X_val=X_val, y_val=y_val, sample_weight_val=weights)
    only = make_model().fit(X, y, X_val=X_val[y_val == 3], y_val=y_val[y_val == 3])
    np.testing.assert_allclose(model.validation_scores_, only.validation_scores_)
    np.testing.assert_allclose(model.validation_loss_curve_, only.validation_loss_curve_)


def test_validation_of_several_labels():
    X, X_val, y, y_val = DIGITS
    Y, Y_val = (np.c_[labels % 2, labels > 4, labels == 0] for labels in (y, y_val))
    model = make_model(early_stopping=True).fit(X, Y, X_val=X_val, y_val=Y_val)
    assert model.score(X_val, Y_val) == model.best_validation_score_


def test_validation_loss_excludes_smoothing_and_penalty():
    X, X_val, y, y_val = DIGITS
    model = make_model(label_smoothing=0.3, alpha=10.0)
    model.fit(X, y, X_val=X_val, y_val=y_val)
    expected = log_loss(y_val, model.predict_proba(X_val))
    assert model.validation_loss_curve_[-1] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"X_val": CANCER[1]}, "X_val and y_val must be passed together"),
        ({"y_val": CANCER[3]}, "X_val and y_val must be passed together"),
        ({"sample_weight_val": CANCER[3]}, "X_val and y_val must be passed together"),
        ({"X_val": CANCER[1][:, :3], "y_val": CANCER[3]}, "3 features"),
        ({"X_val": CANCER[1], "y_val": CANCER[3] + 1}, "not in `self.classes_`"),
        ({"X_val": CANCER[1], "y_val": CANCER[3][:-1]}, "inconsistent numbers"),
    ],
)
def test_invalid_validation_rows_are_refused(given, message):
    X, _, y, _ = CANCER
    with pytest.raises(ValueError, match=message):
        make_model().fit(X, y, **given)


def test_partial_fit_keeps_the_best_call_and_sets_converged():
    X, X_val, y, y_val = CANCER
    params = {"early_stopping": True, "learning_rate_init": 0.01, "shuffle": False}
    streamed = make_model(**params)
    calls = 0
    while not (calls and streamed.converged_):
        streamed.partial_fit(X, y, classes=[0, 1], X_val=X_val, y_val=y_val)
        assert streamed.score(X_val, y_val) == max(streamed.validation_scores_)
        calls += 1
    whole = make_model(max_iter=300, **params).fit(X, y, X_val=X_val, y_val=y_val)
    assert calls == whole.n_iter_ < 300
    assert streamed.validation_scores_ == whole.validation_scores_
    assert streamed.loss_curve_ == whole.loss_curve_
    assert streamed.best_epoch_ == whole.best_epoch_
    np.testing.assert_array_equal(streamed.coefs_[0], whole.coefs_[0])


def test_partial_fit_with_early_stopping_needs_rows():
    X, _, y, _ = CANCER
    with pytest.raises(ValueError, match="early_stopping=True without X_val"):
        make_model(early_stopping=True).partial_fit(X, y, classes=[0, 1])


def test_validation_rows_in_a_pipeline_and_a_search():
    X, X_val, y, y_val = train_test_split(*load_breast_cancer(return_X_y=True))
    with sklearn.config_context(enable_metadata_routing=True):
        network = make_model(early_stopping=True, max_iter=200, learning_rate_init=0.01)
        network.set_fit_request(X_val=True, y_val=True)
        model = make_pipeline(StandardScaler(), network, transform_input=["X_val"])
        model.fit(X, y, X_val=X_val, y_val=y_val)
        fitted = model[-1]
        assert model.score(X_val, y_val) == fitted.best_validation_score_ > 0.9
        grid = {"fullyconnectedclassifier__hidden_layer_sizes": [(5,), (10,)]}
        search = GridSearchCV(model, grid, cv=2)
        search.fit(X, y, X_val=X_val, y_val=y_val)
        best = search.best_estimator_
        assert best.score(X_val, y_val) == best[-1].best_validation_score_


@pytest.mark.parametrize("score", [np.nan, np.inf])
def test_early_stopping_refuses_nan_and_infinite_scores(score):
    X, _, y, _ = CANCER
    given = {"X_val": X[:30], "y_val": y[:30]}

    def scoring(estimator, X, y):
        return score

    with pytest.raises(ValueError, match=f"score is {score} in epoch 1"):
        make_model(early_stopping=True, scoring=scoring).fit(X, y, **given)
    recorded = make_model(scoring=scoring).fit(X, y, **given)
    np.testing.assert_array_equal(recorded.validation_scores_, score)


@pytest.mark.parametrize("first", [3, np.inf])
def test_score_of_minus_infinity_is_not_an_improvement(first):
    """A logarithm of 0 gives such a score, in the first epochs or in all."""
    X, _, y, _ = CANCER
    scores = []

    def scoring(estimator, X, y):
        scores.append(-np.inf if len(scores) < first else -1.0)
        return scores[-1]

    model = make_model(early_stopping=True, scoring=scoring, n_iter_no_change=5, tol=0.0)
    model.set_params(max_iter=100).fit(X, y, X_val=X[:30], y_val=y[:30])
    if first == 3:
        assert model.best_epoch_ == 4 and model.best_validation_score_ == -1.0
    else:
        assert model.n_iter_ == 6 == model.best_epoch_
        assert model.converged_ and model.best_validation_score_ == -np.inf


def test_initial_weights_reset_the_best_score():
    X, X_val, y, y_val = CANCER
    rows = {"X_val": X_val, "y_val": y_val}
    model = make_model(early_stopping=True, warm_start=True).fit(X, y, **rows)
    nothing = [0.0 * W for W in model.coefs_]
    model.set_params(learning_rate_init=1e-9)
    model.fit(X, y, coefs_init=nothing, intercepts_init=[W[0] for W in nothing], **rows)
    assert model.score(X_val, y_val) == model.best_validation_score_ < 0.7


def damage(model):
    for array in (*model.coefs_, *model.intercepts_):
        array[...] = 0.0


@pytest.mark.parametrize("way", ["fit", "partial_fit"])
def test_early_stopping_restarts_from_written_weights(way):
    X, X_val, y, y_val = CANCER
    rows = {"X_val": X_val, "y_val": y_val}
    model = make_model(early_stopping=True, warm_start=True, learning_rate_init=0.01)
    for _ in range(5):
        if way == "fit":
            model.fit(X, y, **rows)
        else:
            model.partial_fit(X, y, classes=[0, 1], **rows)
    good = model.best_validation_score_
    damage(model)
    model.set_params(learning_rate_init=1e-9, max_iter=2)
    if way == "partial_fit":
        model._training.solver.schedule.rate = 1e-9
    getattr(model, way)(X, y, **rows)
    assert model.score(X_val, y_val) == model.best_validation_score_ < good - 0.2


@pytest.mark.parametrize("given", [False, True], ids=["held out", "given"])
def test_changed_loss_resets_the_best_score(given):
    X, X_val, y, y_val = CANCER
    rows = {"X_val": X_val, "y_val": y_val} if given else {}
    model = make_model(early_stopping=True, scoring="loss", warm_start=True)
    model.set_params(loss="squared_error").fit(X, y, **rows)
    model.set_params(loss="log_loss").fit(X, y, **rows)
    assert model.n_iter_ == 8  # each log loss is above every squared error before
    assert model.best_validation_score_ == max(model.validation_scores_[8:])


def test_changed_validation_rows_reset_the_best_score():
    X, X_val, y, y_val = CANCER
    model = make_model(early_stopping=True, warm_start=True, max_iter=15)
    model.fit(X, y, X_val=X_val, y_val=y_val)
    model.fit(X, y, X_val=X_val, y_val=1 - y_val)  # the labels are wrong
    second = model.validation_scores_[-model.n_iter_ :]
    assert model.best_validation_score_ == max(second) < 0.5


# ----- scorers that do not accept weights


def hits(estimator, X, y):
    return np.mean(estimator.predict(X) == y)


SCORERS_WITHOUT_WEIGHTS = {
    "function": hits,
    "name": "adjusted_rand_score",
    "metric": make_scorer(lambda y, p: np.mean(y == p)),
}


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize(
    "scoring", SCORERS_WITHOUT_WEIGHTS.values(), ids=[*SCORERS_WITHOUT_WEIGHTS]
)
def test_scorer_without_weights_warns_once(scoring, early_stopping):
    X, X_val, y, y_val = CANCER
    weights = np.random.RandomState(0).uniform(0.5, 2.0, len(y_val))
    given = {"X_val": X_val, "y_val": y_val}
    params = {"scoring": scoring, "early_stopping": early_stopping}
    alike = make_model(**params).fit(X, y, **given)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = make_model(**params).fit(X, y, **given, sample_weight_val=weights)
    (text,) = [str(each.message) for each in caught if each.category is UserWarning]
    assert f"scoring={scoring!r} does not accept sample_weight" in text
    assert model.validation_scores_ == alike.validation_scores_
    assert model.validation_loss_curve_ != alike.validation_loss_curve_


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_scorer_without_weights_warns_about_class_weights(solver):
    X, X_val, y, y_val = CANCER
    model = make_model(class_weight="balanced", scoring=hits, solver=solver)
    if solver == "adam":
        model.set_params(early_stopping=True)
        with pytest.warns(UserWarning, match="from sample_weight or class_weight"):
            model.fit(X, y)
    model.set_params(early_stopping=False).fit(X, y, X_val=X_val, y_val=y_val)
    assert model.validation_scores_[-1] == hits(model, X_val, y_val)


def test_metric_with_any_keywords_gets_weights():
    X, X_val, y, y_val = CANCER
    seen = []

    def metric(y, predicted, **given):
        seen.append(given)
        return np.mean(y == predicted)

    weights = np.arange(1.0, 1.0 + len(y_val))
    given = {"X_val": X_val, "y_val": y_val, "sample_weight_val": weights}
    make_model(scoring=make_scorer(metric)).fit(X, y, **given)
    np.testing.assert_array_equal(seen[0]["sample_weight"], weights)
