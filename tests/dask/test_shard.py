"""The rows of one worker: its batches, in pieces."""

import numpy as np
import pytest
import scipy.sparse

from skfcnn.dask.shard import Shard
from skfcnn.training.objective import Data

SIZES = [7, 4, 9]
X = np.arange(40.0).reshape(20, 2)
TARGET, WEIGHTS = np.arange(20)[:, None] % 2, np.arange(20.0)


def make_shard(form=np.asarray, dtype=np.float64):
    ends = np.cumsum(SIZES)
    chunks = [
        Data(*(each[end - size : end].copy() for each in (form(X), TARGET, WEIGHTS)))
        for end, size in zip(ends, SIZES, strict=True)
    ]
    return Shard(chunks, [0, 1, 2], np.dtype(dtype))


def test_every_row_is_in_one_batch():
    shard = make_shard()
    batches = [*shard.batches(4, seed=3)]
    assert len(batches) == 4
    for number, size in enumerate(SIZES):
        rows = np.concatenate([batch[number] for batch in batches])
        np.testing.assert_array_equal(np.sort(rows), np.arange(size))


def test_chunk_without_weight_has_no_rows_in_batches():
    shard = make_shard()
    shard.chunks[1].weights[...] = 0.0
    for batch in shard.batches(3, seed=0):
        assert len(batch[1]) == 0
        assert len(batch[0]) > 0 and len(batch[2]) > 0


@pytest.mark.parametrize("form", [np.asarray, scipy.sparse.csr_array])
@pytest.mark.parametrize("piece", [3, 5, 100])
def test_pieces_are_the_rows_of_a_batch_in_order(form, piece, monkeypatch):
    monkeypatch.setattr("skfcnn.dask.shard.PIECE", piece)
    shard = make_shard(form)
    (batch,) = shard.batches(1, seed=None)
    # Each piece is overwritten by the next: it has to be copied.
    found = [
        (np.array(x.toarray() if scipy.sparse.issparse(x) else x), target.copy(), w.copy())
        for x, target, w in shard.pieces(batch)
    ]
    assert max(len(x) for x, _, _ in found) == min(piece, 20)
    for expected, parts in zip((X, TARGET, WEIGHTS), zip(*found, strict=True), strict=True):
        np.testing.assert_array_equal(np.concatenate(parts), expected)


def test_pieces_have_the_dtype_of_the_network():
    shard = make_shard(dtype=np.float32)
    (batch,) = shard.batches(1, seed=None)
    (piece,) = shard.pieces(batch)
    assert piece.X.dtype == piece.target.dtype == np.float32
