"""Common tests of all displays: their axes, and the input that they refuse."""

import doctest
import importlib
import inspect
import sys
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from callback_support import needs_callbacks
from sklearn.datasets import load_iris, make_multilabel_classification
from sklearn.ensemble import BaggingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.utils import Bunch

from skfcnn import FullyConnectedClassifier, FullyConnectedRegressor, inspection
from skfcnn.inspection import (
    GradientNormsDisplay,
    ImportancesDisplay,
    LossCurveDisplay,
    NetworkDisplay,
    WeightsDisplay,
)
from skfcnn.inspection.fitted import names_of_inputs, names_of_outputs

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_iris(return_X_y=True, as_frame=True)
OF_ESTIMATORS = [LossCurveDisplay, WeightsDisplay, NetworkDisplay]


def make_model(kind=FullyConnectedClassifier, **params):
    base = {"hidden_layer_sizes": (6, 5), "random_state": 0, "max_iter": 3}
    return kind(**base | params)


# Each has three outputs.
TARGETS = {FullyConnectedClassifier: Y, FullyConnectedRegressor: X.to_numpy()[:, :3]}


@pytest.fixture(scope="module", params=TARGETS)
def model(request):
    return make_model(request.param).fit(X, TARGETS[request.param])


@pytest.fixture(params=[*OF_ESTIMATORS, GradientNormsDisplay, ImportancesDisplay])
def draw(request, model):
    """Draw one of the displays, on the axes given."""
    if request.param is ImportancesDisplay:
        found = Bunch(importances=np.eye(3))
        return lambda **kwargs: ImportancesDisplay.from_importances(found, **kwargs)
    if request.param is not GradientNormsDisplay:
        return lambda **kwargs: request.param.from_estimator(model, **kwargs)
    records = [{"epoch": 1, "layer": layer, "gradient": 1.0} for layer in (1, 2)]
    monitor = SimpleNamespace(records_=records)
    return lambda **kwargs: GradientNormsDisplay.from_monitor(monitor, **kwargs)


# ----- where they draw


def test_a_display_makes_one_figure(draw):
    display = draw()
    assert [plt.figure(number) for number in plt.get_fignums()] == [display.figure_]
    assert display.ax_.figure is display.figure_
    display.figure_.canvas.draw()


def test_a_display_uses_the_axes_it_is_given(draw):
    figure, axes = plt.subplots(1, 2)
    display = draw(ax=axes[1])
    assert display.ax_ is axes[1]
    assert display.figure_ is figure
    assert plt.get_fignums() == [figure.number]
    assert axes[1].has_data()
    assert not axes[0].has_data()


def test_display_can_be_drawn_again(draw):
    display = draw()
    first = display.ax_
    assert display.plot() is display
    assert display.ax_ is not first


@pytest.mark.grid(4)
def test_display_can_be_drawn_in_a_subfigure(draw):
    figure = plt.figure(layout="constrained")
    parts = figure.subfigures(1, 2)
    ax = parts[1].subplots()
    assert draw(ax=ax).figure_ is parts[1]
    figure.canvas.draw()


# ----- matplotlib


def test_without_matplotlib_the_error_names_the_extra(draw, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"Display\.plot requires matplotlib.*\[plots\]"):
        draw()


# ----- what they cannot draw


@pytest.mark.parametrize("display", OF_ESTIMATORS)
@pytest.mark.parametrize("wrap", [lambda model: model, make_pipeline])
@pytest.mark.parametrize("kind", TARGETS)
def test_estimator_must_be_fitted(display, wrap, kind):
    with pytest.raises(NotFittedError):
        display.from_estimator(wrap(make_model(kind)))
    assert plt.get_fignums() == []


@pytest.mark.parametrize("display", OF_ESTIMATORS)
def test_other_estimators_are_refused(display):
    others = [
        LogisticRegression(),
        make_pipeline(StandardScaler(), LogisticRegression()),
        GridSearchCV(make_model(), {}),
        BaggingClassifier(make_model()),
    ]
    for estimator in others:
        with pytest.raises(TypeError, match="FullyConnectedRegressor can be.*; got "):
            display.from_estimator(estimator)


# ----- pipelines, and names


@pytest.mark.parametrize("display", OF_ESTIMATORS)
@pytest.mark.parametrize("kind", TARGETS)
def test_last_step_of_a_pipeline_is_shown(display, kind):
    pipeline = make_pipeline(StandardScaler(), make_model(kind)).fit(X, TARGETS[kind])
    shown = display.from_estimator(pipeline)
    expected = display.from_estimator(pipeline[-1], **_named(display, X.columns))
    for name in inspect.signature(display).parameters:
        np.testing.assert_equal(getattr(shown, name), getattr(expected, name))


def _named(display, names):
    return {} if display is LossCurveDisplay else {"feature_names": names}


NAMED, NUMBERED = [*X.columns], ["x0", "x1", "x2", "x3"]


@pytest.mark.parametrize(
    "steps, X, expected",
    [
        ([], X, NAMED),
        ([], X.to_numpy(), NUMBERED),
        ([StandardScaler()], X, NAMED),
        ([StandardScaler()], X.to_numpy(), NUMBERED),
        ([StandardScaler().set_output(transform="pandas")], X, NAMED),
        (["passthrough"], X.to_numpy(), NUMBERED),
        ([FunctionTransformer(np.asarray)], X, NUMBERED),  # it cannot name its columns
    ],
)
def test_inputs_have_the_names_that_are_known(steps, X, expected):
    pipeline = make_pipeline(*steps, make_model()).fit(X, Y)
    assert names_of_inputs(pipeline) == expected
    assert names_of_inputs(pipeline, "abcd") == ["a", "b", "c", "d"]


def test_embedded_columns_have_inputs_of_their_own():
    model = make_model(numeric_embedding="pbld").fit(X, Y)
    names = names_of_inputs(model)
    assert len(names) == len(model.coefs_[0]) == 16
    assert names[:4] == NAMED
    assert names[4:7] == [f"sepal length (cm), embedded {i}" for i in range(3)]


def test_outputs_have_the_names_of_their_classes():
    species = load_iris().target_names[Y]
    assert names_of_outputs(make_model().fit(X, species)) == [
        "setosa",
        "versicolor",
        "virginica",
    ]
    binary = make_model().fit(X[:100], species[:100])
    assert names_of_outputs(binary) == ["versicolor"]
    assert names_of_outputs(binary, ["no", "yes"]) == ["yes"]
    assert names_of_outputs(binary, ["yes"]) == ["yes"]
    assert names_of_outputs(make_model().fit(X[:50], species[:50])) == ["setosa"]
    multilabel = make_model().fit(*make_multilabel_classification(random_state=0))
    assert names_of_outputs(multilabel) == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize("display", [WeightsDisplay, NetworkDisplay])
def test_too_few_names_are_refused(display, model):
    with pytest.raises(ValueError, match="feature_names has 2 names, .* 4 features"):
        display.from_estimator(model, feature_names=["a", "b"])
    where = {} if display is NetworkDisplay else {"layer": -1}
    with pytest.raises(ValueError, match="output_names has 2 names, .* 3 outputs"):
        display.from_estimator(model, output_names=["a", "b"], **where)
    assert plt.get_fignums() == []


@needs_callbacks  # in the example of GradientNormsDisplay
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "name", ["curves", "weights", "diagram", "gradient_norms", "importances"]
)
def test_the_examples_of_the_docstrings_run(name):
    module = importlib.import_module(f"skfcnn.inspection.{name}")
    result = doctest.testmod(module)
    assert (result.failed, result.attempted > 5) == (0, True)


def test_the_displays_are_public():
    assert {display.__name__ for display in OF_ESTIMATORS} < set(inspection.__all__)
    assert {"GradientNormsDisplay", "ImportancesDisplay"} < set(inspection.__all__)
