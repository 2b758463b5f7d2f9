from types import SimpleNamespace

import numpy as np
import pytest
from scipy.sparse import csr_array

from skfcnn.estimator.class_target import ClassTarget
from skfcnn.estimator.classification import LearningClassifier
from skfcnn.estimator.regression import LearningRegressor
from skfcnn.estimator.targets import Target


def test_binary():
    target = ClassTarget(np.array(["no", "yes", "no"]))
    assert target.classes.tolist() == ["no", "yes"]
    assert target.out_activation == "logistic"
    np.testing.assert_array_equal(target.encode(["yes", "no"]), [[True], [False]])
    assert target.decode(np.array([[0.5], [0.51]])).tolist() == ["no", "yes"]
    z = np.array([[2.0], [-1.0]])
    np.testing.assert_array_equal(target.columns(z), [[-2.0, 2.0], [1.0, -1.0]])


def test_multiclass():
    target = ClassTarget([3, 1, 2, 3])
    assert target.out_activation == "softmax"
    np.testing.assert_array_equal(target.encode([3, 1]), [[0, 0, 1], [1, 0, 0]])
    p = np.array([[0.2, 0.5, 0.3], [0.4, 0.3, 0.3]])
    assert target.decode(p).tolist() == [2, 1]
    assert target.columns(p) is p
    assert target.judge(p).tolist() == [[1], [0]]


def test_multilabel():
    labels = np.array([[1, 0, 1], [0, 0, 0]])
    target = ClassTarget(labels)
    assert target.out_activation == "logistic"
    np.testing.assert_array_equal(target.encode(labels), labels.astype(bool))
    p = np.array([[0.9, 0.2, 0.6], [0.1, 0.7, 0.1]])
    np.testing.assert_array_equal(target.decode(p), [[1, 0, 1], [0, 1, 0]])
    np.testing.assert_array_equal(target.judge(target.encode(labels)), labels)


def test_sparse_multilabel():
    labels = csr_array(np.array([[1, 0], [0, 1], [1, 1]]))
    target = ClassTarget(labels)
    np.testing.assert_array_equal(target.encode(labels), labels.toarray().astype(bool))


def test_one_class():
    target = ClassTarget(["only", "only"])
    assert target.out_activation == "softmax"
    np.testing.assert_array_equal(target.encode(["only"]), [[True]])
    assert target.decode(np.ones((2, 1))).tolist() == ["only", "only"]


@pytest.mark.parametrize(
    "y", [[0.5, 1.5], [[1, 2], [3, 1]]], ids=["continuous", "multioutput"]
)
def test_other_kinds_of_target_are_refused(y):
    with pytest.raises(ValueError, match="continuous|Multioutput"):
        ClassTarget(np.array(y))


def test_unknown_and_missing_classes():
    target = ClassTarget([0, 1, 2])
    target.check_known(np.array([0, 1]))
    with pytest.raises(
        ValueError, match=r"`y` has classes not in `self.classes_`.*\[0 3\]"
    ):
        target.check_known([0, 3])
    target.check_same([2, 1, 0])
    with pytest.raises(ValueError, match=r"same classes.*got \[0 1 2\], `y` has \[0 1\]"):
        target.check_same([0, 1])


@pytest.mark.parametrize("kind", [LearningClassifier, LearningRegressor])
def test_targets_implement_the_interface(kind):
    params = SimpleNamespace(loss="squared_error", scale_target=True)
    target = kind._target_class.create(np.array([0, 1, 1]), params)
    asked = {name for name in vars(Target) if not name.startswith("_")}
    asked |= {name for name in Target.__annotations__}
    assert asked >= {"link", "scale", "y_numeric", "check_known"}
    assert asked <= set(dir(target))
