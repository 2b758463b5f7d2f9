"""How training begins, is interrupted, goes on, and what one may do to the parameters."""

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.base import clone
from sklearn.datasets import load_digits, load_wine
from sklearn.preprocessing import StandardScaler

from skfcnn import FullyConnectedClassifier
from skfcnn.network.initializers import DATA_DRIVEN, INITIALIZERS
from skfcnn.training.objective import Objective

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SETTINGS = {"hidden_layer_sizes": (8,), "max_iter": 10, "random_state": 0}
# A single step of length 1e-12: the parameters stay what they were, to 1e-11.
STANDING_STILL = {"max_iter": 1, "learning_rate_init": 1e-12, "alpha": 0.0}


@pytest.fixture(scope="module")
def wine():
    X, y = load_wine(return_X_y=True)
    return StandardScaler().fit_transform(X), y


@pytest.fixture
def model(wine):
    return FullyConnectedClassifier(**SETTINGS).fit(*wine)


def parameters(model):
    return np.concatenate([a.ravel() for a in [*model.coefs_, *model.intercepts_]])


# What training begins with


# With zeros in all layers no unit is unlike another.
FOR_ALL_LAYERS = sorted(INITIALIZERS.keys() - {"zeros"})


def two_thirds(n_in, n_out, rng):
    """An initializer of a user's own."""
    return np.full((n_in, n_out), 2 / 3) * rng.choice([-1, 1], (n_in, n_out)), np.ones(
        n_out
    )


@pytest.mark.grid(4)
@pytest.mark.parametrize(
    "init",
    [*FOR_ALL_LAYERS, *DATA_DRIVEN, two_thirds, ["ntk", "zeros"]],
    ids=[*FOR_ALL_LAYERS, *DATA_DRIVEN, "own", "list"],
)
@pytest.mark.parametrize("activation", ["relu", "logistic", "tanh"])
def test_every_init_learns_digits(init, activation):
    X, y = load_digits(return_X_y=True)
    X = X / 16.0
    settings = {"hidden_layer_sizes": (32,), "learning_rate_init": 0.02, "max_iter": 12}
    model = FullyConnectedClassifier(
        init=init, activation=activation, random_state=0, **settings
    )
    # Ten classes: 0.1 for guessing. Twelve epochs are enough from all of these.
    assert model.fit(X[:1200], y[:1200]).score(X[1200:], y[1200:]) > 0.85


@pytest.mark.parametrize("init", FOR_ALL_LAYERS)
def test_init_sets_the_spread_of_the_first_weights(wine, init):
    X, y = wine
    settings = STANDING_STILL | {"hidden_layer_sizes": (1000,), "dtype": "float64"}
    model = FullyConnectedClassifier(init=init, random_state=0, **settings).fit(X, y)
    for weights, bias in zip(model.coefs_, model.intercepts_, strict=True):
        n_in, n_out = weights.shape
        variance = {"he": 2 / n_in, "nt": 1 / n_in}.get(init[:2], 2 / (n_in + n_out))
        # 3000 draws or more: the deviation of the sample is within 5 % of the true one.
        assert np.std(weights) == pytest.approx(np.sqrt(variance), rel=0.05)
        if not init.endswith(("normal", "ntk")):
            assert np.abs(weights).max() <= np.sqrt(3 * variance) + 1e-9
        assert init in ("auto", "ntk") or np.abs(bias).max() < 1e-9


def test_a_callable_init_is_asked_layer_by_layer(wine):
    asked = []

    def init(n_in, n_out, rng):
        asked.append((n_in, n_out))
        return rng.standard_normal((n_in, n_out)), np.arange(n_out, dtype=float)

    X, y = wine
    settings = STANDING_STILL | {"hidden_layer_sizes": (5, 4), "random_state": 7}
    model = FullyConnectedClassifier(init=init, **settings).fit(X, y)
    assert asked == [(13, 5), (5, 4), (4, 3)]
    rng = np.random.RandomState(7)
    for (n_in, n_out), weights, bias in zip(
        asked, model.coefs_, model.intercepts_, strict=True
    ):
        drawn = rng.standard_normal((n_in, n_out))
        np.testing.assert_allclose(weights, drawn, rtol=0, atol=1e-10)
        np.testing.assert_allclose(bias, np.arange(n_out), rtol=0, atol=1e-10)


@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("as_lists", [False, True])
def test_initial_parameters_are_where_training_begins(wine, model, solver, as_lists):
    X, y = wine
    coefs, intercepts = list(model.coefs_), list(model.intercepts_)
    if as_lists:
        coefs = [array.tolist() for array in coefs]
        intercepts = tuple(array.tolist() for array in intercepts)
    new = clone(model).set_params(solver=solver, random_state=1, **STANDING_STILL)
    new.fit(X, y, coefs_init=coefs, intercepts_init=intercepts)
    np.testing.assert_allclose(parameters(new), parameters(model), rtol=0, atol=1e-10)
    only = clone(new).fit(X, y, coefs_init=coefs)
    np.testing.assert_allclose(only.coefs_[0], model.coefs_[0], rtol=0, atol=1e-10)
    assert not np.allclose(only.intercepts_[0], model.intercepts_[0])


def test_initial_parameters_are_copied_not_kept(wine, model):
    start = [array.copy() for array in model.coefs_]
    kept = [array.copy() for array in start]
    clone(model).fit(*wine, coefs_init=start)
    for array, copy in zip(start, kept, strict=True):
        np.testing.assert_array_equal(array, copy)


# coefs_ and intercepts_ are views


def by_hand(coefs, intercepts, X):
    (W1, W2), (b1, b2) = coefs, intercepts
    return softmax(np.maximum(X @ W1 + b1, 0.0) @ W2 + b2, axis=1)


def write_in_place(coefs, new):
    for array, values in zip(coefs, new, strict=True):
        array[...] = values


def assign_items(coefs, new):
    for layer, values in enumerate(new):
        coefs[layer] = values


def assign_slice(coefs, new):
    coefs[0:1], coefs[-1:] = new[:1], new[1:]


@pytest.mark.parametrize("change", [write_in_place, assign_items, assign_slice])
def test_changed_parameters_take_effect(wine, model, change):
    X, _ = wine
    new_coefs = [-array[::-1].copy() for array in model.coefs_]
    new_intercepts = [array[::-1] + 1.0 for array in model.intercepts_]
    change(model.coefs_, new_coefs)
    change(model.intercepts_, new_intercepts)
    wanted = by_hand(new_coefs, new_intercepts, X)
    # The same products in float64, in another order perhaps.
    np.testing.assert_allclose(model.predict_proba(X), wanted, rtol=0, atol=1e-14)


def test_so_does_assigning_the_whole_list(wine, model):
    X, _ = wine
    new = [np.ones((13, 8)), np.arange(24.0).reshape(8, 3)]
    model.coefs_ = new
    model.intercepts_ = [np.zeros(8), [3.0, 2.0, 1.0]]
    wanted = by_hand(new, model.intercepts_, X)
    np.testing.assert_allclose(model.predict_proba(X), wanted, rtol=0, atol=1e-14)
    new[0][...] = 7.0  # an assignment copies
    np.testing.assert_array_equal(model.coefs_[0], np.ones((13, 8)))


def test_a_view_assigned_to_the_place_of_another_is_copied_first(wine):
    """As in NumPy, where a[:] = a[::-1] turns a round."""
    X, y = wine
    model = FullyConnectedClassifier((3, 3), max_iter=3, random_state=0).fit(X, y)
    wanted = [array.copy() for array in model.intercepts_[::-1]]
    model.intercepts_ = model.intercepts_[::-1]
    for got, array in zip(model.intercepts_, wanted, strict=True):
        np.testing.assert_array_equal(got, array)


def test_arithmetic_in_place_takes_effect(wine, model):
    X, _ = wine
    coefs = [array.copy() for array in model.coefs_]
    model.coefs_[0] *= 2.0
    model.intercepts_[1] += [1.0, 0.0, -1.0]
    wanted = by_hand([2.0 * coefs[0], coefs[1]], model.intercepts_, X)
    np.testing.assert_allclose(model.predict_proba(X), wanted, rtol=0, atol=1e-14)


REFUSED = {
    "a matrix for a vector": (
        lambda m: m.intercepts_.__setitem__(0, np.ones((1, 8))),
        "shape",
    ),
    "transposed": (
        lambda m: m.coefs_.__setitem__(0, np.ones((8, 13))),
        r"\(13, 8\).*\(8, 13\)",
    ),
    "a number": (lambda m: m.coefs_.__setitem__(0, 1.0), "shape"),
    "NaN": (
        lambda m: m.coefs_.__setitem__(1, np.full((8, 3), np.nan)),
        "finite numbers.*NaN",
    ),
    "infinity": (lambda m: m.intercepts_.__setitem__(1, [0, 0, np.inf]), "finite numbers"),
    "words": (
        lambda m: m.intercepts_.__setitem__(1, ["a", "b", "c"]),
        "finite numbers.*U1",
    ),
    "complex": (
        lambda m: m.intercepts_.__setitem__(1, [1j, 0, 0]),
        "finite numbers.*complex",
    ),
    "too few layers": (
        lambda m: setattr(m, "coefs_", [np.ones((13, 8))]),
        "2 arrays.*got 1",
    ),
    "too many layers": (lambda m: setattr(m, "coefs_", [*m.coefs_, 1]), "2 arrays.*got 3"),
    "second of two wrong": (
        lambda m: setattr(m, "coefs_", [np.ones((13, 8)), np.ones((8, 4))]),
        r"coefs_\[1\] has shape \(8, 3\)",
    ),
    "append": (lambda m: m.coefs_.append(np.ones((3, 3))), "length of coefs_"),
    "extend": (lambda m: m.intercepts_.extend([1]), "length of intercepts_"),
    "insert": (lambda m: m.coefs_.insert(0, np.ones((3, 3))), "length of coefs_"),
    "del": (lambda m: m.coefs_.__delitem__(0), "length of coefs_"),
    "pop": (lambda m: m.coefs_.pop(), "length of coefs_"),
    "clear": (lambda m: m.coefs_.clear(), "length of coefs_"),
    "reverse": (lambda m: m.coefs_.reverse(), "length of coefs_"),
    "plus": (lambda m: m.coefs_.__iadd__([1]), "length of coefs_"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_parameter_is_refused_and_changes_nothing(wine, model, what):
    change, message = REFUSED[what]
    before = model.predict_proba(wine[0])
    with pytest.raises((ValueError, TypeError), match=message):
        change(model)
    np.testing.assert_array_equal(model.predict_proba(wine[0]), before)


def test_a_number_too_large_for_float32_is_refused(wine):
    model = FullyConnectedClassifier(**SETTINGS, dtype="float32").fit(*wine)
    before = model.predict_proba(wine[0])
    with pytest.raises(ValueError, match="finite"):
        model.intercepts_[1] = [1e300, 0.0, 0.0]
    np.testing.assert_array_equal(model.predict_proba(wine[0]), before)


def test_an_unfitted_classifier_has_no_parameters_yet():
    for name in ("coefs_", "intercepts_"):
        with pytest.raises(AttributeError, match=f"{name} is there once.*coefs_init"):
            getattr(FullyConnectedClassifier(), name)
        assert not hasattr(FullyConnectedClassifier(), name)


# Interruption by Ctrl-C


def interrupt_at(monkeypatch, call):
    """Raise KeyboardInterrupt when a gradient is asked for the call-th time, from 1."""
    calls = []
    gradient = Objective.gradient

    def interrupted(self, *args):
        calls.append(1)
        if len(calls) == call:
            raise KeyboardInterrupt
        return gradient(self, *args)

    monkeypatch.setattr(Objective, "gradient", interrupted)


def interrupted(model, X, y):
    with pytest.warns(UserWarning, match="Training interrupted by user"):
        return model.fit(X, y)


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_interrupted_between_epochs_is_a_shorter_fit(
    wine, monkeypatch, solver, early_stopping
):
    X, y = wine
    params = {"solver": solver, "early_stopping": early_stopping, "batch_size": 60}
    model = FullyConnectedClassifier(**SETTINGS, **params)
    shorter = clone(model).set_params(max_iter=4).fit(X, y)
    interrupt_at(monkeypatch, 4 * 3 + 1)  # three batches of up to 60 rows per epoch
    interrupted(model, X, y)
    np.testing.assert_array_equal(model.predict_proba(X), shorter.predict_proba(X))
    assert model.n_iter_ == 4 and model.loss_curve_ == shorter.loss_curve_
    assert model.loss_ == shorter.loss_ and model.t_ == shorter.t_
    assert model.validation_scores_ == shorter.validation_scores_


def test_interrupted_within_an_epoch_keeps_what_was_learned(wine, monkeypatch):
    X, y = wine
    settings = {"learning_rate_init": 0.02, "batch_size": 20, "max_iter": 100}
    model = FullyConnectedClassifier(**(SETTINGS | settings))
    interrupt_at(monkeypatch, 9 * 10 + 5)
    interrupted(model, X, y)
    assert model.n_iter_ == len(model.loss_curve_) == 10
    assert model.score(X, y) > 0.9
    assert model.partial_fit(X, y).loss_ < model.loss_curve_[-2]


def test_interrupted_lbfgs_is_at_its_last_iteration(wine, monkeypatch):
    X, y = wine
    model = FullyConnectedClassifier(**SETTINGS, solver="lbfgs")
    interrupt_at(monkeypatch, 8)
    interrupted(model, X, y)
    assert 2 <= model.n_iter_ <= 7
    monkeypatch.undo()
    shorter = clone(model).set_params(max_iter=model.n_iter_).fit(X, y)
    np.testing.assert_array_equal(model.predict_proba(X), shorter.predict_proba(X))
    assert model.loss_ == shorter.loss_ == model.loss_curve_[-1]


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_interrupted_at_once_is_a_fitted_beginning(wine, monkeypatch, solver):
    X, y = wine
    model = FullyConnectedClassifier(**SETTINGS, solver=solver)
    start = FullyConnectedClassifier(**(SETTINGS | STANDING_STILL)).fit(X, y)
    interrupt_at(monkeypatch, 1)
    interrupted(model, X, y)
    assert model.n_iter_ == 0 and model.loss_curve_ == []
    np.testing.assert_allclose(parameters(model), parameters(start), rtol=0, atol=1e-10)


# Going on


def test_a_warm_start_goes_on(wine):
    X, y = wine
    model = FullyConnectedClassifier(**SETTINGS, warm_start=True).fit(X, y)
    for n_fits in range(2, 6):
        before = model.loss_
        assert model.fit(X, y).loss_ < before
        assert len(model.loss_curve_) == 10 * n_fits and model.n_iter_ == 10


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_a_changed_activation_or_dtype_is_carried_out(wine, method):
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


@pytest.mark.parametrize("sizes", [(8,), (5,)])
def test_partial_fit_after_a_fit_by_another_solver_starts_anew(wine, sizes):
    """The state of a solver belongs to the parameters that it has moved."""
    X, y = wine
    model = FullyConnectedClassifier(**SETTINGS).fit(X, y)
    model.set_params(solver="lbfgs", hidden_layer_sizes=sizes).fit(X, y)
    new = clone(model).fit(X, y)
    for each in (model, new):
        each.set_params(solver="adam").partial_fit(X, y)
    np.testing.assert_array_equal(model.predict_proba(X), new.predict_proba(X))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("loss", ["log_loss", "squared_error"])
@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
def test_training_that_diverges_names_the_way_out_and_leaves_the_old_model(
    wine, solver, loss, dtype
):
    X, y = wine
    params = {"solver": solver, "loss": loss, "dtype": dtype}
    model = FullyConnectedClassifier(**SETTINGS | params, warm_start=True).fit(X, y)
    twin = clone(model).fit(X, y)
    expected, alpha = model.predict_proba(X), model.alpha
    model.set_params(alpha=1e308)  # a penalty beyond all numbers
    with pytest.raises(ValueError, match="non-finite.*alpha=.* is very large .*: lower it"):
        model.fit(X, y)
    if solver != "lbfgs":
        with pytest.raises(
            ValueError, match="lower it, or raise them. Or else lower learning_rate_init"
        ):
            model.partial_fit(X, y)
    model.set_params(alpha=alpha)
    np.testing.assert_array_equal(model.predict_proba(X), expected)
    np.testing.assert_array_equal(
        model.fit(X, y).predict_proba(X), twin.fit(X, y).predict_proba(X)
    )
