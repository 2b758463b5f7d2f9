"""The objective and the rows that `fit` of an estimator would use.

Both are constructed by the functions that `fit` calls, in the same order. The estimator is
not changed.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.utils import check_random_state

from skfcnn.estimator.constraints import check_compatible
from skfcnn.estimator.construction import make_objective, new_network
from skfcnn.estimator.data import check_range, check_X_y, make_data
from skfcnn.estimator.fit import LearningNetwork
from skfcnn.estimator.rows import RowsInMemory
from skfcnn.estimator.targets import Target
from skfcnn.network.layer import Layer
from skfcnn.network.network import Network
from skfcnn.training.objective import Data, Objective


class Problem(NamedTuple):
    """An objective with a separate network, and the rows to evaluate it on."""

    objective: Objective
    data: Data
    target: Target
    inputs: list  # the names of the columns of X

    @property
    def n_products(self) -> int:
        """Number of products of a weight and an input in one evaluation."""
        return len(self.data.target) * self.objective.network.weights.size


def make_problem(estimator, X, y, sample_weight, *, dtype=None) -> Problem:
    """Return the problem of a fitted estimator, or of an unfitted one before its fit.

    It has the numbers that training sees: y, and the last layer, in the scale of training.

    Parameters
    ----------
    estimator : FullyConnectedClassifier or FullyConnectedRegressor
        If fitted, its network is used, with its current parameters. Otherwise a network is
        initialized as in `fit`; the weights of the output layer are drawn, and not zero.
    X, y, sample_weight
        As in `fit`.
    dtype : dtype, default=None
        The dtype of the computation; None is that of the estimator.

    Raises
    ------
    TypeError
        If the estimator is of another class.
    ValueError
        For parameters or data that `fit` rejects.
    """
    _check_kind(estimator)
    estimator._validate_params()
    check_compatible(estimator)
    if estimator.__sklearn_is_fitted__():
        target = estimator._target
        target.check_params(estimator)
        X, y = check_X_y(estimator, X, y, reset=False)
        target.check_known(y)
        data = make_data(estimator, X, y, sample_weight)
        network = target.scale.network_of(estimator._network)
    else:
        estimator = clone(estimator)
        data = RowsInMemory(X, y, sample_weight).read(estimator, continues=False)
        target, rng = estimator._target, check_random_state(estimator.random_state)
        network = new_network(estimator, target, data, rng)
        target.set_scale(data, slice(None))
        # Zeros in the output layer would make all gradients below zero.
        network = target.scale.first_network(network, starts_at_mean=False)
    check_range(estimator.loss, target.loss(estimator), target, data)
    data = data._replace(target=target.scale.standardize(data.target))
    theta = np.array(network.theta, dtype or network.theta.dtype)
    network = Network(network.layers, theta=theta)
    objective = make_objective(estimator, network, target)
    numbered = [f"x{i}" for i in range(data.X.shape[1])]
    inputs = [*getattr(estimator, "feature_names_in_", numbered)]
    return Problem(objective, data.astype(theta.dtype), target, inputs)


def _check_kind(estimator):
    if not isinstance(estimator, LearningNetwork):
        raise TypeError(
            "Only a FullyConnectedClassifier or FullyConnectedRegressor can be inspected; "
            f"got {type(estimator).__name__}. For a Pipeline, pass its last step and the "
            "transformed X: pipeline[-1], pipeline[:-1].transform(X), y. For a search, "
            "pass its best_estimator_."
        )


def layer_names(layers: Sequence[Layer]) -> list[str]:
    """Return the name of each layer of a network: "hidden 1", ..., "output"."""
    names, n_hidden = [], 0
    for layer in layers[:-1]:
        n_hidden += layer.is_linear
        names.append(f"{layer.label} {n_hidden}" if n_hidden else layer.label)
    return [*names, "output"]
