"""The effect of an epoch on the process of its worker."""

from types import SimpleNamespace

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from skfcnn.dask import epochs


def most_threads():
    return max(each["num_threads"] for each in threadpool_info())


@pytest.fixture
def worker(monkeypatch):
    """A worker of two threads in a separate process, where Dask limits BLAS to one."""
    worker = SimpleNamespace(nanny="tcp://nanny", state=SimpleNamespace(nthreads=2))
    monkeypatch.setattr(epochs, "get_worker", lambda: worker)
    with threadpool_limits(1):
        yield worker


def test_overlapping_epochs_restore_the_number_of_threads(worker):
    """An epoch of one fit may end before an epoch of another fit that began later."""
    first, second = epochs.all_threads(), epochs.all_threads()
    first.__enter__()
    assert most_threads() == 2
    second.__enter__()
    first.__exit__(None, None, None)
    assert most_threads() == 2
    second.__exit__(None, None, None)
    assert most_threads() == 1


def test_workers_in_the_process_of_the_client_do_not_change_its_threads(worker):
    worker.nanny = None
    with epochs.all_threads():
        assert most_threads() == 1
