"""The activation functions in ONNX: an expression for each key of ACTIVATIONS.

In float64, onnxruntime has no operator for elu, selu, leaky_relu, softplus, mish and gelu:
they are composed of other operators. It has the error function in float32 only, so Phi in
gelu has seven digits.
"""

import math
from collections.abc import Callable

import numpy as np

from skfcnn.network.activations import ALPHA, CUBIC, LAMBDA, LEAK
from skfcnn.onnx.graph import Graph


def _expm1_of_negative(graph, z):
    """exp(min(z, 0)) - 1."""
    return graph.node("Sub", graph.node("Exp", graph.node("Min", z, 0.0)), 1.0)


def _elu(graph, z):
    return graph.node("Max", z, _expm1_of_negative(graph, z))


def _selu(graph, z):
    negative = graph.node("Mul", _expm1_of_negative(graph, z), ALPHA)
    both = graph.node("Add", graph.node("Max", z, 0.0), negative)
    return graph.node("Mul", both, LAMBDA)


def _gelu(graph, z):
    u = graph.cast(graph.node("Mul", z, math.sqrt(0.5)), np.float32)
    twice_phi = graph.node("Add", graph.cast(graph.node("Erf", u)), 1.0)
    return graph.node("Mul", graph.node("Mul", z, 0.5), twice_phi)


def _gelu_tanh(graph, z):
    cubic = graph.node("Add", graph.node("Mul", graph.node("Mul", z, z), CUBIC), 1.0)
    u = graph.node("Mul", graph.node("Mul", z, math.sqrt(8.0 / math.pi)), cubic)
    return graph.node("Mul", z, graph.node("Sigmoid", u))


def _silu(graph, z):
    """z / (1 + exp(-z)).

    Some versions of onnxruntime fuse z sigma(z) into one operator that lacks float64.
    """
    return graph.node(
        "Div", z, graph.node("Add", graph.node("Exp", graph.node("Neg", z)), 1.0)
    )


def _softplus(graph, z):
    """max(z, 0) + log(1 + exp(-|z|)), which does not overflow."""
    small = graph.node("Exp", graph.node("Neg", graph.node("Abs", z)))
    return graph.node(
        "Add", graph.node("Max", z, 0.0), graph.node("Log", graph.node("Add", small, 1.0))
    )


FORMS: dict[str, Callable] = {  # (graph, z) -> f(z)
    "identity": lambda graph, z: z,
    "logistic": lambda graph, z: graph.node("Sigmoid", z),
    "tanh": lambda graph, z: graph.node("Tanh", z),
    "relu": lambda graph, z: graph.node("Relu", z),
    "leaky_relu": lambda graph, z: graph.node("Max", z, graph.node("Mul", z, LEAK)),
    "elu": _elu,
    "selu": _selu,
    "gelu": _gelu,
    "gelu_tanh": _gelu_tanh,
    "silu": _silu,
    "mish": lambda graph, z: graph.node("Mul", z, graph.node("Tanh", _softplus(graph, z))),
    "softplus": _softplus,
}


def activate(graph: Graph, activation, z: str) -> str:
    """Return f(z).

    Raises
    ------
    ValueError
        If the activation is a pair of functions given by the user.
    """
    if isinstance(activation, str):
        return FORMS[activation](graph, z)
    raise ValueError(
        "The activation of a hidden layer is a pair of functions, but ONNX cannot hold "
        "Python code. Fit the model with a named activation, one of "
        f"{sorted(FORMS)}, or keep it in Python (pickle, skops)."
    )
