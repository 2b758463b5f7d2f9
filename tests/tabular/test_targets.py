"""What an ensemble asks of the kind of y."""

import pytest

from skfcnn.tabular.class_labels import ClassLabels
from skfcnn.tabular.number_values import NumberValues
from skfcnn.tabular.targets import EnsembleTarget

DATA = ["network_class", "is_continuous", "n_outputs"]
QUESTIONS = [name for name in vars(EnsembleTarget) if not name.startswith("_")]


@pytest.mark.parametrize("name", QUESTIONS + DATA)
@pytest.mark.parametrize("target", [ClassLabels, NumberValues])
def test_every_question_is_answered(target, name):
    assert hasattr(target, name)
    assert len(QUESTIONS) > 8
