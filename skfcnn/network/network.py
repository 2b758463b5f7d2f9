"""A stack of fully connected layers over one vector of parameters.

A Network holds what is learned, a Workspace what a pass writes: so any number of threads
may pass through one network, each with a workspace of its own.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import scipy.sparse

from skfcnn.network.activations import select_activation
from skfcnn.network.layers import Buffers, Dropout, FullyConnected, Linear, Outputs
from skfcnn.network.parameters import (
    ParameterViews,
    count_parameters,
    count_weights,
    split,
)

# Rows of a prediction pass through the layers together until one layer's outputs, or dense
# inputs, fill this many numbers: 2 MB in float64, the fastest from 10 to 1024 units.
CHUNK_NUMBERS = 2**18


class Workspace:
    """The arrays written by a pass of up to n_rows rows, allocated once."""

    def __init__(self, layers: list[Buffers], gradient: np.ndarray) -> None:
        self.layers = layers
        self.gradient = gradient  # (n_parameters,)
        self._shorter: dict[int, Workspace] = {}

    @property
    def delta(self) -> np.ndarray:
        """The delta of the output layer, (n_rows, n_out): where a loss writes."""
        return self.layers[-1].delta

    def rows(self, n: int) -> "Workspace":
        """Return the same workspace, for the first n rows."""
        if n == len(self.layers[0].ones):
            return self
        if n not in self._shorter:
            layers = [buffers.rows(n) for buffers in self.layers]
            self._shorter[n] = Workspace(layers, self.gradient)
        return self._shorter[n]


class Network:
    """Layers of the given sizes; hidden ones with an activation, the last one linear.

    Parameters
    ----------
    sizes : sequence of int
        Number of inputs, of units of each hidden layer, and of outputs.
    activations : sequence
        Of each hidden layer a key of ACTIVATIONS, or a pair of functions z -> f(z) and
        z -> f'(z).
    theta : ndarray of shape (n_parameters,)
        The parameters. The layers hold views of this very array.
    """

    def __init__(
        self, sizes: Sequence[int], activations: Sequence, *, theta: np.ndarray
    ) -> None:
        self.sizes = tuple(sizes)
        self.activations = tuple(activations)
        self.theta = theta
        self.weights = theta[: count_weights(self.sizes)]  # the rest: biases
        self.parameters = split(theta, self.sizes)
        *hidden, output = self.parameters
        self.layers = [
            FullyConnected(parameters, select_activation(activation))
            for parameters, activation in zip(hidden, self.activations, strict=True)
        ]
        self.layers.append(Linear(output))

    @classmethod
    def drawn(
        cls,
        sizes: Sequence[int],
        activations: Sequence,
        *,
        initializers: Sequence[Callable],
        rng: np.random.RandomState,
        dtype: np.dtype,
    ) -> "Network":
        """Make a network whose layers are drawn in the order W1, b1, W2, b2, ..."""
        network = cls(sizes, activations, theta=np.empty(count_parameters(sizes), dtype))
        weights, biases = map(list, zip(*network.parameters, strict=True))
        weights = ParameterViews("weights of init", weights)
        biases = ParameterViews("biases of init", biases)
        layers = zip(initializers, pairwise(sizes), strict=True)
        for layer, (initializer, (n_in, n_out)) in enumerate(layers):
            drawn = initializer(n_in, n_out, rng)
            if not (isinstance(drawn, tuple) and len(drawn) == 2):
                raise ValueError(
                    f"init must return a tuple (weights, bias); got {type(drawn).__name__}."
                )
            weights[layer], biases[layer] = drawn
        return network

    def with_dropout(self, rates: Sequence[float], rng: np.random.Generator) -> "Network":
        """Return a network of the same theta, for training: with dropout by these rates.

        There is a rate for each hidden layer, and a dropout layer where it is not zero.
        """
        network = Network(self.sizes, self.activations, theta=self.theta)
        *hidden, output = network.layers
        network.layers = []
        for layer, rate, n_units in zip(hidden, rates, self.sizes[1:-1], strict=True):
            network.layers.append(layer)
            if rate > 0.0:
                network.layers.append(Dropout(rate, n_units, self.theta.dtype, rng))
        network.layers.append(output)
        return network

    def workspace(self, n_rows: int) -> Workspace:
        """Allocate what passes of up to n_rows rows write."""
        gradient = np.empty_like(self.theta)
        views = iter(split(gradient, self.sizes))
        return Workspace([layer.buffers(n_rows, views) for layer in self.layers], gradient)

    def forward(self, X, outputs: Sequence[Outputs | Buffers]) -> np.ndarray:
        """Compute the raw outputs, (n_rows, n_out), of the rows of X."""
        a = X
        for layer, buffers in zip(self.layers, outputs, strict=True):
            a = layer.forward(a, buffers)
        return a

    def backward(self, X, workspace: Workspace) -> None:
        """Fill workspace.gradient, given the delta of the output layer.

        From the output layer down, as the delta of a layer needs that of the layer above.
        """
        buffers = workspace.layers
        for i in range(len(self.layers) - 1, 0, -1):
            below = buffers[i - 1]
            self.layers[i].backward(below.a, buffers[i], delta_x=below.delta)
        self.layers[0].backward(X, buffers[0], delta_x=None)

    @np.errstate(over="ignore", invalid="ignore")
    def apply(self, X, transform: Callable, out: np.ndarray) -> np.ndarray:
        """Compute a function of the raw outputs, chunk by chunk of rows.

        `transform(z, out)`, with z of shape (rows of a chunk, n_out), writes into the rows
        of `out`, and may overwrite z. `out` has shape (n_rows, n_columns) and is returned.
        Memory, beside the result, does not grow with the number of rows.

        Raises
        ------
        ValueError
            Where raw outputs overflow.
        """
        n_rows, dtype = X.shape[0], self.theta.dtype
        widths = self.sizes[1:] if scipy.sparse.issparse(X) else self.sizes
        chunk = min(n_rows, max(1, CHUNK_NUMBERS // max(widths)))
        shapes = [(chunk, n_out) for n_out in self.sizes[1:]]
        outputs = [Outputs(np.empty(s, dtype), np.empty(s, dtype)) for s in shapes]
        for start in range(0, n_rows, chunk):
            x = X[start : start + chunk].astype(dtype, copy=False)
            z = self.forward(x, [layer.rows(x.shape[0]) for layer in outputs])
            if not np.isfinite(z).all():
                raise ValueError(
                    "The outputs of the network are not finite. Values of X are so large "
                    f"that sums overflow in {dtype}: scale them, for example by "
                    "StandardScaler; or a NaN was written into the parameters."
                )
            transform(z, out[start : start + chunk])
        return out

    def __getstate__(self) -> dict:
        """Keep what the layers are made from: views survive neither pickle nor deepcopy."""
        return {
            "sizes": self.sizes,
            "activations": self.activations,
            "theta": self.theta,
        }

    def __setstate__(self, state: dict) -> None:
        self.__init__(state["sizes"], state["activations"], theta=state["theta"])
