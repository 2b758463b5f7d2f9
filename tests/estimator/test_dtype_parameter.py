"""The precision of a network, and of its predictions."""

import numpy as np
import pytest
from quick_fit import fitted
from sklearn.datasets import load_wine


def test_float32_rows_give_float32_predictions(iris):
    X, y = iris[0].to_numpy(), iris[1]
    small, rows = fitted(X.astype("float32"), y), X.astype("float32")
    for result in (small.predict_proba(rows), small.predict_log_proba(rows), *small.coefs_):
        assert result.dtype == small.dtype_ == np.float32
    # Seven digits in, so about five out, after 4 + 5 products each.
    np.testing.assert_allclose(
        small.predict_proba(X.astype("float32")), small.predict_proba(X), atol=1e-5
    )


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    ("X_dtype", "hidden", "dtype", "solver", "wanted"),
    [
        ("float64", 5, "auto", "adam", "float64"),
        ("int64", 5, "auto", "adam", "float64"),
        ("bool", 5, "auto", "lbfgs", "float64"),
        ("float32", 5, "auto", "adam", "float32"),
        ("float64", 500, "auto", "adam", "float32"),  # 200 rows of 16 * 500 weights
        ("float64", 500, "auto", "lbfgs", "float32"),
        ("float64", 100, "auto", "adam", "float32"),  # 200 * 1600 products > 2^18
        ("float64", 80, "auto", "adam", "float64"),  # 178 rows in a batch: 227,840
        ("float64", 500, "float64", "adam", "float64"),
        ("float32", 5, "float64", "adam", "float64"),
        ("float64", 5, "float32", "lbfgs", "float32"),
    ],
)
def test_dtype_auto_is_float64_for_small_problems(X_dtype, hidden, dtype, solver, wanted):
    X, y = load_wine(return_X_y=True)
    X = (X > np.median(X, axis=0)).astype(X_dtype)
    params = {"solver": solver, "max_iter": 2, "hidden_layer_sizes": (hidden,)}
    model = fitted(X, y, dtype=dtype, **params)
    assert model.dtype_ == np.dtype(wanted)
    assert {array.dtype for array in (*model.coefs_, *model.intercepts_)} == {model.dtype_}
    of_answers = np.float32 if X_dtype == "float32" else np.float64
    assert model.predict_proba(X).dtype == of_answers
    assert isinstance(model.loss_, float)
