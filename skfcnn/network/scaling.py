"""A linear layer with one learned factor per input.

z = (x s) W + b = x (s W) + b, where row j of W is multiplied with s_j

With G = x^T delta:  dJ/dW = s G,  dJ/ds_j = sum over k of G_jk W_jk
                     dJ/dx = delta (s W)^T

Weights alone can represent the same functions. A factor for all weights of an input, with
its own learning rate, lets a network ignore uninformative inputs after few steps.

References
----------
Holzmueller et al., "Better by default", arXiv:2407.04491, section 3.
"""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from skfcnn.network.linear import Buffers, Linear, Outputs, multiply


class ScaledParameters(NamedTuple):
    """The parameters of a linear layer of scaled inputs, or their gradient."""

    weights: np.ndarray  # (n_in, n_out)
    bias: np.ndarray  # (n_out,)
    scale: np.ndarray  # (n_in,)


@dataclass(frozen=True)
class ScaledLinear(Linear):
    """A linear layer of scaled inputs: z = x (s W) + b."""

    parameters: ClassVar[type] = ScaledParameters

    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Return the shapes of weights, bias and scale."""
        return *super().shapes(), (self.n_in,)

    def forward(self, x, parameters, buffers: Outputs | Buffers) -> np.ndarray:
        """Compute z, (n_rows, n_out), from x, (n_rows, n_in)."""
        weights, bias, scale = parameters
        return super().forward(x, (weights * scale[:, None], bias), buffers)

    def backward(self, x, parameters, buffers: Buffers, delta_x) -> None:
        """Turn delta = dJ/dz into the gradient, and into dJ/dx unless delta_x is None."""
        weights, bias, scale = parameters
        delta = buffers.delta
        G, of_bias, of_scale = buffers.gradient  # type: ignore[misc]
        multiply(x.T, delta, out=G)
        (G * weights).sum(axis=1, out=of_scale)
        G *= scale[:, None]
        buffers.ones.dot(delta, out=of_bias)
        if delta_x is not None:
            delta.dot((weights * scale[:, None]).T, out=delta_x)
