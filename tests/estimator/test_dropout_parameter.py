"""The parameter dropout: its effect, its randomness, and its rates by layer."""

import numpy as np
import pytest
from sklearn.metrics import log_loss
from split_data import fit, make_model


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_dropout_reduces_overfitting(cancer):
    X_train, X_test, y_train, y_test = cancer
    X_train, X_test = X_train[:, :8], X_test[:, :8]  # with fewer features there is a gap
    train, test = [], []
    for dropout in (0.0, 0.5):
        model = make_model(hidden_layer_sizes=(200, 200), dropout=dropout, max_iter=300)
        model.set_params(tol=0.0, n_iter_no_change=300, learning_rate_init=0.003)
        model.fit(X_train, y_train)
        train.append(log_loss(y_train, model.predict_proba(X_train)))
        test.append(log_loss(y_test, model.predict_proba(X_test)))
    assert test[1] < 0.8 * test[0]
    assert test[1] - train[1] < 0.8 * (test[0] - train[0])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_dropout_is_reproducible_with_random_state(digits, dtype):
    _, X_test, _, _ = digits
    params = {"hidden_layer_sizes": (30, 20), "dropout": 0.3, "max_iter": 5, "dtype": dtype}
    first, same = (fit(make_model(**params), digits) for _ in range(2))
    other = fit(make_model(**params | {"random_state": 1}), digits)
    np.testing.assert_array_equal(first.predict_proba(X_test), same.predict_proba(X_test))
    np.testing.assert_array_equal(first.predict_proba(X_test), first.predict_proba(X_test))
    assert first.loss_curve_ == same.loss_curve_ != other.loss_curve_


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_dropout_rate_can_differ_by_layer(digits):
    params = {"hidden_layer_sizes": (30, 20), "max_iter": 5}
    alike = fit(make_model(dropout=0.3, **params), digits)
    listed = fit(make_model(dropout=[0.3, 0.3], **params), digits)
    none = fit(make_model(dropout=[0.0, 0.0], **params), digits)
    plain = fit(make_model(**params), digits)
    assert alike.loss_curve_ == listed.loss_curve_ != none.loss_curve_
    assert none.loss_curve_ == plain.loss_curve_


def test_partial_fit_draws_new_masks_in_every_call(digits):
    X, _, y, _ = digits
    # A tiny rate: the weights stay where they are, so only the masks differ between calls.
    model = make_model(dropout=0.5, learning_rate_init=1e-12)
    for _ in range(2):
        model.partial_fit(X, y, classes=np.arange(10))
    first, second = model.loss_curve_
    assert abs(first - second) > 1e-6


@pytest.mark.parametrize("dropout", [1.0, -0.1, [0.1, 0.2], ["a"], [1.0]])
def test_invalid_dropout_is_refused(digits, dropout):
    with pytest.raises(ValueError, match="dropout"):
        fit(make_model(dropout=dropout), digits)
