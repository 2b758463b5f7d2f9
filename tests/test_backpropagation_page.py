"""The page on backpropagation says what the code does: its numbers and its inclusions."""

import ast
import json
import re
from pathlib import Path

import numpy as np
import pytest
from answers import (
    Layer,
    log_loss_slope,
    numerical_gradient,
    predict,
    squared_error_slope,
    train,
)
from draw import FIGURES

from skfcnn.network.architecture import fully_connected
from skfcnn.network.class_losses import LogLoss
from skfcnn.network.links import CLASS_LINKS, NUMBER_LINKS
from skfcnn.network.network import Network
from skfcnn.network.number_losses import SquaredError
from skfcnn.network.parameters import count_parameters
from skfcnn.training.objective import Objective

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "backpropagation.md"
TEXT = PAGE.read_text()
# Where test_gender.py says what is in it.
COURSE = json.loads((ROOT / "tests" / "data" / "gender_course.json").read_text())
DEMO = COURSE["asymmetric_init_zero_mean_inputs"]

QUESTIONS = [
    "What is the loss, and what can E be in the demo?",
    "What is gradient descent, stochastic gradient descent, and the formula?",
    "What is training?",
    "How is a gradient found: dE/dw53?",
    "How is the gradient of a hidden weight found: dE/dw31?",
    "What do we want from training?",
    "What must be known to update the weights and biases?",
    "Why is one formula per weight impractical, and what if a hidden unit is added?",
    "Which parts are computed again and again?",
    "What is the error term of an output neuron?",
    "What is the error term of a hidden neuron?",
    "What is the error term in every layer?",
    "What is the gradient of a weight?",
    "What is the error vector of the output layer?",
    "What is the error vector of the hidden layer?",
    "What is the update rule of a weight?",
    "What is the update rule with error terms?",
    "What is the update rule, vectorised?",
    "Why do all error terms use the weights from before the update?",
    "How is a bias trained?",
    "What is the backpropagation algorithm, in one sentence?",
    "What changes if the label is a number?",
    "Why does the log loss of a sigmoid have the same error term?",
]

# A block such as ```{literalinclude} path, with options between colons.
INCLUDE = re.compile(r"^```\{(\w+)\} (\S+)\n((?::.*\n)*)```$", re.MULTILINE)
# A number such as `a3 = 0.785835`, or a list of numbers.
QUOTED = re.compile(r"`([^`=]+) = ([-\d., \[\]]+)`")
# A shape such as `X: (4, 2)`.
SHAPES = re.compile(r"`(\w+): (\([\d, ]+\))`")
X = np.array([[f["height"], f["weight"]] for f in DEMO["features"]], float)
LABELS = np.array(DEMO["labels"], float)[:, None]


def first_network():
    theta = np.empty(count_parameters(fully_connected((2, 2, 1), ("logistic",))))
    network = Network(fully_connected((2, 2, 1), ("logistic",)), theta=theta)
    for layer, rows in zip(
        network.parameters.linear,
        [DEMO["hidden_layer_weights"], DEMO["output_layer_weights"]],
        strict=True,
    ):
        rows = np.reshape(rows, (-1, 3))
        layer.weights[...], layer.bias[...] = rows[:, :2].T, rows[:, 2]
    return network


def numbers_of_a_person(network, i):
    """Gradient and error terms of E, for one person, as dicts by name."""
    objective = Objective(network, SquaredError(CLASS_LINKS["logistic"]), alpha=0.0)
    workspace = network.workspace(4)
    forward = network.forward(X, workspace.layers)
    hidden, activation, output = workspace.layers
    z, a, net5 = hidden.z[i].copy(), activation.a[i].copy(), forward[i, 0]
    # The mean counts this person alone, and 1/2 of the square: the course has 2/n.
    objective.value_and_gradient(X, LABELS, np.eye(4)[i], workspace)
    return {
        "x": X[i],
        "label": LABELS[i, 0],
        "z": z,
        "a": a,
        "net5": net5,
        "y": 1 / (1 + np.exp(-net5)),
        "delta_hidden": hidden.delta[i] * 2 / 4,
        "delta_output": output.delta[i] * 2 / 4,
        "gradient": workspace.gradient * 2 / 4,
    }


def numbers_of_the_demo():
    network = first_network()
    (W_hidden, b_hidden), (W_output, b_output) = network.parameters.linear
    people = [numbers_of_a_person(network, i) for i in range(4)]
    person = people[0]
    x, a, y, label = person["x"], person["a"], person["y"], person["label"]
    delta_hidden, delta_output = person["delta_hidden"], person["delta_output"]
    theta, slope = network.theta, person["gradient"]
    names = "w31 w41 w32 w42 w53 w54 w3b w4b w5b".split()
    weights = dict(zip(names, theta, strict=True))
    slopes = dict(zip(names, slope, strict=True))
    news = dict(zip(names, theta - 0.1 * slope, strict=True))
    passed_down = W_output @ delta_output
    E = np.mean([(p["label"] - p["y"]) ** 2 for p in people])
    far, near = (inference["output"] for inference in DEMO["inference"])
    return (
        weights
        | {
            "x1": x[0],
            "x2": x[1],
            "label": label,
            "net3": person["z"][0],
            "net4": person["z"][1],
            "net5": person["net5"],
            "a3": a[0],
            "a4": a[1],
            "y": y,
            "E(start)": E,
            "J(start)": E / 2,
            "dE/dw53(person 1)": slopes["w53"],
            "dE/dw53(all)": sum(p["gradient"][names.index("w53")] for p in people),
            "rate": 0.1 * 2 / 4,
            "E(epoch 0)": DEMO["losses"][0],
            "E(epoch 990)": DEMO["losses"][99],
            "dE/dy": -2 / 4 * (label - y),
            "dy/dnet5": y * (1 - y),
            "da3/dnet3": a[0] * (1 - a[0]),
            "y(89 kg, 190 cm)": far,
            "y(60 kg, 155 cm)": near,
            "z_hidden": person["z"],
            "a_hidden": a,
            **{
                f"formulas{sizes}": count_parameters(fully_connected(sizes, ("logistic",)))
                for sizes in [(2, 2, 1), (2, 3, 1), (784, 100, 10)]
            },
            "common(all)": -2 / 4 * (label - y) * y * (1 - y),
            "common(unit 3)": -2 / 4 * (label - y) * y * (1 - y) * 0.7 * a[0] * (1 - a[0]),
            "delta5": delta_output[0],
            "delta5(of J)": delta_output[0] / 2,
            "dE/da3": passed_down[0],
            "dE/da4": passed_down[1],
            "delta3": delta_hidden[0],
            "delta4": delta_hidden[1],
            "delta(2)": delta_output,
            "delta(1)": delta_hidden,
            **{f"dE/d{w}": slopes[w] for w in ["w31", "w32", "w53", "w54", "w3b", "w5b"]},
            "delta_output": [p["delta_output"] for p in people],
            "W^T delta": passed_down,
            "f'(net)": a * (1 - a),
            "delta_hidden": delta_hidden,
            **{f"{w}(new)": news[w] for w in ["w31", "w53", "w54"]},
            "step(w54)": 0.1 * slopes["w54"],
            "x^T delta_hidden": np.outer(x, delta_hidden),
            "W_hidden(new)": W_hidden - 0.1 * np.outer(x, delta_hidden),
            "delta3(mixed)": a[0] * (1 - a[0]) * news["w53"] * delta_output[0],
            "gradient": slope,
        }
        | numbers_of_the_regression()
        | numbers_of_the_exercises()
    )


# The length of the first person's foot is 22.5 cm, and about 24 cm are subtracted.
FOOT = np.array([[22.5 - 24.0], [0.0], [0.0], [0.0]])


def loss_of_the_first_person(network, loss, labels):
    """J, its gradient and the error terms of the output, of the first person alone."""
    objective = Objective(network, loss, alpha=0.0)
    workspace = network.workspace(4)
    # The mean counts this person alone; in J each of the four has the share 1/4.
    J = objective.value_and_gradient(X, labels, np.eye(4)[0], workspace) / 4
    return J, workspace.gradient / 4, workspace.layers[-1].delta[0] / 4


def numbers_of_the_regression():
    network = first_network()
    foot = SquaredError(NUMBER_LINKS["identity"])
    _, slope, delta = loss_of_the_first_person(network, foot, FOOT)
    log_loss = LogLoss(CLASS_LINKS["logistic"])
    _, _, delta_of_log_loss = loss_of_the_first_person(network, log_loss, LABELS)
    y = network.forward(X, network.workspace(4).layers)
    NUMBER_LINKS["identity"].inverse(y, out=y)
    return {
        "label(foot)": FOOT[0, 0],
        "y(foot)": y[0, 0],
        "delta5(foot, of J)": delta[0],
        "dJ/dw53(foot)": slope[4],
        "dJ/dw31(foot)": slope[0],
        "delta5(log loss)": delta_of_log_loss[0],
    }


def layers_of_the_exercises(constant=None):
    """The initial weights of the demo in the layers of the exercises, or equal weights."""
    hidden, output = [Layer(*layer) for layer in first_network().parameters.linear]
    if constant is not None:
        for layer in hidden, output:
            layer.weights[...] = layer.bias[...] = constant
    return hidden, output


def numbers_of_the_exercises():
    layers = layers_of_the_exercises()
    y = predict(layers, X)[1, 0]
    hidden_weights, hidden_bias = layers[0].weights, layers[0].bias
    net3, net4 = X[1] @ hidden_weights + hidden_bias
    of_w31 = numerical_gradient(layers, X, LABELS, hidden_weights)[0, 0]
    by_chain_rule = sum(
        numbers_of_a_person(first_network(), i)["gradient"][0] for i in range(4)
    )
    squared = train(layers_of_the_exercises(), X, LABELS, squared_error_slope, 1000)
    log = train(layers_of_the_exercises(), X, LABELS, log_loss_slope, 100)
    equal = layers_of_the_exercises(constant=0.1)
    error = train(equal, X, LABELS, squared_error_slope, 1000)[-1]
    raw = layers_of_the_exercises(constant=0.1)
    error_raw = train(raw, X + [164, 62], LABELS, squared_error_slope, 1000)[-1]
    return {
        "net3(person 2)": net3,
        "net4(person 2)": net4,
        "y(person 2)": y,
        "dE/dw31(numerical)": of_w31,
        "dE/dw31(all)": by_chain_rule,
        "E(1000 epochs)": squared[-1],
        "E(100 epochs)": squared[99],
        "E(100 epochs, log loss)": log[-1],
        "w31(equal)": equal[0].weights[0, 0],
        "w41(equal)": equal[0].weights[0, 1],
        "E(equal)": error,
        "E(raw)": error_raw,
    }


def shapes_of_the_demo():
    network = first_network()
    workspace = network.workspace(4)
    objective = Objective(network, SquaredError(CLASS_LINKS["logistic"]), alpha=0.0)
    objective.value_and_gradient(X, LABELS, np.ones(4), workspace)
    hidden, activation, output = workspace.layers
    parameters, gradients = network.parameters.linear, (hidden.gradient, output.gradient)
    arrays = {"X": X, "labels": LABELS, "theta": network.theta}
    arrays |= {"z_hidden": hidden.z, "a_hidden": activation.a, "z_output": output.z}
    arrays |= {"delta_hidden": hidden.delta, "delta_output": output.delta}
    for name, layer, gradient in zip(
        ["hidden", "output"], parameters, gradients, strict=True
    ):
        arrays |= {f"W_{name}": layer.weights, f"b_{name}": layer.bias}
        arrays |= {f"dW_{name}": gradient.weights, f"db_{name}": gradient.bias}
    return {name: str(array.shape) for name, array in arrays.items()}


def as_quoted(value):
    """Six digits; arrays as nested lists."""
    if np.ndim(value) == 0:
        return f"{value:.6g}"
    return "[" + ", ".join(as_quoted(item) for item in value) + "]"


def test_every_number_is_what_the_code_computes():
    quoted = {}
    for name, value in QUOTED.findall(TEXT):
        assert quoted.setdefault(name, value) == value, f"two numbers for {name}"
    assert quoted == {name: as_quoted(x) for name, x in numbers_of_the_demo().items()}


def test_every_shape_is_that_of_the_array():
    assert dict(SHAPES.findall(TEXT)) == shapes_of_the_demo()


def test_layer_of_the_exercises_learns_like_the_course():
    errors = train(layers_of_the_exercises(), X, LABELS, squared_error_slope, 1000)
    # Thousands of steps, each rounded otherwise: products of rows here, sums there.
    np.testing.assert_allclose(errors[::10], DEMO["losses"], rtol=1e-9)


def test_gradient_of_the_regression_is_that_of_differences():
    """Differences of a formula that is written here, without the engine."""

    def J(theta):
        w31, w41, w32, w42, w53, w54, w3b, w4b, w5b = theta
        x1, x2 = X[0]
        a3 = 1 / (1 + np.exp(-(w31 * x1 + w32 * x2 + w3b)))
        a4 = 1 / (1 + np.exp(-(w41 * x1 + w42 * x2 + w4b)))
        y = w53 * a3 + w54 * a4 + w5b
        return 0.5 * (FOOT[0, 0] - y) ** 2 / 4

    network = first_network()
    foot = SquaredError(NUMBER_LINKS["identity"])
    value, gradient, _ = loss_of_the_first_person(network, foot, FOOT)
    assert value == pytest.approx(J(network.theta), rel=1e-14)
    h = 1e-5
    differences = [
        (J(network.theta + step) - J(network.theta - step)) / (2 * h)
        for step in h * np.eye(len(network.theta))
    ]
    np.testing.assert_allclose(gradient, differences, rtol=1e-7)


def test_figures_are_up_to_date():
    for name, draw in FIGURES.items():
        assert (PAGE.parent / "figures" / f"{name}.svg").read_text("utf-8") == draw()


def test_gradients_are_those_of_the_course():
    """The numbers of the page come from the engine; here is the course's own program."""
    network = first_network()
    for i, step in enumerate(DEMO["first_step"]):
        gradient = numbers_of_a_person(network, i)["gradient"]
        hidden = np.reshape(step["hidden_gradient"], (2, 3))
        output = np.reshape(step["output_gradient"], (1, 3))
        weights = [hidden[:, :2].T, output[:, :2].T]
        biases = [hidden[:, 2], output[:, 2]]
        expected = np.concatenate([part.ravel() for part in weights + biases])
        # Roundings of single products.
        np.testing.assert_allclose(gradient, expected, rtol=0, atol=1e-15)


def test_all_questions_are_answered_in_order():
    lesson, exercises = TEXT.split("\n## Exercises\n")
    assert re.findall(r"^### (.*)$", lesson, re.MULTILINE) == QUESTIONS
    assert re.findall(r"^## (.*)$", lesson, re.MULTILINE)[-1] == "Summary"
    tasks = exercises.split("\n### ")[1:]
    assert len(tasks) >= 7
    for task in tasks:
        assert task.count("\n<details>\n<summary>Answer</summary>\n\n") == 1
        assert task.count("\n\n</details>\n") == 1


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_has_a_formula_code_and_a_number(question):
    start = TEXT.index(f"### {question}\n")
    answer = re.split(r"\n##+ ", TEXT[start + 4 :])[0]
    assert answer.count("\n$$\n") >= 2
    assert any(directive == "literalinclude" for directive, _, _ in INCLUDE.findall(answer))
    assert QUOTED.search(answer)


def object_lines(source, dotted_name):
    """Lines of a class, function or method, as :pyobject: finds it."""
    node = ast.parse(source)
    for name in dotted_name.split("."):
        (node,) = (child for child in node.body if getattr(child, "name", None) == name)
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return source.splitlines()[first - 1 : node.end_lineno]


def index_of(marker, lines):
    return next(i for i, line in enumerate(lines) if marker in line)


def included_lines(path, options):
    """The text that Sphinx includes, for the options that the page uses."""
    source = path.read_text()
    lines = source.splitlines()
    if "pyobject" in options:
        lines = object_lines(source, options["pyobject"])
    if "start-at" in options:
        lines = lines[index_of(options["start-at"], lines) :]
    if "end-at" in options:
        lines = lines[: index_of(options["end-at"], lines) + 1]
    return lines


INCLUDES = INCLUDE.findall(TEXT)


def test_every_block_is_an_include():
    assert len(INCLUDES) == TEXT.count("```{")
    assert 2 * len(INCLUDES) == TEXT.count("```")


@pytest.mark.parametrize("directive, target, block", INCLUDES)
def test_what_is_included_exists(directive, target, block):
    path = PAGE.parent / target
    options = dict(re.findall(r"^:([\w-]+): ?(.*)$", block, re.MULTILINE))
    if directive == "include":
        assert options.keys() <= {"heading-offset"}
        assert path.read_text().startswith("# ")
        return
    assert directive == "literalinclude"
    assert options.keys() <= {"pyobject", "start-at", "end-at", "dedent"}
    lines = included_lines(path, options)
    assert "".join(lines).strip()
    if options.get("start-at") == options.get("end-at", "whole"):
        assert len(lines) == 1
