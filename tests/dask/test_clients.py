"""The client of a fit, and clients that cannot be used."""

from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from dask.distributed import Client
from dask_cluster import workers

from skfcnn.dask.clients import release_worker_thread, send_releases, usable_client


def test_other_objects_are_refused_as_clients():
    with pytest.raises(TypeError, match="must be a dask.distributed.Client or None; got 3"):
        usable_client(3)


def test_error_without_a_client_tells_how_to_create_one():
    with pytest.raises(ValueError, match="There is no Dask client. Create one"):
        usable_client(None)
    send_releases(None)  # nothing to send; no error


def test_last_client_is_used_unless_another_is_given():
    with workers(1) as first:
        assert usable_client(None) is first
        with Client(first.cluster, set_as_default=True) as second:
            assert usable_client(None) is second
            assert usable_client(first) is first


def test_closed_client_is_refused():
    with workers(1) as client:
        pass
    with pytest.raises(ValueError, match="The client is closed"):
        usable_client(client)
    send_releases(client)


def test_cluster_without_workers_is_refused():
    with workers(0) as client:
        with pytest.raises(RuntimeError, match="has no workers. Start some"):
            usable_client(client)


def test_asynchronous_client_is_refused(monkeypatch):
    with workers(1) as client:
        monkeypatch.setattr(Client, "asynchronous", True)
        try:
            with pytest.raises(ValueError, match="An asynchronous client cannot be used"):
                usable_client(client)
        finally:
            monkeypatch.undo()


def test_releases_are_sent_only_by_a_client_that_can_wait():
    synced = []
    client = SimpleNamespace(status="running", asynchronous=True, sync=synced.append)
    send_releases(client)
    assert synced == []
    client.asynchronous, client.sync = False, lambda *args: synced.append(args)
    send_releases(client)
    assert len(synced) == 1


def test_outside_of_a_task_no_thread_is_freed():
    assert isinstance(release_worker_thread(), nullcontext)
