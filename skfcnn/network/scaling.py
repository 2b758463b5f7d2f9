"""A linear layer that learns how much each of its inputs matters: one factor per input.

z = (x s) W + b = x (s W) + b, where row j of W is multiplied with s_j

With G = x^T delta:  dJ/dW = s G,  dJ/ds_j = sum over k of G_jk W_jk
                     dJ/dx = delta (s W)^T

Weights alone can say the same. A factor for all weights of an input, with a learning rate
of its own, is how a network soon leaves out inputs that tell nothing.

References
----------
Holzmueller et al., "Better by default", arXiv:2407.04491, section 3.
"""

from dataclasses import dataclass

import numpy as np

from skfcnn.network.layers import Buffers, FullyConnected, Linear, Outputs, multiply
from skfcnn.network.parameters import ScaledParameters


@dataclass
class ScaledLinear(Linear):
    """A linear layer of scaled inputs: z = x (s W) + b."""

    parameters: ScaledParameters  # type: ignore[assignment]  # one array more

    def forward(self, x, buffers: Outputs | Buffers) -> np.ndarray:
        """Compute z, (n_rows, n_out), from x, (n_rows, n_in)."""
        z = buffers.z
        multiply(x, self._scaled_weights(), out=z)
        z += self.parameters.bias
        return z

    def backward(self, x, buffers: Buffers, delta_x: np.ndarray | None) -> None:
        """Turn dJ/dz into the gradient, and into dJ/dx where somebody asks for it."""
        weights, _, scale = self.parameters
        delta = buffers.delta
        G, of_bias, of_scale = buffers.gradient  # type: ignore[misc]
        multiply(x.T, delta, out=G)
        np.einsum("jk,jk->j", G, weights, out=of_scale)
        G *= scale[:, None]
        buffers.ones.dot(delta, out=of_bias)
        if delta_x is not None:
            delta.dot(self._scaled_weights().T, out=delta_x)

    def _scaled_weights(self):
        weights, _, scale = self.parameters
        return weights * scale[:, None]


@dataclass
class ScaledFullyConnected(FullyConnected, ScaledLinear):
    """A linear layer of scaled inputs, through a function."""
