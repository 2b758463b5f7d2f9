"""Optimizers: a step changes theta in place, by a gradient g and a learning rate eta.

The steps::

    sgd    v <- mu v - eta g
           theta <- theta + v               momentum mu; with Nesterov: mu v - eta g again
    adam   m <- beta_1 m + (1 - beta_1) g
           v <- beta_2 v + (1 - beta_2) g^2
           theta <- theta - eta_t m / (sqrt(v) + epsilon)
           eta_t = eta sqrt(1 - beta_2^t) / (1 - beta_1^t) in step t = 1, 2, ...
    adamw  W <- W - eta lambda W, not the biases; then as adam
    lazy_adam  adam, for parts of theta: in lazy.py
    nadam  in nadam.py
    lion   in lion.py

If parameters have different learning rates, eta is multiplied by a factor for each of them,
except in the weight decay. A step may overwrite the gradient. Scalars are arrays without
dimensions, of theta's dtype: a pass over a short vector took 0.27 microseconds with such an
array, 0.46 with a Python float.

References
----------
Sutskever et al., "On the importance of initialization and momentum in deep learning",
ICML 2013. Kingma, Ba, "Adam: a method for stochastic optimization", arXiv:1412.6980.
Loshchilov, Hutter, "Decoupled weight decay regularization", arXiv:1711.05101. Pascanu et
al., "On the difficulty of training recurrent neural networks", arXiv:1211.5063.
"""

import math
from collections.abc import Callable

import numpy as np

from skfcnn.training.blocks import each_block
from skfcnn.training.lion import Lion
from skfcnn.training.nadam import NAdam


class SGD:
    """Stochastic gradient descent with momentum.

    `factors` is empty, or holds one vector: a factor of the learning rate for each
    parameter.
    """

    def __init__(
        self, theta, *, momentum: float, nesterovs_momentum: bool, factors=()
    ) -> None:
        self.factors = factors
        self.momentum = np.array(momentum, theta.dtype)
        self.nesterovs_momentum = nesterovs_momentum
        self.rate = np.empty((), theta.dtype)
        self.velocity = np.zeros_like(theta)

    def step(self, theta, gradient, learning_rate: float) -> None:
        """Update the velocity by the gradient, and move theta along it."""
        self.rate[()] = learning_rate
        each_block(self._move, theta, gradient, self.velocity, *self.factors)

    def _move(self, theta, gradient, velocity, *factors):
        gradient *= self.rate
        for factor in factors:
            gradient *= factor
        velocity *= self.momentum
        velocity -= gradient
        if not self.nesterovs_momentum:
            theta += velocity
            return
        theta -= gradient
        np.multiply(velocity, self.momentum, out=gradient)
        theta += gradient


class Adam:
    """Adam: the step size of each parameter depends on the size of its past gradients.

    Instead of m and v, their multiples m / (1 - beta_1) and v / (1 - beta_2) are kept. This
    saves two passes over theta per step; the scalars contain the missing factors.
    """

    def __init__(
        self, theta, *, beta_1: float, beta_2: float, epsilon: float, factors=()
    ) -> None:
        root = math.sqrt(1.0 - beta_2)
        self.factors = factors
        self.betas = beta_1, beta_2
        self.beta_1 = np.array(beta_1, theta.dtype)
        self.beta_2 = np.array(beta_2, theta.dtype)
        self.epsilon = np.array(epsilon / root, theta.dtype)
        self.scale = (1.0 - beta_1) / root
        self.rate = np.empty((), theta.dtype)
        self.t = 0
        self.m = np.zeros_like(theta)
        self.v = np.zeros_like(theta)

    def step(self, theta, gradient, learning_rate: float, each: Callable = each_block):
        """Update the running means m and v, and move theta by m / (sqrt(v) + epsilon).

        `each(function, theta, gradient, ...)` calls the function with parts of the vectors.
        """
        self.t += 1
        beta_1, beta_2 = self.betas
        bias = math.sqrt(1.0 - beta_2**self.t) / (1.0 - beta_1**self.t)
        self.rate[()] = learning_rate * bias * self.scale
        each(self._move, theta, gradient, self.m, self.v, *self.factors)

    def _move(self, theta, g, m, v, *factors):
        m *= self.beta_1
        m += g
        g *= g
        v *= self.beta_2
        v += g
        np.sqrt(v, out=g)
        g += self.epsilon
        np.divide(m, g, out=g)
        g *= self.rate
        for factor in factors:
            g *= factor
        theta -= g


class Decayed:
    """An optimizer with decoupled weight decay: `W <- W - eta lambda W`, then its step.

    The decay is not part of the gradient. Biases do not decay.
    """

    def __init__(self, optimizer, n_weights: int, weight_decay: float) -> None:
        self.optimizer = optimizer
        self.n_weights = n_weights
        self.weight_decay = weight_decay

    def step(self, theta, gradient, learning_rate: float) -> None:
        """Shrink the weights, the first n_weights of theta, and take the step."""
        theta[: self.n_weights] *= 1.0 - learning_rate * self.weight_decay
        self.optimizer.step(theta, gradient, learning_rate)


class Clipped:
    """An optimizer that clips gradients to c = max_grad_norm: `g <- g min(1, c / |g|)`."""

    def __init__(self, optimizer, max_grad_norm: float) -> None:
        self.optimizer = optimizer
        self.max_grad_norm = max_grad_norm

    def step(self, theta, gradient, learning_rate: float, *each: Callable) -> None:
        """Clip the gradient if its norm is too large, and take the step."""
        norm = math.sqrt(gradient.dot(gradient))
        if math.isinf(norm):  # a square has overflowed
            norm = float(np.linalg.norm(gradient.astype(np.float64)))
        if norm > self.max_grad_norm:
            gradient *= self.max_grad_norm / norm
        self.optimizer.step(theta, gradient, learning_rate, *each)


OPTIMIZERS = {
    "sgd": SGD,
    "adam": Adam,
    "adamw": Adam,
    "lazy_adam": Adam,
    "nadam": NAdam,
    "lion": Lion,
}
# Those with decoupled weight decay.
DECOUPLED = {"adamw", "lion"}
# Those that update only the inputs that a batch of sparse rows contains.
LAZY = {"lazy_adam"}
