"""The layers of a fully connected network, before anything is learned.

From the inputs to the outputs: an optional embedding of numeric columns; for each hidden
layer a linear layer, an optional normalization and an activation; a linear output layer.
"""

from collections.abc import Sequence
from itertools import pairwise

from skfcnn.network.elementwise import Elementwise
from skfcnn.network.embedding import Embedding
from skfcnn.network.layer import Layer
from skfcnn.network.linear import Linear
from skfcnn.network.normalization import LayerNormalization
from skfcnn.network.parametric import Parametric
from skfcnn.network.scaling import ScaledLinear

NORMALIZATIONS = {"layer": LayerNormalization}


def fully_connected(
    sizes: Sequence[int],
    activations: Sequence,
    *,
    parametric: bool = False,
    scaling: bool = False,
    embedded: tuple[int, ...] | None = None,
    normalization: str | None = None,
) -> tuple[Layer, ...]:
    """Return the layers of a network.

    Parameters
    ----------
    sizes : sequence of int
        Number of inputs, of units of each hidden layer, and of outputs.
    activations : sequence
        For each hidden layer a key of ACTIVATIONS, or a pair of functions z -> f(z) and
        z -> f'(z).
    parametric : bool
        Whether each unit learns how much of its activation is used.
    scaling : bool
        Whether the first linear layer scales its inputs.
    embedded : tuple of int, or None
        The input columns that have an embedding; None for no embedding layer.
    normalization : str or None
        A key of NORMALIZATIONS: the layer after each hidden linear layer; None for none.
    """
    n_inputs, *others = sizes
    layers: list[Layer] = []
    if embedded is not None:
        layers.append(Embedding(n_inputs, tuple(embedded)))
        n_inputs = layers[0].n_out
    first = ScaledLinear if scaling else Linear
    activated = Parametric if parametric else Elementwise
    for i, (n_in, n_out) in enumerate(pairwise([n_inputs, *others])):
        layers.append((first if i == 0 else Linear)(n_in, n_out))
        if i < len(others) - 1:
            if normalization is not None:
                layers.append(NORMALIZATIONS[normalization](n_out))
            layers.append(activated(n_out, activations[i]))
    return tuple(layers)


def layer_sizes(layers: Sequence[Layer]) -> tuple[int, ...]:
    """Return the number of inputs, of units of each hidden layer, and of outputs."""
    return (layers[0].n_in, *(layer.n_out for layer in layers if layer.is_linear))
