"""Tests beside other people's packages, collected where the extra "integration" is."""

from importlib.util import find_spec

import pytest

collect_ignore_glob = [] if find_spec("optuna") else ["test_*.py"]


@pytest.fixture
def figures():
    """Draw to memory, and keep no figure and no style after the test."""
    from matplotlib import pyplot as plt

    plt.switch_backend("agg")
    with plt.rc_context():
        yield
    plt.close("all")
