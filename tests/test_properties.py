"""Property-based tests: properties of any shape, weights and parameters."""

import pickle
import warnings

import numpy as np
import pytest
import scipy.sparse
from hypothesis import assume, given, note
from hypothesis import strategies as st
from sklearn.exceptions import ConvergenceWarning

from skfcnn import FullyConnectedClassifier, FullyConnectedRegressor
from skfcnn.network.activations import ACTIVATIONS
from skfcnn.network.architecture import fully_connected
from skfcnn.network.class_losses import LabelSmoothing
from skfcnn.network.drawing import draw_network
from skfcnn.network.initializers import INITIALIZERS
from skfcnn.network.links import CLASS_LINKS
from skfcnn.network.losses import CLASS_LOSSES, LOG_LINK, NUMBER_LOSSES
from skfcnn.training.objective import Objective
from skfcnn.training.optimizers import OPTIMIZERS
from skfcnn.training.schedules import FACTORS

SMOOTH = sorted(ACTIVATIONS.keys() - {"relu", "leaky_relu"})


# ----- What is drawn


@st.composite
def problems(draw, min_rows=3, max_rows=25):
    """Draw rows, labels of every kind, weights that are not all zero."""
    rng = np.random.RandomState(draw(st.integers(0, 2**20)))
    n_rows = draw(st.integers(min_rows, max_rows))
    X = rng.standard_normal((n_rows, draw(st.integers(1, 5))))
    kind = draw(st.sampled_from(["binary", "multiclass", "multilabel"]))
    if kind == "multilabel":
        y = rng.randint(2, size=(n_rows, draw(st.integers(2, 4))))
        y[1] = 1 - y[0]
    else:
        n_classes = 2 if kind == "binary" else draw(st.integers(3, max(3, n_rows // 2)))
        y = np.arange(n_rows) % n_classes
    weights = rng.uniform(0.1, 2.0, n_rows)
    return X, y, weights


@st.composite
def layers(draw):
    """Draw hidden layers, each with a smooth activation."""
    sizes = draw(st.lists(st.integers(1, 6), max_size=3))
    activations = [draw(st.sampled_from(SMOOTH)) for _ in sizes]
    return {"hidden_layer_sizes": tuple(sizes), "activation": activations or "relu"}


# Deterministic descent over all rows: "adam" divides by roots of gradients, where a
# rounding of a gradient that should be zero becomes a step of full size.
FULL_BATCH = {"solver": "sgd", "batch_size": 10**6, "max_iter": 12, "tol": 0.0}
FULL_BATCH |= {"learning_rate_init": 0.05, "random_state": 0, "dtype": "float64"}
# Of a dozen steps, whose sums are added up in another order.
CLOSE = {"rtol": 1e-8, "atol": 1e-10}


def fit(X, y, weights=None, given=None, **params):
    model = FullyConnectedClassifier(**FULL_BATCH | params)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.filterwarnings("ignore", "Got `batch_size` less than 1 or larger")
        return model.fit(X, y, weights, **given or {})


# ----- The objective


@given(
    problem=problems(),
    hidden=layers(),
    loss=st.sampled_from(sorted(CLASS_LOSSES)),
    smoothing=st.sampled_from([0.0, 0.2]),
    alpha=st.sampled_from([0.0, 0.1, 3.0]),
    parametric=st.booleans(),
    scaling=st.booleans(),
    embedded=st.booleans(),
    normalization=st.sampled_from([None, "layer"]),
)
def test_the_gradient_is_the_slope_of_the_objective(
    problem, hidden, loss, smoothing, alpha, parametric, scaling, embedded, normalization
):
    X, y, weights = problem
    # The normalized z of a single unit is 0, where activations have kinks.
    assume(not (normalization and 1 in hidden["hidden_layer_sizes"]))
    target = y if y.ndim == 2 else (y[:, None] == np.arange(max(2, y.max() + 1)))
    target = target[:, :1] if target.shape[1] == 2 and y.ndim == 1 else target
    is_exclusive = y.ndim == 1 and target.shape[1] > 1
    activations = hidden["activation"] if hidden["hidden_layer_sizes"] else ()
    sizes = (X.shape[1], *hidden["hidden_layer_sizes"], target.shape[1])
    architecture = fully_connected(
        sizes,
        tuple(activations),
        parametric=parametric,
        scaling=scaling,
        embedded=tuple(range(X.shape[1])) if embedded else None,
        normalization=normalization,
    )
    rng = np.random.RandomState(0)
    glorot = [INITIALIZERS["glorot_normal"]] * (len(sizes) - 1)
    network = draw_network(architecture, initializers=glorot, rng=rng, dtype=float)
    cost = CLASS_LOSSES[loss](CLASS_LINKS["softmax" if is_exclusive else "logistic"])
    if smoothing:
        cost = LabelSmoothing(cost, smoothing, target.shape[1] if is_exclusive else 2)
    assert_gradient_is_the_slope(Objective(network, cost, alpha), X, target, weights)


def assert_gradient_is_the_slope(objective, X, target, weights):
    """Compare the gradient with differences in a random direction."""
    network, rng = objective.network, np.random.RandomState(0)
    data = X, target.astype(float), weights
    workspace = network.workspace(len(X))
    objective.value_and_gradient(*data, workspace)
    direction = rng.standard_normal(network.theta.size)
    slope = workspace.gradient @ direction
    theta = network.theta.copy()

    def central_difference(step):
        values = []
        for sign in (1.0, -1.0):
            network.theta[...] = theta + sign * step * direction
            values.append(objective.value_and_gradient(*data, workspace))
        return (values[0] - values[1]) / (2.0 * step)

    # The error of a central difference is the third derivative times step^2, and rounding
    # over step. Normalizations of two units, one after the other, make the derivative so
    # large that no step suits all networks: one of these has to.
    found = [central_difference(step) for step in (1e-5, 1e-6, 1e-7, 1e-8, 1e-9)]
    nearest = min(found, key=lambda difference: abs(difference - slope))
    assert slope == pytest.approx(nearest, rel=1e-5, abs=1e-6 * np.linalg.norm(direction))


@given(problem=problems(), hidden=layers(), seed=st.integers(0, 2**20))
def test_the_objective_does_not_depend_on_what_a_workspace_was_used_for(
    problem, hidden, seed
):
    X, y, weights = problem
    rng = np.random.RandomState(seed)
    target = (y if y.ndim == 2 else y[:, None] == np.arange(y.max() + 1)).astype(float)
    activations = hidden["activation"] if hidden["hidden_layer_sizes"] else ()
    sizes = (X.shape[1], *hidden["hidden_layer_sizes"], target.shape[1])
    architecture = fully_connected(sizes, tuple(activations))
    glorot = [INITIALIZERS["glorot_normal"]] * (len(sizes) - 1)
    network = draw_network(architecture, initializers=glorot, rng=rng, dtype=float)
    objective = Objective(network, CLASS_LOSSES["log_loss"](CLASS_LINKS["logistic"]), 0.1)
    fresh, used = network.workspace(len(X)), network.workspace(len(X) + 3)
    for n in rng.randint(1, len(X) + 1, size=4):
        objective.value_and_gradient(X[:n], target[:n], weights[:n], used.rows(n))
    for layer in used.layers:
        layer.a.fill(np.nan)
        layer.delta.fill(np.nan)
    used.gradient.fill(np.nan)
    same = used.rows(len(X))
    values = [objective.value_and_gradient(X, target, weights, ws) for ws in (fresh, same)]
    assert values[0] == values[1]
    np.testing.assert_array_equal(fresh.gradient, same.gradient)


# ----- Weights


@given(problem=problems(), hidden=layers(), alpha=st.sampled_from([0.0, 0.3]))
def test_a_weight_of_two_is_the_row_twice(problem, hidden, alpha):
    X, y, weights = problem
    twice = np.arange(len(X)) % 3 == 0
    doubled = fit(X, y, np.where(twice, 2.0, 1.0) * weights, alpha=alpha, **hidden)
    rows = np.concatenate([np.arange(len(X)), np.flatnonzero(twice)])
    repeated = fit(X[rows], y[rows], weights[rows], alpha=alpha, **hidden)
    np.testing.assert_allclose(repeated._network.theta, doubled._network.theta, **CLOSE)
    np.testing.assert_allclose(repeated.loss_curve_, doubled.loss_curve_, **CLOSE)


@given(
    problem=problems(),
    hidden=layers(),
    seed=st.integers(0, 2**20),
    scale=st.sampled_from([1.0, 100.0, 1e30, 1e300]),
    form=st.sampled_from([np.asarray, scipy.sparse.csr_array]),
)
def test_rows_of_weight_zero_change_nothing(problem, hidden, seed, scale, form):
    X, y, weights = problem
    rng = np.random.RandomState(seed)
    n_more = rng.randint(1, 6)
    more = scale * rng.standard_normal((n_more, X.shape[1]))
    with_them = fit(
        form(np.vstack([more, X])),
        np.concatenate([y[rng.randint(len(y), size=n_more)], y]),
        np.concatenate([np.zeros(n_more), weights]),
        **hidden,
    )
    without = fit(form(X), y, weights, **hidden)
    np.testing.assert_allclose(with_them._network.theta, without._network.theta, **CLOSE)
    np.testing.assert_allclose(with_them.loss_curve_, without.loss_curve_, **CLOSE)


@given(
    problem=problems(),
    hidden=layers(),
    exponent=st.integers(-300, 300),
    solver=st.sampled_from([*OPTIMIZERS, "lbfgs"]),
    batch_size=st.sampled_from([2, 5, 100]),
)
def test_without_penalty_only_the_proportions_of_weights_count(
    problem, hidden, exponent, solver, batch_size
):
    """A power of two scales without rounding: then not a bit is another."""
    X, y, weights = problem
    params = hidden | {
        "solver": solver,
        "batch_size": min(batch_size, len(X)),
        "alpha": 0.0,
    }
    found = []
    for w in (weights, weights * 2.0**exponent):
        try:
            found.append(fit(X, y, w, **params)._network.theta.tobytes())
        except ValueError as error:  # momentum over batches of two rows may diverge
            assert "exploded" in str(error) or "finite" in str(error)
            found.append(str(error))
    assert found[0] == found[1]


# ----- Names and orders


def first_weights(X, y, hidden):
    """Return what a network of these layers starts from, as lists of arrays."""
    n_out = y.shape[1] if y.ndim == 2 else len(np.unique(y))
    n_out = 1 if y.ndim == 1 and n_out == 2 else n_out
    sizes = [X.shape[1], *hidden["hidden_layer_sizes"], n_out]
    rng = np.random.RandomState(1)
    pairs = list(zip(sizes, sizes[1:], strict=False))
    weights = [0.5 * rng.standard_normal(pair) for pair in pairs]
    return {
        "coefs_init": weights,
        "intercepts_init": [0.1 * rng.standard_normal(n) for _, n in pairs],
    }


@given(problem=problems(), hidden=layers(), sparse=st.booleans())
def test_features_may_stand_in_another_order(problem, hidden, sparse):
    X, y, weights = problem
    order = np.random.RandomState(0).permutation(X.shape[1])
    start = first_weights(X, y, hidden)
    W, *others = start["coefs_init"]
    permuted = start | {"coefs_init": [W[order], *others]}
    form = scipy.sparse.csr_array if sparse else np.asarray
    one = fit(form(X), y, weights, start, **hidden)
    other = fit(form(X[:, order]), y, weights, permuted, **hidden)
    np.testing.assert_allclose(other.coefs_[0], one.coefs_[0][order], **CLOSE)
    np.testing.assert_allclose(
        other.predict_proba(X[:, order]), one.predict_proba(X), **CLOSE
    )


@given(problem=problems(), hidden=layers())
def test_classes_may_have_other_names(problem, hidden):
    """So that they are sorted otherwise: with the first weights, the columns move along."""
    X, y, weights = problem
    start = first_weights(X, y, hidden)
    *others, W = start["coefs_init"]
    *biases, b = start["intercepts_init"]
    if y.ndim == 2:
        order = np.random.RandomState(0).permutation(y.shape[1])
        renamed = y[:, order]
    else:
        order = np.random.RandomState(0).permutation(len(np.unique(y)))
        renamed = np.argsort(order)[y]
    if len(order) == 2 and y.ndim == 1:
        sign = -1.0 if order[0] == 1 else 1.0
        W, b = sign * W, sign * b
    else:
        W, b = W[:, order], b[order]
    permuted = {"coefs_init": [*others, W], "intercepts_init": [*biases, b]}
    one = fit(X, y, weights, start, **hidden)
    other = fit(X, renamed, weights, permuted, **hidden)
    np.testing.assert_allclose(
        other.predict_proba(X), one.predict_proba(X)[:, order], **CLOSE
    )


# ----- The estimator

PARAMETERS = {
    "hidden_layer_sizes": st.lists(st.integers(1, 9), max_size=3).map(tuple),
    "activation": st.sampled_from(sorted(ACTIVATIONS)),
    "solver": st.sampled_from(["lbfgs", *sorted(OPTIMIZERS)]),
    "alpha": st.sampled_from([0.0, 1e-4, 10.0]),
    "batch_size": st.sampled_from(["auto", 1, 2, 7]),
    "learning_rate": st.sampled_from(["constant", "invscaling", "adaptive"]),
    "learning_rate_init": st.sampled_from([1e-6, 1e-3, 0.5, 100.0]),
    "shuffle": st.booleans(),
    "momentum": st.sampled_from([0.0, 0.9, 1.0]),
    "nesterovs_momentum": st.booleans(),
    "early_stopping": st.booleans(),
    "validation_fraction": st.sampled_from([0.1, 0.5]),
    "n_iter_no_change": st.sampled_from([1, 10, np.inf]),
    "loss": st.sampled_from(sorted(CLASS_LOSSES)),
    "dtype": st.sampled_from(["auto", "float64", "float32"]),
    "weight_init": st.sampled_from(["auto", "zeros", "data_driven", *sorted(INITIALIZERS)]),
    "dropout": st.sampled_from([0.0, 0.5]),
    "class_weight": st.sampled_from([None, "balanced"]),
    "label_smoothing": st.sampled_from([0.0, 0.3]),
    "max_grad_norm": st.sampled_from([None, 1e-3, 1.0]),
    "schedule": st.sampled_from([None, "adaptive", *sorted(FACTORS)]),
    "scoring": st.sampled_from([None, "loss", "calibrated_loss", "accuracy"]),
    "scaling_layer": st.booleans(),
    "parametric_activation": st.booleans(),
    "normalization": st.sampled_from([None, "layer"]),
    "numeric_embedding": st.sampled_from([None, "pbld"]),
    "learning_rate_multipliers": st.sampled_from(
        [None, {"weights": "1/sqrt(n_in)", "bias": 0.1}]
    ),
    "weight_averaging": st.sampled_from([0.0, 0.2]),
}
# What may be refused: parameters that do not go together, rows too few for what is asked,
# and learning rates that are too high.
REASONS = [
    "solver='lbfgs' has no",
    "solver='lazy_adam' has no",
    "both say how the learning rate changes",
    "validation set is too small",
    "least populated class",
    "should be greater or equal to the number of classes",
    "leaves none to learn from",
    "non-finite parameter weights",
    "The loss has exploded",
    "overflow in epoch",
    "The outputs are not finite after the last step",
    "The sample weights of the",
    "different number of output",  # of a scorer, for several quantiles
]


@given(
    problem=problems(),
    params=st.fixed_dictionaries({}, optional=PARAMETERS),
    weighted=st.booleans(),
    single=st.booleans(),
)
def test_any_parameters_give_a_model_to_trust_or_an_error_of_a_known_kind(
    problem, params, weighted, single
):
    X, y, weights = problem
    X = X.astype(np.float32) if single else X
    model = FullyConnectedClassifier(random_state=0, max_iter=4).set_params(**params)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.filterwarnings("ignore", "Got `batch_size` less than 1 or larger")
        warnings.filterwarnings("ignore", "The rows held out for early stopping")
        warnings.filterwarnings("ignore", "The number of unique classes is greater")
        try:
            model.fit(X, y, weights if weighted else None)
        except ValueError as error:
            note(str(error))
            assert any(reason in str(error) for reason in REASONS)
            assert not hasattr(model, "classes_")
            return
    p = model.predict_proba(X)
    assert np.isfinite(p).all() and (p >= 0.0).all() and (p <= 1.0).all()
    if y.ndim == 1:
        atol = 1e-12 if p.dtype == np.float64 else 1e-6
        np.testing.assert_allclose(p.sum(axis=1), 1.0, rtol=0.0, atol=atol)
    assert np.isfinite(model.loss_curve_).all()
    assert model.predict(X).shape == y.shape


# ----- Numbers


@st.composite
def number_problems(draw):
    """Draw a loss with its parameters, rows, positive y of one or more columns, weights."""
    loss = draw(st.sampled_from(sorted(NUMBER_LOSSES)))
    params = {"loss": loss}
    if loss == "huber":
        params["huber_delta"] = draw(st.sampled_from([0.1, 1.35, 9.0]))
    if loss == "tweedie":
        params["tweedie_power"] = draw(st.sampled_from([-1.0, 0.0, 1.0, 1.3, 2.0, 3.0]))
    if loss == "quantile":
        levels = st.sampled_from([0.1, 0.5, 0.8])
        params["quantile"] = draw(levels | st.lists(levels, min_size=1, max_size=3))
    rng = np.random.RandomState(draw(st.integers(0, 2**20)))
    n_rows = draw(st.integers(3, 25))
    X = rng.standard_normal((n_rows, draw(st.integers(1, 5))))
    n_outputs = 1 if loss == "quantile" else draw(st.integers(1, 3))
    y = rng.gamma(3.0, size=(n_rows, n_outputs))
    y = y[:, 0] if n_outputs == 1 else y
    return params, X, y, rng.uniform(0.1, 2.0, n_rows)


def fit_numbers(params, X, y, weights=None, given=None, **more):
    model = FullyConnectedRegressor(**FULL_BATCH | params | more)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.filterwarnings("ignore", "Got `batch_size` less than 1 or larger")
        return model.fit(X, y, weights, **given or {})


@given(
    problem=number_problems(),
    hidden=layers(),
    alpha=st.sampled_from([0.0, 3.0]),
    normalization=st.sampled_from([None, "layer"]),
)
def test_the_gradient_of_numbers_is_the_slope(problem, hidden, alpha, normalization):
    params, X, y, weights = problem
    # The normalized z of a single unit is 0, where activations have kinks.
    assume(not (normalization and 1 in hidden["hidden_layer_sizes"]))
    params = params | hidden | {"alpha": alpha, "normalization": normalization}
    model = fit_numbers(params, X, y, weights, {"stop_after": 0}, weight_init="ntk")
    target, network = model._target, model._target.scale.network_of(model._network)
    matrix = target.scale.standardize(target.encode(y))
    objective = Objective(network, target.loss(model), alpha)
    z = network.apply(X, lambda z, out: np.copyto(out, z), np.empty(matrix.shape))
    if params["loss"] in ("absolute_error", "quantile"):
        assume(np.abs(z - matrix).min() > 1e-3)  # a kink is not on the way
    assert_gradient_is_the_slope(objective, X, matrix, weights)


@given(
    problem=number_problems(),
    hidden=layers(),
    a=st.sampled_from([1e-6, 0.3, 1.0, 700.0, 1e12]),
    b=st.sampled_from([-1e3, 0.0, 5.0]),
)
def test_the_unit_and_the_origin_of_y_do_not_matter(problem, hidden, a, b):
    params, X, y, weights = problem
    b = 0.0 if params["loss"] in LOG_LINK else a * b
    one = fit_numbers(params, X, y, weights, **hidden)
    other = fit_numbers(params, X, a * y + b, weights, **hidden)
    # The origin takes some digits: b is up to a thousand deviations of y.
    expected = one.predict(X)
    np.testing.assert_allclose((other.predict(X) - b) / a, expected, rtol=1e-7, atol=1e-7)
    assert one.n_iter_ == other.n_iter_


@given(problem=number_problems(), hidden=layers(), scaled=st.booleans())
def test_a_weight_of_two_is_the_row_of_numbers_twice(problem, hidden, scaled):
    params, X, y, weights = problem
    params = params | hidden | {"scale_target": scaled, "learning_rate_init": 1e-3}
    twice = np.arange(len(X)) % 3 == 0
    rows = np.concatenate([np.arange(len(X)), np.flatnonzero(twice)])
    try:
        doubled = fit_numbers(params, X, y, np.where(twice, 2.0, 1.0) * weights)
    except ValueError as error:  # numbers that are not scaled may diverge
        assert "To fix this" in str(error) and not scaled
        with pytest.raises(ValueError, match="To fix this"):
            fit_numbers(params, X[rows], y[rows], weights[rows])
        return
    repeated = fit_numbers(params, X[rows], y[rows], weights[rows])
    np.testing.assert_allclose(repeated._network.theta, doubled._network.theta, **CLOSE)


@given(
    problem=number_problems(),
    hidden=layers(),
    solver=st.sampled_from(sorted(OPTIMIZERS)),
    average=st.sampled_from([0.0, 0.3]),
    n_before=st.integers(1, 3),
)
def test_partial_fit_from_a_pickle_has_the_same_bits(
    problem, hidden, solver, average, n_before
):
    params, X, y, weights = problem
    average = 0.0 if solver == "lazy_adam" else average
    params = params | hidden | {"solver": solver, "weight_averaging": average}
    whole, part = (FullyConnectedRegressor(random_state=0, **params) for _ in range(2))
    for i in range(4):
        whole.partial_fit(X, y, weights)
        part = pickle.loads(pickle.dumps(part)) if i == n_before else part
        part.partial_fit(X, y, weights)
    np.testing.assert_array_equal(part._network.theta, whole._network.theta)
    assert part.loss_curve_ == whole.loss_curve_


OF_REGRESSORS = PARAMETERS | {
    "scoring": st.sampled_from([None, "loss", "neg_mean_absolute_error"]),
    "scale_target": st.booleans(),
}
OF_REGRESSORS = {
    name: values
    for name, values in OF_REGRESSORS.items()
    if name not in ("loss", "class_weight", "label_smoothing")
}


@given(
    problem=number_problems(),
    params=st.fixed_dictionaries({}, optional=OF_REGRESSORS),
    weighted=st.booleans(),
    single=st.booleans(),
)
def test_any_parameters_give_a_regressor_or_an_error_of_a_known_kind(
    problem, params, weighted, single
):
    of_loss, X, y, weights = problem
    X = X.astype(np.float32) if single else X
    model = FullyConnectedRegressor(random_state=0, max_iter=4, **of_loss | params)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.filterwarnings("ignore", "Got `batch_size` less than 1 or larger")
        try:
            model.fit(X, y, weights if weighted else None)
        except ValueError as error:
            note(str(error))
            assert any(reason in str(error) for reason in REASONS)
            assert not hasattr(model, "n_outputs_")
            return
    try:
        predicted = model.predict(X)
    except ValueError as error:  # of 100.0 as a learning rate
        assert "The predictions exp(z) overflow" in str(error)
        return
    assert np.isfinite(predicted).all() and predicted.dtype == X.dtype
    assert (predicted > 0.0).all() or of_loss["loss"] not in LOG_LINK
    n_levels = np.ndim(of_loss.get("quantile", 0.5)) and len(of_loss["quantile"])
    assert predicted.shape == ((len(X), n_levels) if n_levels else y.shape)
