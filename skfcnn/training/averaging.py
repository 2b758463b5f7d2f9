"""The mean of the parameters over the last part of training, which is what is kept.

average <- average + (theta - average) / (1 + c t)    in step t = 1, 2, ...

This is about the mean of theta over the last c t steps. While theta still jumps about a
minimum, its mean is nearer to it: what a lower learning rate would give, without the time
that it takes.

References
----------
Polyak, Juditsky, "Acceleration of stochastic approximation by averaging", 1992. Izmailov
et al., "Averaging weights leads to wider optima and better generalization",
arXiv:1803.05407.
"""

import numpy as np

from skfcnn.training.blocks import each_block


class Averaged:
    """An optimizer that keeps an average of what it has moved.

    Parameters
    ----------
    optimizer : SGD, or another of its kind
    average : ndarray of shape (n_parameters,)
        The average: written in every step. It begins as what theta begins as.
    share : float
        c, the part of all steps so far that the average is over.
    """

    def __init__(self, optimizer, average: np.ndarray, share: float) -> None:
        self.optimizer = optimizer
        self.average = average
        self.share = share
        self.t = 0
        self.rate = np.empty((), average.dtype)

    def step(self, theta, gradient, learning_rate: float) -> None:
        """Take the step, and bring the average nearer to theta."""
        self.optimizer.step(theta, gradient, learning_rate)
        self.t += 1
        self.rate[()] = 1.0 / (1.0 + self.share * self.t)
        each_block(self._move, theta, self.average, gradient)

    def _move(self, theta, average, difference):
        np.subtract(theta, average, out=difference)
        difference *= self.rate
        average += difference
