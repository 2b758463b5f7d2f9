"""A block that fails leaves the estimator as it was."""

import numpy as np
import pytest

from skfcnn import FullyConnectedClassifier, FullyConnectedRegressor
from skfcnn.dask import DaskFullyConnectedClassifier, DaskFullyConnectedRegressor
from skfcnn.estimator.fit import LearningNetwork
from skfcnn.estimator.solver import TRAINING
from skfcnn.estimator.training_state import whole_or_unchanged

pytestmark = pytest.mark.filterwarnings("ignore:.*worse than guess")

X, Y = np.arange(12.0).reshape(6, 2), np.arange(6) % 2


KINDS = [FullyConnectedClassifier, FullyConnectedRegressor]


def fitted(kind):
    params = {"max_iter": 2, "random_state": 0, "schedule": "cosine"}
    return kind(hidden_layer_sizes=(3,), **params).fit(X, Y)


@pytest.mark.parametrize(
    "kind", [*KINDS, DaskFullyConnectedClassifier, DaskFullyConnectedRegressor]
)
def test_estimators_share_the_class_that_trains(kind):
    assert issubclass(kind, LearningNetwork)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_attributes_and_weights_are_restored(error, kind):
    model = fitted(kind)
    before, theta = vars(model).copy(), model._network.theta.copy()
    with pytest.raises(error):
        with whole_or_unchanged(model):
            model.loss_, model.something_else_ = -1.0, 1
            model._network.theta[...] = 7.0
            raise error
    assert vars(model) == before
    np.testing.assert_array_equal(model._network.theta, theta)


@pytest.mark.parametrize("kind", KINDS)
def test_solver_that_failed_in_training_is_dropped(kind):
    model = fitted(kind)
    with pytest.raises(ValueError):
        with whole_or_unchanged(model):
            model._training.solver.phase = TRAINING
            raise ValueError
    assert model._training.solver is None
