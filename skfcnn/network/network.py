"""A stack of fully connected layers over one vector of parameters.

A Network holds what is learned, a Workspace what a pass writes: so any number of threads
may pass through one network, each with a workspace of its own.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import scipy.sparse

from skfcnn.network.architecture import layer_sizes
from skfcnn.network.dropout import Dropout
from skfcnn.network.layer import Layer
from skfcnn.network.parameters import Parameters

# Rows of a prediction pass through the layers together until one layer's outputs, or dense
# inputs, fill this many numbers: 2 MB in float64, the fastest from 10 to 1024 units.
CHUNK_NUMBERS = 2**18


class NonFiniteOutputs(ValueError):
    """The outputs of a network overflow, or its parameters are not finite."""


class Workspace:
    """The arrays written by a pass of up to n_rows rows, allocated once."""

    def __init__(self, layers: list, gradient: np.ndarray, n_rows: int) -> None:
        self.layers = layers  # of each the buffers
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
        The parameters: what the layers use are views of this very array.

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
        """Return a network of the same theta, for training: with dropout by these rates.

        There is a rate for each hidden layer. Where it is not zero, a dropout layer acts
        on what the next linear layer receives.
        """
        if len(rates) != len(self.sizes) - 2:
            raise ValueError(f"Got {len(rates)} rates for layers of {self.sizes} units.")
        layers: list[Layer] = []
        hidden_rates = iter([0.0, *rates])
        for layer in self.layers:
            rate = next(hidden_rates) if layer.is_linear else 0.0
            if rate > 0.0:
                layers.append(Dropout(layer.n_in, rate, rng))
            layers.append(layer)
        return Network(layers, theta=self.theta)

    def workspace(self, n_rows: int) -> Workspace:
        """Allocate what passes of up to n_rows rows write."""
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
        passed = zip(self.layers, self.parameters.by_layer, outputs, strict=True)
        for layer, parameters, buffers in passed:
            a = layer.forward(a, parameters, buffers)
        return a

    def backward(self, X, workspace: Workspace) -> None:
        """Fill workspace.gradient, given the delta of the output layer.

        From the output layer down, as the delta of a layer needs that of the layer above.
        """
        layers, parameters = self.layers, self.parameters.by_layer
        buffers = workspace.layers
        for i in range(len(layers) - 1, 0, -1):
            below = buffers[i - 1]
            layers[i].backward(below.a, parameters[i], buffers[i], below.delta)
        layers[0].backward(X, parameters[0], buffers[0], None)

    @np.errstate(over="ignore", invalid="ignore")
    def apply(self, X, transform: Callable, out: np.ndarray) -> np.ndarray:
        """Compute a function of the raw outputs, chunk by chunk of rows.

        `transform(z, out)`, with z of shape (rows of a chunk, n_out), writes into the rows
        of `out`, and may overwrite z. `out` has shape (n_rows, n_columns) and is returned.
        """
        for rows, z in self.raw_outputs(X):
            transform(z, out[rows])
        return out

    def raw_outputs(self, X) -> Iterator[tuple[slice, np.ndarray]]:
        """Yield the rows of a chunk, and their raw outputs, which may be overwritten.

        Memory does not grow with the number of rows.

        Raises
        ------
        NonFiniteOutputs
            Where raw outputs overflow.
        """
        n_rows, dtype = X.shape[0], self.theta.dtype
        widths = self.sizes[1:] if scipy.sparse.issparse(X) else self.sizes
        chunk = min(n_rows, max(1, CHUNK_NUMBERS // max(widths)))
        outputs = [layer.outputs(chunk, dtype) for layer in self.layers]
        for start in range(0, n_rows, chunk):
            x = X[start : start + chunk].astype(dtype, copy=False)
            z = self.forward(x, [layer.rows(x.shape[0]) for layer in outputs])
            if not np.isfinite(z).all():
                raise NonFiniteOutputs(
                    "The outputs of the network are not finite. Values of X are so large "
                    f"that sums overflow in {dtype}: scale them, for example by "
                    "StandardScaler; or a NaN was written into the parameters."
                )
            yield slice(start, start + chunk), z

    def __getstate__(self) -> dict:
        """Keep what the layers are made from: views survive neither pickle nor deepcopy."""
        return {"layers": self.layers, "theta": self.theta}

    def __setstate__(self, state: dict) -> None:
        Network.__init__(self, **state)
