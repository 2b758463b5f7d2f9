"""check_gradient accepts right gradients, and names the layer of a wrong one."""

import pickle
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_iris, load_wine
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale

from skfcnn import FullyConnectedClassifier
from skfcnn.inspection import GradientError, GradientReport, check_gradient
from skfcnn.network.activations import ACTIVATIONS, Activation
from skfcnn.network.linear import Linear
from skfcnn.network.losses import CLASS_LOSSES
from skfcnn.network.network import Network
from skfcnn.network.parameters import Parameters

IRIS, SPECIES = load_iris(return_X_y=True)
SCALED = scale(IRIS)
TARGETS = {
    "binary": SPECIES == 1,
    "multiclass": SPECIES,
    "multilabel": np.stack([SPECIES == 0, IRIS[:, 0] > 5.8, IRIS[:, 1] > 3.0], 1).astype(
        int
    ),
}
EVERYTHING = {
    "normalization": "layer",
    "scaling_layer": True,
    "parametric_activation": True,
    "numeric_embedding": "pbld",
}

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def make_model(*sizes, **params):
    defaults = {"random_state": 0, "max_iter": 3, "learning_rate_init": 0.01}
    return FullyConnectedClassifier(sizes or (6, 5), **(defaults | params))


@pytest.mark.grid(18)
@pytest.mark.parametrize("kind", TARGETS)
@pytest.mark.parametrize("loss", CLASS_LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_loss_and_target_passes(activation, loss, kind):
    model = make_model(activation=activation, loss=loss)
    fresh = check_gradient(model, SCALED, TARGETS[kind])
    fitted = check_gradient(model.fit(SCALED, TARGETS[kind]), SCALED, TARGETS[kind])
    for report in (fresh, fitted):
        assert report.passed
        # No tolerance is used up: central differences of J are good to 1e-9 here.
        assert report.largest_error < 1e-7
        assert [array.layer for array in report.arrays] == (
            ["hidden 1"] * 2 + ["hidden 2"] * 2 + ["output"] * 2
        )


OPTIONS = {
    "everything": EVERYTHING,
    "scaling": {"scaling_layer": True},
    "parametric": {"parametric_activation": True},
    "normalization": {"normalization": "layer"},
    "embedding": {"numeric_embedding": "pbld"},
    "alpha": {"alpha": 30.0},
    "smoothing": {"label_smoothing": 0.2},
    "classes": {"class_weight": {0: 0.5, 1: 3.0, 2: 7.0}},
    "balanced": {"class_weight": "balanced"},
    "dropout": {"dropout": 0.5},
    "single": {"dtype": "float32"},
    "data-driven": {"weight_init": "data_driven"},
    "solver": {"solver": "lbfgs"},
}


@pytest.mark.grid(8)
@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("weighted", [False, True], ids=["unweighted", "weighted"])
def test_every_option_passes(name, weighted):
    model = make_model(activation="selu", **OPTIONS[name])
    weight = np.random.RandomState(0).uniform(0.0, 3.0, 150) if weighted else None
    assert check_gradient(model, SCALED, SPECIES, sample_weight=weight).passed
    model.fit(SCALED, SPECIES, weight)
    assert check_gradient(model, SCALED, SPECIES, sample_weight=weight).passed


@pytest.mark.parametrize("load", [load_iris, load_wine, load_breast_cancer])
@pytest.mark.parametrize("activation", ["relu", "tanh", "selu"])
def test_inputs_that_are_not_scaled_pass(load, activation):
    """Inputs of up to 4,000: the step of a weight then changes z by hundredths."""
    X, y = load(return_X_y=True)
    assert check_gradient(make_model(activation=activation), X, y).passed


def test_sparse_rows_pass():
    X = np.where(SCALED > 0.0, SCALED, 0.0)
    sparse, dense = (
        check_gradient(make_model(), form, SPECIES) for form in (csr_array(X), X)
    )
    assert sparse.passed
    assert sparse.loss == pytest.approx(dense.loss, rel=1e-12)


TANH = ACTIVATIONS["tanh"]
WRONG_SLOPES = {
    "of another": ACTIVATIONS["logistic"].slope,
    "twice": lambda z, a: 2.0 * TANH.slope(z, a),
    "nearly": lambda z, a: (1.0 + 1e-5) * TANH.slope(z, a),
    "of z, not f": lambda z, a: 1.0 - z * z,
}


@pytest.mark.parametrize("slope", WRONG_SLOPES.values(), ids=WRONG_SLOPES)
def test_a_wrong_slope_is_found_and_its_layer_named(monkeypatch, slope):
    monkeypatch.setitem(ACTIVATIONS, "tanh", Activation(TANH.function, slope))
    model = make_model(5, 4, 6, activation=["relu", "tanh", "logistic"])
    with pytest.raises(GradientError, match="wrong from hidden 2 down") as caught:
        check_gradient(model, SCALED, SPECIES)
    report = caught.value.report
    wrong = {array.layer for array in report.arrays if array.error > report.tolerance}
    assert wrong == {"hidden 1", "hidden 2"}
    assert report.largest_error > 1e-6 and not report.passed
    lines = str(caught.value).splitlines()
    assert sum(line.endswith("wrong") for line in lines) == 4


def far_off(z):
    """A derivative of tanh that is right at the points that fit checks."""
    return np.where(np.abs(z) < 4.5, 1.0 - np.tanh(z) ** 2, 0.5)


def test_wrong_user_derivative_is_found_where_fit_does_not_check():
    model = make_model(activation=(np.tanh, far_off)).fit(SCALED, SPECIES)
    assert check_gradient(model, SCALED, SPECIES).passed
    with pytest.raises(GradientError, match="wrong from hidden 1 down"):
        check_gradient(make_model(5, activation=(np.tanh, far_off)), 3.0 * IRIS, SPECIES)


def arrays_of_everything():
    report = check_gradient(make_model(**EVERYTHING), SCALED, SPECIES)
    return [(array.layer, array.name) for array in report.arrays]


ARRAYS = arrays_of_everything()


def test_all_groups_of_parameters_are_checked():
    assert ARRAYS == [
        ("embedding", "frequency"),
        ("embedding", "phase"),
        ("embedding", "weights"),
        ("embedding", "bias"),
        ("hidden 1", "weights"),
        ("hidden 1", "bias"),
        ("hidden 1", "scale"),
        ("normalization 1", "gain"),
        ("normalization 1", "bias"),
        ("mix 1", "mix"),
        ("hidden 2", "weights"),
        ("hidden 2", "bias"),
        ("normalization 2", "gain"),
        ("normalization 2", "bias"),
        ("mix 2", "mix"),
        ("output", "weights"),
        ("output", "bias"),
    ]


@pytest.mark.grid(8)
@pytest.mark.parametrize("i", range(len(ARRAYS)), ids=[" ".join(names) for names in ARRAYS])
def test_only_the_wrong_array_fails(monkeypatch, i):
    backward = Network.backward

    def slightly_wrong(network, X, workspace):
        backward(network, X, workspace)
        of_layers = Parameters(workspace.gradient, network.layers).by_layer
        arrays = [array for of_layer in of_layers for array in of_layer]
        arrays[i] += 1e-4 * np.abs(arrays[i]).max()

    monkeypatch.setattr(Network, "backward", slightly_wrong)
    model = make_model(activation="tanh", alpha=0.0, **EVERYTHING)
    report = check_gradient(model, SCALED, SPECIES, raise_error=False)
    failed = [(array.layer, array.name) for array in report.arrays if not array.passed]
    assert failed == [ARRAYS[i]]


def test_missing_bias_in_the_backward_pass_is_found(monkeypatch):
    backward = Linear.backward

    def without_bias(layer, x, parameters, buffers, delta_x):
        backward(layer, x, parameters, buffers, delta_x)
        buffers.gradient.bias[...] = 0.0

    monkeypatch.setattr(Linear, "backward", without_bias)
    report = check_gradient(make_model(), SCALED, SPECIES, raise_error=False)
    assert {array.name for array in report.arrays if not array.passed} == {"bias"}


# Of a relu that leaves out the bias, rows of zeros lie at its kink, whatever the weights.
def test_rows_at_a_kink_pass_if_the_gradient_is_a_slope_of_one_side():
    X = SCALED.copy()
    X[::2] = 0.0
    report = check_gradient(make_model(20, weight_init="he_normal"), X, SPECIES)
    assert report.passed and report.n_at_kinks == 0


@pytest.mark.grid(2)
@pytest.mark.parametrize("activation", ["leaky_relu", "selu"])
def test_parameters_at_kinks_of_several_layers_are_inconclusive(activation):
    """Rows of zeros stay at z = 0 in two layers, for any weights and zero biases."""
    X = np.random.RandomState(0).standard_normal((200, 10))
    X[::2] = 0.0
    y = np.arange(200) % 7 % 3
    model = make_model(30, 30, activation=activation, weight_init="he_normal")
    report = check_gradient(model, X, y, raise_error=False)
    assert not report.passed and not report.largest_error > report.tolerance
    unclear = {(a.layer, a.name) for a in report.arrays if a.n_at_kinks == a.n_checked}
    assert unclear == {("hidden 1", "bias")}
    assert "check of bias of hidden 1 is inconclusive" in report.verdict
    assert "unclear" in repr(report) and "nan" in repr(report)
    with pytest.raises(GradientError, match="Try other rows"):
        check_gradient(model, X, y)


def test_relu_passes_where_many_rows_are_near_kinks():
    """With 569 rows and 40 units, some steps cross kinks."""
    X, y = load_breast_cancer(return_X_y=True)
    model = make_model(40, 30, 20)
    report = check_gradient(model, scale(X), y, max_samples=569, max_parameters=60)
    assert report.passed and report.largest_error < 1e-7
    assert report.n_at_kinks == 0


def state(model):
    return pickle.dumps(vars(model) | {"_training": None})


@pytest.mark.parametrize("fitted", [False, True], ids=["fresh", "fitted"])
def test_estimator_is_not_changed(fitted):
    model = make_model(random_state=np.random.RandomState(3))
    if fitted:
        model.fit(SCALED, SPECIES)
    before = state(model)
    check_gradient(model, SCALED, SPECIES)
    assert state(model) == before


def test_unfitted_estimator_is_checked_with_the_parameters_that_fit_draws(monkeypatch):
    """It is the initial network of a fit whose steps are too small to change a bit."""
    model = make_model(random_state=7, solver="sgd", learning_rate_init=1e-300)
    fitted = clone(model).fit(SCALED, SPECIES)
    fresh, same = (check_gradient(each, SCALED, SPECIES) for each in (model, fitted))
    assert fresh == same
    other = check_gradient(model.set_params(random_state=8), SCALED, SPECIES)
    assert other.loss != fresh.loss


def test_report_is_determined_by_its_seed():
    X, y = load_breast_cancer(return_X_y=True)
    first, again, other = (
        check_gradient(make_model(), scale(X), y, random_state=seed) for seed in (0, 0, 1)
    )
    assert first == again
    assert first.loss != other.loss  # of other rows


def test_numbers_of_rows_and_parameters_are_bounded():
    X = np.random.RandomState(0).standard_normal((1000, 300))
    y = np.arange(1000) % 2
    report = check_gradient(make_model(400, 300), X, y, max_parameters=3)
    assert [array.n_checked for array in report.arrays] == [3, 3, 3, 3, 3, 1]
    assert 10 <= report.n_rows < 100
    report = check_gradient(make_model(4), X, y, max_parameters=2, max_samples=17)
    assert report.n_rows == 17 and report.n_checked == 7
    assert check_gradient(make_model(4), X, y, max_parameters=2).n_rows == 200


def test_rows_are_drawn_from_those_with_a_weight():
    weight = np.zeros(150)
    weight[[3, 77, 120]] = 1.0, 2.0, 3.0
    report = check_gradient(
        make_model(), SCALED, SPECIES, sample_weight=weight, max_samples=20
    )
    only = check_gradient(
        clone(make_model()),
        SCALED[[3, 77, 120]],
        SPECIES[[3, 77, 120]],
        sample_weight=[1.0, 2.0, 3.0],
    )
    assert report.n_rows == 3 and report.passed
    assert report.loss == pytest.approx(only.loss, rel=1e-12)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"tolerance": 0.0}, "tolerance"),
        ({"max_parameters": 0}, "max_parameters"),
        ({"max_samples": 0}, "max_samples"),
    ],
)
def test_invalid_numbers_are_refused(given, message):
    with pytest.raises(ValueError, match=message):
        check_gradient(make_model(), SCALED, SPECIES, **given)


def test_error_for_a_pipeline_says_to_transform_first():
    pipeline = make_pipeline(StandardScaler(), make_model()).fit(IRIS, SPECIES)
    with pytest.raises(TypeError, match=re.escape("pipeline[:-1].transform(X)")):
        check_gradient(pipeline, IRIS, SPECIES)
    assert check_gradient(pipeline[-1], pipeline[:-1].transform(IRIS), SPECIES).passed


def test_labels_that_a_fitted_estimator_does_not_know_are_refused():
    model = make_model().fit(SCALED, SPECIES)
    with pytest.raises(ValueError, match="classes not in"):
        check_gradient(model, SCALED, SPECIES + 1)
    with pytest.raises(ValueError, match="features"):
        check_gradient(model, SCALED[:, :2], SPECIES)


def test_parameters_that_fit_refuses_are_refused():
    with pytest.raises(ValueError, match="alpha"):
        check_gradient(make_model(alpha=-1.0), SCALED, SPECIES)
    with pytest.raises(ValueError, match="dropout"):
        check_gradient(make_model(solver="lbfgs", dropout=0.5), SCALED, SPECIES)


def test_an_objective_that_is_not_finite_has_no_gradient_to_check():
    model = make_model(activation="identity")
    with pytest.raises(ValueError, match="not finite.*StandardScaler"):
        check_gradient(model, np.where(SCALED > 0.0, 1e308, -1e308), SPECIES)


def test_the_report_as_text_and_as_html():
    report = check_gradient(make_model(), SCALED, SPECIES)
    assert isinstance(report, GradientReport)
    lines = repr(report).splitlines()
    assert lines[0] == "The gradient is right."
    assert f"{report.n_checked} parameters checked" in lines[1]
    header, *rows = lines[lines.index("") + 1 :]
    assert len(rows) == len(report.arrays)
    # Numbers end where the names of their columns end.
    ends = [header.index(name) + len(name) for name in ("checked", "at kinks")]
    for row, array in zip(rows, report.arrays, strict=True):
        assert row.startswith(array.layer) and row.endswith(f"{array.error:.1e}")
        assert row[: ends[0]].endswith(f" {array.n_checked}")
        assert row[: ends[1]].endswith(f" {array.n_at_kinks}")
    HTMLParser().feed(report._repr_html_())
    table = ElementTree.fromstring(report._repr_html_()).find("table")
    assert len(table.findall("tbody/tr")) == len(report.arrays)


def test_error_can_be_pickled(monkeypatch):
    monkeypatch.setitem(
        ACTIVATIONS, "tanh", Activation(TANH.function, WRONG_SLOPES["twice"])
    )
    with pytest.raises(AssertionError) as caught:
        check_gradient(make_model(activation="tanh"), SCALED, SPECIES)
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
    assert again.report.arrays == caught.value.report.arrays
    report = check_gradient(
        make_model(activation="tanh"), SCALED, SPECIES, raise_error=False
    )
    row = ElementTree.fromstring(report._repr_html_()).find("table/tbody/tr")
    assert row.attrib["class"] == "wrong"
