"""The training curves: the lines show the attributes of the classifier."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import accuracy_score, make_scorer
from sklearn.preprocessing import StandardScaler

from skfcnn import FullyConnectedClassifier
from skfcnn.inspection import LossCurveDisplay

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_breast_cancer(return_X_y=True)
X = StandardScaler().fit_transform(X)


def make_model(**params):
    return FullyConnectedClassifier(
        **{"hidden_layer_sizes": (8,), "random_state": 0, "max_iter": 20} | params
    )


def assert_curve(line, values, *, first=1):
    x, y = line.get_data()
    np.testing.assert_array_equal(y, values)
    np.testing.assert_array_equal(x, np.arange(len(values)) + first)


def legend_of(display):
    ax = display.ax_ if display.score_ax_ is None else display.score_ax_
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_losses_scores_and_the_restored_epoch_are_drawn():
    model = make_model(early_stopping=True, max_iter=300, n_iter_no_change=3).fit(X, Y)
    display = LossCurveDisplay.from_estimator(model)
    assert_curve(display.loss_line_, model.loss_curve_)
    assert_curve(display.validation_loss_line_, model.validation_loss_curve_)
    assert_curve(display.score_line_, model.validation_scores_)
    assert 1 < model.best_epoch_ < len(model.loss_curve_)
    np.testing.assert_array_equal(display.best_line_.get_xdata(), model.best_epoch_)
    assert display.loss_line_.axes is display.ax_
    assert display.score_line_.axes is display.score_ax_
    assert display.score_ax_.get_ylabel() == "validation accuracy"
    assert legend_of(display) == [
        "training loss",
        "validation loss",
        "validation accuracy",
        f"restored: epoch {model.best_epoch_}",
    ]


@pytest.mark.parametrize("solver, unit", [("adam", "epoch"), ("lbfgs", "iteration")])
def test_without_validation_there_is_one_curve_and_no_other_axes(solver, unit):
    model = make_model(solver=solver).fit(X, Y)
    display = LossCurveDisplay.from_estimator(model)
    assert_curve(display.loss_line_, model.loss_curve_)
    assert display.validation_loss_line_ is display.score_line_ is None
    assert display.best_line_ is display.score_ax_ is None
    assert display.figure_.axes == [display.ax_]
    assert display.ax_.get_xlabel() == unit
    assert legend_of(display) == ["training loss"]


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_no_epoch_is_restored_without_early_stopping(solver):
    model = make_model(solver=solver).fit(X[:400], Y[:400], X_val=X[400:], y_val=Y[400:])
    display = LossCurveDisplay.from_estimator(model)
    assert_curve(display.validation_loss_line_, model.validation_loss_curve_)
    assert_curve(display.score_line_, model.validation_scores_)
    assert display.best_line_ is None


def test_epochs_are_counted_across_warm_starts():
    model = make_model(warm_start=True, max_iter=5).fit(X, Y)
    model.set_params(early_stopping=True).fit(X, Y)
    display = LossCurveDisplay.from_estimator(model)
    assert_curve(display.loss_line_, model.loss_curve_)
    assert len(model.loss_curve_) == 10
    assert_curve(display.validation_loss_line_, model.validation_loss_curve_, first=6)
    assert_curve(display.score_line_, model.validation_scores_, first=6)
    assert model.best_epoch_ > 5
    np.testing.assert_array_equal(display.best_line_.get_xdata(), model.best_epoch_)


def test_the_one_epoch_of_a_partial_fit_is_a_point():
    model = make_model().partial_fit(X, Y, classes=[0, 1])
    display = LossCurveDisplay.from_estimator(model)
    assert_curve(display.loss_line_, model.loss_curve_)
    assert display.loss_line_.get_marker() == "o"


def own_score(estimator, X, y):
    return estimator.score(X, y)


@pytest.mark.parametrize(
    "scoring, name",
    [
        ("roc_auc", "roc auc"),
        ("calibrated_loss", "calibrated loss"),
        (own_score, "own_score"),
        (make_scorer(accuracy_score), "score"),
    ],
)
def test_the_score_has_the_name_of_its_scoring(scoring, name):
    model = make_model(early_stopping=True, scoring=scoring, max_iter=3).fit(X, Y)
    display = LossCurveDisplay.from_estimator(model)
    assert display.score_ax_.get_ylabel() == f"validation {name}"


def test_a_score_that_is_the_loss_is_not_drawn_twice():
    model = make_model(early_stopping=True, scoring="loss", max_iter=3).fit(X, Y)
    display = LossCurveDisplay.from_estimator(model)
    assert display.score_line_ is None
    assert_curve(display.validation_loss_line_, model.validation_loss_curve_)
    assert display.figure_.axes == [display.ax_]


def test_scores_can_be_left_out():
    model = make_model(early_stopping=True, max_iter=3).fit(X, Y)
    display = LossCurveDisplay.from_estimator(model, scores=False)
    assert display.score_ax_ is None
    assert display.best_line_ is not None
    assert display.plot().score_ax_ is not None


@pytest.mark.parametrize("yscale", ["linear", "log"])
def test_the_scale_of_the_losses(yscale):
    model = make_model(early_stopping=True, max_iter=3).fit(X, Y)
    display = LossCurveDisplay.from_estimator(model, yscale=yscale)
    assert display.ax_.get_yscale() == yscale
    assert display.score_ax_.get_yscale() == "linear"
