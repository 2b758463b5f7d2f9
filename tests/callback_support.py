"""Whether scikit-learn has callbacks, and what marks the tests that need them."""

import pytest
import sklearn
from sklearn.utils.fixes import parse_version

HAS_CALLBACKS = parse_version(sklearn.__version__) >= parse_version("1.9")
needs_callbacks = pytest.mark.skipif(
    not HAS_CALLBACKS, reason="scikit-learn has callbacks from 1.9 on"
)
