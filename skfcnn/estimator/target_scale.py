"""The scale of y: training uses standardized numbers, and the user the units of y.

With the mean m and the deviation s of each output, the network is trained on (y - m) / s.
The network of the estimator has m and s folded into its last layer::

    link p = z        W <- s W,  b <- s b + m
    link p = exp(z)   b <- b + log s             (m = 0)

So its parameters and predictions have the units of y, and nothing else is needed.
"""

import numpy as np

from skfcnn.estimator.plain_values import of_kind
from skfcnn.network.network import Network


class Unscaled:
    """Training sees y as it is: there is one network."""

    deviation = np.ones(1)

    def state(self) -> None:
        """Return None: there is nothing to store."""

    def check_fits(self, dtype) -> None:
        """Accept every dtype: the numbers are those of the user."""

    def standardize(self, matrix):
        """Return the target matrix that training sees."""
        return matrix

    def network_of(self, in_units: Network, exact=None) -> Network:
        """Return the network to train, given that of the estimator."""
        return in_units

    def first_network(self, network: Network, *, starts_at_mean: bool) -> Network:
        """Return the network to train, given its first parameters."""
        return network

    def write(self, network: Network, to: Network) -> None:
        """Write the parameters of the trained network to that of the estimator."""


class TargetScale:
    """The mean and the deviation of each output, float64, (n_outputs,).

    Parameters
    ----------
    link : Identity or Exp
    mean, deviation : ndarray of shape (n_outputs,)
    """

    def __init__(self, link, mean: np.ndarray, deviation: np.ndarray) -> None:
        self.link = link
        self.mean = mean
        self.deviation = deviation

    def state(self) -> dict:
        """Return mean and deviation."""
        return {"mean": self.mean, "deviation": self.deviation}

    @classmethod
    def of_state(cls, link, state: dict, n_outputs: int) -> "TargetScale":
        """Return the scale of a state, which may come from an untrusted file."""
        for name in ("mean", "deviation"):
            vector = of_kind(np.ndarray, state[name], name)
            is_valid = vector.dtype == np.float64 and vector.shape == (n_outputs,)
            if not is_valid or not np.isfinite(vector).all():
                raise ValueError(f"{name} is not a vector of {n_outputs} finite numbers")
        if not (state["deviation"] > 0.0).all():
            raise ValueError("deviation is not positive")
        return cls(link, state["mean"], state["deviation"])

    def fits(self, dtype) -> bool:
        """Return whether parameters of this dtype can have the units of y."""
        limits = np.finfo(dtype)
        sizes = np.abs(self.mean), self.deviation
        return max(map(np.max, sizes)) < limits.max and min(self.deviation) > limits.tiny

    def check_fits(self, dtype) -> None:
        """Raise ValueError if parameters of this dtype cannot have the units of y."""
        if not self.fits(dtype):
            raise ValueError(
                f"y has a mean of {self.mean} and a standard deviation of "
                f"{self.deviation}, which is out of the range of {dtype}. Divide y by a "
                "typical value, or use dtype='float64'."
            )

    def standardize(self, matrix):
        """Return (y - m) / s, float64."""
        return (matrix - self.mean) / self.deviation

    def network_of(self, in_units: Network, exact=None) -> Network:
        """Return the network to train, given that of the estimator.

        `exact`, (n_parameters,), may be its parameters after the last training: they have
        digits that rounding in the units of y loses. They are used unless the network of
        the estimator has changed since.
        """
        if exact is not None:
            trained = Network(in_units.layers, theta=exact)
            if self._are_equal(trained, in_units):
                return trained
        trained = Network(in_units.layers, theta=in_units.theta.copy())
        self._rescale(trained, -self.mean / self.deviation, 1.0 / self.deviation)
        return trained

    def first_network(self, network: Network, *, starts_at_mean: bool) -> Network:
        """Return the network to train, given its first parameters: a copy.

        With `starts_at_mean`, the output layer is zero: the first prediction is the mean of
        y.
        """
        first = Network(network.layers, theta=network.theta.copy())
        groups = first.parameters.groups
        if starts_at_mean:
            groups["weights"][-1].fill(0.0)
            groups["bias"][-1].fill(0.0)
        self.link.set_first_bias(groups["bias"][-1])
        return first

    def _are_equal(self, network: Network, in_units: Network) -> bool:
        """Return whether the trained network and that of the estimator are the same."""
        written = Network(network.layers, theta=np.empty_like(network.theta))
        self.write(network, written)
        return np.array_equal(written.theta, in_units.theta)

    def write(self, network: Network, to: Network) -> None:
        """Write the parameters of the trained network to that of the estimator."""
        to.theta[...] = network.theta
        self._rescale(to, self.mean, self.deviation)

    def _rescale(self, network, mean, deviation):
        """Change the last layer in place; it is computed in float64."""
        groups = network.parameters.groups
        last = groups["weights"][-1], groups["bias"][-1]
        exact = [array.astype(np.float64) for array in last]
        self.link.rescale(*exact, mean, deviation)
        for array, values in zip(last, exact, strict=True):
            array[...] = values
