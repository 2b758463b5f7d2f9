"""The rows of each batch: every row occurs once, and every batch has its share."""

import numpy as np
import pytest

from skfcnn.dask.plan import batch_bounds, batches_of


@pytest.mark.parametrize("n_rows", [0, 1, 3, 97, 1000])
@pytest.mark.parametrize("n_batches", [1, 3, 10, 128])
@pytest.mark.parametrize("seed", [None, 5])
def test_every_row_is_in_one_batch(n_rows, n_batches, seed):
    batches = [*batches_of(2, n_rows, n_batches, seed)]
    assert len(batches) == n_batches
    np.testing.assert_array_equal(np.sort(np.concatenate(batches)), np.arange(n_rows))
    sizes = [len(batch) for batch in batches]
    assert max(sizes) - min(sizes) <= 1  # each its share, to within a row


def test_rows_keep_their_order_without_a_seed():
    np.testing.assert_array_equal(np.concatenate([*batches_of(0, 20, 3, None)]), range(20))


def test_orders_differ_from_chunk_to_chunk_and_from_epoch_to_epoch():
    orders = [
        np.concatenate([*batches_of(number, 50, 4, seed)])
        for number, seed in [(0, 1), (1, 1), (0, 2), (1, 0)]
    ]
    for i, order in enumerate(orders):
        assert not any(np.array_equal(order, other) for other in orders[:i])
    again = np.concatenate([*batches_of(1, 50, 4, 1)])
    np.testing.assert_array_equal(again, orders[1])


def test_small_chunks_spread_their_rows_over_the_batches():
    """10 batches get about 100 each of 1,000 chunks of one row."""
    bounds = np.array([batch_bounds(number, 1, 10) for number in range(1000)])
    sizes = np.diff(bounds, axis=1).sum(axis=0)
    assert sizes.sum() == 1000
    assert sizes.min() >= 97 and sizes.max() <= 103
