"""What an epoch does to the process of its worker."""

from types import SimpleNamespace

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from skfcnn.dask import epochs


def most_threads():
    return max(each["num_threads"] for each in threadpool_info())


@pytest.fixture
def worker(monkeypatch):
    """A worker of two threads with a process of its own, whose BLAS Dask has set to one."""
    worker = SimpleNamespace(nanny="tcp://nanny", state=SimpleNamespace(nthreads=2))
    monkeypatch.setattr(epochs, "get_worker", lambda: worker)
    with threadpool_limits(1):
        yield worker


def test_epochs_that_overlap_leave_the_threads_as_they_were(worker):
    """That of one fit may end while that of another, begun later, goes on."""
    first, second = epochs.all_threads(), epochs.all_threads()
    first.__enter__()
    assert most_threads() == 2
    second.__enter__()
    first.__exit__(None, None, None)
    assert most_threads() == 2
    second.__exit__(None, None, None)
    assert most_threads() == 1


def test_workers_of_the_process_of_the_client_leave_its_threads(worker):
    worker.nanny = None
    with epochs.all_threads():
        assert most_threads() == 1
