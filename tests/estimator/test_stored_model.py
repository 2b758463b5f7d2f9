"""Conversion of a classifier to plain values, and back."""

import copy

import numpy as np
import pytest
from further_layers import ALL, X, Y, make_model

from skfcnn import FullyConnectedRegressor
from skfcnn.estimator.stored_model import NotOfThisKind, model_of, plain_model

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*worse than guess"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]


REGRESSORS = {
    "outputs": ({}, np.column_stack([X[:, 0], 50.0 + 9.0 * X[:, 1]])),
    "poisson": ({"loss": "poisson"}, np.exp(X[:, 0])),
    "quantiles": ({"loss": "quantile", "quantile": [0.9, 0.1]}, X[:, 0]),
    "unscaled": ({"scale_target": False}, X[:, 0]),
}


@pytest.mark.parametrize("case", REGRESSORS)
def test_stored_regressor_is_restored_and_resumed(case):
    params, y = REGRESSORS[case]
    settings = {"hidden_layer_sizes": (6,), "max_iter": 6, "random_state": 0}
    model = FullyConnectedRegressor(**settings | params).fit(X, y, stop_after=2)
    again = model_of(copy.deepcopy(plain_model(model, model)), None)
    assert type(again) is type(model)
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    for each in (again, model):
        each.fit(X, y, resume_from=each)
    np.testing.assert_array_equal(again._network.theta, model._network.theta)
    assert again._target.state().keys() == model._target.state().keys()
    assert repr(again._target.state()) == repr(model._target.state())


def half(t):
    return 1.0 - 0.5 * t


def stored(**params):
    """Return a fitted classifier, and its content."""
    model = make_model(**params).fit(X, Y, stop_after=2)
    return model, copy.deepcopy(plain_model(model, model))


@pytest.mark.parametrize("params", [{}, ALL], ids=["plain", "further layers"])
def test_stored_classifier_is_restored_and_resumed(params):
    model, content = stored(**params)
    again = model_of(content, None)
    assert type(again) is type(model)
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    for each in (again, model):
        each.fit(X, Y, resume_from=each)
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))


def test_functions_come_from_the_estimator():
    _, content = stored(schedule=half)
    with pytest.raises(NotOfThisKind, match="holds only the names of functions"):
        model_of(copy.deepcopy(content), None)
    with pytest.raises(NotOfThisKind, match="These differ: schedule"):
        model_of(copy.deepcopy(content), make_model(schedule=np.cos))
    assert model_of(content, make_model(schedule=half)).schedule is half


def test_unknown_class_needs_an_estimator():
    model, content = stored()
    content["class"] = "somewhere.Classifier"
    with pytest.raises(NotOfThisKind, match="of the class somewhere.Classifier"):
        model_of(copy.deepcopy(content), None)
    assert type(model_of(content, make_model())) is type(model)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c["entries"].update(loss_="low"), "loss_ is 'low'"),
        (lambda c: c["entries"].update(predict=1), "predict cannot be a stored attribute"),
        (lambda c: c["entries"].update(hidden_layer_sizes=(17,)), "numbers, not"),
        (lambda c: c.update(theta=c["theta"].astype(int)), "theta has dtype int64"),
        (lambda c: c.update(fit_id="x"), "fit_id is 'x'"),
    ],
)
def test_inconsistent_content_is_refused(change, message):
    _, content = stored()
    change(content)
    with pytest.raises(ValueError, match=message):
        model_of(content, None)
