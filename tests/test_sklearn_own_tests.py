"""scikit-learn's own tests of MLPClassifier and MLPRegressor, run with our classes.

They are taken from the installed scikit-learn: its test module is loaded once more, with
the names standing for our classes.
"""

import importlib.util
import inspect
import re
from unittest import mock

import numpy as np
import pytest
import sklearn.neural_network
from sklearn.datasets import load_iris

from skfcnn import FullyConnectedClassifier, FullyConnectedRegressor

# They set or read what scikit-learn keeps in private attributes of the estimator.
PRIVATE = {
    "test_fit",
    "test_gradient",
    "test_learning_rate_warmstart",
    "test_adaptive_learning_rate",
}

# Where ours differs on purpose; the tests at the end show how.
DIFFERENT = {"test_nonfinite_params", "test_mlp_diverging_loss"}

pytestmark = pytest.mark.filterwarnings("ignore")  # theirs, as in their own runs


class Counted:
    """The private count of scikit-learn's networks, which these tests read."""

    @property
    def _no_improvement_count(self):
        return self._training.watched.n_no_improvement


class OurClassifier(Counted, FullyConnectedClassifier):
    """Our classifier."""


class OurRegressor(Counted, FullyConnectedRegressor):
    """Our regressor, with y as it is, as in MLPRegressor."""

    def __init__(
        self,
        loss="squared_error",
        hidden_layer_sizes=(100,),
        activation="relu",
        *,
        scale_target=False,
        **params,
    ):
        super().__init__(
            loss, hidden_layer_sizes, activation, scale_target=scale_target, **params
        )


OurRegressor.__init__.__signature__ = inspect.signature(FullyConnectedRegressor.__init__)


def load_with_our_classes():
    spec = importlib.util.find_spec("sklearn.neural_network.tests.test_mlp")
    module = importlib.util.module_from_spec(spec)
    ours = {"MLPClassifier": OurClassifier, "MLPRegressor": OurRegressor}
    with mock.patch.multiple(sklearn.neural_network, **ours):
        spec.loader.exec_module(module)
    return module


MODULE = load_with_our_classes()
ALL_TESTS = {
    name: test
    for name, test in vars(MODULE).items()
    if name.startswith("test_")
    and re.search("MLPClassifier|MLPRegressor|Estimator", inspect.getsource(test))
}
LEFT_OUT = PRIVATE | DIFFERENT
globals().update({name: test for name, test in ALL_TESTS.items() if name not in LEFT_OUT})


@pytest.fixture
def global_random_seed():
    """Return the seed that scikit-learn's tests use by default."""
    return 42


def test_most_of_them_run_with_our_classes():
    assert issubclass(MODULE.MLPClassifier, FullyConnectedClassifier)
    assert issubclass(MODULE.MLPRegressor, FullyConnectedRegressor)
    assert len(ALL_TESTS.keys() - LEFT_OUT) >= 31  # of scikit-learn 1.7; later ones add


@pytest.mark.parametrize("name", sorted(PRIVATE))
def test_skipped_tests_use_private_attributes(name):
    source = inspect.getsource(ALL_TESTS[name])
    assert re.search(r"\b(mlp|clf)\._[a-z]", source)


def test_values_that_overflow_are_named():
    X = np.finfo(np.float64).max * np.random.RandomState(0).uniform(size=(10, 2))
    with pytest.raises(ValueError, match="non-finite parameter weights in epoch 1. X has"):
        OurRegressor().fit(X, np.arange(10.0))


def test_divergence_ends_training_before_the_scores_are_nan():
    params = {"activation": "identity", "solver": "sgd", "learning_rate_init": 1}
    model = OurRegressor(early_stopping=True, max_iter=20, random_state=0, **params)
    model.fit(*load_iris(return_X_y=True))
    assert np.isfinite(model.validation_scores_).all() and model.n_iter_ < 20
