"""How a gradient g moves theta by one step with the learning rate eta, in place.

sgd    v <- mu v - eta g
       theta <- theta + v                  momentum mu; with Nesterov: mu v - eta g again
adam   m <- beta_1 m + (1 - beta_1) g
       v <- beta_2 v + (1 - beta_2) g^2
       theta <- theta - eta_t m / (sqrt(v) + epsilon)
       eta_t = eta sqrt(1 - beta_2^t) / (1 - beta_1^t) in step t = 1, 2, ...

A step may overwrite the gradient. All scalars are Python floats: a NumPy scalar would turn
the passes over a float32 vector into float64.

References
----------
Sutskever et al., "On the importance of initialization and momentum in deep learning",
ICML 2013. Kingma, Ba, "Adam: a method for stochastic optimization", arXiv:1412.6980.
"""

import math

import numpy as np


class SGD:
    """Stochastic gradient descent with momentum."""

    def __init__(self, theta, *, momentum: float, nesterovs_momentum: bool) -> None:
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.velocity = np.zeros_like(theta)

    def step(self, theta, gradient, learning_rate: float) -> None:
        """Move theta along the velocity, which the gradient has changed."""
        gradient *= learning_rate
        self.velocity *= self.momentum
        self.velocity -= gradient
        if not self.nesterovs_momentum:
            theta += self.velocity
            return
        theta -= gradient
        np.multiply(self.velocity, self.momentum, out=gradient)
        theta += gradient


class Adam:
    """Every parameter with a rate of its own, by the size of its past gradients.

    In place of m and v their multiples m / (1 - beta_1) and v / (1 - beta_2) are kept,
    which saves two passes over theta per step; the factors come back with the scalars.
    """

    def __init__(self, theta, *, beta_1: float, beta_2: float, epsilon: float) -> None:
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.t = 0
        self.m = np.zeros_like(theta)
        self.v = np.zeros_like(theta)

    def step(self, theta, gradient, learning_rate: float) -> None:
        """Move theta by the quotient of the two running means of the gradient."""
        self.t += 1
        root = math.sqrt(1.0 - self.beta_2)
        bias = math.sqrt(1.0 - self.beta_2**self.t) / (1.0 - self.beta_1**self.t)
        rate = learning_rate * bias * (1.0 - self.beta_1) / root
        m, v, g = self.m, self.v, gradient
        m *= self.beta_1
        m += g
        g *= g
        v *= self.beta_2
        v += g
        np.sqrt(v, out=g)
        g += self.epsilon / root
        np.divide(m, g, out=g)
        g *= rate
        theta -= g


OPTIMIZERS = {"sgd": SGD, "adam": Adam}
