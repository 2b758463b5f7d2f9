"""A new network: the first values of all its parameters, drawn layer by layer from below.

From below, as an initializer may ask what its layer is going to get.
"""

from collections.abc import Callable, Sequence

import numpy as np

from skfcnn.network.architecture import Architecture
from skfcnn.network.embedding import draw_embedding
from skfcnn.network.initializers import OfInputs
from skfcnn.network.layers import Linear
from skfcnn.network.network import Network
from skfcnn.network.parameters import ParameterViews, count_parameters
from skfcnn.network.user_code import others_turn


def draw_network(
    architecture: Architecture,
    *,
    initializers: Sequence[Callable | OfInputs],
    rng: np.random.RandomState,
    dtype: np.dtype,
    inputs=None,
) -> Network:
    """Return a network whose linear layers are drawn in the order W1, b1, W2, b2, ...

    Parameters
    ----------
    architecture : Architecture
    initializers : sequence
        One for each linear layer.
    rng : RandomState
    dtype : dtype
    inputs : ndarray or sparse matrix of shape (n_rows, n_in)
        Rows such as the network will get. Needed if an initializer looks at them.
    """
    network = Network(architecture, theta=np.ones(count_parameters(architecture), dtype))
    if architecture.embedded:
        draw_embedding(network.layers[0].parameters, rng)
    layers = network.parameters.linear
    weights = ParameterViews("weights of init", [layer.weights for layer in layers])
    biases = ParameterViews("biases of init", [layer.bias for layer in layers])
    i, x = 0, inputs
    for layer in network.layers:
        if isinstance(layer, Linear):
            n_in, n_out = weights[i].shape
            weights[i], biases[i] = _drawn(initializers[i], x, n_in, n_out, rng)
            i += 1
        if x is not None:
            x = layer.forward(x, layer.outputs(x.shape[0]))
    return network


def _drawn(initializer, x, n_in, n_out, rng):
    if isinstance(initializer, OfInputs):
        return initializer.function(x, n_out, rng)
    with others_turn():  # it may be a function of the user
        drawn = initializer(n_in, n_out, rng)
    if not (isinstance(drawn, tuple) and len(drawn) == 2):
        raise ValueError(
            f"init must return a tuple (weights, bias); got {type(drawn).__name__}."
        )
    return drawn
