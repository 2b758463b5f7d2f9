"""Embedding of numeric columns: each column gets learned functions of its values.

PBLD, periodic with biases, linear, and densely connected: a column x becomes x and

e = cos(2 pi f x + p) W + c        frequencies f, phases p, a row of n_cosines each

With u = 2 pi f x + p, and dJ/de from the layer above:

dJ/dW = cos(u)^T dJ/de,  dJ/dc = sum of dJ/de over the rows
dJ/du = -sin(u) (dJ/de W^T)
dJ/dp = sum of dJ/du over the rows,  dJ/df = 2 pi sum of dJ/du x

A linear layer is linear in every column. Sums of cosines can approximate steps and bumps,
like the thresholds of trees.

References
----------
Gorishniy et al., "On embeddings for numerical features in tabular deep learning",
arXiv:2203.05556. Holzmueller et al., "Better by default", arXiv:2407.04491, section 3.
"""

import math
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple

import numpy as np

from skfcnn.network.layer import Layer

# Per column: the cosines, and the features computed from them.
# Holzmueller et al., "Better by default", arXiv:2407.04491, appendix C.
N_COSINES, N_EMBEDDED = 16, 3
TWO_PI = 2.0 * math.pi
# Standard deviation of the initial frequencies: cosines of nearly straight lines within
# |x| < 3.
DEVIATION = 0.1


class EmbeddingParameters(NamedTuple):
    """The parameters of the embeddings of some columns, or their gradient."""

    frequency: np.ndarray  # (n_columns, n_cosines)
    phase: np.ndarray  # (n_columns, n_cosines)
    weights: np.ndarray  # (n_columns, n_cosines, n_embedded)
    bias: np.ndarray  # (n_columns, n_embedded)


class EmbeddingOutputs(NamedTuple):
    """The arrays of a forward pass. Rows are last: long loops are fast."""

    x: np.ndarray  # (n_columns, 2, n_rows), each column, and ones
    u: np.ndarray  # (n_columns, n_cosines, n_rows), at the end cos(u)
    e: np.ndarray  # (n_columns, n_embedded, n_rows)
    a: np.ndarray  # (n_rows, n_in + n_columns n_embedded): x, and then e column by column

    def rows(self, n: int) -> "EmbeddingOutputs":
        """Return the same arrays, for the first n rows."""
        x, u, e = self.x[..., :n], self.u[..., :n], self.e[..., :n]
        return EmbeddingOutputs(x, u, e, self.a[:n])


class EmbeddingBuffers(NamedTuple):
    """The arrays of a forward and a backward pass."""

    x: np.ndarray  # as in EmbeddingOutputs
    u: np.ndarray
    e: np.ndarray  # at the end dJ/de
    a: np.ndarray
    delta_u: np.ndarray  # (n_columns, n_cosines, n_rows), sin(u), then dJ/du
    delta: np.ndarray  # dJ/da
    gradient: EmbeddingParameters

    def rows(self, n: int) -> "EmbeddingBuffers":
        """Return the same buffers, for the first n rows."""
        x, u, e, delta_u = (
            each[..., :n] for each in (self.x, self.u, self.e, self.delta_u)
        )
        return EmbeddingBuffers(x, u, e, self.a[:n], delta_u, self.delta[:n], self.gradient)


@dataclass(frozen=True)
class Embedding(Layer):
    """The first layer: appends the embeddings of some columns to the columns of x."""

    columns: tuple[int, ...]
    index: slice | list[int] = field(init=False, repr=False, compare=False)

    label: ClassVar[str] = "embedding"
    parameters: ClassVar[type] = EmbeddingParameters
    group: ClassVar[str] = "embedding"

    def __post_init__(self) -> None:
        """Set the index of the columns: if they are neighbours, a slice, which is fast."""
        first = min(self.columns, default=0)
        neighbours = slice(first, first + len(self.columns))
        are_neighbours = self.columns == tuple(range(neighbours.start, neighbours.stop))
        index = neighbours if are_neighbours else list(self.columns)
        object.__setattr__(self, "index", index)

    @property
    def n_out(self) -> int:
        """The number of outputs."""
        return self.n_in + N_EMBEDDED * len(self.columns)

    @property
    def width(self) -> int:
        """The numbers per row of the largest array of a forward pass: the cosines."""
        return max(self.n_out, N_COSINES * len(self.columns))

    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Return the shapes of frequency, phase, weights and bias."""
        n = len(self.columns)
        return (n, N_COSINES), (n, N_COSINES), (n, N_COSINES, N_EMBEDDED), (n, N_EMBEDDED)

    def draw(self, parameters, rng: np.random.RandomState) -> None:
        """Write initial values, with the bounds of the paper's reference implementation."""
        frequency, phase, weights, bias = parameters
        bound = 1.0 / math.sqrt(N_COSINES)
        frequency[...] = DEVIATION * rng.standard_normal(frequency.shape)
        phase[...] = rng.uniform(-math.pi, math.pi, phase.shape)
        weights[...] = rng.uniform(-bound, bound, weights.shape)
        bias[...] = rng.uniform(-bound, bound, bias.shape)

    def outputs(self, n_rows: int, dtype: np.dtype) -> EmbeddingOutputs:
        """Allocate the arrays of a forward pass of n_rows rows."""
        n = len(self.columns)
        return EmbeddingOutputs(
            np.ones((n, 2, n_rows), dtype),
            np.empty((n, N_COSINES, n_rows), dtype),
            np.empty((n, N_EMBEDDED, n_rows), dtype),
            np.empty((n_rows, self.n_out), dtype),
        )

    def buffers(self, n_rows: int, dtype: np.dtype, gradient, delta_x) -> EmbeddingBuffers:
        """Allocate the arrays of both passes, except for the gradient."""
        outputs = self.outputs(n_rows, dtype)
        deltas = np.empty_like(outputs.u), np.empty_like(outputs.a)
        return EmbeddingBuffers(*outputs, *deltas, gradient)

    def forward(self, x, parameters, buffers: EmbeddingOutputs | EmbeddingBuffers):
        """Compute a, (n_rows, n_out), from x, (n_rows, n_in)."""
        frequency, phase, weights, bias = parameters
        of_columns, u, e, a = buffers[:4]
        of_columns[:, 0] = x[:, self.index].T
        np.matmul(np.stack([TWO_PI * frequency, phase], axis=2), of_columns, out=u)
        if isinstance(buffers, EmbeddingBuffers):
            np.sin(u, out=buffers.delta_u)
        np.cos(u, out=u)
        np.matmul(weights.transpose(0, 2, 1), u, out=e)
        e += bias[:, :, None]
        a[:, : self.n_in] = x
        self._embedded(a)[...] = e
        return a

    def backward(self, x, parameters, buffers: EmbeddingBuffers, delta_x: None) -> None:
        """Turn dJ/da into the gradient."""
        of_columns, u, delta_e, _, delta_u, delta, gradient = buffers
        delta_e[...] = self._embedded(delta)
        np.matmul(u, delta_e.transpose(0, 2, 1), out=gradient.weights)
        delta_e.sum(axis=2, out=gradient.bias)
        delta_u *= np.matmul(-parameters.weights, delta_e, out=u)
        of_both = np.matmul(of_columns, delta_u.transpose(0, 2, 1))
        np.multiply(TWO_PI, of_both[:, 0], out=gradient.frequency)
        gradient.phase[...] = of_both[:, 1]

    def _embedded(self, a):
        """View the embeddings in a as (n_columns, n_embedded, n_rows)."""
        parts = a[:, self.n_in :].reshape(len(a), len(self.columns), N_EMBEDDED)
        return parts.transpose(1, 2, 0)
