"""Predictions for a collection: lazy, in its chunks, and equal to those in memory."""

import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest

from skfcnn import FullyConnectedClassifier
from skfcnn.dask.predictions import predictions

X, Y = np.arange(30.0).reshape(10, 3) / 30.0, np.array(["a", "b"] * 5)
METHODS = ["predict", "predict_proba", "predict_log_proba"]

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*worse than guess"),
    pytest.mark.filterwarnings("ignore:X does not have valid feature names"),
]


@pytest.fixture(scope="module")
def model():
    params = {"max_iter": 2, "random_state": 0, "schedule": "cosine"}
    return FullyConnectedClassifier((4,), **params).fit(X, Y)


@pytest.mark.parametrize("method", METHODS)
def test_predictions_of_an_array_have_its_chunks(model, method):
    lazy = predictions(model, method, da.from_array(X, chunks=(4, 2)))
    expected = getattr(model, method)(X)
    assert lazy.chunks[0] == (4, 4, 2)
    assert (lazy.shape, lazy.dtype) == (expected.shape, expected.dtype)
    # The order of sums in a product depends on the number of rows.
    if method == "predict":
        np.testing.assert_array_equal(lazy.compute(), expected)
    else:
        np.testing.assert_allclose(lazy.compute(), expected, rtol=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_predictions_of_a_frame_and_of_partitions_without_rows(model, method):
    frame = dd.from_pandas(pd.DataFrame(X), npartitions=3)
    lazy = predictions(model, method, frame[frame[0] > 0.5])
    rows = X[X[:, 0] > 0.5]
    expected = getattr(model, method)(rows)
    found = lazy.compute()
    assert found.shape == expected.shape
    if method == "predict":
        np.testing.assert_array_equal(found, expected)


def test_float32_rows_give_float32_predictions(model):
    rows = da.from_array(X.astype(np.float32), chunks=(5, 3))
    assert predictions(model, "predict_proba", rows).dtype == np.float32


def test_one_dimensional_rows_are_refused(model):
    with pytest.raises(ValueError, match="X must have two dimensions"):
        predictions(model, "predict", da.from_array(X[:, 0]))
