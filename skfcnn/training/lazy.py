"""Lazy steps for sparse rows: only the inputs that a batch contains are updated.

Most inputs are zero in all rows of a batch. Without them, the outputs are the same, and so
are the gradients of all other parameters::

    x W = sum over the inputs j that the batch contains of x_j W_j    W_j: row j of W

So a step is that of a smaller network, with these inputs only. The rows W_j of the other
inputs and their m_j and v_j do not change. With Adam they change in every step: m_j is not
zero after input j was seen, and the gradient contains the penalty.

References
----------
The steps are those of SparseAdam in PyTorch and of LazyAdam in TensorFlow Addons. Their
documentation says that the algorithm differs from Adam.
"""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from skfcnn.network.linear import without_empty_columns
from skfcnn.network.network import Network
from skfcnn.training.blocks import BLOCK, each_block
from skfcnn.training.minibatch import MinibatchSteps


class NetworkOfInputs:
    """A copy of a network for some of its inputs.

    Parameters
    ----------
    whole : Network
        Its first layer is linear. Its weights are the first part of theta.
    inputs : ndarray of int of shape (n_inputs,)
    """

    def __init__(self, whole: Network, inputs: np.ndarray) -> None:
        first, *others = whole.layers
        self.inputs = inputs
        self.shape = first.shapes()[0]  # of the weights W of the first layer
        W, others_theta = self._parts(whole.theta)
        theta = np.concatenate([take(W, inputs).ravel(), others_theta])
        layers = (replace(first, n_in=len(inputs)), *others)
        self.network = Network(layers, theta=theta)

    def each_block(self, function: Callable, theta, gradient, *vectors) -> None:
        """Call the function with blocks of the parameters and of other vectors.

        `theta` and `gradient` are those of the copy, the others are of the whole network.
        """
        width = self.shape[1]
        n_rows = max(1, BLOCK // width)
        parts = [self._parts(vector) for vector in vectors]
        for start in range(0, len(self.inputs), n_rows):
            rows = self.inputs[start : start + n_rows]
            block = slice(start * width, (start + len(rows)) * width)
            copies = [take(table, rows) for table, _ in parts]
            function(theta[block], gradient[block], *[each.ravel() for each in copies])
            for (table, _), changed in zip(parts, copies, strict=True):
                table[rows] = changed
        rest = slice(len(self.inputs) * width, None)
        each_block(function, theta[rest], gradient[rest], *[part for _, part in parts])

    def write_to(self, theta: np.ndarray) -> None:
        """Write the parameters to those of the whole network."""
        W, others = self._parts(theta)
        n = len(self.inputs) * self.shape[1]
        W[self.inputs] = self.network.theta[:n].reshape(-1, self.shape[1])
        others[...] = self.network.theta[n:]

    def _parts(self, vector):
        """Return W as a matrix, and the rest of a vector with a number per parameter."""
        n = math.prod(self.shape)
        return vector[:n].reshape(self.shape), vector[n:]


def take(table: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return a copy of some rows. `table[rows]` took twice as long."""
    return table.take(rows, axis=0, mode="clip")


class LazySteps(MinibatchSteps):
    """Steps over sparse rows, each of which changes only the inputs of its batch."""

    def step(self, batch, total: float, rate: float) -> float:
        """Take a step; return the penalty of the inputs of the batch."""
        objective = self.objective
        inputs, X = without_empty_columns(batch.X)
        small = NetworkOfInputs(objective.network, inputs)
        workspace = small.network.workspace(len(batch.shares))
        batch.raw[...], penalty = replace(objective, network=small.network).gradient(
            X, batch.target, batch.shares, total, workspace
        )
        theta, gradient = small.network.theta, workspace.gradient
        self.optimizer.step(theta, gradient, rate, small.each_block)
        small.write_to(objective.network.theta)
        return penalty
