"""How a worker reads and encodes a partition."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from skfcnn.dask.chunks import (
    digest_of_rows,
    encode,
    of_partition,
    read_chunk,
    stack,
    survey,
    weight,
)
from skfcnn.dask.label_summary import LabelSummary
from skfcnn.dask.number_summary import NumberSummary
from skfcnn.estimator.class_target import ClassTarget
from skfcnn.estimator.regression_target import RegressionTarget
from skfcnn.estimator.target_scale import TargetScale

X, Y = np.arange(12.0).reshape(6, 2), np.array(["a", "b", "a", "b", "b", "b"])
WEIGHTS = np.arange(6.0)


def test_names_of_a_frame_are_kept():
    chunk = read_chunk(3, pd.DataFrame(X, columns=["p", "q"]), pd.Series(Y), None)
    assert (chunk.number, chunk.names, chunk.weights) == (3, ["p", "q"], None)
    np.testing.assert_array_equal(chunk.X, X)
    np.testing.assert_array_equal(chunk.y, Y)


def test_column_of_labels_is_flattened():
    assert read_chunk(0, X, Y[:, None], None).y.shape == (6,)


@pytest.mark.parametrize(
    ("given", "words"),
    [((X, Y[:5], None), "6 rows of X, but 5 of y"), ((X, Y, [1.0]), "1 of sample_weight")],
)
def test_different_numbers_of_rows_are_refused(given, words):
    with pytest.raises(ValueError, match=f"Partition 2 has .*{words}"):
        read_chunk(2, *given)


@pytest.mark.parametrize("error", [TypeError, ValueError])
def test_errors_name_the_partition(error):
    with pytest.raises(error, match="Partition 5: wrong"):
        with of_partition(5):
            raise error("wrong")


def test_survey_counts_rows_and_has_some_of_them():
    found = survey(read_chunk(0, X, Y, WEIGHTS), LabelSummary, n_sample=3)
    assert (found.n_rows, found.n_features, found.weight) == (6, 2, 15.0)
    assert found.of_y.labels.tolist() == ["a", "b"]
    np.testing.assert_array_equal(found.sample.X, X[::2])
    np.testing.assert_array_equal(found.sample.weights, WEIGHTS[::2])


@pytest.mark.parametrize("kind", [LabelSummary, NumberSummary])
def test_survey_of_no_rows(kind):
    found = survey(read_chunk(0, X[:0], Y[:0], None), kind, n_sample=6)
    assert (found.n_rows, found.of_y, found.weight) == (0, None, 0.0)


def test_errors_of_a_survey_name_the_partition():
    chunk = read_chunk(4, X, Y, None)
    with pytest.raises(TypeError, match="Partition 4: y must hold numbers"):
        survey(chunk, NumberSummary, n_sample=6)


def test_rows_are_encoded_with_their_weights():
    chunk = read_chunk(0, X, Y, WEIGHTS)
    data = encode(chunk, ClassTarget(Y), {"a": 10.0}, np.dtype(np.float32))
    assert data.X.dtype == np.float32
    np.testing.assert_array_equal(data.target.ravel(), Y == "b")
    np.testing.assert_array_equal(data.weights, WEIGHTS * [10, 1, 10, 1, 1, 1])
    assert weight(data) == 33.0


def test_numbers_are_encoded_in_the_scale_of_training():
    target = RegressionTarget(
        1, is_vector=True, out_activation="identity", levels=None, is_scaled=True
    )
    target.scale = TargetScale(target.link, np.array([3.0]), np.array([2.0]))
    chunk = read_chunk(0, X, np.arange(6), None)
    data = encode(chunk, target, None, np.dtype(np.float32))
    np.testing.assert_array_equal(data.target[:, 0], (np.arange(6) - 3.0) / 2.0)
    np.testing.assert_array_equal(data.weights, np.ones(6))


def test_rows_of_a_partition_may_weigh_nothing():
    chunk = read_chunk(0, X, Y, np.zeros(6))
    data = encode(chunk, ClassTarget(Y), {"a": 10.0}, np.dtype(np.float64))
    np.testing.assert_array_equal(data.weights, np.zeros(6))
    assert data.X is chunk.X  # without a copy


def test_parts_are_stacked():
    np.testing.assert_array_equal(stack([X[:2], X[2:]]), X)
    stacked = stack([scipy.sparse.csr_array(X[:2]), scipy.sparse.csr_array(X[2:])])
    assert stacked.format == "csr"
    np.testing.assert_array_equal(stacked.toarray(), X)


def test_different_rows_have_different_digests():
    target = ClassTarget(Y)
    first, same, other = (
        encode(read_chunk(0, rows, Y, None), target, None, np.dtype(np.float64))
        for rows in (X, X.copy(), X + 1.0)
    )
    assert digest_of_rows(first) == digest_of_rows(same) != digest_of_rows(other)
