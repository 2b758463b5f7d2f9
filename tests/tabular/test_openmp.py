"""OpenMP threads of boosted trees."""

import threading

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor  # loads the library
from threadpoolctl import threadpool_info

from skfcnn.tabular.openmp import FEW, threads_for_trees


def n_threads():
    assert HistGradientBoostingRegressor
    return [
        each["num_threads"] for each in threadpool_info() if each["user_api"] == "openmp"
    ]


def test_a_small_table_has_one_thread_and_the_setting_is_restored():
    before = n_threads()
    with pytest.raises(KeyError), threads_for_trees(np.empty(FEW)):
        assert set(n_threads()) == {1}
        raise KeyError
    assert n_threads() == before
    with threads_for_trees(np.empty(FEW + 1)):
        assert n_threads() == before


def test_other_threads_keep_their_setting():
    before, found = n_threads(), []
    with threads_for_trees(np.empty(1)):
        other = threading.Thread(target=lambda: found.extend(n_threads()))
        other.start()
        other.join()
    assert found == before
