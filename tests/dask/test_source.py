"""The rows of Dask collections as the source of a fit."""

import dask.array as da
import numpy as np
import pytest
from dask_cluster import workers

from skfcnn import FullyConnectedClassifier
from skfcnn.dask.label_summary import LabelSummary
from skfcnn.dask.rows import ClusterRows
from skfcnn.dask.source import CollectionRows
from skfcnn.estimator.class_target import ClassTarget
from skfcnn.estimator.rows import GivenRows

X, Y = np.arange(40.0).reshape(20, 2), np.arange(20) % 2


@pytest.fixture(scope="module")
def client():
    with workers(1) as client:
        yield client


def source_of(client, create=ClassTarget):
    rows = ClusterRows(client, LabelSummary)
    given = GivenRows(da.from_array(X, chunks=(5, 2)), da.from_array(Y, chunks=5))
    return CollectionRows(rows, given, create)


def test_sample_has_the_total_weight_of_all_rows(client):
    model = FullyConnectedClassifier()
    source = source_of(client)
    with source.cluster_rows:
        data = source.read(model, continues=False)
    assert data.weights.sum() == pytest.approx(20.0)
    assert model._target.classes.tolist() == [0, 1]
    assert model.n_features_in_ == 2


def test_target_of_a_new_fit_may_have_further_classes(client):
    model = FullyConnectedClassifier()
    source = source_of(client, lambda y: ClassTarget([*y, 2]))
    with source.cluster_rows:
        source.read(model, continues=False)
    assert model._target.classes.tolist() == [0, 1, 2]


def test_each_partition_has_a_digest(client):
    model = FullyConnectedClassifier()
    source = source_of(client)
    with source.cluster_rows:
        source.read(model, continues=False)
        model.dtype_ = np.dtype(np.float64)
        digests = source.digests()
    assert sorted(digests) == [f"partition {i}" for i in range(4)]
    assert len({*digests.values()}) == 4
