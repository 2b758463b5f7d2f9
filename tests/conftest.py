"""What all tests share: settings of the process, made before NumPy and SciPy load."""

import os

from hypothesis import settings

# Small products on two workers of pytest: more BLAS threads than cores only cost time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Lets scikit-learn's array API check run, which it skips otherwise.
os.environ.setdefault("SCIPY_ARRAY_API", "1")

# The same examples in every run, or others for as long as one likes:
# python -m pytest tests/test_properties.py tests/test_fuzzed_files.py
#     --hypothesis-profile=fuzzing
settings.register_profile(
    "tests", deadline=None, max_examples=60, derandomize=True, database=None
)
settings.register_profile("fuzzing", deadline=None, max_examples=5000)
settings.load_profile("tests")
