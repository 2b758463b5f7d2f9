"""Further fits of one model: warm start, changed parameters, and failures."""

import joblib
import numpy as np
import pytest
from further_layers import X, Y, make_model
from sklearn.base import clone
from small_network import SETTINGS, STANDING_STILL, by_hand

from skfcnn import FullyConnectedClassifier

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    # A dozen epochs leave some models worse than guessing.
    pytest.mark.filterwarnings("ignore:.*worse than guess"),
]


def test_warm_start_continues_training(wine):
    X, y = wine
    model = FullyConnectedClassifier(**SETTINGS, warm_start=True).fit(X, y)
    for n_fits in range(2, 6):
        before = model.loss_
        assert model.fit(X, y).loss_ < before
        assert len(model.loss_curve_) == 10 * n_fits and model.n_iter_ == 10


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_changed_activation_and_dtype_take_effect(wine, method):
    X, y = wine
    model = FullyConnectedClassifier(**SETTINGS, activation="tanh", warm_start=True)
    model.fit(X, y)
    coefs, intercepts = (
        [*map(np.copy, arrays)] for arrays in (model.coefs_, model.intercepts_)
    )
    as_tanh = model.predict_proba(X)
    model.set_params(activation="relu", dtype="float32", **STANDING_STILL)
    getattr(model, method)(X, y)
    assert model.dtype_ == model.coefs_[0].dtype == np.float32
    wanted = by_hand(coefs, intercepts, X)
    assert np.abs(wanted - as_tanh).max() > 0.05
    # Parameters rounded to float32, then sums of 13 and 8 products.
    np.testing.assert_allclose(model.predict_proba(X), wanted, rtol=0, atol=1e-5)
    model.set_params(dtype="float64", activation="tanh")
    getattr(model, method)(X, y)
    assert model.dtype_ == np.float64
    np.testing.assert_allclose(model.predict_proba(X), as_tanh, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", ["scaling_layer", "parametric_activation"])
def test_warm_start_with_other_layers_is_refused(name):
    model = make_model(warm_start=True).fit(X, Y)
    before = model.predict_proba(X)
    with pytest.raises(ValueError, match=f"has {name}=False; got {name}=True"):
        model.set_params(**{name: True}).fit(X, Y)
    np.testing.assert_array_equal(model.predict_proba(X), before)


@pytest.mark.parametrize("sizes", [(8,), (5,)])
def test_partial_fit_after_another_solver_has_a_new_solver_state(wine, sizes):
    """The state of a solver is only valid for the parameters that it has updated."""
    X, y = wine
    model = FullyConnectedClassifier(**SETTINGS).fit(X, y)
    model.set_params(solver="lbfgs", hidden_layer_sizes=sizes).fit(X, y)
    new = clone(model).fit(X, y)
    for each in (model, new):
        each.set_params(solver="adam").partial_fit(X, y)
    np.testing.assert_array_equal(model.predict_proba(X), new.predict_proba(X))


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_warm_start_continues_a_memory_mapped_model(wine, solver, tmp_path):
    params = SETTINGS | {"solver": solver, "warm_start": True}
    model = FullyConnectedClassifier(**params).fit(*wine)
    joblib.dump(model, tmp_path / "model")
    mapped = joblib.load(tmp_path / "model", mmap_mode="r")
    assert not mapped.coefs_[0].flags.writeable
    mapped.fit(*wine)
    model.fit(*wine)
    np.testing.assert_array_equal(mapped.coefs_[0], model.coefs_[0])


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("loss", ["log_loss", "squared_error"])
@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
def test_diverged_fit_suggests_a_fix_and_keeps_the_old_model(wine, solver, loss, dtype):
    X, y = wine
    params = {"solver": solver, "loss": loss, "dtype": dtype}
    model = FullyConnectedClassifier(**SETTINGS | params, warm_start=True).fit(X, y)
    twin = clone(model).fit(X, y)
    expected, alpha = model.predict_proba(X), model.alpha
    model.set_params(alpha=1e308)  # a penalty that overflows
    with pytest.raises(ValueError, match="non-finite.*alpha=.* very large .*: lower alpha"):
        model.fit(X, y)
    if solver != "lbfgs":
        with pytest.raises(
            ValueError,
            match="lower alpha, or raise .* Otherwise lower learning_rate_init",
        ):
            model.partial_fit(X, y)
    model.set_params(alpha=alpha)
    np.testing.assert_array_equal(model.predict_proba(X), expected)
    np.testing.assert_array_equal(
        model.fit(X, y).predict_proba(X), twin.fit(X, y).predict_proba(X)
    )
