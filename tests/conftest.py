"""What all tests share: settings of the process, made before NumPy and SciPy load."""

import os

# Small products on two workers of pytest: more BLAS threads than cores only cost time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Lets scikit-learn's array API check run, which it skips otherwise.
os.environ.setdefault("SCIPY_ARRAY_API", "1")
