"""The formulas of a trace, each with its result; used by both its text and its HTML.

First the forward pass of every layer, from the inputs to the outputs, then the backward
pass in reverse order.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from skfcnn.network.normalization import EPSILON

FOCAL = "(p - y) (1 - P(y))^gamma (1 - gamma P(y) log P(y) / (1 - P(y)))"
# By the class names in skfcnn.network.links and losses.
OF_LINKS = {
    "Logistic": "p = 1 / (1 + exp(-z))",
    "Softmax": "p = exp(z) / sum of exp(z)",
    "Identity": "p = z",
    "Exp": "p = exp(z)",
}
OF_LOSSES = {
    ("LogLoss", "Logistic"): "(p - y)",
    ("LogLoss", "Softmax"): "(p - y)",
    ("SquaredError", "Logistic"): "(p - y) p (1 - p)",
    ("SquaredError", "Softmax"): "(p - y) (diag(p) - p p.T)",
    ("FocalLoss", "Logistic"): FOCAL,
    ("FocalLoss", "Softmax"): FOCAL,
    ("SquaredError", "Identity"): "(p - y)",
    ("AbsoluteError", "Identity"): "sign(p - y)",
    ("Huber", "Identity"): "clip(p - y, -d, d)",
    ("Quantile", "Identity"): "((p > y) - q)",
    ("Poisson", "Exp"): "(p - y)",
    ("Gamma", "Exp"): "(1 - y / p)",
    ("Tweedie", "Exp"): "(p^(2 - t) - y p^(1 - t))",
}
# The parameters in these formulas.
OF_PARAMETERS = {
    "Huber": "d = huber_delta",
    "Quantile": "q = quantile",
    "Tweedie": "t = tweedie_power",
}


class Step(NamedTuple):
    """A formula and its result."""

    formula: str
    array: np.ndarray


class Section(NamedTuple):
    """The steps of one layer, in one direction."""

    title: str
    steps: list[Step]


def sections(trace) -> Iterator[Section]:
    """Yield the sections of a trace, in the order of the passes."""
    for i, layer in enumerate(trace.layers):
        steps = _forward(layer)
        if i == 0:
            steps.insert(0, Step("x", layer.x))
        if layer is trace.layers[-1]:
            steps += _outputs(trace)
        yield Section(f"Forward: {_title(layer)}", steps)
    above = None
    for layer in reversed(trace.layers):
        first = _from_above(layer, above) if above else _first_delta(trace)
        yield Section(f"Backward: {_title(layer)}", [*first, *_gradients(layer, trace)])
        above = layer


def _title(layer):
    return f"{layer.name}, f = {layer.activation}" if layer.activation else layer.name


def _forward(layer):
    given = layer.parameters
    if "mix" in given:
        return [Step("m", given["mix"]), Step("a = z + m (f(z) - z)", layer.a)]
    if "frequency" in given:
        steps = [Step(name, array) for name, array in given.items()]
        formula = "a = [x, cos(2 pi x frequency + phase) weights + bias]"
        return [*steps, Step(formula, layer.a)]
    if "gain" in given:
        formula = f"a = g (x - mean) / s + b, s = sqrt(variance + {EPSILON:g})"
        return [Step("g", given["gain"]), Step("b", given["bias"]), Step(formula, layer.a)]
    if not given:
        return [Step("a = f(z)", layer.a)]
    steps = [Step("W", given["weights"]), Step("b", given["bias"])]
    if "scale" in given:
        steps.append(Step("s", given["scale"]))
    steps.append(Step("z = (x s) W + b" if "scale" in given else "z = x W + b", layer.z))
    if layer.activation:
        steps.append(Step("a = f(z)", layer.a))
    return steps


def _outputs(trace):
    formula = OF_LINKS.get(trace.link_name, "p")
    steps = [Step(formula, trace.predictions), *_target(trace)]
    if _total(trace) != "n":
        steps.append(Step("weight of each row", trace.weights))
    return steps


def _target(trace):
    """Return y; of a regressor that scales y, how it is computed from the given y."""
    if trace.target_deviation is None:
        return [Step("y", trace.target)]
    if trace.link_name == "Exp":
        s = Step("s = mean of y", trace.target_deviation)
        return [s, Step("y = given y / s", trace.target)]
    m = Step("m = mean of y", trace.target_mean)
    s = Step("s = deviation of y", trace.target_deviation)
    return [m, s, Step("y = (given y - m) / s", trace.target)]


def _total(trace):
    """Return the symbol for the sum of the row weights."""
    return "n" if (trace.weights == 1.0).all() else "sum of weights"


def _first_delta(trace):
    """Return the first delta of the backward pass."""
    formula = OF_LOSSES.get((trace.loss_name, trace.link_name), "dl/dz")
    total = _total(trace)
    share = "/ n" if total == "n" else f"weight / {total}"
    given = OF_PARAMETERS.get(trace.loss_name)
    where = f", {given}" if given else ""
    return [Step(f"delta = {formula} {share}{where}", trace.layers[-1].delta)]


def _from_above(layer, above):
    """Return the gradient from the layer above, and delta."""
    name = "dJ/da" if layer.z is None or above.z is not None else "delta"
    steps = [Step(f"{name} = {_received(above)}, from {above.name}", layer.dJ_da)]
    if layer.slope is not None:
        steps.append(Step("f'(z)", layer.slope))
    if layer.slope is not None and layer.z is not None:
        steps.append(Step("delta = dJ/da * f'(z)", layer.delta))
    return steps


def _received(above):
    """Return the formula of what a layer passes down, from its own delta or dJ/da."""
    given = above.parameters
    if "mix" in given:
        return "dJ/da (1 + m (f'(z) - 1))"
    if "gain" in given:
        return "(d - mean(d) - h mean(d h)) / s with d = g dJ/da, h = (x - mean) / s"
    if not given:
        return "dJ/da * f'(z)"
    return "delta (s W).T" if "scale" in given else "delta W.T"


def _gradients(layer, trace):
    found = layer.gradient
    if "mix" in found:
        return [Step("dm = sum over the rows of dJ/da (f(z) - z)", found["mix"])]
    if "frequency" in found:
        return [Step(f"dJ/d {name}", array) for name, array in found.items()]
    if "gain" in found:
        return [
            Step("dg = sum over the rows of dJ/da h", found["gain"]),
            Step("db = sum over the rows of dJ/da", found["bias"]),
        ]
    if not found:
        return []
    penalty = f" + alpha W / {_total(trace)}" if trace.alpha else ""
    scaled = "s * (x.T delta)" if "scale" in found else "x.T delta"
    steps = [Step(f"dW = {scaled}{penalty}", found["weights"])]
    if "scale" in found:
        formula = "ds = sum over the units of (x.T delta) * W"
        steps.append(Step(formula, found["scale"]))
    return [*steps, Step("db = sum of delta over the rows", found["bias"])]
