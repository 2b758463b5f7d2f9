"""Predictions of a fitted classifier: the dtype of probabilities, and their sum."""

import json
import re
import tracemalloc
import warnings
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse
from scipy.special import softmax
from sklearn.exceptions import ConvergenceWarning

from skfcnn import FullyConnectedClassifier, TabularClassifier
from skfcnn.estimator.base import dtype_of_answers
from skfcnn.training.optimizers import LAZY, OPTIMIZERS

RNG = np.random.RandomState(0)
X = RNG.standard_normal((500, 5))
TARGETS = {
    "binary": np.arange(500) % 2,
    "classes": np.arange(500) % 60,
    "labels": RNG.randint(2, size=(500, 3)),
    "one class": np.zeros(500),
}
FITTED = [
    "loss_",
    "loss_curve_",
    "best_loss_",
    "validation_scores_",
    "validation_loss_curve_",
    "best_validation_score_",
    "best_epoch_",
    "n_iter_",
    "t_",
    "converged_",
]


def fit(y, rows=X, **params):
    model = FullyConnectedClassifier((10,), random_state=0, max_iter=3, **params)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(rows, y)


@pytest.mark.grid(4)
@pytest.mark.parametrize("given", [np.float64, np.int32, np.float16, bool, np.float32])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("y", TARGETS)
def test_probabilities_have_the_dtype_of_X_and_sum_to_1_in_it(y, dtype, given):
    model = fit(TARGETS[y], dtype=dtype)
    rows = (3.0 * X).astype(given)
    wanted = np.float32 if given is np.float32 else np.float64
    for x in (rows, scipy.sparse.csr_array(rows.astype(wanted))):
        p, log_p = model.predict_proba(x), model.predict_log_proba(x)
        assert p.dtype == log_p.dtype == wanted
        if y != "labels":
            # Sixty numbers, each rounded once.
            atol = 1e-12 if wanted == np.float64 else 60 * 6e-8
            np.testing.assert_allclose(p.sum(axis=1), 1.0, rtol=0.0, atol=atol)
            np.testing.assert_array_equal(model.predict(x), model.classes_[p.argmax(1)])
        else:
            np.testing.assert_array_equal(model.predict(x), p > 0.5)
        assert np.isfinite(log_p).all()


@pytest.mark.parametrize("y", TARGETS)
def test_float32_and_float64_rows_give_the_same_probabilities(y):
    model = fit(TARGETS[y], dtype="float32")
    rows = X.astype(np.float32)
    # Computed from the same outputs; the smaller dtype rounds them by 6e-8.
    np.testing.assert_allclose(
        model.predict_proba(rows), model.predict_proba(rows.astype(float)), rtol=1e-6
    )


def test_float32_rows_do_not_overflow_in_a_float64_network():
    model = fit(TARGETS["classes"], dtype="float64")
    p = model.predict_proba(np.full((1, 5), 3e38, np.float32))
    assert p.dtype == np.float32 and p.sum() == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_probability_near_one_keeps_the_precision_of_the_rest(dtype):
    """1 - 1 / (1 + exp(20)) = 2e-9 is rounded to 0 in float32, but not in float64."""
    for y in ("binary", "labels"):
        model = fit(TARGETS[y], dtype=dtype)
        model.coefs_[-1][...] = 0.0
        model.intercepts_[-1][...] = 20.0
        p = model.predict_proba(X[:1])
        assert 1.0 - p[0, -1] == pytest.approx(np.exp(-20.0), rel=1e-6)


def test_predictions_and_fitted_numbers_can_be_written_as_json():
    for params in ({}, {"solver": "lbfgs"}, {"early_stopping": True}):
        model = fit(TARGETS["binary"], dtype="float32", **params)
        told = {name: getattr(model, name) for name in FITTED}
        told["p"] = model.predict_proba(X[:1])[0, 1]
        told["log p"] = model.predict_log_proba(X[:1])[0, 1]
        assert json.loads(json.dumps(told))["p"] == told["p"]


def test_numpy_accepts_the_probabilities_for_random_choice():
    model = fit(TARGETS["classes"], dtype="float32")
    for p in model.predict_proba(X[:50]):
        assert RNG.choice(60, p=p) in range(60)


def test_tabular_models_predict_in_float64():
    y = TARGETS["binary"]
    params = {"network_params": {"max_iter": 2}, "random_state": 0}
    for model in (
        TabularClassifier("fast", **params),
        TabularClassifier("fast", encoder="passthrough", **params),
    ):
        for given in (X, X.astype(np.float32)):
            p = model.fit(given, y).predict_proba(given)
            assert p.dtype == np.float64 and json.dumps(p[0, 1])
            np.testing.assert_allclose(p.sum(axis=1), 1.0, rtol=0.0, atol=1e-12)


def test_prediction_allocates_one_matrix_of_probabilities():
    model = fit(np.arange(500).repeat(2), np.vstack([X, X]), dtype="float32")
    rows = np.zeros((20_000, 5))
    for method in (model.predict_proba, model.predict_log_proba):
        tracemalloc.start()
        try:
            n_bytes = method(rows).nbytes
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        # Chunks of 2^18 numbers: a few of 2 MB, in addition to 80 MB.
        assert peak < 1.15 * n_bytes


# ----- a network with given weights


def test_user_guide_sets_given_weights():
    guide = (Path(__file__).parents[2] / "docs" / "guide" / "internals.md").read_text()
    (code,) = re.findall(r"### Given weights.*?```python\n(.*?)```", guide, re.S)
    names = {}
    exec(code, names)
    model, coefs, intercepts = names["model"], names["coefs"], names["intercepts"]
    rows = RNG.standard_normal((20, 4))
    z = np.maximum(rows @ coefs[0] + intercepts[0], 0.0) @ coefs[1] + intercepts[1]
    np.testing.assert_allclose(model.predict_proba(rows), softmax(z, axis=1), rtol=1e-12)
    np.testing.assert_array_equal(model.predict(rows), np.array([*"abc"])[z.argmax(axis=1)])


@pytest.mark.grid(8)
@pytest.mark.parametrize(
    "params",
    [{}, {"weight_averaging": 0.1}, {"schedule": "cosine"}, {"dropout": 0.5}],
    ids=str,
)
@pytest.mark.parametrize("solver", [name for name in OPTIMIZERS if name not in LAZY])
@pytest.mark.parametrize("y", TARGETS)
def test_stop_after_zero_keeps_the_first_parameters(y, solver, params):
    model = FullyConnectedClassifier((10,), solver=solver, random_state=0, **params)
    n_out = {"binary": 1, "classes": 60, "labels": 3, "one class": 1}[y]
    coefs = [RNG.standard_normal((5, 10)), RNG.standard_normal((10, n_out))]
    intercepts = [np.ones(10), np.ones(n_out)]
    first = {"coefs_init": coefs, "intercepts_init": intercepts}
    model.fit(X, TARGETS[y], **first, stop_after=0)  # without a warning
    for given, array in zip(
        coefs + intercepts, [*model.coefs_, *model.intercepts_], strict=True
    ):
        np.testing.assert_array_equal(array, given)
    assert (model.n_iter_, model.t_, model.loss_curve_) == (0, 0, [])
    assert np.isnan(model.loss_) and not model.converged_
    resumed = model.fit(X, TARGETS[y], resume_from=model, stop_after=1)
    assert resumed.n_iter_ == 1
    assert resumed.partial_fit(X, TARGETS[y]).t_ == 2 * len(X)


def test_setting_weights_before_fit_is_refused():
    with pytest.raises(
        AttributeError, match="coefs_init.*without any training.*stop_after=0"
    ):
        FullyConnectedClassifier().coefs_ = [np.ones((5, 1))]


@pytest.mark.parametrize(
    ("given", "expected"),
    [("float32", "float32"), ("float64", "float64"), ("float16", "float64")]
    + [("int32", "float64"), ("bool", "float64")],
)
def test_only_float32_rows_give_float32_predictions(given, expected):
    for rows in (np.ones((2, 3), given), scipy.sparse.csr_array((2, 3), dtype="float32")):
        wanted = "float32" if scipy.sparse.issparse(rows) else expected
        assert dtype_of_answers(rows) == np.dtype(wanted)
