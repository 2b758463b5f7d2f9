import inspect

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier

from skfcnn import FullyConnectedClassifier
from skfcnn._parameters import (
    CONSTRAINTS,
    SMALL_PROBLEM,
    computing_dtype,
    layer_sizes,
    rows_per_batch,
)

X32, X64 = np.zeros((1000, 2), np.float32), np.zeros((1000, 2))


def test_the_constructor_is_that_of_mlpclassifier_and_three_more():
    theirs = list(inspect.signature(MLPClassifier).parameters.values())
    ours = list(inspect.signature(FullyConnectedClassifier).parameters.values())
    assert ours[: len(theirs)] == theirs
    assert [parameter.name for parameter in ours[len(theirs) :]] == [
        "loss",
        "dtype",
        "init",
    ]


def test_every_parameter_has_a_constraint():
    assert (
        CONSTRAINTS.keys() == inspect.signature(FullyConnectedClassifier).parameters.keys()
    )


@pytest.mark.parametrize(
    ("hidden", "sizes"),
    [
        (5, (4, 5, 3)),
        ((), (4, 3)),
        ([7, 6], (4, 7, 6, 3)),
        (np.array([7, 6]), (4, 7, 6, 3)),
        (np.int64(5), (4, 5, 3)),
    ],
)
def test_layer_sizes(hidden, sizes):
    result = layer_sizes(hidden, 4, 3)
    assert result == sizes
    assert {type(size) for size in result} == {int}


@pytest.mark.parametrize("hidden", [0, (5, 0), (-1,), (2.5,), ("5",), [(5,)]])
def test_layer_sizes_are_positive_integers(hidden):
    with pytest.raises(ValueError, match=r"hidden_layer_sizes must be > 0, got \["):
        layer_sizes(hidden, 4, 3)


def test_rows_per_batch():
    assert rows_per_batch("auto", 1000) == 200
    assert rows_per_batch("auto", 50) == 50
    assert rows_per_batch(64, 1000) == 64
    with pytest.warns(UserWarning, match="It is going to be clipped"):
        assert rows_per_batch(64, 50) == 50


@pytest.mark.parametrize(
    ("params", "X", "sizes", "expected"),
    [
        ({"batch_size": 64}, X64, (2, 60, 60), "float64"),
        ({"batch_size": 64}, X32, (2, 60, 60), "float32"),
        ({"batch_size": 64}, X64, (2, SMALL_PROBLEM // 128, 0), "float64"),
        ({"batch_size": 64}, X64, (2, SMALL_PROBLEM // 128 + 1, 0), "float32"),
        ({"batch_size": "auto"}, X64, (2, 700, 0), "float32"),
        ({"batch_size": 10**9}, X64, (2, 100, 0), "float64"),
        ({"solver": "lbfgs"}, X64, (2, 200, 0), "float32"),
        ({"dtype": "float64"}, X32, (2, 10**6, 2), "float64"),
        ({"dtype": "float32"}, X64, (2, 2), "float32"),
    ],
)
def test_computing_dtype(params, X, sizes, expected):
    estimator = FullyConnectedClassifier(**params)
    assert computing_dtype(estimator, X, sizes) == np.dtype(expected)
