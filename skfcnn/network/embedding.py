"""Numbers that a network finds easier to read: for each column some functions of its own.

PBLD, periodic with biases, linear, and densely connected: a column x becomes x and

e = cos(2 pi f x + p) W + c        frequencies f, phases p, a row of n_cosines each

With u = 2 pi f x + p, and dJ/de from the layer above:

dJ/dW = cos(u)^T dJ/de,  dJ/dc = sum of dJ/de over the rows
dJ/du = -sin(u) (dJ/de W^T)
dJ/dp = sum of dJ/du over the rows,  dJ/df = 2 pi sum of dJ/du x

A linear layer sees along a column nothing but a slope. Sums of cosines can be steps and
bumps, as the thresholds of trees are.

References
----------
Gorishniy et al., "On embeddings for numerical features in tabular deep learning",
arXiv:2203.05556. Holzmueller et al., "Better by default", arXiv:2407.04491, section 3.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from skfcnn.network.parameters import EmbeddingParameters

TWO_PI = 2.0 * math.pi
# Of the frequencies that an embedding starts with: nearly straight lines within |x| < 3.
DEVIATION = 0.1


class EmbeddingOutputs(NamedTuple):
    """What a forward pass writes."""

    u: np.ndarray  # (n_columns, n_rows, n_cosines), at the end cos(u)
    e: np.ndarray  # (n_columns, n_rows, n_embedded)
    a: np.ndarray  # (n_rows, n_in + n_columns n_embedded): x, and then e column by column

    def rows(self, n: int) -> "EmbeddingOutputs":
        """Return the same arrays, for the first n rows."""
        return EmbeddingOutputs(self.u[:, :n], self.e[:, :n], self.a[:n])


class EmbeddingBuffers(NamedTuple):
    """What a forward and a backward pass write."""

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


@dataclass
class Embedding:
    """The first layer: appends to the columns of x the embeddings of some of them."""

    parameters: EmbeddingParameters
    columns: list[int]
    n_in: int

    def outputs(self, n_rows: int) -> EmbeddingOutputs:
        """Allocate what a forward pass of n_rows rows writes."""
        n_columns, n_cosines, n_embedded = self.parameters.weights.shape
        width, dtype = self.n_in + n_columns * n_embedded, self.parameters.bias.dtype
        return EmbeddingOutputs(
            np.empty((n_columns, n_rows, n_cosines), dtype),
            np.empty((n_columns, n_rows, n_embedded), dtype),
            np.empty((n_rows, width), dtype),
        )

    def buffers(self, n_rows: int, gradients: Iterator) -> EmbeddingBuffers:
        """Allocate what passes of n_rows rows write; the gradient is the next given."""
        u, e, a = self.outputs(n_rows)
        alike = np.empty_like(u), np.empty_like(a)
        ones = np.ones(n_rows, a.dtype)
        return EmbeddingBuffers(u, e, a, *alike, next(gradients), ones)

    def forward(self, x, buffers: EmbeddingOutputs | EmbeddingBuffers) -> np.ndarray:
        """Compute a, of more columns, from x, (n_rows, n_in)."""
        frequency, phase, weights, bias = self.parameters
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

    def backward(self, x, buffers: EmbeddingBuffers, delta_x: None) -> None:
        """Turn dJ/da into the gradient."""
        weights, gradient = self.parameters.weights, buffers.gradient
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
        return np.ascontiguousarray(x[:, self.columns].T)

    def _embedded(self, a):
        """View the embeddings in a as (n_columns, n_rows, n_embedded)."""
        n_columns, _, n_embedded = self.parameters.weights.shape
        parts = a[:, self.n_in :].reshape(len(a), n_columns, n_embedded)
        return parts.transpose(1, 0, 2)


def draw_embedding(parameters: EmbeddingParameters, rng: np.random.RandomState) -> None:
    """Write first values, with the bounds of the paper's reference implementation."""
    frequency, phase, weights, bias = parameters
    n_cosines = frequency.shape[1]
    bound = 1.0 / math.sqrt(n_cosines)
    frequency[...] = DEVIATION * rng.standard_normal(frequency.shape)
    phase[...] = rng.uniform(-math.pi, math.pi, phase.shape)
    weights[...] = rng.uniform(-bound, bound, weights.shape)
    bias[...] = rng.uniform(-bound, bound, bias.shape)
