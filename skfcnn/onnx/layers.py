"""The layers of a network in ONNX: an expression for each type of layer.

Constants are folded: a scaling layer and the weights after it are one matrix.
"""

import math
from collections.abc import Callable

import numpy as np

from skfcnn.network.elementwise import Elementwise
from skfcnn.network.embedding import TWO_PI, Embedding
from skfcnn.network.linear import Linear
from skfcnn.network.network import Network
from skfcnn.network.normalization import EPSILON, LayerNormalization
from skfcnn.network.parametric import Parametric
from skfcnn.network.scaling import ScaledLinear
from skfcnn.onnx.activations import activate
from skfcnn.onnx.graph import Graph


def linear(graph, layer, parameters, x):
    """x W + b."""
    weights, bias = parameters
    return graph.node("Gemm", x, weights, bias)


def scaled_linear(graph, layer, parameters, x):
    """x (s W) + b."""
    weights, bias, scale = parameters
    return graph.node("Gemm", x, weights * scale[:, None], bias)


def elementwise(graph, layer, parameters, z):
    """f(z)."""
    return activate(graph, layer.activation, z)


def parametric(graph, layer, parameters, z):
    """z + m (f(z) - z)."""
    step = graph.node("Sub", activate(graph, layer.activation, z), z)
    return graph.node("Add", z, graph.node("Mul", step, parameters.mix))


def embedding(graph, layer, parameters, x):
    """x, followed by cos(2 pi f x + p) W + c of some columns, column by column.

    The cosine is computed as sin(z + pi / 2), since older versions of onnxruntime have only
    the sine in float64. In a Reshape, 0 keeps the size of an axis.
    """
    frequency, phase, weights, bias = (array[:, None] for array in parameters)
    columns = graph.node("Gather", x, np.array(layer.columns, int), axis=1)
    columns = graph.node("Transpose", columns, perm=[1, 0])
    columns = graph.node("Reshape", columns, np.array([0, 0, 1]))
    turns = graph.node("Mul", columns, TWO_PI * frequency)
    u = graph.node("Add", turns, phase.astype(float) + math.pi / 2.0)
    e = graph.node("MatMul", graph.node("Sin", u), weights[:, 0])
    e = graph.node("Transpose", graph.node("Add", e, bias), perm=[1, 0, 2])
    return graph.concat([x, graph.node("Reshape", e, np.array([0, bias.size]))])


def layer_normalization(graph, layer, parameters, x):
    """g (x - m) / s + b; the mean of a row is a product with a column of 1 / n_in."""
    gain, bias = parameters
    shares = np.full((layer.n_in, 1), 1.0 / layer.n_in, gain.dtype)
    centered = graph.node("Sub", x, graph.node("MatMul", x, shares))
    squares = graph.node("Mul", centered, centered)
    variance = graph.node("MatMul", squares, shares)
    s = graph.node("Sqrt", graph.node("Add", variance, EPSILON))
    scaled = graph.node("Mul", graph.node("Div", centered, s), gain)
    return graph.node("Add", scaled, bias)


LAYERS: dict[type, Callable] = {  # (graph, layer, parameters, x) -> a
    Linear: linear,
    ScaledLinear: scaled_linear,
    Elementwise: elementwise,
    Parametric: parametric,
    Embedding: embedding,
    LayerNormalization: layer_normalization,
}


def raw_outputs(graph: Graph, network: Network, x: str) -> str:
    """Return the raw outputs of a network, (n_rows, n_out)."""
    for layer, parameters in zip(network.layers, network.parameters.by_layer, strict=True):
        if type(layer) not in LAYERS:
            raise NotImplementedError(
                f"ONNX conversion does not support the layer {type(layer).__name__}."
            )
        x = LAYERS[type(layer)](graph, layer, parameters, x)
    return x
