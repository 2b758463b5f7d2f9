"""Settings of the process for all tests, made before NumPy and SciPy are imported."""

import os
import random
from itertools import groupby

import pytest
from hypothesis import settings

# Small products on two workers of pytest: more BLAS threads than cores only cost time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Lets scikit-learn's array API check run, which it skips otherwise.
os.environ.setdefault("SCIPY_ARRAY_API", "1")

# The same examples in every run, or others for as long as one likes:
# python -m pytest tests/test_properties.py tests/estimator/test_fuzzed_files.py
#     --hypothesis-profile=fuzzing
settings.register_profile(
    "tests", deadline=None, max_examples=30, derandomize=True, database=None
)
settings.register_profile("fuzzing", deadline=None, max_examples=5000)
settings.load_profile("tests")

# Processes of pytest-xdist inherit it, and have to draw the same cases.
SEED = int(os.environ.setdefault("GRID_SEED", str(random.randrange(2**16))))


def pytest_report_header():
    """Print how to repeat a run: GRID_SEED=... python -m pytest."""
    return f"GRID_SEED={SEED} draws the cases of grids"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Draw of the cases of a grid: grid(n) draws one in n for the default run.

    Three times as many others are slow, and what is left is in neither run: whole_grid. Of
    a grid that is slow itself, one in n is for the slow run, and the others are whole_grid.
    """
    grids = [item for item in items if item.get_closest_marker("grid")]
    for function, cases in groupby(grids, key=lambda item: item.function):
        cases = [*cases]
        (one_in,) = cases[0].get_closest_marker("grid").args
        n_drawn = -(-len(cases) // one_in)
        is_slow = all(case.get_closest_marker("slow") for case in cases)
        n_in_runs = n_drawn if is_slow else 4 * n_drawn
        # By the name of the test, so that one file alone draws the cases of a whole run.
        random.Random(f"{SEED} {function.__name__}").shuffle(cases)
        for case in cases[n_drawn:n_in_runs]:
            case.add_marker("slow")
        for case in cases[n_in_runs:]:
            case.add_marker("whole_grid")
