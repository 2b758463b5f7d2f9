"""What editors and type checkers know about the package."""

import inspect
import subprocess
import sys
from pathlib import Path

import jedi
import pytest
from numpydoc.docscrape import ClassDoc

from skfcnn import (
    FullyConnectedClassifier,
    TabularClassifier,
    TabularRegressor,
    callbacks,
)
from skfcnn.inspection import GradientReport, Trace
from skfcnn.preprocessing import RobustSmoothScaler

ROOT = Path(__file__).parent.parent
OF_CALLBACKS = [
    callbacks.Checkpoint,
    callbacks.EarlyStopping,
    callbacks.GradientMonitor,
    callbacks.TimeBudget,
]
ESTIMATORS = [
    FullyConnectedClassifier,
    TabularClassifier,
    TabularRegressor,
    RobustSmoothScaler,
]


def annotated(cls):
    """Names of the attributes of a class whose type an editor knows."""
    names = {name for base in cls.__mro__ for name in inspect.get_annotations(base)}
    properties = inspect.getmembers(cls, lambda member: isinstance(member, property))
    return names | {
        name for name, of in properties if "return" in inspect.get_annotations(of.fget)
    }


@pytest.mark.parametrize(
    "cls", [*ESTIMATORS, callbacks.GradientMonitor, GradientReport, Trace]
)
def test_every_documented_attribute_has_a_type(cls):
    documented = {
        name.strip()
        for entry in ClassDoc(cls)["Attributes"]
        for name in entry.name.split(",")
    }
    assert documented and documented <= annotated(cls)


@pytest.mark.parametrize("cls", [*ESTIMATORS, *OF_CALLBACKS])
def test_every_parameter_of_a_constructor_has_a_type(cls):
    parameters = inspect.signature(cls).parameters
    assert parameters.keys() == inspect.get_annotations(cls.__init__).keys() - {"return"}


def completions(program):
    return {one.name for one in jedi.Script(program).complete()}


@pytest.mark.slow
def test_editors_complete_parameters_and_attributes():
    program = (
        "from skfcnn import FullyConnectedClassifier\n"
        "model = FullyConnectedClassifier().fit(X, y)\n"
    )
    assert {"coefs_", "loss_curve_", "predict_proba"} <= completions(f"{program}model.")
    assert "append" in completions(f"{program}model.loss_curve_.")
    assert "shape" in completions(f"{program}model.predict_proba(X).")
    constructor = "from skfcnn import FullyConnectedClassifier\nFullyConnectedClassifier("
    assert {"class_weight=", "max_grad_norm="} <= completions(constructor)
    regressor = program.replace("Classifier", "Regressor")
    assert {"coefs_", "predict", "score"} <= completions(f"{regressor}model.")


@pytest.mark.slow
def test_mypy_finds_nothing():
    command = [sys.executable, "-m", "mypy", "--no-incremental"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
