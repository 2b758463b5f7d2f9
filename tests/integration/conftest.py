"""Tests with other packages, collected if the extra "integration" is installed."""

from importlib.util import find_spec

import pytest

collect_ignore_glob = [] if find_spec("optuna") else ["test_*.py"]


@pytest.fixture
def figures():
    """Draw to memory, and restore the style and close all figures after the test."""
    from matplotlib import pyplot as plt

    plt.switch_backend("agg")
    with plt.rc_context():
        yield
    plt.close("all")
