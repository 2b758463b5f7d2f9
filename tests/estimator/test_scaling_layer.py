"""The parameter scaling_layer."""

import numpy as np
import pytest
from further_layers import X, Y, make_model
from scipy.sparse import csr_array

# A dozen epochs are too few for some models: they are worse than guessing.
pytestmark = pytest.mark.filterwarnings("ignore:.*worse than guess")


def test_scaling_layer_takes_sparse_rows():
    dense, sparse = (
        make_model(scaling_layer=True, dtype="float64", max_iter=5).fit(data, Y)
        for data in (X, csr_array(X))
    )
    # Sparse and dense products sum in another order.
    np.testing.assert_allclose(
        sparse.predict_proba(csr_array(X)), dense.predict_proba(X), rtol=1e-9
    )
