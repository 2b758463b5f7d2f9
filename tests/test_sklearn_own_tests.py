"""scikit-learn's own tests of MLPClassifier, run with our class instead.

They are taken from the installed scikit-learn: its test module is loaded once more, with
the name MLPClassifier standing for our class.
"""

import importlib.util
import inspect
import re

import pytest
import sklearn.neural_network
from sklearn.neural_network import MLPRegressor

from skfcnn import FullyConnectedClassifier

# They set or read what scikit-learn keeps in private attributes of the estimator.
PRIVATE = {
    "test_fit",
    "test_gradient",
    "test_learning_rate_warmstart",
    "test_adaptive_learning_rate",
}

pytestmark = pytest.mark.filterwarnings("ignore")  # theirs, as in their own runs


class Ours(FullyConnectedClassifier):
    """Our class, with the private count of MLPClassifier that these tests read."""

    @property
    def _no_improvement_count(self):
        return self._training.watched.n_no_improvement


def load_with_our_class():
    spec = importlib.util.find_spec("sklearn.neural_network.tests.test_mlp")
    module = importlib.util.module_from_spec(spec)
    original = sklearn.neural_network.MLPClassifier
    sklearn.neural_network.MLPClassifier = Ours
    try:
        spec.loader.exec_module(module)
    finally:
        sklearn.neural_network.MLPClassifier = original
    return module


def of_our_class(test):
    """Leave the regressor out of a test that is parametrized over both estimators."""
    for mark in getattr(test, "pytestmark", []):
        if mark.name == "parametrize" and MLPRegressor in mark.args[1]:
            mark.args[1].remove(MLPRegressor)
    return test


MODULE = load_with_our_class()
ALL_TESTS = {
    name: test
    for name, test in vars(MODULE).items()
    if name.startswith("test_")
    and re.search("MLPClassifier|Estimator", inspect.getsource(test))
}
globals().update(
    {name: of_our_class(test) for name, test in ALL_TESTS.items() if name not in PRIVATE}
)


def test_most_of_them_run_with_our_class():
    assert issubclass(MODULE.MLPClassifier, FullyConnectedClassifier)
    assert len(ALL_TESTS.keys() - PRIVATE) >= 26  # of scikit-learn 1.7; later ones add


@pytest.mark.parametrize("name", sorted(PRIVATE))
def test_skipped_tests_use_private_attributes(name):
    source = inspect.getsource(ALL_TESTS[name])
    assert re.search(r"\b(mlp|clf)\._[a-z]", source)
