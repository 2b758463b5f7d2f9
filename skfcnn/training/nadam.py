"""NAdam: Adam with Nesterov's momentum, which looks one step ahead.

The step::

    m, v as in Adam;  mu_t = beta_1 (1 - 0.96^(t / 250) / 2),  M_t = mu_1 ... mu_t
    theta <- theta - eta ((1 - mu_t) / (1 - M_t) g + mu_(t+1) / (1 - M_(t+1)) m)
                         / (sqrt(v / (1 - beta_2^t)) + epsilon)    in step t = 1, 2, ...

Dozat, "Incorporating Nesterov momentum into Adam", ICLR 2016 workshop, algorithm 2, in the
form of PyTorch and Keras. As in Adam, m / (1 - beta_1) and v / (1 - beta_2) are kept.
"""

import math

import numpy as np

from skfcnn.training.blocks import each_block


class NAdam:
    """Adam with Nesterov's momentum; `factors` as in SGD."""

    def __init__(self, theta, *, beta_1, beta_2, epsilon, factors=()) -> None:
        self.settings, self.factors = (beta_1, beta_2, epsilon), factors
        self.t, self.product = 0, 1.0  # M_t
        self.m, self.v = np.zeros_like(theta), np.zeros_like(theta)

    def step(self, theta, gradient, learning_rate: float) -> None:
        """Move theta along the gradient, and along the mean of the next step."""
        beta_1, beta_2, epsilon = self.settings
        this, following = self.t + 1, self.t + 2
        mu, ahead = (beta_1 * (1.0 - 0.96 ** (t / 250) / 2) for t in (this, following))
        self.t, self.product = this, self.product * mu
        root = math.sqrt((1.0 - beta_2) / (1.0 - beta_2**self.t))
        of_g = learning_rate * (1.0 - mu) / (1.0 - self.product) / root
        of_m = learning_rate * ahead * (1.0 - beta_1) / (1.0 - self.product * ahead) / root

        def move(theta, g, m, v, *factors):
            m *= beta_1
            m += g
            v *= beta_2
            v += g * g
            g *= of_g
            g += of_m * m
            g /= np.sqrt(v) + epsilon / root
            for factor in factors:
                g *= factor
            theta -= g

        each_block(move, theta, gradient, self.m, self.v, *self.factors)
