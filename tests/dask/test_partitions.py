"""Dask collections cut into partitions, and computed."""

import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest

from skfcnn.dask.collections import (
    in_memory,
    is_collection,
    n_partitions,
    partitions,
    whole_rows,
)

X, Y = np.arange(20.0).reshape(10, 2), np.arange(10) % 2
ARRAY = da.from_array(X, chunks=(4, 1))
FRAME = dd.from_pandas(pd.DataFrame(X, columns=["a", "b"]), npartitions=3)


def test_collections_are_distinguished_from_data_in_memory():
    assert all(map(is_collection, (ARRAY, FRAME, FRAME["a"])))
    assert not any(map(is_collection, (X, X.tolist(), pd.DataFrame(X))))


def test_partitions_are_counted_along_the_rows():
    assert n_partitions(ARRAY) == 3
    assert n_partitions(FRAME) == FRAME.npartitions


def test_columns_of_an_array_are_in_one_chunk():
    assert whole_rows(ARRAY).chunks == ((4, 4, 2), (2,))
    assert whole_rows(FRAME) is FRAME


@pytest.mark.parametrize("y", [Y, Y.tolist(), da.from_array(Y, chunks=7)])
def test_labels_are_partitioned_like_rows(y):
    parts = partitions(ARRAY, y, None)
    assert len(parts) == 3
    start = 0
    for rows, labels, weights in parts:
        rows, labels = rows.compute(), labels.compute()
        assert weights is None
        np.testing.assert_array_equal(rows, X[start : start + len(rows)])
        np.testing.assert_array_equal(labels, Y[start : start + len(rows)])
        start += len(rows)
    assert start == 10


def test_weights_are_partitioned_like_rows():
    weights = np.arange(10.0)
    parts = partitions(ARRAY, Y, weights)
    found = np.concatenate([part[2].compute() for part in parts])
    np.testing.assert_array_equal(found, weights)


def test_labels_of_different_length_are_refused():
    with pytest.raises(ValueError, match="X has 10 rows, but y has 9"):
        partitions(ARRAY, Y[1:], None)


def test_rows_in_memory_are_refused():
    with pytest.raises(TypeError, match="X must be a Dask array or DataFrame; got ndarray"):
        partitions(X, Y, None)


def test_only_collections_are_computed():
    given = object()
    frame, array, same = in_memory(None, FRAME, ARRAY, given)
    pd.testing.assert_frame_equal(frame, pd.DataFrame(X, columns=["a", "b"]))
    np.testing.assert_array_equal(array, X)
    assert same is given
