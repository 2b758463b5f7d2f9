"""RegressionTarget and the scale of y: numbers to a matrix, and outputs to numbers."""

from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.metrics import d2_pinball_score, r2_score

from skfcnn import FullyConnectedRegressor
from skfcnn.estimator.regression_target import OFFSET, RegressionTarget
from skfcnn.estimator.target_scale import TargetScale, Unscaled
from skfcnn.network.architecture import fully_connected
from skfcnn.network.links import NUMBER_LINKS
from skfcnn.network.losses import NUMBER_LOSSES
from skfcnn.network.moments import moments_of
from skfcnn.network.network import Network, NonFiniteOutputs
from skfcnn.network.number_losses import FunctionLoss, Poisson, Quantile
from skfcnn.network.parameters import count_parameters
from skfcnn.training.objective import Data

RNG = np.random.RandomState(0)
Y = RNG.gamma(2.0, size=40)
SEVERAL = np.column_stack([Y, 3.0 * Y[::-1], np.sqrt(Y)])
WEIGHTS = RNG.uniform(size=40)


def squares(y, p):
    return (p - y) ** 2


def squares_gradient(y, p):
    return 2.0 * (p - y)


def target_of(y=Y, **params):
    return RegressionTarget.create(y, FullyConnectedRegressor(**params))


def data_of(y, weights=None):
    matrix = np.asarray(y, float).reshape(len(y), -1)
    weights = np.ones(len(y)) if weights is None else weights
    return Data(np.zeros((len(y), 1)), matrix, weights)


# ----- creation

CREATED = [
    # y, parameters: n_outputs, is_vector, link, levels
    (Y, {}, 1, True, "identity", None),
    (SEVERAL, {}, 3, False, "identity", None),
    (SEVERAL[:, :2], {"loss": "poisson"}, 2, False, "exp", None),
    (Y, {"loss": "gamma"}, 1, True, "exp", None),
    (Y, {"loss": "tweedie"}, 1, True, "exp", None),
    (Y, {"loss": "huber", "quantile": [0.1]}, 1, True, "identity", None),
    (Y, {"loss": "quantile"}, 1, True, "identity", [0.5]),
    (Y, {"loss": "quantile", "quantile": [0.3]}, 1, False, "identity", [0.3]),
    (Y, {"loss": "quantile", "quantile": (0.9, 0.1)}, 2, False, "identity", [0.9, 0.1]),
    (Y, {"loss": (squares, squares_gradient)}, 1, True, "identity", None),
    (Y, {"loss": (squares, squares_gradient, "exp")}, 1, True, "exp", None),
]


@pytest.mark.parametrize(("y", "params", "n", "is_vector", "link", "levels"), CREATED)
@pytest.mark.parametrize("scaled", [False, True])
def test_target_of_a_new_fit(y, params, n, is_vector, link, levels, scaled):
    target = target_of(y, scale_target=scaled, **params)
    assert (target.n_outputs, target.is_vector) == (n, is_vector)
    assert target.out_activation == link and target.link is NUMBER_LINKS[link]
    assert target.levels == levels and target.is_scaled is scaled
    assert isinstance(target.scale, Unscaled)
    assert target.fitted_attributes() == {"out_activation_": link}
    state = target.state()
    assert state["scale"] is None
    state["is_scaled"] = False
    again = RegressionTarget.of_state(state)
    assert again.state() == state and isinstance(again.scale, Unscaled)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"quantile": 0.0}, "quantile must be a level between 0 and 1.*; got 0.0"),
        ({"quantile": 1.0}, "between 0 and 1"),
        ({"quantile": [0.5, 1.5]}, r"got \[0.5, 1.5\]"),
        ({"quantile": []}, r"got \[\]"),
    ],
)
def test_levels_outside_of_0_and_1_are_refused(params, message):
    with pytest.raises(ValueError, match=message):
        target_of(loss="quantile", **params)


def test_quantiles_of_several_numbers_are_refused():
    with pytest.raises(
        ValueError, match="a y of 3 columns. Fit one .* MultiOutputRegressor.$"
    ):
        target_of(SEVERAL, loss="quantile")


def test_functions_are_checked():
    with pytest.raises(ValueError, match="but the value has the slope"):
        target_of(loss=(squares, squares))


def test_losses_have_the_parameters_and_the_link():
    params = FullyConnectedRegressor("quantile", quantile=[0.2, 0.7])
    target = RegressionTarget.create(Y, params)
    loss = target.training_loss(params)
    assert isinstance(loss, Quantile) and loss.levels.tolist() == [0.2, 0.7]
    assert loss.link is target.link
    assert isinstance(
        target_of(loss="poisson").loss(SimpleNamespace(loss="poisson")), Poisson
    )
    own = SimpleNamespace(loss=(squares, squares_gradient, "exp"))
    loss = target_of(loss=own.loss).loss(own)
    assert isinstance(loss, FunctionLoss) and loss.link is NUMBER_LINKS["exp"]
    assert loss.value is squares and loss.gradient is squares_gradient


# ----- from y to a matrix


def test_encoded_numbers():
    assert_array_equal(target_of().encode([1, 2, True]), [[1.0], [2.0], [1.0]])
    assert target_of().encode(Y.astype(np.float32)).dtype == np.float64
    assert_array_equal(target_of(SEVERAL).encode(SEVERAL), SEVERAL)
    levels = target_of(loss="quantile", quantile=[0.1, 0.5, 0.9])
    assert_array_equal(levels.encode([1.0, 2.0]), [[1.0] * 3, [2.0] * 3])
    assert_array_equal(levels.y_of(levels.encode(Y)), Y)
    assert_array_equal(target_of().y_of(Y[:, None]), Y)
    one = target_of(loss="quantile", quantile=[0.1])
    assert_array_equal(one.y_of(one.encode(Y)), Y)
    assert target_of(SEVERAL).y_of(SEVERAL) is SEVERAL


@pytest.mark.parametrize("form", ["csr_array", "csc_matrix", "dok_array"])
def test_sparse_y_is_refused(form):
    with pytest.raises(TypeError, match=r"^y is sparse; expected .* Use y.toarray\(\)\.$"):
        RegressionTarget.refuse(getattr(scipy.sparse, form)(SEVERAL))
    RegressionTarget.refuse(SEVERAL)


@pytest.mark.parametrize("dtype", ["U3", "S3", "M8[D]", "m8[s]", "c16", [("a", float)]])
def test_what_is_not_numbers_is_refused(dtype):
    with pytest.raises(TypeError, match="^y must hold numbers; got "):
        target_of().encode(np.zeros(3, dtype))


@pytest.mark.parametrize("dtype", ["?", "i1", "u8", "f2", "f4", "f8", "g", "O"])
def test_numbers_of_any_dtype_are_encoded(dtype):
    assert_array_equal(target_of().encode(np.ones(3, dtype)), np.ones((3, 1)))


def test_numbers_that_float64_has_not_are_refused():
    with pytest.raises(ValueError, match="Input y contains NaN"):
        target_of().encode(np.array([1.0, None], object))
    with pytest.raises(ValueError, match="Input y contains infinity"):
        target_of().encode(np.longdouble([1, 2]) * np.longdouble("1e400"))


def test_extreme_numbers_of_rows_that_do_not_count_are_replaced():
    target, matrix = target_of(SEVERAL), SEVERAL.copy()
    weights = np.where(np.arange(40) % 2, WEIGHTS, 0.0)
    kept = target.without_idle_extremes
    assert kept(matrix, WEIGHTS) is matrix
    assert kept(matrix, weights) is matrix
    size = np.abs(matrix[weights > 0.0]).max(axis=0)
    matrix[2] = 1e6 * size
    assert kept(matrix, weights) is matrix
    matrix[2, 1] *= 1.001
    matrix[4, 2] = -1.001e6 * size[2]
    expected = matrix.copy()
    heaviest = weights.argmax()
    expected[2, 1], expected[4, 2] = matrix[heaviest, 1], matrix[heaviest, 2]
    before = matrix.copy()
    assert_array_equal(kept(matrix, weights), expected)
    assert_array_equal(matrix, before)
    small = 1e-9 * matrix
    assert_allclose(kept(small, weights), 1e-9 * expected)


# ----- from outputs to numbers


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_decoded_outputs(dtype):
    outputs = np.array([[3.0], [-1.0]], dtype)
    assert_array_equal(target_of().decode(outputs.copy()), [3.0, -1.0])
    outputs = np.array([[3.0, -1.0, 2.0]], dtype)
    assert_array_equal(target_of(SEVERAL).decode(outputs.copy()), outputs)
    levels = target_of(loss="quantile", quantile=[0.5, 0.9, 0.1])
    assert_array_equal(levels.decode(outputs.copy()), [[2.0, 3.0, -1.0]])
    equal = target_of(loss="quantile", quantile=[0.5, 0.5, 0.1])
    assert_array_equal(equal.decode(outputs.copy()), [[2.0, 3.0, -1.0]])
    of_list = target_of(loss="quantile", quantile=[0.5])
    assert of_list.decode(outputs[:, :1].copy()).shape == (1, 1)
    positive = target_of(loss="poisson").decode(np.array([[0.0], [2.0]], dtype))
    assert_array_equal(positive, [np.finfo(dtype).tiny, 2.0])


def test_outputs_that_overflow_are_an_error():
    for value in (np.inf, np.nan):
        with pytest.raises(
            NonFiniteOutputs, match=r"exp\(z\) overflow in float32. .* StandardScaler\.$"
        ):
            target_of(loss="poisson").decode(np.array([[1.0], [value]], np.float32))


def test_uninitialized_answers_have_the_shape_of_y():
    assert target_of().empty_answers(5, np.float32).shape == (5,)
    found = target_of(SEVERAL).empty_answers(5, np.float32)
    assert found.shape == (5, 3) and found.dtype == np.float32
    assert target_of(SEVERAL).empty_scores(5).shape == (5, 3)
    assert target_of().empty_scores(5).shape == (5, 1)
    answers = object()
    assert target_of().in_given_form(answers) is answers


# ----- scores


def test_score_is_r2_of_all_outputs():
    target = target_of(SEVERAL)
    predicted = SEVERAL + RNG.standard_normal(SEVERAL.shape)
    expected = r2_score(SEVERAL, predicted, sample_weight=WEIGHTS)
    assert target.score_of(SEVERAL.tolist(), predicted, WEIGHTS) == expected
    scores = target.row_scores(predicted.copy(), SEVERAL)
    assert target.score(scores, SEVERAL, WEIGHTS) == expected
    constant = target.score(SEVERAL.mean(axis=0)[None], SEVERAL, np.ones(40))
    assert constant == pytest.approx(0.0, abs=1e-14)
    assert target.score_name == "R^2"


def test_score_of_quantiles_is_the_mean_over_the_levels():
    target = target_of(loss="quantile", quantile=[0.8, 0.2])
    predicted = np.sort(Y[:, None] + RNG.standard_normal((40, 2)), axis=1)[:, ::-1]
    expected = [
        d2_pinball_score(Y, column, alpha=level, sample_weight=WEIGHTS)
        for column, level in zip(predicted.T, [0.8, 0.2], strict=True)
    ]
    assert target.score_of(Y, predicted, WEIGHTS) == np.mean(expected)
    assert target.score_name == "D^2 of the pinball loss"
    one = target_of(loss="quantile", quantile=0.8)
    assert one.score_of(Y, predicted[:, 0], None) == d2_pinball_score(
        Y, predicted[:, 0], alpha=0.8
    )


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (Y[:-1], r"inconsistent numbers of samples: \[39, 40\]"),
        (SEVERAL, "1 numbers per row; got a y of 3"),
        (np.where(Y > 1.0, np.nan, Y), "Input y contains NaN"),
        (Y[:, None, None], "dim 3"),
    ],
    ids=range(4),
)
def test_score_of_another_y_is_refused(y, message):
    with pytest.raises(ValueError, match=message):
        target_of().score_of(y, Y, None)


# ----- what belongs together


def test_number_of_columns_is_checked():
    target = target_of(SEVERAL)
    target.check_same(SEVERAL)
    for other, n in ((Y, 1), (SEVERAL[:, :2], 2)):
        with pytest.raises(ValueError, match=f"3 numbers per row; got a y of {n}. Use a y"):
            target.check_known(other)
    levels = target_of(loss="quantile", quantile=[0.1, 0.5, 0.9])
    levels.check_known(Y)
    with pytest.raises(ValueError, match="1 numbers per row; got a y of 3"):
        levels.check_same(SEVERAL)


def test_parameters_that_continue_a_training():
    quantile = {"loss": "quantile", "quantile": [0.1, 0.9]}
    changes = [
        ({}, {"loss": "poisson"}, "link of its loss='identity'; got 'exp'"),
        ({"loss": "gamma"}, {"loss": "huber"}, "link of its loss='exp'; got 'identity'"),
        ({}, {"loss": (squares, squares_gradient, "exp")}, "'identity'; got 'exp'"),
        (
            quantile,
            quantile | {"quantile": [0.9, 0.1]},
            r"quantile=\[0.1, 0.9\]; got \[0.9",
        ),
        (quantile, {}, r"quantile=\[0.1, 0.9\]; got None"),
        ({}, {"scale_target": False}, "scale_target=True; got False. Use the same param"),
    ]
    for begun, now, message in changes:
        target = target_of(**begun)
        target.check_params(FullyConnectedRegressor(**begun))
        with pytest.raises(ValueError, match=message):
            target.check_params(FullyConnectedRegressor(**now))
    target_of().check_params(FullyConnectedRegressor("huber", quantile=0.3))
    target_of().check_params(FullyConnectedRegressor((squares, squares_gradient)))
    with pytest.raises(ValueError, match="but the value has the slope"):
        target_of().check_params(FullyConnectedRegressor((squares, squares)))


def test_what_only_class_labels_have():
    target = target_of()
    assert target.strata(Y[:, None], 5) is None
    assert target.class_weight(FullyConnectedRegressor()) is None
    assert target.class_weights(None, Y, WEIGHTS).tolist() == [1.0] * 40


def test_names_of_outputs():
    assert target_of().output_names() == ["y"]
    assert target_of(SEVERAL).output_names() == ["y0", "y1", "y2"]
    levels = target_of(loss="quantile", quantile=[0.25, 0.5])
    assert levels.output_names() == ["quantile 0.25", "quantile 0.5"]


# ----- scale


def test_scale_is_set_once_from_the_rows_to_train_on():
    target, data = target_of(SEVERAL), data_of(SEVERAL, WEIGHTS)
    rows = np.arange(0, 40, 2)
    target.set_scale(data, rows)
    mean, deviation = target.link.mean_and_deviation(
        moments_of(SEVERAL[rows], WEIGHTS[rows])
    )
    scale = target.scale
    assert_array_equal(scale.mean, mean)
    assert_array_equal(scale.deviation, deviation)
    target.set_scale(data, slice(None))
    assert target.scale is scale
    unscaled = target_of(SEVERAL, scale_target=False)
    unscaled.set_scale(data, rows)
    assert isinstance(unscaled.scale, Unscaled)


@pytest.mark.parametrize(("loss", "sign"), [("squared_error", -1.0), ("gamma", 1.0)])
def test_sum_that_overflows_is_refused(loss, sign):
    target = target_of(loss=loss)
    with pytest.raises(
        ValueError, match="^y has values whose sum overflows. Divide y by a large number.$"
    ):
        target.set_scale(data_of(np.full(40, sign * 1e308)), slice(None))


@pytest.mark.parametrize(
    ("y", "has_offset"),
    [
        (np.array([-1.0, 1.0]) + 0.999 * OFFSET, False),
        (np.array([-1.0, 1.0]) + 1.001 * OFFSET, True),
        (np.array([-1.0, 1.0]) - 1.001 * OFFSET, True),
        (np.array([-1.0, 1.0]) + OFFSET, False),
        (np.array([-10.0, 10.0]) + 9.99 * OFFSET, False),
        (np.array([[-1.0, -1.0], [1.0, 1.0]]) + [0.0, 1.001 * OFFSET], True),
        (np.array([-1e39, 1e39]), True),
        (np.array([-1e-39, 1e-39]), True),
        (np.array([-1e30, 1e30]), False),
    ],
    ids=range(9),
)
@pytest.mark.parametrize("is_scaled", [False, True])
def test_numbers_that_float32_cannot_hold(y, has_offset, is_scaled):
    target = target_of(y)
    if is_scaled:
        target.set_scale(data_of(y), slice(None))
    assert target.has_offset(data_of(y)) is has_offset


def test_offset_of_weighted_rows():
    y, weights = np.array([1e5 - 1.0, 1e5 + 1.0, 0.0]), np.array([1.0, 1.0, 0.0])
    assert target_of().has_offset(data_of(y, weights)) is True
    assert target_of().has_offset(data_of(y)) is False


def network_of(n_outputs, dtype=np.float64, seed=0):
    layers = fully_connected((4, 3, 5, n_outputs), ("tanh", "tanh"))
    rng = np.random.RandomState(seed)
    return Network(
        layers, theta=rng.standard_normal(count_parameters(layers)).astype(dtype)
    )


def predictions(network, link, X):
    raw = np.empty((len(X), network.sizes[-1]))
    network.apply(X, lambda z, out: np.copyto(out, z), raw)
    p = np.empty_like(raw)
    link.inverse(raw, p)
    return p


@pytest.mark.parametrize("link", ["identity", "exp"])
def test_network_is_converted_to_the_units_of_y_and_back(link):
    link, X = NUMBER_LINKS[link], RNG.standard_normal((7, 4))
    scale = TargetScale(link, *link.mean_and_deviation(moments_of(SEVERAL, WEIGHTS)))
    in_units, trained, again = network_of(3), network_of(3, seed=1), network_of(3, seed=2)
    before = trained.theta.copy()
    scale.write(trained, in_units)
    assert_array_equal(trained.theta, before)
    expected = scale.mean + scale.deviation * predictions(trained, link, X)
    assert_allclose(predictions(in_units, link, X), expected, rtol=1e-13)
    assert_array_equal(scale.network_of(in_units, trained.theta).theta, trained.theta)
    # Multiplied and divided by a deviation: a rounding or two.
    close = {"rtol": 1e-13, "atol": 1e-15}
    assert_allclose(scale.network_of(in_units).theta, trained.theta, **close)
    assert_allclose(scale.network_of(in_units, again.theta).theta, trained.theta, **close)
    in_units.theta[0] += 1e-12
    changed = scale.network_of(in_units, trained.theta).theta
    assert_allclose(changed, trained.theta, rtol=1e-10, atol=1e-10)
    assert (changed != trained.theta).any()
    assert_allclose(scale.standardize(expected), (expected - scale.mean) / scale.deviation)


def test_network_is_converted_in_float64_and_rounded_once():
    scale = TargetScale(NUMBER_LINKS["identity"], np.array([1e5]), np.array([1.0 / 3.0]))
    trained, in_units = network_of(1, np.float32), network_of(1, np.float32, seed=1)
    scale.write(trained, in_units)
    W, b = trained.parameters.groups["weights"][-1], trained.parameters.groups["bias"][-1]
    found = in_units.parameters.groups
    exact = W.astype(float) / 3.0, b.astype(float) / 3.0 + 1e5
    assert in_units.theta.dtype == np.float32
    assert_array_equal(found["weights"][-1], exact[0].astype(np.float32))
    assert_array_equal(found["bias"][-1], exact[1].astype(np.float32))
    assert scale.network_of(in_units).theta.dtype == np.float32
    assert_array_equal(scale.network_of(in_units, trained.theta).theta, trained.theta)


@pytest.mark.parametrize("link", ["identity", "exp"])
def test_first_network_is_a_copy_whose_output_is_near_the_mean(link):
    scale = TargetScale(NUMBER_LINKS[link], np.zeros(3), np.ones(3))
    network = network_of(3)
    before = network.theta.copy()
    drawn = scale.first_network(network, starts_at_mean=False)
    W, b = (drawn.parameters.groups[name][-1] for name in ("weights", "bias"))
    assert_array_equal(W, network.parameters.groups["weights"][-1])
    bias = network.parameters.groups["bias"][-1]
    assert_array_equal(b, bias if link == "identity" else np.zeros(3))
    zeros = scale.first_network(network, starts_at_mean=True)
    for name in ("weights", "bias"):
        *hidden, last = zeros.parameters.groups[name]
        assert (last == 0.0).all()
        assert_array_equal(hidden[0], network.parameters.groups[name][0])
    assert_array_equal(network.theta, before)


@pytest.mark.parametrize(
    ("mean", "deviation", "dtype", "fits"),
    [
        (0.0, 1.0, np.float32, True),
        (-1e39, 1.0, np.float32, False),
        (-1e39, 1.0, np.float64, True),
        (1e37, 1e37, np.float32, True),
        (0.0, 1e39, np.float32, False),
        (float(np.finfo(np.float32).max), 1.0, np.float32, False),
        (0.0, float(np.finfo(np.float32).tiny), np.float32, False),
        (0.0, 1.01 * float(np.finfo(np.float32).tiny), np.float32, True),
        (0.0, 1e-39, np.float32, False),
        (0.0, 1e-39, np.float64, True),
        (0.0, 1e-320, np.float64, False),
    ],
)
def test_range_of_the_parameters(mean, deviation, dtype, fits):
    link = NUMBER_LINKS["identity"]
    for other in (0, 1):
        means, deviations = np.zeros(2), np.ones(2)
        means[other], deviations[other] = mean, deviation
        assert bool(TargetScale(link, means, deviations).fits(dtype)) is fits
    assert Unscaled().check_fits(dtype) is None


def test_unscaled_changes_nothing():
    scale, network = Unscaled(), network_of(2)
    assert scale.state() is None and scale.deviation.tolist() == [1.0]
    assert scale.standardize(SEVERAL) is SEVERAL
    assert scale.network_of(network) is network
    assert scale.first_network(network, starts_at_mean=True) is network
    before = network.theta.copy()
    scale.write(network_of(2, seed=1), network)
    assert_array_equal(network.theta, before)


# ----- states


def scaled_state(**changes):
    target = target_of(SEVERAL, loss="poisson")
    target.set_scale(data_of(SEVERAL), slice(None))
    return target, target.state() | changes


def test_scaled_target_is_restored():
    target, state = scaled_state()
    again = RegressionTarget.of_state(state)
    assert "scale" in state, "the given state is not changed"
    assert again.scale.link is target.link is again.link
    assert_array_equal(again.scale.mean, target.scale.mean)
    assert_array_equal(again.scale.deviation, target.scale.deviation)
    assert again.state().keys() == state.keys()


GOOD = {"mean": np.zeros(2), "deviation": np.ones(2)}


@pytest.mark.parametrize("name", ["mean", "deviation"])
@pytest.mark.parametrize(
    "value", [np.ones(1), np.ones((2, 1)), np.ones(2, np.float32), np.array([1.0, np.inf])]
)
def test_invalid_scales_are_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} is not a vector of 2 finite numbers"):
        TargetScale.of_state(NUMBER_LINKS["exp"], GOOD | {name: value}, 2)


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_deviation_has_to_be_positive(value):
    state = GOOD | {"deviation": np.array([1.0, value])}
    with pytest.raises(ValueError, match="^deviation is not positive$"):
        TargetScale.of_state(NUMBER_LINKS["exp"], state, 2)
    with pytest.raises(ValueError, match="mean is 'zero'"):
        TargetScale.of_state(NUMBER_LINKS["exp"], GOOD | {"mean": "zero"}, 2)
    assert TargetScale.of_state(NUMBER_LINKS["exp"], GOOD, 2).state() == GOOD


@pytest.mark.parametrize("loss", NUMBER_LOSSES)
def test_score_of_the_first_weights_is_a_number(loss):
    """Training never sees y: its zeros are the mean."""
    X = RNG.standard_normal((40, 3))
    settings = {"hidden_layer_sizes": (3,), "random_state": 0}
    model = FullyConnectedRegressor(loss, **settings).fit(X, 1e3 * Y, stop_after=0)
    assert -1.0 < model.score(X, 1e3 * Y) < 0.1
