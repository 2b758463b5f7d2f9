"""A new network: the initial values of all parameters, drawn layer by layer.

The order is from the inputs to the outputs, because an initializer may depend on the inputs
of its layer.
"""

from collections.abc import Callable, Sequence

import numpy as np

from skfcnn.network.initializers import OfInputs
from skfcnn.network.layer import Layer
from skfcnn.network.network import Network
from skfcnn.network.parameters import ParameterViews, count_parameters
from skfcnn.network.user_code import others_turn


def draw_network(
    layers: Sequence[Layer],
    *,
    initializers: Sequence[Callable | OfInputs],
    rng: np.random.RandomState,
    dtype: np.dtype,
    inputs=None,
) -> Network:
    """Return a network whose linear layers are drawn in the order W1, b1, W2, b2, ...

    Parameters
    ----------
    layers : sequence of Layer
    initializers : sequence
        One for each linear layer.
    rng : RandomState
    dtype : dtype
    inputs : ndarray or sparse matrix of shape (n_rows, n_in)
        Rows of the training data. Needed if an initializer is an OfInputs.
    """
    network = Network(layers, theta=np.empty(count_parameters(layers), dtype))
    linear = network.parameters.linear
    weights = ParameterViews("weights of weight_init", [layer.weights for layer in linear])
    biases = ParameterViews("biases of weight_init", [layer.bias for layer in linear])
    i, x = 0, inputs
    for layer, parameters in zip(network.layers, network.parameters.by_layer, strict=True):
        layer.draw(parameters, rng)
        if layer.is_linear:
            n_in, n_out = weights[i].shape
            weights[i], biases[i] = _draw_linear(initializers[i], x, n_in, n_out, rng)
            i += 1
        if x is not None:
            x = layer.forward(x, parameters, layer.outputs(x.shape[0], dtype))
    return network


def _draw_linear(initializer, x, n_in, n_out, rng):
    if isinstance(initializer, OfInputs):
        return initializer.function(x, n_out, rng)
    with others_turn():  # it may be a user's function
        drawn = initializer(n_in, n_out, rng)
    if not (isinstance(drawn, tuple) and len(drawn) == 2):
        raise ValueError(
            f"weight_init must return a tuple (weights, bias); got {type(drawn).__name__}."
        )
    return drawn
