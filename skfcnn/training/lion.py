"""Lion: every parameter moves by the same amount, by the sign of a running mean.

The step::

    u     <- sign(beta_1 m + (1 - beta_1) g)
    theta <- theta - eta u
    m     <- beta_2 m + (1 - beta_2) g

As u is -1, 0 or 1, the learning rate is 3 to 10 times smaller than for Adam, and the
decoupled weight decay as many times larger.

Chen et al., "Symbolic discovery of optimization algorithms", arXiv:2302.06675, algorithm 2
and section 5 (beta_1 = 0.9, beta_2 = 0.99).
"""

import numpy as np

from skfcnn.training.blocks import each_block

BETA_1, BETA_2 = 0.9, 0.99


class Lion:
    """The sign of a running mean of the gradient; `factors` as in SGD."""

    def __init__(self, theta, *, factors=()) -> None:
        self.factors = factors
        self.mixed = np.array(BETA_1 / (1.0 - BETA_1), theta.dtype)
        self.kept = np.array(BETA_2, theta.dtype)
        self.added = np.array(1.0 - BETA_2, theta.dtype)
        self.rate = np.empty((), theta.dtype)
        self.m = np.zeros_like(theta)

    def step(self, theta, gradient, learning_rate: float) -> None:
        """Move theta by the rate, up or down."""
        self.rate[()] = learning_rate
        each_block(self._move, theta, gradient, self.m, *self.factors)

    def _move(self, theta, g, m, *factors):
        update = self.mixed * m
        update += g
        np.sign(update, out=update)
        update *= self.rate
        for factor in factors:
            update *= factor
        theta -= update
        m *= self.kept
        g *= self.added
        m += g
