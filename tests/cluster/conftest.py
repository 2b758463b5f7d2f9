"""What the tests on clusters share."""

import pytest
from dask_cluster import workers


@pytest.fixture(scope="module")
def client():
    """Of two workers in the memory of the test."""
    with workers(2) as client:
        yield client
