"""What a fit that did not end well tells its user."""

import warnings

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import StandardScaler, scale

from skfcnn import FullyConnectedClassifier

X, Y = load_breast_cancer(return_X_y=True)


def messages(model, X, y):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(X, y)
    assert {warning.category for warning in caught} <= {ConvergenceWarning}
    return [str(warning.message) for warning in caught]


def make_model(**params):
    return FullyConnectedClassifier(**{"random_state": 0, "max_iter": 20} | params)


def test_a_loss_that_was_still_falling():
    (message,) = messages(make_model(), scale(X), Y)
    assert "Maximum iterations (20) reached" in message
    assert "still falling, from 0." in message
    assert "in the last 10 epochs: increase max_iter" in message


def test_a_loss_that_goes_up_and_down():
    model = make_model(solver="sgd", learning_rate_init=0.9, n_iter_no_change=20)
    model.set_params(momentum=0.99, tol=0.0)
    (message,) = messages(model, scale(X)[:, :3], Y)
    assert "not falling any more" in message and "lower learning_rate_init" in message


def test_one_epoch_tells_no_direction():
    (message,) = messages(make_model(max_iter=1), scale(X), Y)
    assert message.endswith("converged yet. Increase max_iter.")


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("form", [np.asarray, csr_array])
def test_unlike_scales_are_told_once_with_the_remedy(solver, form):
    model = make_model(solver=solver, max_iter=3, learning_rate_init=1e-6)
    hints = [text for text in messages(model, form(X), Y) if "unlike" in text]
    assert len(hints) == 1
    assert "StandardScaler" in hints[0]
    # The deviations of the breast cancer data: 569 for worst area, 0.006 for a tenth.
    assert "from 0.0062 to 5.7e+02" in hints[0]


@pytest.mark.parametrize("load", [load_digits, load_wine, load_breast_cancer])
def test_scaled_features_get_no_such_hint(load):
    X, y = load(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    for text in messages(make_model(max_iter=1, learning_rate_init=1e-6), X, y):
        assert "unlike" not in text


@pytest.mark.parametrize("loss", ["log_loss", "squared_error"])
def test_unlike_scales_that_do_no_harm_are_not_mentioned(loss):
    X = np.c_[scale(load_digits().data), np.full(1797, 1e-6) * (np.arange(1797) % 2)]
    model = make_model(max_iter=60, loss=loss)
    assert not any("unlike" in text for text in messages(model, X, load_digits().target))


def test_constant_features_have_no_scale():
    texts = messages(make_model(max_iter=1), np.ones((40, 2)), np.arange(40) % 2)
    assert not any("unlike" in text for text in texts)


def test_labels_that_are_smoothed_or_all_alike_and_penalties_are_no_bad_training():
    unscaled = np.c_[scale(X)[:, :3], 1e-5 * scale(X)[:, 3]]
    y = (unscaled[:, 0] > 0.0).astype(int)
    for params, labels in (
        ({"label_smoothing": 0.1}, y),
        ({"alpha": 200.0, "max_iter": 1}, y),
        ({}, np.zeros(len(X))),
    ):
        model = make_model(**{"max_iter": 40, "learning_rate_init": 0.03} | params)
        if "alpha" in params:
            model.set_params(learning_rate_init=1e-6)
            with_penalty = messages(model, scale(X), Y)
            assert not any("unlike" in text for text in with_penalty)
            continue
        assert not any("unlike" in text for text in messages(model, unscaled, labels))


def test_no_hint_where_the_user_stopped():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        make_model(learning_rate_init=1e-6).fit(X, Y, stop_after=1)
    assert caught == []
