"""What the tests on clusters share."""

import signal

import pytest
from dask_cluster import workers

SECONDS = 120


@pytest.fixture(scope="module")
def client():
    """Of two workers in the memory of the test."""
    with workers(2) as client:
        yield client


@pytest.fixture(autouse=True)
def time_limit():
    """Let no test wait for ever: what is to be shown is that nothing does."""
    before = signal.signal(
        signal.SIGALRM, lambda *_: pytest.fail(f"not ended after {SECONDS} seconds")
    )
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
