import inspect
import re
from numbers import Integral, Real

import numpy as np
import pytest
from numpydoc.docscrape import ClassDoc
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from skfcnn import FullyConnectedClassifier, TabularClassifier
from skfcnn._sklearn import Interval
from skfcnn.estimator.class_target import ClassTarget
from skfcnn.estimator.constraints import OF_CLASSIFIERS
from skfcnn.estimator.construction import (
    SMALL_PROBLEM,
    computing_dtype,
    layer_sizes,
)
from skfcnn.estimator.hidden_activations import hidden_activations
from skfcnn.estimator.solver import rows_per_batch
from skfcnn.network.class_losses import LogLoss
from skfcnn.network.losses import CLASS_LOSSES
from skfcnn.training.objective import Data
from skfcnn.training.optimizers import OPTIMIZERS

X32, X64 = np.zeros((1000, 2), np.float32), np.zeros((1000, 2))


def test_constructor_extends_that_of_mlp_classifier():
    theirs = list(inspect.signature(MLPClassifier).parameters.values())
    ours = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in inspect.signature(FullyConnectedClassifier).parameters.values()
    ]
    assert ours[: len(theirs)] == theirs
    assert [parameter.name for parameter in ours[len(theirs) :]] == [
        "loss",
        "focal_gamma",
        "dtype",
        "weight_init",
        "dropout",
        "class_weight",
        "label_smoothing",
        "weight_decay",
        "max_grad_norm",
        "schedule",
        "scoring",
        "scaling_layer",
        "parametric_activation",
        "normalization",
        "numeric_embedding",
        "learning_rate_multipliers",
        "weight_averaging",
    ]


def test_parameters_are_documented_in_the_order_of_the_signature():
    documented = [entry.name for entry in ClassDoc(FullyConnectedClassifier)["Parameters"]]
    assert documented == [*inspect.signature(FullyConnectedClassifier).parameters]


def test_overview_of_the_parameters_is_complete():
    lines = inspect.getdoc(FullyConnectedClassifier).splitlines()
    first, head, last = (i for i, line in enumerate(lines) if line.startswith("==="))
    _, theirs, ours = (match.start() for match in re.finditer("=+", lines[first]))
    for names, column in (
        (MLPClassifier().get_params().keys(), slice(theirs, ours)),
        (FullyConnectedClassifier().get_params().keys(), slice(theirs, None)),
    ):
        cells = " ".join(line[column] for line in lines[head + 1 : last])
        assert sorted(re.findall(r"`(\w+)`", cells)) == sorted(names)


def test_every_parameter_has_a_constraint():
    assert (
        OF_CLASSIFIERS.keys()
        == inspect.signature(FullyConnectedClassifier).parameters.keys()
    )


@pytest.mark.parametrize(
    ("hidden", "sizes"),
    [
        (5, (4, 5, 3)),
        ((), (4, 3)),
        ([7, 6], (4, 7, 6, 3)),
        (np.array([7, 6]), (4, 7, 6, 3)),
        (np.int64(5), (4, 5, 3)),
    ],
)
def test_layer_sizes(hidden, sizes):
    result = layer_sizes(hidden, 4, 3)
    assert result == sizes
    assert {type(size) for size in result} == {int}


@pytest.mark.parametrize("hidden", [0, (5, 0), (-1,), (2.5,), ("5",), [(5,)], (True,)])
def test_layer_sizes_are_positive_integers(hidden):
    integers = hidden in [0, (5, 0), (-1,)]
    error = ValueError if integers else TypeError
    with pytest.raises(error, match=r"hidden_layer_sizes must be > 0, got \["):
        layer_sizes(hidden, 4, 3)


BAD_VALUES = [None, -1, 0, 1, 1.5, 2.0, np.nan, np.inf, True, "none", (), (2.5,), (3, 0)]
NAMES = [name for name in MLPClassifier().get_params() if name != "random_state"]


@pytest.mark.grid(8)
@pytest.mark.filterwarnings("ignore")  # warnings about valid values are not tested here
@pytest.mark.parametrize("value", BAD_VALUES, ids=repr)
@pytest.mark.parametrize("name", NAMES)
def test_invalid_values_raise_the_error_of_mlp_classifier(name, value):
    X, y = np.eye(12)[:, :3], np.arange(12) % 2
    errors = []
    for kind in (MLPClassifier, FullyConnectedClassifier):
        model = kind(hidden_layer_sizes=(2,), max_iter=1).set_params(**{name: value})
        try:
            model.fit(X, y)
        except Exception as error:  # the types of the errors are compared
            errors.append((type(error), str(error).split(" must be")[0]))
        else:
            errors.append(None)
    expected, ours = errors
    if name == "hidden_layer_sizes" and expected is not None:
        assert issubclass(ours[0], expected[0])  # the message is ours
    elif name == "activation" and isinstance(value, tuple):
        assert issubclass(expected[0], ours[0])  # a value for each layer is allowed
    else:
        assert str(ours).replace("FullyConnected", "MLP") == str(expected)


def cube(z):
    return z**3


def cube_slope(z):
    return 3 * z**2


def tanh_in_place(z):
    return np.tanh(z, out=z)


def tanh_slope(z):
    return 1 - np.tanh(z) ** 2


def tanh_slope_in_place(z):
    np.tanh(z, out=z)
    return 1 - z**2


def relu_in_place(z):
    z[z < 0] = 0
    return z


def relu_slope(z):
    return 1.0 * (z > 0)


@pytest.mark.parametrize(
    ("activation", "n_hidden", "expected"),
    [
        ("tanh", 3, ("tanh", "tanh", "tanh")),
        ("tanh", 0, ()),
        (["tanh", "relu"], 2, ("tanh", "relu")),
        (("tanh", "relu"), 2, ("tanh", "relu")),
        ((cube, cube_slope), 2, ((cube, cube_slope), (cube, cube_slope))),
        ([(cube, cube_slope), "elu"], 2, ((cube, cube_slope), "elu")),
        ([], 0, ()),
    ],
)
def test_hidden_activations(activation, n_hidden, expected):
    assert hidden_activations(activation, n_hidden) == expected


@pytest.mark.parametrize(
    ("activation", "message"),
    [
        (["tanh"], "is for 1 hidden layers, but hidden_layer_sizes has 2"),
        (["tanh", "sine"], "must be one of .* got 'sine'"),
        (["tanh", cube], "pair of functions"),
        ((cube, cube), r"derivative given .* is -\d.* but the function has the slope \d"),
        ((cube, lambda z: 3 * z), "derivative given with an activation"),
        ((np.sum, np.sum), "shape of z"),
        ((cube, lambda z: np.full_like(z, np.nan)), "derivative given .* is nan"),
        ((tanh_in_place, tanh_slope), "function given .* changes the array .* new array"),
        ((relu_in_place, relu_slope), "function given .* changes the array"),
        ((np.tanh, tanh_slope_in_place), "derivative given .* changes the array"),
    ],
)
def test_invalid_activations_are_refused(activation, message):
    with pytest.raises(ValueError, match=message):
        hidden_activations(activation, 2)


def test_rows_per_batch():
    assert rows_per_batch("auto", 1000) == 200
    assert rows_per_batch("auto", 50) == 50
    assert rows_per_batch(64, 1000) == 64
    with pytest.warns(UserWarning, match="It is going to be clipped"):
        assert rows_per_batch(64, 50) == 50


@pytest.mark.parametrize(
    ("params", "X", "n_weights", "expected"),
    [
        ({"batch_size": 64}, X64, 3720, "float64"),
        ({"batch_size": 64}, X32, 3720, "float32"),
        ({"batch_size": 64}, X64, SMALL_PROBLEM // 64, "float64"),
        ({"batch_size": 64}, X64, SMALL_PROBLEM // 64 + 1, "float32"),
        ({"batch_size": "auto"}, X64, 1400, "float32"),
        ({"batch_size": 10**9}, X64, 200, "float64"),
        ({"solver": "lbfgs"}, X64, 400, "float32"),
        ({"dtype": "float64"}, X32, 4 * 10**6, "float64"),
        ({"dtype": "float32"}, X64, 4, "float32"),
    ],
)
def test_computing_dtype(params, X, n_weights, expected):
    estimator = FullyConnectedClassifier(**params)
    data = Data(X, np.zeros((len(X), 1), bool), np.ones(len(X)))
    found = computing_dtype(estimator, ClassTarget([0, 1]), data, n_weights)
    assert found == np.dtype(expected)


def test_computing_dtype_counts_the_weights_of_embeddings():
    X = np.random.RandomState(0).standard_normal((300, 20))
    y = (X[:, 0] > 0).astype(int)
    params = {"hidden_layer_sizes": (40,), "max_iter": 1, "learning_rate_init": 1e-300}
    params["n_iter_no_change"] = np.inf
    for embedding, dtype in ((None, "float64"), ("pbld", "float32")):
        # 200 rows of 40 x 20 weights are 160,000 products, and of 40 x 80 640,000.
        model = FullyConnectedClassifier(numeric_embedding=embedding, **params)
        with pytest.warns(ConvergenceWarning):
            assert model.fit(X, y).dtype_ == dtype


# ----- Numbers of NumPy, e.g. from an array of candidates

NUMBERS_X = np.random.RandomState(0).standard_normal((300, 4))
NUMBERS_Y = (NUMBERS_X[:, 0] > 0).astype(int)
# Integers that are large for their type, but allow a short fit.
LARGEST = {"hidden_layer_sizes": 300, "batch_size": 290, "max_iter": 300}
SHORT = {"hidden_layer_sizes": (3,), "max_iter": 2, "tol": 9.0, "random_state": 0}
INTEGERS = [
    name
    for name, constraints in OF_CLASSIFIERS.items()
    for one in constraints
    if one in ("verbose", "random_state") or getattr(one, "type", None) is Integral
]
REALS = [
    name
    for name, constraints in OF_CLASSIFIERS.items()
    for one in constraints
    if isinstance(one, Interval) and one.type is Real
]


def learned(params, method="fit"):
    """Return the bytes of all learned parameters of a fit with these parameters."""
    model = FullyConnectedClassifier(**SHORT | params)
    if method == "fit":
        model.fit(NUMBERS_X, NUMBERS_Y, X_val=NUMBERS_X, y_val=NUMBERS_Y)
    else:
        for _ in range(2):
            model.partial_fit(NUMBERS_X, NUMBERS_Y, classes=[0, 1])
    return model._network.theta.tobytes(), model.loss_curve_


@pytest.mark.grid(8)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.int16])
@pytest.mark.parametrize("name", INTEGERS)
def test_numpy_integers_equal_python_integers(name, kind):
    value = kind(min(np.iinfo(kind).max, LARGEST.get(name, 2**31)))
    for solver in [*OPTIMIZERS, "lbfgs"]:
        found = learned({"solver": solver, name: value})
        assert found == learned({"solver": solver, name: int(value)}), solver
    found = learned({name: value}, "partial_fit")
    assert found == learned({name: int(value)}, "partial_fit")


@pytest.mark.grid(4)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("kind", [np.float16, np.float32])
@pytest.mark.parametrize("name", REALS)
def test_numpy_floats_equal_python_floats(name, kind):
    value = kind(0.1)
    others = {"early_stopping": name == "validation_fraction"}
    if name in ("momentum", "power_t"):
        others |= {"solver": "sgd", "learning_rate": "invscaling"}
    if name == "weight_decay":
        others |= {"solver": "adamw"}
    assert learned(others | {name: value}) == learned(others | {name: float(value)})


def test_stop_after_may_be_a_numpy_integer():
    model = FullyConnectedClassifier((2,), tol=0.0, n_iter_no_change=300, random_state=0)
    X, y = NUMBERS_X[:20], NUMBERS_Y[:20]
    model.fit(X, y, stop_after=np.int8(100))
    model.fit(X, y, resume_from=model, stop_after=np.int8(90))
    assert model.n_iter_ == 190


def test_tabular_classifier_accepts_numpy_integers():
    found = []
    for number in (int, np.int8):
        params = {"max_iter": number(3), "batch_size": number(100)}
        model = TabularClassifier(
            "fast", n_jobs=number(1), random_state=number(5), network_params=params
        )
        found.append(model.fit(NUMBERS_X, NUMBERS_Y).predict_proba(NUMBERS_X))
    np.testing.assert_array_equal(*found)


class OwnLoss(LogLoss):
    """A loss with a parameter that only a subclass of the estimator has."""

    def __init__(self, link, my_factor=1.0):
        super().__init__(link)
        self.my_factor = my_factor


class WithOwnParameter(FullyConnectedClassifier):
    """A parameter without a constraint, which scikit-learn allows."""

    def __init__(self, my_factor=5.0, *, max_iter=2, random_state=0):
        super().__init__(max_iter=max_iter, random_state=random_state)
        self.my_factor = my_factor


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_parameters_without_a_constraint_reach_the_loss(monkeypatch):
    monkeypatch.setitem(CLASS_LOSSES, "log_loss", OwnLoss)
    model = WithOwnParameter(np.float32(5.0)).fit(np.eye(4), [0, 1, 0, 1])
    loss = model._target.loss(model)
    assert loss.my_factor == 5.0 and type(loss.my_factor) is float


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_subclass_without_constraints_is_trained():
    class Unconstrained(WithOwnParameter):
        _parameter_constraints = {}

    assert Unconstrained().fit(np.eye(4), [0, 1, 0, 1]).n_iter_ == 2
