"""What an ensemble asks of the kind of y."""

import pytest

from skfcnn.tabular.class_labels import ClassLabels
from skfcnn.tabular.targets import EnsembleTarget

QUESTIONS = [name for name in vars(EnsembleTarget) if not name.startswith("_")]


@pytest.mark.parametrize("name", [*QUESTIONS, "network_class", "n_outputs"])
@pytest.mark.parametrize("target", [ClassLabels])
def test_every_question_is_answered(target, name):
    assert hasattr(target, name)
    assert len(QUESTIONS) > 8
