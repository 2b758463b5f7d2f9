"""Class labels as the target of an ensemble."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.exceptions import DataConversionWarning

from skfcnn import TabularClassifier
from skfcnn.tabular.class_labels import ClassLabels, checked_labels

NAMES = np.array(["b", "a", "b", "c"])
MATRIX = np.array([[0, 1], [1, 1], [0, 0]])


def test_labels_are_encoded_as_positions_and_decoded():
    target = ClassLabels.of(NAMES)
    assert target.classes.tolist() == ["a", "b", "c"]
    assert target.encode(NAMES).tolist() == [1, 0, 1, 2]
    assert target.decode(np.eye(3)).tolist() == ["a", "b", "c"]
    assert target.n_outputs == 3 and not target.is_multilabel


@pytest.mark.parametrize("make", [np.array, scipy.sparse.csr_array, np.ndarray.tolist])
def test_several_labels_are_a_matrix(make):
    target = ClassLabels.of(make(MATRIX))
    assert target.is_multilabel and target.n_outputs == 2
    np.testing.assert_array_equal(target.encode(make(MATRIX)), MATRIX)
    np.testing.assert_array_equal(target.decode(MATRIX * 0.8), MATRIX)


def test_unknown_labels_and_other_shapes_are_refused():
    with pytest.raises(ValueError, match=r"labels \['d'\] do not occur in the y"):
        ClassLabels.of(NAMES).encode(["a", "d"])
    with pytest.raises(ValueError, match="has the shape .* has 2 columns"):
        ClassLabels.of(MATRIX).encode(MATRIX[:, [0, 1, 1]])
    with pytest.raises(ValueError, match="has the shape .* has one column"):
        ClassLabels.of(NAMES).encode(MATRIX)
    with pytest.raises(ValueError, match="requires y to be passed"):
        checked_labels(None)


def test_class_weights_multiply_sample_weights():
    target, weights = ClassLabels.of(NAMES), np.array([1.0, 2.0, 3.0, 4.0])
    y = target.encode(NAMES)
    assert target.weights(y, weights, TabularClassifier()) is weights
    found = target.weights(y, weights, TabularClassifier(class_weight={"a": 10.0}))
    assert found.tolist() == [1.0, 20.0, 3.0, 4.0]
    # Balanced: every class has the same total weight.
    balanced = target.weights(y, weights, TabularClassifier(class_weight="balanced"))
    np.testing.assert_allclose(np.bincount(y, balanced), 10.0 / 3.0)
    both = TabularClassifier(class_weight=[{0: 2.0, 1: 1.0}, {0: 1.0, 1: 5.0}])
    of_labels = ClassLabels.of(MATRIX).weights(MATRIX, np.ones(3), both)
    assert of_labels.tolist() == [10.0, 5.0, 2.0]


def test_rows_of_missing_classes_are_found():
    target = ClassLabels.of(NAMES)
    y = target.encode(NAMES)
    assert target.missing_rows(y, np.array([0, 2])).tolist() == [1, 3]
    assert target.missing_rows(y, np.arange(4)).tolist() == []
    assert ClassLabels.of(MATRIX).missing_rows(MATRIX, np.array([0])).tolist() == []


@pytest.mark.parametrize("y", [NAMES, MATRIX], ids=["classes", "labels"])
def test_synthetic_targets_have_every_value(y):
    synthetic = ClassLabels.of(y).synthetic(12)
    assert len(synthetic) == 12
    assert set(np.ravel(synthetic)) == set(np.ravel(ClassLabels.of(y).encode(y)))


def test_temperature_of_several_labels_is_found():
    rng = np.random.default_rng(0)
    z = 2.0 * rng.standard_normal((20_000, 2))
    y = (rng.uniform(size=z.shape) < 1.0 / (1.0 + np.exp(-z))).astype(int)
    target = ClassLabels.of(y)
    sharpened = 1.0 / (1.0 + np.exp(-3.0 * z))
    found = target.calibration(sharpened, y, np.ones(len(y)))
    # A temperature of 40,000 labels errs by about a percent.
    assert found == pytest.approx(3.0, rel=0.04)
    calibrated = target.calibrated(sharpened, 3.0)
    np.testing.assert_allclose(calibrated, 1.0 / (1.0 + np.exp(-z)), rtol=1e-6)
    likelihoods = target.likelihoods(calibrated, y)
    np.testing.assert_array_equal(likelihoods[y == 1], calibrated[y == 1])
    np.testing.assert_array_equal(likelihoods[y == 0], 1.0 - calibrated[y == 0])


@pytest.mark.parametrize("make", [lambda y: [[each] for each in y], lambda y: y[:, None]])
def test_a_column_of_labels_is_told_once_where_it_is_passed(make):
    y = make(np.array(["b", "a", "b"]))
    with pytest.warns(DataConversionWarning, match="column-vector y") as caught:
        target = ClassLabels.of(y)
        assert target.encode(y).tolist() == [1, 0, 1]
    assert [warning.filename for warning in caught] == [__file__]


@pytest.mark.parametrize("dtype", [None, "category", object, "string"])
def test_missing_labels_are_located(dtype):
    y = pd.Series(["a", "b", None], dtype=dtype)
    with pytest.raises(ValueError, match=r"1 missing label\(s\), the first in row 2"):
        ClassLabels.of(y)
    with pytest.raises(ValueError, match=r"1 missing label\(s\), the first in row 2"):
        ClassLabels.of(pd.DataFrame({"y": y}))
