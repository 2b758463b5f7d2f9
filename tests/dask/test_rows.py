"""The rows of a fit on the workers: their classes, weights and places."""

import numpy as np
import pytest
from dask_cluster import cut

from skfcnn.dask.clients import send_releases
from skfcnn.dask.label_summary import LabelSummary
from skfcnn.dask.rows import ClusterRows, WorkersLost, gather
from skfcnn.estimator.class_target import ClassTarget

X, Y = np.arange(40.0).reshape(20, 2), np.repeat([0, 1, 2], [10, 6, 4])


@pytest.fixture
def rows(client):
    with ClusterRows(client, LabelSummary) as rows:
        rows.read(*cut(X, Y, rows=5), None)
        yield rows


def test_results_are_gathered_and_their_futures_released(client):
    futures = client.map(lambda n: n**2, range(3))
    assert gather(client, futures) == [0, 1, 4]
    send_releases(client)
    assert not any(future.key in client.futures for future in futures)


def test_client_has_the_counts_and_labels_of_the_rows(rows):
    assert (rows.n_rows, rows.weight) == (20, 20.0)
    assert rows.of_y.labels.tolist() == [0, 1, 2]
    assert sorted(rows.surveys) == [0, 1, 2, 3]
    np.testing.assert_array_equal(rows.sample.X, X)
    np.testing.assert_array_equal(rows.sample.y, Y)


def test_classes_are_balanced_over_all_partitions(rows):
    weights = rows.weigh_classes("balanced")
    totals = [weights[label] * (label == Y).sum() for label in range(3)]
    assert totals == pytest.approx([20 / 3] * 3)


def test_every_chunk_is_on_one_worker(rows, client):
    rows.prepare(ClassTarget(Y), np.dtype(np.float64))
    parts = rows.parts()
    assert {part.address for part in parts} <= client.nthreads().keys()
    assert sorted(number for part in parts for number in part.numbers) == [0, 1, 2, 3]
    # Four chunks of equal size on two workers: each has two.
    assert [part.weight for part in parts] == [10.0, 10.0]


def test_digests_name_the_partitions(rows):
    rows.prepare(ClassTarget(Y), np.dtype(np.float64))
    digests = rows.digests()
    assert [*digests] == [f"partition {i}" for i in range(4)]
    assert len(set(digests.values())) == 4


def test_without_workers_there_are_no_parts(rows, monkeypatch):
    monkeypatch.setattr(rows.client, "nthreads", lambda: {})
    with pytest.raises(WorkersLost):
        rows.parts()
