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
from dataclasses import dataclass
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
    """The arrays of a forward pass."""

    u: np.ndarray  # (n_columns, n_rows, n_cosines), at the end cos(u)
    e: np.ndarray  # (n_columns, n_rows, n_embedded)
    a: np.ndarray  # (n_rows, n_in + n_columns n_embedded): x, and then e column by column

    def rows(self, n: int) -> "EmbeddingOutputs":
        """Return the same arrays, for the first n rows."""
        return EmbeddingOutputs(self.u[:, :n], self.e[:, :n], self.a[:n])


class EmbeddingBuffers(NamedTuple):
    """The arrays of a forward and a backward pass."""

    u: np.ndarray  # as in EmbeddingOutputs
    e: np.ndarray  # at the end dJ/de
    a: np.ndarray
    delta_u: np.ndarray  # (n_columns, n_rows, n_cosines), sin(u), then dJ/du
    delta: np.ndarray  # dJ/da
    gradient: EmbeddingParameters
    ones: np.ndarray  # (n_rows,)

    def rows(self, n: int) -> "EmbeddingBuffers":
        """Return the same buffers, for the first n rows."""
        u, e, delta_u = self.u[:, :n], self.e[:, :n], self.delta_u[:, :n]
        a, delta, ones = self.a[:n], self.delta[:n], self.ones[:n]
        return EmbeddingBuffers(u, e, a, delta_u, delta, self.gradient, ones)


@dataclass(frozen=True)
class Embedding(Layer):
    """The first layer: appends the embeddings of some columns to the columns of x."""

    columns: tuple[int, ...]

    label: ClassVar[str] = "embedding"
    parameters: ClassVar[type] = EmbeddingParameters
    group: ClassVar[str] = "embedding"

    @property
    def n_out(self) -> int:
        """The number of outputs."""
        return self.n_in + N_EMBEDDED * len(self.columns)

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
            np.empty((n, n_rows, N_COSINES), dtype),
            np.empty((n, n_rows, N_EMBEDDED), dtype),
            np.empty((n_rows, self.n_out), dtype),
        )

    def buffers(self, n_rows: int, dtype: np.dtype, gradient, delta_x) -> EmbeddingBuffers:
        """Allocate the arrays of both passes, except for the gradient."""
        u, e, a = self.outputs(n_rows, dtype)
        deltas = np.empty_like(u), np.empty_like(a)
        return EmbeddingBuffers(u, e, a, *deltas, gradient, np.ones(n_rows, dtype))

    def forward(self, x, parameters, buffers: EmbeddingOutputs | EmbeddingBuffers):
        """Compute a, (n_rows, n_out), from x, (n_rows, n_in)."""
        frequency, phase, weights, bias = parameters
        u, e, a = buffers[:3]
        np.multiply(self._columns(x)[:, :, None], TWO_PI * frequency[:, None], out=u)
        u += phase[:, None]
        if isinstance(buffers, EmbeddingBuffers):
            np.sin(u, out=buffers.delta_u)
        np.cos(u, out=u)
        np.matmul(u, weights, out=e)
        e += bias[:, None]
        a[:, : self.n_in] = x
        self._embedded(a)[...] = e
        return a

    def backward(self, x, parameters, buffers: EmbeddingBuffers, delta_x: None) -> None:
        """Turn dJ/da into the gradient."""
        weights, gradient = parameters.weights, buffers.gradient
        delta_e, delta_u, ones = buffers.e, buffers.delta_u, buffers.ones
        delta_e[...] = self._embedded(buffers.delta)
        np.matmul(buffers.u.transpose(0, 2, 1), delta_e, out=gradient.weights)
        np.matmul(ones, delta_e, out=gradient.bias)
        delta_u *= delta_e @ -weights.transpose(0, 2, 1)
        np.matmul(ones, delta_u, out=gradient.phase)
        x = TWO_PI * self._columns(x)[:, None]
        np.matmul(x, delta_u, out=gradient.frequency[:, None])

    def _columns(self, x):
        """Return the columns that are embedded, (n_columns, n_rows)."""
        return np.ascontiguousarray(x[:, list(self.columns)].T)

    def _embedded(self, a):
        """View the embeddings in a as (n_columns, n_rows, n_embedded)."""
        parts = a[:, self.n_in :].reshape(len(a), len(self.columns), N_EMBEDDED)
        return parts.transpose(1, 0, 2)
