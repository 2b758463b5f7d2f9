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


# ----- divergence, and models that are worse than guessing


def test_early_stopping_keeps_the_best_parameters_before_training_diverged():
    params = {"solver": "sgd", "activation": "identity", "early_stopping": True}
    params |= {"learning_rate_init": 5.0, "scoring": "loss"}
    model = make_model(**params)
    diverged, worse = messages(model, scale(X), Y)
    assert diverged.startswith("The loss has exploded in epoch 2: from ")
    assert "The learning rate is too high: lower learning_rate_init (now 5)" in diverged
    assert diverged.endswith("The parameters of the best epoch were kept.")
    assert "worse than guessing" in worse
    assert model.n_iter_ == len(model.loss_curve_) == 1 and not model.converged_
    expected = make_model(**params).fit(scale(X), Y, stop_after=1)
    np.testing.assert_array_equal(model._network.theta, expected._network.theta)
    with pytest.raises(ValueError, match="resume_from must be a classifier"):
        model.fit(scale(X), Y, resume_from=model)
    model.set_params(early_stopping=False, learning_rate_init=1e-3)
    assert model.partial_fit(scale(X), Y)._solver.schedule.rate == 1e-3  # by a new solver


def test_what_diverges_in_its_first_epoch_leaves_nothing():
    model = make_model(early_stopping=True)
    with pytest.raises(ValueError, match=r"in epoch 1\. X has values of up to 1.2e\+301"):
        model.fit(1e300 * scale(X), Y)
    assert not hasattr(model, "classes_")


def test_a_partial_fit_that_diverges_leaves_the_model_of_before():
    model = make_model(solver="sgd", early_stopping=True)
    rows = {"X_val": scale(X), "y_val": Y}
    model.partial_fit(scale(X), Y, classes=[0, 1], **rows)
    before = model.predict_proba(scale(X))
    model.set_params(warm_start=True, learning_rate_init=1e6, activation="identity")
    del model._solver
    with pytest.raises(ValueError, match="in epoch 1"):
        model.partial_fit(1e300 * X, Y, **rows)
    np.testing.assert_array_equal(model.predict_proba(scale(X)), before)


@pytest.mark.parametrize(
    ("params", "way_out"),
    [
        ({"solver": "sgd", "learning_rate_init": 1e-9}, "train for longer, lower learning"),
        ({"solver": "lbfgs", "max_iter": 1}, "Scale X, or lower alpha"),
        ({"dropout": 0.5, "learning_rate_init": 1e-9, "loss": "squared_error"}, "lower"),
    ],
    ids=["sgd", "lbfgs", "squared_error"],
)
def test_a_model_that_is_worse_than_guessing_says_so(params, way_out):
    model = make_model(**params, init=large)
    (text,) = [t for t in messages(model, scale(X), Y) if "worse than guessing" in t]
    assert way_out in text
    p = np.mean(Y)
    guessing = -p * np.log(p) - (1 - p) * np.log(1 - p)
    if model.loss == "squared_error":
        guessing = 0.5 * p * (1 - p)
    assert f"classes {guessing:.4g}" in text


def large(n_in, n_out, rng):
    return 3.0 * rng.standard_normal((n_in, n_out)), np.zeros(n_out)


def test_a_loss_that_is_high_by_dropout_alone_is_no_bad_model():
    model = make_model(dropout=0.95, hidden_layer_sizes=(30,), max_iter=60, tol=0.0)
    texts = messages(model, scale(X), Y)
    assert not [text for text in texts if "worse than guessing" in text]
    assert model.loss_curve_[0] > 1.0  # above log(2)


@pytest.mark.parametrize("y", [np.zeros(len(Y)), Y])
def test_where_nothing_can_be_learned_nobody_is_worse_than_guessing(y):
    constant = np.ones((len(Y), 3))
    texts = messages(make_model(max_iter=400, tol=1e-7), constant, y)
    assert not [text for text in texts if "worse than guessing" in text]
