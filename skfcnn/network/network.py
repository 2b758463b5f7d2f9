"""A stack of fully connected layers over one vector of parameters.

A Network holds what is learned, a Workspace what a pass writes: so any number of threads
may pass through one network, each with a workspace of its own.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import scipy.sparse

from skfcnn.network.activations import select_activation
from skfcnn.network.architecture import Architecture
from skfcnn.network.dropout import Dropout
from skfcnn.network.embedding import Embedding
from skfcnn.network.layers import FullyConnected, Linear
from skfcnn.network.parameters import Parameters
from skfcnn.network.parametric import Parametric
from skfcnn.network.scaling import ScaledFullyConnected, ScaledLinear

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


def stack(architecture: Architecture, parameters: Parameters) -> list:
    """Return the layers of an architecture, over these parameters."""
    given = parameters.by_layer()
    layers: list = []
    linear: type[Linear] = Linear
    fully_connected: type[FullyConnected] = FullyConnected
    if architecture.embedded:
        columns, n_in = list(architecture.embedded), architecture.sizes[0]
        layers.append(Embedding(next(given), columns, n_in))
    if architecture.scaling:
        linear, fully_connected = ScaledLinear, ScaledFullyConnected
    for name in architecture.activations:
        activation = select_activation(name)
        if architecture.parametric:
            layers += [linear(next(given)), Parametric(next(given), activation)]
        else:
            layers.append(fully_connected(next(given), activation))
        linear, fully_connected = Linear, FullyConnected
    layers.append(linear(next(given)))
    return layers


class Network:
    """The layers of an architecture, over one theta; the last one is linear.

    Parameters
    ----------
    architecture : Architecture
    theta : ndarray of shape (n_parameters,)
        The parameters. The layers hold views of this very array.

    Attributes
    ----------
    weights : ndarray of shape (n_weights,)
        The weights of all linear layers: the first part of theta.
    parameters : Parameters
    layers : list
    """

    def __init__(self, architecture: Architecture, *, theta: np.ndarray) -> None:
        self.architecture = architecture
        self.sizes = architecture.sizes
        self.theta = theta
        self.parameters = Parameters(theta, architecture)
        self.weights = theta[: sum(W.size for W in self.parameters.groups["weights"])]
        self.layers = stack(architecture, self.parameters)

    def with_dropout(self, rates: Sequence[float], rng: np.random.Generator) -> "Network":
        """Return a network of the same theta, for training: with dropout by these rates.

        There is a rate for each hidden layer, and a dropout layer where it is not zero.
        """
        network = Network(self.architecture, theta=self.theta)
        layers, network.layers = network.layers, []
        left = iter(zip(rates, self.sizes[1:-1], strict=True))
        for layer in layers:
            network.layers.append(layer)
            if isinstance(layer, FullyConnected | Parametric):
                rate, n_units = next(left)
                if rate > 0.0:
                    network.layers.append(Dropout(rate, n_units, self.theta.dtype, rng))
        return network

    def workspace(self, n_rows: int) -> Workspace:
        """Allocate what passes of up to n_rows rows write."""
        gradient = np.empty_like(self.theta)
        views = Parameters(gradient, self.architecture).by_layer()
        layers = [layer.buffers(n_rows, views) for layer in self.layers]
        return Workspace(layers, gradient, n_rows)

    def forward(self, X, outputs: Sequence) -> np.ndarray:
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
            self.layers[i].backward(below.a, buffers[i], below.delta)
        self.layers[0].backward(X, buffers[0], None)

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
        outputs = [layer.outputs(chunk) for layer in self.layers]
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
        return {"architecture": self.architecture, "theta": self.theta}

    def __setstate__(self, state: dict) -> None:
        Network.__init__(self, **state)
