"""The course's gender demo, to the last digits, and the examples that are made from it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import plot_gender_chain_rule
import pytest

from skfcnn import FullyConnectedClassifier
from skfcnn.network.architecture import fully_connected
from skfcnn.network.links import CLASS_LINKS
from skfcnn.network.network import Network
from skfcnn.network.number_losses import SquaredError
from skfcnn.training.objective import Objective

HERE = Path(__file__).parent

# Computed by the course's own program: two cases, "raw" (all weights 0.1, inputs not
# centred) and "centred". Input vectors are [height, weight, 1]; a layer's weights stand row
# by row, (n_out, n_in + 1), the bias last.
COURSE = json.loads((HERE / "data" / "gender_course.json").read_text())
CASES = {
    "raw": COURSE["constant_init_raw_inputs"],
    "centred": COURSE["asymmetric_init_zero_mean_inputs"],
}
N_EPOCHS = 1000

# E = 1/n sum (label - y)^2 has the slope 2/n (y - label) in the output y of one sample;
# 1/2 (y - label)^2 of this sample alone has (y - label).
COURSE_FACTOR = 2 / 4
LEARNING_RATE = 0.1 * COURSE_FACTOR

# Room for a library whose exp rounds in another way, over 4000 steps; observed: 2e-16.
AFTER_TRAINING = 1e-10
# A few roundings of numbers up to 28, and less than most gradients of the hidden units that
# saturate, which are 1e-9 and smaller; observed: 2e-16.
ONE_STEP = 1e-14

# The course counts steps, and begins with more than guessing costs.
pytestmark = pytest.mark.filterwarnings("ignore:.*worse than guess")
fits_one_epoch = pytest.mark.filterwarnings(
    "ignore:Stochastic Optimizer. Maximum iterations:sklearn.exceptions.ConvergenceWarning"
)


@pytest.fixture(params=CASES)
def case(request):
    return CASES[request.param]


def inputs(case):
    return np.array([[f["height"], f["weight"]] for f in case["features"]], float)


def from_rows(hidden, output):
    """The course's weights as coefs_ and intercepts_."""
    hidden, output = np.reshape(hidden, (2, 3)), np.reshape(output, (1, 3))
    return [hidden[:, :2].T, output[:, :2].T], [hidden[:, 2], output[:, 2]]


def in_rows(weights, bias):
    """Weights and biases of a layer, or their gradients, as the course stores them."""
    return np.vstack([weights, bias]).T.ravel()


def first_weights(case):
    return from_rows(case["hidden_layer_weights"], case["output_layer_weights"])


def classifier(**params):
    return FullyConnectedClassifier(
        (2,),
        "logistic",
        loss="squared_error",
        solver="sgd",
        momentum=0,
        nesterovs_momentum=False,
        alpha=0,
        shuffle=False,
        dtype="float64",
        max_iter=1,
        **params,
    )


def fit_one_epoch(model, case, sample_weight=None):
    coefs, intercepts = first_weights(case)
    return model.fit(
        inputs(case),
        case["labels"],
        sample_weight,
        coefs_init=coefs,
        intercepts_init=intercepts,
    )


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def train(case):
    """Train as the course does; return the model, and E after every epoch."""
    model = classifier(batch_size=1, learning_rate_init=LEARNING_RATE)
    X, labels, losses = inputs(case), np.array(case["labels"]), []
    for epoch in range(N_EPOCHS):
        if epoch == 0:
            fit_one_epoch(model, case)
        else:
            model.partial_fit(X, labels)
        losses.append(np.mean((labels - model.predict_proba(X)[:, 1]) ** 2))
    return model, losses


@pytest.mark.slow
@fits_one_epoch
def test_training_as_in_the_course(case):
    model, losses = train(case)
    np.testing.assert_allclose(losses[::10], case["losses"], rtol=0, atol=AFTER_TRAINING)
    for name, weights, bias in zip(
        ["final_hidden", "final_output"], model.coefs_, model.intercepts_, strict=True
    ):
        np.testing.assert_allclose(
            in_rows(weights, bias), case[name], rtol=0, atol=AFTER_TRAINING
        )
    new = [inference["feature"] for inference in case["inference"]]
    np.testing.assert_allclose(
        model.predict_proba([[f["height"], f["weight"]] for f in new])[:, 1],
        [inference["output"] for inference in case["inference"]],
        rtol=0,
        atol=AFTER_TRAINING,
    )


@fits_one_epoch
def test_loss_curve_is_half_of_e_before_each_step():
    """The curve's first value is 1/2 (label - y)^2 of each sample just before its step."""
    case = CASES["centred"]
    X, labels = inputs(case), np.array(case["labels"])
    weights = list(plot_gender_chain_rule.FIRST_WEIGHTS)
    errors = []
    for (x1, x2), label in zip(X, labels, strict=True):
        errors.append((label - plot_gender_chain_rule.predict(x1, x2, weights)[2]) ** 2)
        slopes = plot_gender_chain_rule.gradients(x1, x2, label, weights, n=4)
        weights = [w - 0.1 * slope for w, slope in zip(weights, slopes, strict=True)]
    model = classifier(batch_size=1, learning_rate_init=LEARNING_RATE)
    fit_one_epoch(model, case)
    assert 2 * model.loss_curve_[0] == pytest.approx(np.mean(errors), rel=1e-14)


@fits_one_epoch
def test_first_step_by_the_estimator(case):
    coefs, intercepts = first_weights(case)
    X = inputs(case)
    untrained = fit_one_epoch(classifier(), case)
    untrained.coefs_, untrained.intercepts_ = coefs, intercepts
    hidden_net = X @ untrained.coefs_[0] + untrained.intercepts_[0]
    output_net = sigmoid(hidden_net) @ untrained.coefs_[1] + untrained.intercepts_[1]
    outputs = untrained.predict_proba(X)[:, 1]
    for i, expected in enumerate(case["first_step"]):
        # One step of rate 1 over all four, of which only one counts: theta falls by the
        # gradient.
        model = classifier(batch_size=4, learning_rate_init=1.0)
        fit_one_epoch(model, case, sample_weight=np.eye(4)[i])
        hidden, output = (
            COURSE_FACTOR * in_rows(w0 - w, b0 - b)
            for w0, w, b0, b in zip(
                coefs, model.coefs_, intercepts, model.intercepts_, strict=True
            )
        )
        assert_first_step(
            expected,
            hidden_net=hidden_net[i],
            hidden_out=sigmoid(hidden_net[i]),
            output_net=output_net[i],
            output=outputs[i],
            hidden_gradient=hidden,
            output_gradient=output,
        )


def test_first_step_by_the_engine(case):
    network = Network(fully_connected((2, 2, 1), ("logistic",)), theta=np.empty(9))
    for parameters, weights, bias in zip(
        network.parameters.linear, *first_weights(case), strict=True
    ):
        parameters.weights[...], parameters.bias[...] = weights, bias
    objective = Objective(network, SquaredError(CLASS_LINKS["logistic"]), alpha=0.0)
    X, target = inputs(case), np.array(case["labels"], float)[:, None]
    workspace = network.workspace(4)
    hidden_layer, activation, output_layer = workspace.layers
    for i, expected in enumerate(case["first_step"]):
        output = np.empty((4, 1))
        raw = network.forward(X, workspace.layers)
        CLASS_LINKS["logistic"].inverse(raw, out=output)
        forward = {
            "hidden_net": hidden_layer.z[i].copy(),
            "hidden_out": activation.a[i].copy(),
            "output_net": output_layer.z[i].copy(),
            "output": output[i],
        }
        value = objective.value_and_gradient(X, target, np.eye(4)[i], workspace)
        assert value == pytest.approx(0.5 * (case["labels"][i] - output[i, 0]) ** 2)
        assert_first_step(
            expected,
            **forward,
            hidden_gradient=COURSE_FACTOR * in_rows(*hidden_layer.gradient),
            output_gradient=COURSE_FACTOR * in_rows(*output_layer.gradient),
        )


def assert_first_step(expected, **computed):
    assert computed.keys() == expected.keys()
    for name, value in computed.items():
        np.testing.assert_allclose(
            np.ravel(value), expected[name], rtol=0, atol=ONE_STEP, err_msg=name
        )


@pytest.mark.slow
@fits_one_epoch
def test_one_formula_per_weight_gives_the_same_losses():
    """The chain rule, weight by weight, against the layers, on inputs that are centred.

    On raw inputs both hidden units saturate: their slopes are near zero, the hidden weights
    stand still, and wrong formulas for them would give nearly the same losses.
    """
    raw, case = CASES["raw"], CASES["centred"]
    for step in raw["first_step"]:
        assert min(step["hidden_out"]) > 1 - 1e-8
    for step in case["first_step"]:
        assert 0.005 < min(step["hidden_out"]) < max(step["hidden_out"]) < 0.995

    people = plot_gender_chain_rule.PEOPLE
    assert np.array_equal(people, np.column_stack([inputs(case), case["labels"]]))
    weights = list(plot_gender_chain_rule.FIRST_WEIGHTS)
    assert weights == case["hidden_layer_weights"] + case["output_layer_weights"]
    by_formulas = plot_gender_chain_rule.train(weights, people, N_EPOCHS)

    model, by_layers = train(case)
    np.testing.assert_allclose(by_formulas, by_layers, rtol=0, atol=1e-12)
    np.testing.assert_allclose(by_formulas[::10], case["losses"], rtol=0, atol=1e-12)
    layers = zip(model.coefs_, model.intercepts_, strict=True)
    np.testing.assert_allclose(
        weights, np.concatenate([in_rows(*layer) for layer in layers]), rtol=0, atol=1e-11
    )


def run_example(name):
    """Run an example as its reader would, without a display; return what it prints."""
    environment = os.environ | {"MPLBACKEND": "Agg"}
    environment.pop("DISPLAY", None)
    return subprocess.run(
        [sys.executable, HERE.parent / "examples" / name],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )


@pytest.mark.grid(2)
@pytest.mark.parametrize("name", ["plot_gender.py", "plot_gender_chain_rule.py"])
def test_example_learns_and_predicts_correctly(name):
    result = run_example(name)
    assert "Warning" not in result.stderr
    losses = [float(loss) for loss in re.findall(r"E = (\S+)", result.stdout)]
    assert len(losses) == N_EPOCHS / 10
    assert np.all(np.diff(losses) < 0)
    assert losses[-1] < 0.01
    assert re.findall(r"epoch +(\d+) ", result.stdout) == [str(10 * i) for i in range(100)]
    if name == "plot_gender_chain_rule.py":
        # Six digits are printed.
        expected = CASES["centred"]["losses"]
        np.testing.assert_allclose(losses, expected, rtol=0, atol=5.1e-7)
    verdicts = re.findall(r"(\d+) kg, (\d+) cm: .*, (\w+)", result.stdout)
    assert verdicts == [("89", "190", "male"), ("60", "155", "female")]
