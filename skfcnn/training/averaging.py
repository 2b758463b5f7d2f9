"""Averaging of the parameters over the last part of training; the average is kept.

average <- average + (theta - average) / (1 + c t)    in step t = 1, 2, ...

This is approximately the mean of theta over the last c t steps. While theta still
oscillates around a minimum, the mean is closer to it. A lower learning rate has the same
effect, but takes more time.

References
----------
Polyak, Juditsky, "Acceleration of stochastic approximation by averaging", 1992. Izmailov
et al., "Averaging weights leads to wider optima and better generalization",
arXiv:1803.05407.
"""

import numpy as np

from skfcnn.training.blocks import each_block


class Averaged:
    """An optimizer that also keeps an average of theta.

    Parameters
    ----------
    optimizer : SGD, or another optimizer
    average : ndarray of shape (n_parameters,)
        The average, updated in every step. Its initial value is the initial theta.
    share : float
        c, the fraction of all steps so far that the average covers.
    """

    def __init__(self, optimizer, average: np.ndarray, share: float) -> None:
        self.optimizer = optimizer
        self.average = average
        self.share = share
        self.t = 0
        self.rate = np.empty((), average.dtype)

    def step(self, theta, gradient, learning_rate: float) -> None:
        """Take the step, and update the average."""
        self.optimizer.step(theta, gradient, learning_rate)
        self.t += 1
        self.rate[()] = 1.0 / (1.0 + self.share * self.t)
        each_block(self._move, theta, self.average, gradient)

    def _move(self, theta, average, difference):
        np.subtract(theta, average, out=difference)
        difference *= self.rate
        average += difference
