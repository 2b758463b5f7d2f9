"""The parameter numeric_embedding: dense rows only, and the columns of a warm start."""

import pytest
from further_layers import X, Y, make_model
from scipy.sparse import csr_array
from sklearn.base import clone

# A dozen epochs are too few for some models: they are worse than guessing.
pytestmark = pytest.mark.filterwarnings("ignore:.*worse than guess")


def test_numeric_embedding_refuses_sparse_rows_in_fit():
    with pytest.raises(ValueError, match="numeric_embedding needs X as an array"):
        make_model(numeric_embedding="pbld").fit(csr_array(X), Y)


def test_numeric_embedding_refuses_sparse_rows_in_every_method():
    model = make_model(numeric_embedding="pbld", max_iter=2).fit(X, Y)
    sparse = csr_array(X)
    calls = {
        "predict": lambda: model.predict(sparse),
        "partial_fit": lambda: model.partial_fit(sparse, Y),
        "warm start": lambda: model.set_params(warm_start=True).fit(sparse, Y),
        "X_val": lambda: model.partial_fit(X, Y, X_val=sparse, y_val=Y),
        "fit": lambda: clone(model).fit(X, Y, X_val=sparse, y_val=Y),
    }
    for name, call in calls.items():
        with pytest.raises((TypeError, ValueError), match="dense data is required"):
            call()
            pytest.fail(name)


def test_warm_start_keeps_the_embedded_columns():
    binary = (X > 0.0).astype(float)
    model = make_model(warm_start=True, numeric_embedding="pbld").fit(binary, Y)
    assert [array.size for array in model.parameters_["embedding"]] == [0] * 4
    assert [array.size for array in model.fit(X, Y).parameters_["embedding"]] == [0] * 4
    with pytest.raises(ValueError, match="has numeric_embedding='pbld'"):
        model.set_params(numeric_embedding=None).fit(X, Y)
