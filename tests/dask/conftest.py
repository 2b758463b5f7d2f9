"""Fixtures for the tests on clusters."""

import signal

import pytest
from dask_cluster import workers

# The longest test takes a minute alone; a loaded machine may take several.
SECONDS = 600


@pytest.fixture(scope="module")
def client():
    """A client of two workers in the process of the test."""
    with workers(2) as client:
        yield client


@pytest.fixture(autouse=True)
def time_limit():
    """End tests that hang: the tests check that nothing waits forever."""
    before = signal.signal(
        signal.SIGALRM, lambda *_: pytest.fail(f"not ended after {SECONDS} seconds")
    )
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
