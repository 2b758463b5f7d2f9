"""Arrays of finite floats skip the full validation of a prediction; others do not."""

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import validate_data

from skfcnn import FullyConnectedClassifier

X = np.random.RandomState(0).standard_normal((20, 3))
Y = np.arange(20) % 2


def make_model():
    return FullyConnectedClassifier(hidden_layer_sizes=(4,), random_state=0)


@pytest.fixture(scope="module")
def model():
    return make_model().fit(X, Y, stop_after=0)


@pytest.mark.parametrize(
    "wrong",
    [
        np.full((1, 3), np.nan),
        np.array([[1.0, np.inf, 2.0]]),
        np.array([[np.inf, -np.inf, 2.0]]),
        X[:, :2],
        X[0],
        X[:0],
        X[None],
        X + 1j,
    ],
    ids=["nan", "inf", "both", "columns", "one dimension", "no rows", "three", "complex"],
)
def test_a_wrong_array_has_the_error_of_scikit_learn(model, wrong):
    with pytest.raises(ValueError) as expected, np.errstate(invalid="ignore"):
        validate_data(model, wrong, reset=False)
    with pytest.raises(ValueError) as found:
        model.predict_proba(wrong)
    assert str(found.value) == str(expected.value)


@pytest.mark.parametrize("dtype", ["f4", "f8", ">f8", "i4", object])
def test_an_array_of_any_dtype_gets_the_same_probabilities(model, dtype):
    rows = np.round(X).astype(dtype)
    expected = model.predict_proba(np.round(X))
    np.testing.assert_allclose(model.predict_proba(rows), expected, rtol=1e-6)


def test_finite_numbers_whose_sum_overflows_are_accepted(model):
    large = np.full((2, 3), np.finfo(np.float32).max)
    with np.errstate(over="raise", invalid="raise"):
        assert np.isfinite(model.predict_proba(large.astype(np.float32))).all()


def test_configuration_and_feature_names_are_respected(model):
    with config_context(assume_finite=True), pytest.raises(ValueError, match="not finite"):
        model.predict_proba(np.full((1, 3), np.nan))
    named = make_model().fit(pd.DataFrame(X, columns=["a", "b", "c"]), Y, stop_after=0)
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        named.predict_proba(X)
    with pytest.raises(NotFittedError):
        make_model().predict_proba(X)
