"""The numbers of the lesson to play with, computed by the library from the page's state."""

import json
import warnings

import numpy as np

from skfcnn import FullyConnectedClassifier
from skfcnn.inspection import trace

# E is the mean of (label - y)^2, and J half of it; of one person, E keeps the factor 1/n.
E_OF_J = 2


def passes_of(state, sample_weight=None, people=None):
    """Trace the library's network with the weights and people of the page."""
    net, people = state["net"], np.array(people or state["people"], float)
    coefs = [np.array(net["W1"]), np.array(net["W2"])[:, None]]
    intercepts = [np.array(net["b1"]), np.array(net["b2"])]
    model = FullyConnectedClassifier(
        (len(net["W2"]),),
        "logistic",
        loss="squared_error",
        alpha=0,
        dtype="float64",
        max_iter=1,
        random_state=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(people[:, :2], people[:, 2].astype(int))
    model.coefs_, model.intercepts_ = coefs, intercepts
    X, labels = people[:, :2], people[:, 2].astype(int)
    return trace(model, X, labels, sample_weight=sample_weight)


def by_name(names, gradients):
    """The entries of weights and biases (n_in, n_out), by the names of the page."""
    units = list(dict.fromkeys(name[1] for name in names if name[1] != "5"))
    found = {}
    for name in names:
        _, to, source = name
        layer = gradients[to == "5"]
        column = 0 if to == "5" else units.index(to)
        if source == "b":
            found[name] = layer["bias"][column]
        else:
            row = units.index(source) if to == "5" else int(source) - 1
            found[name] = layer["weights"][row, column]
    return found


def moved(state, name, step):
    """E of the chosen person with one weight moved by a step."""
    state = json.loads(json.dumps(state))
    net = state["net"]
    units = list(dict.fromkeys(n[1] for n in state["names"] if n[1] != "5"))
    _, to, source = name
    if to == "5":
        row, at = (net["b2"], 0) if source == "b" else (net["W2"], units.index(source))
    else:
        row = net["b1"] if source == "b" else net["W1"][int(source) - 1]
        at = units.index(to)
    row[at] += step
    return numbers_of_the_library(state, with_differences=False)["Ep"]


def numbers_of_the_library(state, with_differences=True):
    """All numbers that the page may show, computed by the library."""
    n, who, names = len(state["people"]), state["who"], state["names"]
    units = list(dict.fromkeys(name[1] for name in names if name[1] != "5"))
    passes, alone = passes_of(state), passes_of(state, np.eye(n)[who])
    hidden, output = passes.layers
    y, (x1, x2, label) = passes.predictions[who, 0], state["people"][who]
    factor = E_OF_J / n
    numbers = {"x1": x1, "x2": x2, "label": label, "n": n, "eta": state["rate"]}
    numbers |= {"y": y, "net5": output.z[who, 0], "s5": y * (1 - y)}
    numbers |= {"d5": alone.layers[1].delta[who, 0] * factor, "dEdy": factor * (y - label)}
    numbers |= {"E": E_OF_J * passes.loss, "Ep": alone.loss * factor}
    for k, j in enumerate(units):
        numbers["net" + j], numbers["a" + j] = hidden.z[who, k], hidden.a[who, k]
        numbers["s" + j] = hidden.slope[who, k]
        numbers["d" + j] = alone.layers[0].delta[who, k] * factor
    numbers |= by_name(names, [layer.parameters for layer in passes.layers])
    gradients = by_name(names, [layer.gradient for layer in alone.layers])
    numbers |= {"g:" + name: g * factor for name, g in gradients.items()}
    gradients = by_name(names, [layer.gradient for layer in passes.layers])
    numbers |= {"G:" + name: g * E_OF_J for name, g in gradients.items()}
    hand, means = state["values"]["hand"], [164, 62]
    numbers["bp"] = numbers["g:" + hand]
    numbers["new:" + hand] = numbers[hand] - state["rate"] * numbers["bp"]
    numbers["r1"], numbers["r2"] = np.add([x1, x2], means) if state["zero"] else (x1, x2)
    new = np.array([[190, 89], [155, 60]]) - (means if state["zero"] else 0)
    new = np.column_stack([new, [0, 1]]).tolist()
    numbers["new0"], numbers["new1"] = passes_of(state, people=new).predictions[:, 0]
    if with_differences:
        h = 10.0 ** -state["h"]
        numbers["up"], numbers["down"] = moved(state, hand, h), moved(state, hand, -h)
    return numbers


def wrong_gradient(state, mistake, people):
    """The gradient over all people by code with one of the mistakes."""
    X, labels = np.array(people)[:, :2], np.array(people)[:, 2:]
    net = state["net"]
    W1, b1, b2 = (np.array(net[name]) for name in ("W1", "b1", "b2"))
    W2 = np.array(net["W2"])[:, None]
    a = 1 / (1 + np.exp(-(X @ W1 + b1)))
    y = 1 / (1 + np.exp(-(a @ W2 + b2)))
    n = 1 if mistake == "sum" else len(X)
    delta = (2 if mistake == "sign" else -2) / n * (labels - y) * y * (1 - y)
    dW2 = a.T @ delta
    later = W2 - state["rate"] * dW2 if mistake == "updated" else W2
    slope = 1 if mistake == "slope" else a * (1 - a)
    delta_hidden = delta @ later.T * slope
    dW1 = delta_hidden.T @ X if mistake == "transposed" else X.T @ delta_hidden
    return dW1, delta_hidden.sum(axis=0), dW2, delta.sum(axis=0)


def found_by(state, mistake):
    """Which checks find a mistake, by NumPy and the library's gradient and loss."""
    people = state["people"]
    wrong = wrong_gradient(state, mistake, people)
    if wrong[0].shape != np.shape(state["net"]["W1"]):
        return {"shapes"}
    hidden, output = (layer.gradient for layer in passes_of(state).layers)
    right = hidden["weights"], hidden["bias"], output["weights"], output["bias"]
    found = set()
    if not all(np.allclose(w, 2 * g, rtol=1e-5) for w, g in zip(wrong, right, strict=True)):
        found.add("differences")
    twice = wrong_gradient(state, mistake, people + people)
    if not all(np.allclose(w, t, rtol=1e-5) for w, t in zip(wrong, twice, strict=True)):
        found.add("twice")
    after = json.loads(json.dumps(state))
    for name, gradient in zip(("W1", "b1", "W2", "b2"), wrong, strict=True):
        shape = np.shape(state["net"][name])
        step = np.array(state["net"][name]) - 1e-3 * gradient.reshape(shape)
        after["net"][name] = step.tolist()
    if passes_of(after).loss > passes_of(state).loss:
        found.add("descent")
    return found
