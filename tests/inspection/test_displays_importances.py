"""The picture of importances: a bar for each column, a dot for each repeat."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.utils import Bunch

from skfcnn import TabularClassifier
from skfcnn.inspection import ImportancesDisplay

X, Y = load_iris(return_X_y=True, as_frame=True)
VALUES = np.array([[0.0, 0.2], [1.0, 2.0], [-0.2, 0.0]])


@pytest.fixture(scope="module")
def model():
    params = {"max_iter": 10, "hidden_layer_sizes": (8,)}
    return TabularClassifier("fast", network_params=params, random_state=0).fit(X, Y)


def names_of(display):
    return [text.get_text() for text in display.ax_.get_yticklabels()]


def test_bars_are_means_and_dots_are_repeats_the_most_important_on_top():
    display = ImportancesDisplay(VALUES, ["a", "b", "c"], label="worth").plot()
    assert [bar.get_width() for bar in display.bars_] == pytest.approx([1.5, 0.1, -0.1])
    x, rows = display.dots_.get_data()
    np.testing.assert_array_equal(x, [1.0, 2.0, 0.0, 0.2, -0.2, 0.0])
    np.testing.assert_array_equal(rows, [0, 0, 1, 1, 2, 2])
    assert names_of(display) == ["b", "a", "c"]
    assert display.columns_.tolist() == [1, 0, 2]
    assert display.ax_.yaxis_inverted()
    assert display.ax_.get_xlabel() == "worth"
    assert display.ax_.get_title() == ""
    display.figure_.canvas.draw()


def test_the_most_important_columns_are_drawn():
    display = ImportancesDisplay(VALUES, ["a", "b", "c"]).plot(max_features=1)
    assert names_of(display) == ["b"]
    assert display.ax_.get_title() == "1 of 3 columns"
    with pytest.raises(ValueError, match="max_features == 0"):
        display.plot(max_features=0)


def test_the_importances_of_a_model_are_drawn(model):
    figure, ax = plt.subplots()
    display = ImportancesDisplay.from_estimator(
        model, X, Y, n_repeats=3, random_state=0, ax=ax, max_features=2
    )
    found = model.permutation_importances(X, Y, n_repeats=3, random_state=0)
    np.testing.assert_array_equal(display.importances, found.importances)
    assert display.feature_names == [*X.columns]
    assert (display.ax_, display.figure_) == (ax, figure)
    assert len(display.bars_) == 2


@pytest.mark.parametrize(
    ("scoring", "label"),
    [
        (None, "increase of the log loss, if permuted"),
        ("neg_log_loss", "increase of the log loss, if permuted"),
        ("balanced_accuracy", "decrease of the balanced accuracy, if permuted"),
        (lambda estimator, X, y: 1.0, "decrease of the score, if permuted"),
    ],
)
def test_the_axis_tells_what_an_importance_is(model, scoring, label):
    display = ImportancesDisplay.from_estimator(model, X, Y, scoring=scoring, n_repeats=1)
    assert display.ax_.get_xlabel() == label


def test_the_importances_of_scikit_learn_are_drawn(model):
    found = permutation_importance(model, X, Y, n_repeats=2, random_state=0)
    display = ImportancesDisplay.from_importances(found)
    assert sorted(names_of(display)) == ["x0", "x1", "x2", "x3"]
    named = ImportancesDisplay.from_importances(found, feature_names=X.columns)
    assert sorted(names_of(named)) == sorted(X.columns)


def test_each_column_needs_a_name():
    with pytest.raises(ValueError, match="has 2 names, .* importances of 3 columns"):
        ImportancesDisplay.from_importances(
            Bunch(importances=VALUES), feature_names=["a", "b"]
        )


def test_models_without_importances_are_refused():
    with pytest.raises(TypeError, match="LogisticRegression has no permutation_imp.* Pass"):
        ImportancesDisplay.from_estimator(LogisticRegression(), X, Y)
    with pytest.raises(NotFittedError):
        ImportancesDisplay.from_estimator(TabularClassifier(), X, Y)
    assert plt.get_fignums() == []
