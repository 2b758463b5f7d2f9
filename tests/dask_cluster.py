"""Clusters for tests: in the memory of the test, within 0.1 seconds, or of processes."""

import contextlib

import dask.array as da
from dask.distributed import Client, LocalCluster


@contextlib.contextmanager
def workers(n_workers, **options):
    """A client of a cluster of so many workers."""
    given = {"threads_per_worker": 1, "processes": False, "dashboard_address": ":0"}
    cluster = LocalCluster(n_workers=n_workers, **given | options)
    with cluster, Client(cluster) as client:
        yield client


def cut(*arrays, rows=300):
    """Arrays as Dask arrays, in chunks of so many rows."""
    return [da.from_array(a, chunks=(rows, *a.shape[1:])) for a in arrays]
