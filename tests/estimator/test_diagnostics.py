"""The warnings and errors of fits that have problems."""

import warnings

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import StandardScaler, scale

from skfcnn import FullyConnectedClassifier, FullyConnectedRegressor

X, Y = load_breast_cancer(return_X_y=True)
RNG = np.random.RandomState(0)


DIFFERENT_SCALES = "very different standard deviations"


def messages(model, X, y):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(X, y)
    assert {warning.category for warning in caught} <= {ConvergenceWarning}
    return [str(warning.message) for warning in caught]


def make_model(**params):
    return FullyConnectedClassifier(**{"random_state": 0, "max_iter": 20} | params)


def test_falling_loss_suggests_more_epochs():
    (message,) = messages(make_model(), scale(X), Y)
    assert "Maximum iterations (20) reached" in message
    assert "still falling, from 0." in message
    assert "in the last 10 epochs: increase max_iter" in message


def test_oscillating_loss_suggests_a_lower_rate():
    model = make_model(solver="sgd", learning_rate_init=0.9, n_iter_no_change=20)
    model.set_params(momentum=0.99, tol=0.0)
    (message,) = messages(model, scale(X)[:, :3], Y)
    assert "not falling any more" in message and "lower learning_rate_init" in message


def test_one_epoch_shows_no_trend():
    (message,) = messages(make_model(max_iter=1), scale(X), Y)
    assert message.endswith("converged yet. Increase max_iter.")


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("form", [np.asarray, csr_array])
def test_different_scales_give_one_hint(solver, form):
    model = make_model(solver=solver, max_iter=3, learning_rate_init=1e-6)
    hints = [text for text in messages(model, form(X), Y) if DIFFERENT_SCALES in text]
    assert len(hints) == 1
    assert "StandardScaler" in hints[0]
    # The deviations of the breast cancer data: 569 for worst area, 0.006 for a tenth.
    assert "from 0.0062 to 5.7e+02" in hints[0]


@pytest.mark.parametrize("load", [load_digits, load_wine, load_breast_cancer])
def test_scaled_features_give_no_hint(load):
    X, y = load(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    for text in messages(make_model(max_iter=1, learning_rate_init=1e-6), X, y):
        assert DIFFERENT_SCALES not in text


@pytest.mark.parametrize("loss", ["log_loss", "squared_error"])
def test_harmless_different_scales_give_no_hint(loss):
    X = np.c_[scale(load_digits().data), np.full(1797, 1e-6) * (np.arange(1797) % 2)]
    model = make_model(max_iter=60, loss=loss)
    assert not any(
        DIFFERENT_SCALES in text for text in messages(model, X, load_digits().target)
    )


def test_constant_features_have_no_scale():
    texts = messages(make_model(max_iter=1), np.ones((40, 2)), np.arange(40) % 2)
    assert not any(DIFFERENT_SCALES in text for text in texts)


def test_smoothing_penalty_and_a_single_class_give_no_hint():
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
            assert not any(DIFFERENT_SCALES in text for text in with_penalty)
            continue
        assert not any(
            DIFFERENT_SCALES in text for text in messages(model, unscaled, labels)
        )


def test_stop_after_gives_no_hint():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        make_model(learning_rate_init=1e-6).fit(X, Y, stop_after=1)
    assert caught == []


# ----- divergence, and models that are worse than guessing


def test_early_stopping_keeps_the_best_parameters_before_a_divergence():
    params = {"solver": "sgd", "activation": "identity", "early_stopping": True}
    params |= {"learning_rate_init": 5.0, "scoring": "loss"}
    model = make_model(**params)
    diverged, worse = messages(model, scale(X), Y)
    assert diverged.startswith("The loss has exploded in epoch 2: from ")
    assert "To fix this, lower learning_rate_init (now 5), or limit the steps" in diverged
    assert diverged.endswith("The parameters of the best epoch were kept.")
    assert "worse than guess" in worse
    assert model.n_iter_ == len(model.loss_curve_) == 1 and not model.converged_
    expected = make_model(**params).fit(scale(X), Y, stop_after=1)
    np.testing.assert_array_equal(model._network.theta, expected._network.theta)
    with pytest.raises(ValueError, match="resume_from must be an estimator"):
        model.fit(scale(X), Y, resume_from=model)
    model.set_params(early_stopping=False, learning_rate_init=1e-3)
    assert (
        model.partial_fit(scale(X), Y)._training.solver.schedule.rate == 1e-3
    )  # of a new solver


def test_divergence_in_the_first_epoch_leaves_no_model():
    model = make_model(early_stopping=True)
    with pytest.raises(ValueError, match=r"in epoch 1\. X has values of up to 1.2e\+301"):
        model.fit(1e300 * scale(X), Y)
    assert not hasattr(model, "classes_")


def test_diverged_partial_fit_keeps_the_old_model():
    model = make_model(solver="sgd", early_stopping=True)
    rows = {"X_val": scale(X), "y_val": Y}
    model.partial_fit(scale(X), Y, classes=[0, 1], **rows)
    before = model.predict_proba(scale(X))
    model.set_params(warm_start=True, learning_rate_init=1e6, activation="identity")
    model._training.solver = None
    with pytest.raises(ValueError, match="in epoch 1"):
        model.partial_fit(1e300 * X, Y, **rows)
    np.testing.assert_array_equal(model.predict_proba(scale(X)), before)


@pytest.mark.parametrize(
    ("params", "way_out"),
    [
        (
            {"solver": "sgd", "learning_rate_init": 1e-9},
            "lower learning_rate_init (now 1e-09)",
        ),
        ({"solver": "lbfgs", "max_iter": 1, "alpha": 9.0}, "max_iter=1), or lower alpha"),
        ({"dropout": 0.5, "learning_rate_init": 1e-9, "loss": "squared_error"}, "lower"),
        ({"label_smoothing": 0.2, "learning_rate_init": 1e-9}, "lower"),
    ],
    ids=["sgd", "lbfgs", "squared_error", "smoothed"],
)
@pytest.mark.parametrize("y", ["binary", "classes", "labels", "one of the labels"])
def test_model_worse_than_guessing_gives_a_warning(params, way_out, y):
    p = np.array([0.5, 0.3, 0.2])
    numbers = RNG.choice(3, size=len(X), p=p)
    target = {
        "binary": numbers > 0,
        "classes": numbers,
        "labels": np.column_stack([numbers > 0, numbers > 1]).astype(int),
        "one of the labels": np.eye(3, dtype=int)[numbers],
    }[y]
    model = make_model(**params, weight_init=large)
    (text,) = [t for t in messages(model, scale(X), target) if "worse than guess" in t]
    assert way_out in text and "scale X" not in text
    frequencies = target.mean(axis=0) if y != "classes" else np.bincount(target) / len(X)
    guessing = guessing_loss(np.atleast_1d(frequencies), model, is_exclusive=y == "classes")
    assert f"constant prediction is {guessing:.4g}." in text


def guessing_loss(p, model, *, is_exclusive):
    """Return the loss of predicting the class frequencies: an entropy or a variance."""
    n_values = len(p) if is_exclusive else 2
    eps = model.label_smoothing
    if model.loss == "squared_error":
        return 0.5 * (p * (1 - p)).sum()
    p = p * (1 - eps) + eps / n_values
    return -(p * np.log(p)).sum() - (0 if is_exclusive else ((1 - p) * np.log(1 - p)).sum())


def test_warning_distinguishes_good_accuracy_from_bad_probabilities():
    """A rate that is too high gives confident predictions, some of which are wrong."""
    model = make_model(learning_rate_init=2.0, max_iter=30)
    numbers = (scale(X)[:, 0] + 0.7 * RNG.standard_normal(len(X)) > 0).astype(int)
    (text,) = [t for t in messages(model, scale(X), numbers) if "worse than guess" in t]
    assert text.startswith("The probabilities of the model are worse than guessing, ")
    assert f"accuracy is {model.score(scale(X), numbers):.3g}" in text


def test_divergence_in_the_last_step_is_detected():
    zeros = {"weight_init": "zeros", "max_iter": 1, "batch_size": len(X)}
    model = make_model(solver="sgd", learning_rate_init=1e4, hidden_layer_sizes=(), **zeros)
    assert [t for t in messages(model, scale(X), Y) if "worse than guess" in t]
    model.set_params(learning_rate_init=1e200, hidden_layer_sizes=(5,), weight_init="auto")
    calls = [
        lambda: clone(model).fit(scale(X), Y),
        lambda: clone(model).partial_fit(scale(X), Y, classes=[0, 1]),
        lambda: clone(model).set_params(max_iter=9).fit(scale(X), Y, stop_after=1),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="outputs are not finite after the last step"):
            call()


def test_error_suggests_smaller_first_weights():
    model = make_model(solver="lbfgs", dtype="float64", weight_init=far)
    with pytest.raises(
        ValueError, match=r"To fix this, start from smaller weights \(weight_init"
    ):
        model.fit(scale(X), Y)


def far(n_in, n_out, rng):
    return np.full((n_in, n_out), 1e160), np.zeros(n_out)


def test_error_names_a_weight_decay_that_is_too_large():
    model = make_model(solver="adamw", weight_decay=1e9, max_iter=200)
    with pytest.raises(ValueError, match="weight_decay=1e.09 is very large: lower it"):
        model.fit(scale(X), Y)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_error_names_validation_rows_that_overflow(solver):
    X_val = scale(X)
    X_val[3, 0] = 1e300
    model = make_model(solver=solver, dtype="float32")
    with pytest.raises(
        ValueError, match=r"validate on, with values of up to 1e\+300.* like X\."
    ):
        model.fit(scale(X), Y, X_val=X_val, y_val=Y)


def test_warm_start_with_a_larger_penalty_is_not_a_divergence():
    """The loss is compared with that of the first weights of the same fit."""
    model = make_model(warm_start=True)
    messages(model, scale(X), Y)
    texts = messages(model.set_params(alpha=1e8), scale(X), Y)
    assert model.loss_curve_[20] > 1e6 * model.loss_curve_[19]
    assert not [text for text in texts if "exploded" in text]


def large(n_in, n_out, rng):
    return 3.0 * rng.standard_normal((n_in, n_out)), np.zeros(n_out)


def test_high_loss_from_dropout_gives_no_warning():
    model = make_model(dropout=0.95, hidden_layer_sizes=(30,), max_iter=60, tol=0.0)
    texts = messages(model, scale(X), Y)
    assert not [text for text in texts if "worse than guess" in text]
    assert model.loss_curve_[0] > 1.0  # above log(2)


@pytest.mark.parametrize("y", [np.zeros(len(Y)), Y])
def test_constant_features_give_no_warning_about_guessing(y):
    constant = np.ones((len(Y), 3))
    texts = messages(make_model(max_iter=400, tol=1e-7), constant, y)
    assert not [text for text in texts if "worse than guess" in text]


def test_sampled_rows_of_one_class_give_no_warning_about_guessing():
    """If the labels alternate, every second row, or every twentieth, is of one class."""
    rows = np.random.RandomState(0).standard_normal((20_000, 2))
    model = make_model(max_iter=1, weight_init="zeros", learning_rate_init=1e-9)
    texts = messages(model, rows, np.arange(20_000) % 2)
    assert not [text for text in texts if "worse than guess" in text]


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_sampled_rows_have_weight(solver):
    """Every fifth of 5,000 rows is sampled, and all of these have weight zero."""
    rows = np.random.RandomState(0).standard_normal((5000, 3))
    weights = np.zeros(5000)
    weights[[1, 3, 7, 9]] = 1.0
    y = np.zeros(5000, int)
    y[[7, 9]] = 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = make_model(solver=solver, max_iter=3).fit(rows, y, weights)
    assert np.isfinite(model.loss_)


@pytest.mark.parametrize("form", [np.asarray, csr_array])
def test_very_small_scales_are_detected_next_to_large_ones(form):
    model = make_model(max_iter=3, learning_rate_init=1e-6, dtype="float64")
    different = scale(X)[:, :2] * [1e-200, 1e3]
    hints = [
        text for text in messages(model, form(different), Y) if DIFFERENT_SCALES in text
    ]
    assert "from 1e-200 to 1e+03" in hints[0]


@pytest.mark.parametrize("loss", ["poisson", "gamma", "tweedie"])
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_predictions_that_overflow_after_the_last_step_are_a_divergence(loss, method):
    rng = np.random.RandomState(1)
    X, y = scale(rng.standard_normal((60, 3))), rng.gamma(2.0, size=60)
    model = FullyConnectedRegressor(
        loss, solver="sgd", learning_rate_init=1e4, max_iter=1, random_state=0
    )
    with pytest.raises(ValueError, match=r"To fix this, lower learning_rate_init \(now"):
        getattr(model, method)(X, y)
    assert not hasattr(model, "coefs_")
