"""A stack of fully connected layers over one vector of parameters.

A Network holds the parameters, a Workspace the arrays that a pass writes. So any number of
threads can use one network at the same time, each with its own workspace.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import scipy.sparse

from skfcnn.network.architecture import layer_sizes
from skfcnn.network.dropout import Dropout
from skfcnn.network.layer import Layer
from skfcnn.network.parameters import Parameters

# Predictions are computed chunk by chunk. The outputs of a layer, and dense inputs, have at
# most this many numbers per chunk: 2 MB in float64, the fastest from 10 to 1024 units.
CHUNK_NUMBERS = 2**18


class NonFiniteOutputs(ValueError):
    """The outputs of a network overflow, or its parameters are not finite."""


class Workspace:
    """The arrays written by a pass of up to n_rows rows, allocated once."""

    def __init__(self, layers: list, gradient: np.ndarray, n_rows: int) -> None:
        self.layers = layers  # the buffers of each layer
        self.gradient = gradient  # (n_parameters,)
        self.n_rows = n_rows
        self._shorter: dict[int, Workspace] = {}

    @property
    def delta(self) -> np.ndarray:
        """The delta of the output layer, (n_rows, n_out): where a loss writes."""
        return self.layers[-1].delta

    def rows(self, n: int) -> "Workspace":
        """Return the same workspace, for the first n rows."""
        if n == self.n_rows:
            return self
        if n not in self._shorter:
            layers = [buffers.rows(n) for buffers in self.layers]
            self._shorter[n] = Workspace(layers, self.gradient, n)
        return self._shorter[n]


class Network:
    """A tuple of layers over one theta; the last one is linear.

    Parameters
    ----------
    layers : tuple of Layer
    theta : ndarray of shape (n_parameters,)
        The parameters. The layers use views of this array.

    Attributes
    ----------
    sizes : tuple of int
        Number of inputs, of units of each hidden layer, and of outputs.
    parameters : Parameters
    weights : ndarray of shape (n_weights,)
        The weights of all linear layers: the first part of theta.
    """

    def __init__(self, layers: Sequence[Layer], *, theta: np.ndarray) -> None:
        self.layers = tuple(layers)
        self.sizes = layer_sizes(layers)
        self.theta = theta
        self.parameters = Parameters(theta, layers)
        self.weights = theta[: sum(W.size for W in self.parameters.groups["weights"])]

    def with_dropout(self, rates: Sequence[float], rng: np.random.Generator) -> "Network":
        """Return a network for training: the same theta, and dropout with these rates.

        There is a rate for each hidden layer. Where it is not zero, a dropout layer acts
        on what the next linear layer receives.
        """
        if len(rates) != len(self.sizes) - 2:
            raise ValueError(
                f"dropout needs one rate for each of the {len(self.sizes) - 2} hidden "
                f"layers; got {len(rates)}."
            )
        layers: list[Layer] = []
        hidden_rates = iter([0.0, *rates])
        for layer in self.layers:
            rate = next(hidden_rates) if layer.is_linear else 0.0
            if rate > 0.0:
                layers.append(Dropout(layer.n_in, rate, rng))
            layers.append(layer)
        return Network(layers, theta=self.theta)

    def workspace(self, n_rows: int) -> Workspace:
        """Allocate the arrays of passes of up to n_rows rows."""
        gradient, dtype = np.empty_like(self.theta), self.theta.dtype
        views = self.parameters.of(gradient).by_layer
        buffers: list[Any] = []
        for layer, view in zip(self.layers, views, strict=True):
            delta_x = buffers[-1].delta if buffers else None
            buffers.append(layer.buffers(n_rows, dtype, view, delta_x))
        return Workspace(buffers, gradient, n_rows)

    def forward(self, X, outputs: Sequence) -> np.ndarray:
        """Compute the raw outputs, (n_rows, n_out), of the rows of X."""
        a = X
        by_layer = zip(self.layers, self.parameters.by_layer, outputs, strict=True)
        for layer, parameters, buffers in by_layer:
            a = layer.forward(a, parameters, buffers)
        return a

    def backward(self, X, workspace: Workspace) -> None:
        """Fill workspace.gradient, given the delta of the output layer.

        Goes from the last layer to the first: a delta depends on that of the layer above.
        """
        layers, parameters = self.layers, self.parameters.by_layer
        buffers = workspace.layers
        for i in range(len(layers) - 1, 0, -1):
            below = buffers[i - 1]
            layers[i].backward(below.a, parameters[i], buffers[i], below.delta)
        layers[0].backward(X, parameters[0], buffers[0], None)

    @np.errstate(over="ignore", invalid="ignore")
    def apply(self, X, transform: Callable, out: np.ndarray) -> np.ndarray:
        """Apply a function to the raw outputs, chunk by chunk.

        `transform(z, out)`, with z of shape (rows of a chunk, n_out), writes into the rows
        of `out`, and may overwrite z. `out` has shape (n_rows, n_columns) and is returned.
        """
        for rows, z in self.raw_outputs(X):
            transform(z, out[rows])
        return out

    def raw_outputs(self, X) -> Iterator[tuple[slice, np.ndarray]]:
        """Yield the slice and the raw outputs of each chunk; they may be overwritten.

        Memory does not grow with the number of rows.

        Raises
        ------
        NonFiniteOutputs
            If raw outputs overflow.
        """
        n_rows, dtype = X.shape[0], self.theta.dtype
        widest = max(layer.width for layer in self.layers)
        if not scipy.sparse.issparse(X):
            widest = max(widest, X.shape[1])
        chunk = min(n_rows, max(1, CHUNK_NUMBERS // widest))
        outputs = [layer.outputs(chunk, dtype) for layer in self.layers]
        for start in range(0, n_rows, chunk):
            x = X[start : start + chunk].astype(dtype, copy=False)
            if x.shape[0] < chunk:
                outputs = [layer.rows(x.shape[0]) for layer in outputs]
            z = self.forward(x, outputs)
            if not np.isfinite(z).all():
                raise NonFiniteOutputs(
                    "The outputs of the network are not finite. Either values of X are so "
                    f"large that sums overflow in {dtype}: scale X, for example with "
                    "StandardScaler. Or a NaN was written into the parameters."
                )
            yield slice(start, start + chunk), z

    def __getstate__(self) -> dict:
        """Return layers and theta only: pickle and deepcopy do not preserve views."""
        return {"layers": self.layers, "theta": self.theta}

    def __setstate__(self, state: dict) -> None:
        Network.__init__(self, **state)
