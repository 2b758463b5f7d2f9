"""Which labels are refused before a network is converted."""

import numpy as np
import pytest

from skfcnn import FullyConnectedClassifier
from skfcnn.onnx.labels import check_labels

X = np.arange(12.0).reshape(6, 2)


class Scope:
    """Stands for the scope of skl2onnx, which knows the options of a model."""

    def __init__(self, **options):
        self.options = options

    def get_options(self, model, default):
        return default | self.options


def with_labels(first, second, dtype=None):
    params = {"max_iter": 1, "schedule": "cosine", "random_state": 0}
    labels = np.array([first, second] * 3, dtype)
    return FullyConnectedClassifier((2,), **params).fit(X, labels)


pytestmark = pytest.mark.filterwarnings("ignore:.*worse than guess")


@pytest.mark.parametrize("labels", [(0, 1), ("a", "ö"), (False, True), (1.0, 2.0)])
def test_integers_and_texts_are_accepted(labels):
    check_labels(Scope(), with_labels(*labels))


@pytest.mark.parametrize(
    ("labels", "dtype"),
    [((0, 2**63), np.uint64), (("a", "\ud800"), None), ((0, 1), "timedelta64[s]")],
)
def test_other_labels_are_refused_unless_positions_are_asked_for(labels, dtype):
    classifier = with_labels(*labels, dtype)
    with pytest.raises(ValueError, match="ONNX cannot hold the label.*'nocl': True"):
        check_labels(Scope(), classifier)
    check_labels(Scope(nocl=True), classifier)


def test_labels_as_an_output_are_texts_or_common_integers():
    scope = Scope(output_class_labels=True)
    check_labels(scope, with_labels("a", "b"))
    check_labels(scope, with_labels(0, 1, np.int32))
    with pytest.raises(ValueError, match="cannot return labels of dtype int8"):
        check_labels(scope, with_labels(0, 1, np.int8))
