"""A linear layer: the forward pass, and directly below it the backward pass.

In the symbols of the code::

    forward    z = x W + b
    backward   dJ/dW = x^T delta,  dJ/db = sum of delta over the rows,  delta = dJ/dz
               dJ/dx = delta W^T: what the layer below receives as its dJ/da

A row is a sample; the course writes samples as columns (see README.md for the notation).
"""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from scipy.sparse import csr_array

from skfcnn.network.layer import Layer


class LinearParameters(NamedTuple):
    """The parameters of a linear layer, or their gradient: views of a flat vector."""

    weights: np.ndarray  # (n_in, n_out)
    bias: np.ndarray  # (n_out,)


class Outputs(NamedTuple):
    """The array of a forward pass through a linear layer."""

    z: np.ndarray  # (n_rows, n_out)

    def rows(self, n: int) -> "Outputs":
        """Return the same array, for the first n rows."""
        return Outputs(self.z[:n])


class Buffers(NamedTuple):
    """The arrays of a forward and a backward pass through a linear layer."""

    z: np.ndarray  # (n_rows, n_out)
    delta: np.ndarray  # (n_rows, n_out), dJ/dz
    gradient: LinearParameters
    ones: np.ndarray  # (n_rows,)

    @property
    def a(self) -> np.ndarray:
        """The input of the layer above: z."""
        return self.z

    def rows(self, n: int) -> "Buffers":
        """Return the same buffers, for the first n rows."""
        return Buffers(self.z[:n], self.delta[:n], self.gradient, self.ones[:n])


def multiply(x, y: np.ndarray, out: np.ndarray) -> None:
    """out <- x y; x may be a sparse matrix or array in CSR format, or its transpose.

    For small arrays x.dot(y, out) took 0.4 microseconds where np.matmul took 0.9.
    """
    if isinstance(x, np.ndarray):
        x.dot(y, out)
    elif x.format == "csc":
        _multiply_nonzero_rows(x, y, out)
    else:
        out[...] = x @ y


def _multiply_nonzero_rows(x, y, out):
    """out <- x y, for x in CSC format: for a batch of text, most rows of x are empty."""
    rows, packed = without_empty_columns(x.T)
    out.fill(0.0)
    out[rows] = packed.T @ y


def without_empty_columns(x) -> tuple[np.ndarray, csr_array]:
    """Return the columns of a CSR matrix with stored values, and the matrix of these."""
    n_rows, n_columns = x.shape
    is_stored = np.zeros(n_columns, bool)
    is_stored[x.indices] = True
    columns = np.flatnonzero(is_stored)
    position = np.empty(n_columns, x.indices.dtype)
    position[columns] = np.arange(len(columns))
    packed = x.data, position[x.indices], x.indptr
    return columns, csr_array(packed, shape=(n_rows, len(columns)))


@dataclass(frozen=True)
class Linear(Layer):
    """Every input is connected with every output: z = x W + b."""

    n_units: int

    label: ClassVar[str] = "hidden"
    parameters: ClassVar[type] = LinearParameters
    is_linear: ClassVar[bool] = True
    accepts_sparse: ClassVar[bool] = True

    @property
    def n_out(self) -> int:
        """The number of outputs."""
        return self.n_units

    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Return the shapes of weights and bias."""
        return (self.n_in, self.n_units), (self.n_units,)

    def outputs(self, n_rows: int, dtype: np.dtype) -> Outputs:
        """Allocate the arrays of a forward pass of n_rows rows."""
        return Outputs(np.empty((n_rows, self.n_units), dtype))

    def buffers(self, n_rows: int, dtype: np.dtype, gradient, delta_x) -> Buffers:
        """Allocate the arrays of both passes, except for the gradient."""
        z, delta = np.empty((2, n_rows, self.n_units), dtype)
        return Buffers(z, delta, gradient, np.ones(n_rows, dtype))

    def forward(self, x, parameters, buffers: Outputs | Buffers) -> np.ndarray:
        """Compute z, (n_rows, n_out), from x, (n_rows, n_in)."""
        weights, bias = parameters
        z = buffers.z
        multiply(x, weights, out=z)
        z += bias
        return z

    def backward(self, x, parameters, buffers: Buffers, delta_x: np.ndarray | None) -> None:
        """Turn delta = dJ/dz into the gradient, and into dJ/dx unless delta_x is None."""
        weights, _ = parameters
        delta = buffers.delta
        multiply(x.T, delta, out=buffers.gradient.weights)
        buffers.ones.dot(delta, out=buffers.gradient.bias)
        if delta_x is not None:
            delta.dot(weights.T, out=delta_x)
