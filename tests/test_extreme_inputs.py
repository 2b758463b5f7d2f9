"""Extreme but finite input gives probabilities to trust, or a clear error."""

import datetime
import decimal
import enum
import fractions
import uuid
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss

from skfcnn import FullyConnectedClassifier, FullyConnectedRegressor
from skfcnn.network.losses import NUMBER_LOSSES

RNG = np.random.RandomState(0)
BASE = RNG.standard_normal((60, 4))
Y = (BASE[:, 0] + BASE[:, 1] > 0).astype(int)
SOLVERS = ["adam", "sgd", "lbfgs"]

ROWS = {
    **{f"1e{e}": BASE * 10.0**e for e in (-320, -300, -150, 150, 200, 300, 307)},
    "largest": np.sign(BASE) * np.finfo(float).max,
    "1e12 and 1e-12": BASE * [1e12, 1e-12, 1.0, 1.0],
    "1e300 and 1e-300": BASE * [1e300, 1e-300, 1e300, 1e-300],
    "constant": np.full((60, 3), 7.0),
    "zeros": np.zeros((60, 3)),
    "one far row": np.vstack([BASE[:-1], [1e300] * 4]),
    "one feature": BASE[:, :1],
    "float32 denormals": (BASE * 1e-44).astype(np.float32),
    "float32 1e38": (BASE * 1e37).astype(np.float32),
    "one row": BASE[:1],
    "two rows": BASE[:2],
}


def fit(X, y, weights=None, **params):
    """Return the fitted model; only a ConvergenceWarning is allowed."""
    model = FullyConnectedClassifier((5,), random_state=0, max_iter=30).set_params(**params)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(X, y, weights)


def assert_probabilities(model, X):
    p, log_p = model.predict_proba(X), model.predict_log_proba(X)
    assert np.isfinite(p).all() and np.isfinite(log_p).all()
    assert (p >= 0.0).all() and (p <= 1.0).all() and (log_p <= 0.0).all()
    # In float32 a sum of 1000 classes rounds a thousand times, by 6e-8 each at most.
    atol = 1e-12 if p.dtype == np.float64 else 1e-6
    np.testing.assert_allclose(p.sum(axis=1), 1.0, rtol=0.0, atol=atol)
    assert set(model.predict(X)) <= set(model.classes_)


@pytest.mark.grid(12)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("rows", ROWS)
def test_rows(rows, solver, dtype):
    """An overflow is an error that says what to do; otherwise probabilities are valid."""
    X, y = ROWS[rows], Y[: len(ROWS[rows])]
    for early_stopping in (False, True):
        if early_stopping and (solver == "lbfgs" or len(X) < 60):
            continue
        try:
            model = fit(X, y, solver=solver, dtype=dtype, early_stopping=early_stopping)
        except ValueError as error:
            assert np.abs(X).max() > 1e11
            assert "X has values of up to" in str(error) and "StandardScaler" in str(error)
        else:
            assert_probabilities(model, X)


@pytest.mark.grid(4)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("scale", [0.1, 1.0, 10.0])
def test_rows_of_a_moderate_scale_are_learned(scale, solver, dtype):
    params = {"learning_rate_init": 0.02, "max_iter": 300, "dtype": dtype}
    assert fit(scale * BASE, Y, solver=solver, **params).score(scale * BASE, Y) > 0.9


@pytest.mark.grid(4)
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("rows", ROWS)
def test_model_worse_than_guessing_warns(rows, solver):
    X, y = ROWS[rows], Y[: len(ROWS[rows])]
    model = FullyConnectedClassifier((5,), solver=solver, random_state=0, max_iter=30)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            model.fit(X, y)
        except ValueError:
            return  # as test_rows has it
    said = any("worse than guess" in str(warning.message) for warning in caught)
    p = np.bincount(y, minlength=2) / len(y)
    guessing = -sum(share * np.log(share) for share in p if share > 0.0)
    if guessing > 0.0:
        loss = log_loss(y, model.predict_proba(X))
        assert said or loss <= 1.02 * guessing


@pytest.mark.parametrize("scale", [1e-300, 1e-150, 1e-12, 1e12, 1e150, 1e300])
def test_scaled_rows_are_learned_for_any_original_scale(scale):
    X = BASE * scale / np.abs(BASE * scale).max(axis=0)
    model = fit(X, Y, solver="lbfgs", max_iter=200)
    assert model.score(X, Y) > 0.9


@pytest.mark.grid(10)
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("loss", ["log_loss", "squared_error"])
@pytest.mark.parametrize(
    ("n_rows", "n_classes"), [(1, 1), (2, 2), (20, 20), (2000, 1000), (1000, 1000)]
)
@pytest.mark.filterwarnings("ignore:The number of unique classes is greater")
def test_few_rows_of_many_classes(n_rows, n_classes, loss, solver):
    X, y = RNG.standard_normal((n_rows, 3)), np.arange(n_rows) % n_classes
    for dtype in ("float64", "float32"):
        model = fit(X, y, solver=solver, loss=loss, dtype=dtype, max_iter=3)
        assert_probabilities(model, X)
        assert model.predict_proba(X).shape == (n_rows, n_classes)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_class_with_one_row(solver, n_classes):
    y = np.arange(60) % (n_classes - 1)
    y[7] = n_classes - 1
    assert_probabilities(fit(BASE, y, solver=solver), BASE)
    if solver != "lbfgs" and n_classes == 2:
        with pytest.raises(ValueError, match="least populated class"):
            fit(BASE, y, solver=solver, early_stopping=True)


# ----- Weights

WEIGHTS = {
    **{f"1e{e}": np.full(60, 10.0**e) for e in (-300, -150, 150, 300)},
    "1e300 and 1e-300": np.where(np.arange(60) % 2, 1e300, 1e-300),
    "one row": np.eye(60)[3],
    "one class": Y.astype(float),
}


@pytest.mark.grid(4)
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("weights", WEIGHTS)
def test_weights(weights, solver):
    w = WEIGHTS[weights]
    try:
        model = fit(BASE, Y, w, solver=solver)
    except ValueError as error:
        assert w.sum() < 1e-100
        assert "is very large compared to the sum of the sample weights" in str(error)
    else:
        assert_probabilities(model, BASE)
    # Without the penalty, only the ratios of the weights count.
    assert_probabilities(fit(BASE, Y, w, solver=solver, alpha=0.0), BASE)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(
    ("weights", "class_weight"),
    [(1e-320, None), (1e307, None), (1e300, {0: 1e300}), (1.0, {0: 1e-320, 1: 1e-320})],
)
def test_weights_whose_sum_is_out_of_range_are_refused(weights, class_weight, solver):
    with pytest.raises(ValueError, match="sum within the range of float64; got"):
        fit(BASE, Y, np.full(60, weights), solver=solver, class_weight=class_weight)


# ----- Labels

Fruit = enum.Enum("Fruit", "APPLE PEAR PLUM")
Size = enum.IntEnum("Size", "SMALL LARGE HUGE")
LABELS = {
    "bool": [False, True, True],
    "str": ["a", "bb", "ü"],
    "long str": ["a" * 1000, "a" * 999, ""],
    "object str": np.array(["x", "yy", "zzz"], object),
    "negative": [-5, 0, 7],
    "large": [2**62, 1, -(2**62)],
    "float": [0.0, -1.0, 2.0],
    "int8": np.array([-128, 0, 127], np.int8),
    "float16": np.array([0, 1, 2], np.float16),
    "dates": np.array(["2020-01-01", "2021-01-01", "2022-01-01"], "M8[D]"),
    "spans": np.array([1, 2, 3], "m8[D]"),
    "IntEnum": list(Size),
}


def thrice_twenty(values):
    return np.asarray(values)[np.arange(60) % 3]


@pytest.mark.parametrize("kind", LABELS)
def test_labels_that_are_learned(kind):
    y = thrice_twenty(LABELS[kind])
    X = np.eye(3)[np.arange(60) % 3]
    model = fit(X, y, solver="lbfgs")
    np.testing.assert_array_equal(model.predict(X), y)
    np.testing.assert_array_equal(model.classes_, np.unique(y))
    assert_probabilities(model, X)


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        (["u", "v", "w"], "category"),
        ([1, 2, 3], "category"),
        (["u", "v", "w"], "string"),
        ([1, 2, 3], "Int64"),
        ([True, False, True], "boolean"),
    ],
    ids=str,
)
def test_labels_of_pandas(values, dtype):
    y = pd.Series(values * 20).astype(dtype)
    X = np.eye(3)[np.arange(60) % 3]
    assert (fit(X, y, solver="lbfgs").predict(X) == y.to_numpy()).all()


def objects(values):
    array = np.empty(3, object)
    array[:] = values
    return array


REFUSED = {
    "bytes": ([b"a", b"b", b"c"], "labels represented as bytes is not supported"),
    "fractions of one": ([0.5, 1.5, 2.5], "Unknown label type: continuous"),
    "date": (
        [datetime.date(2020, 1, d) for d in (1, 2, 3)],
        "type: date, as objects. Use an array of num",
    ),
    "Decimal": ([decimal.Decimal(d) for d in (1, 2, 3)], "type: Decimal, as objects"),
    "Fraction": (
        [fractions.Fraction(d, 5) for d in (1, 2, 3)],
        "type: Fraction, as objects",
    ),
    "Enum": (list(Fruit), "Unknown label type: Fruit, as objects. Use an array of"),
    "UUID": ([uuid.UUID(int=i) for i in range(3)], "type: UUID, as objects"),
    "frozenset": (objects([frozenset([i]) for i in range(3)]), "type: frozenset, as"),
    "tuple": (
        objects([(0, 1), (1, 2), (2, 3)]),
        "Sequence of sequences are no longer supported",
    ),
    "None": (objects(["a", None, "b"]), r"20 missing label\(s\), the first in row 1. Dr"),
    "int and str": (objects([1, "a", 2]), "numbers or strings, and not both; got int, str"),
    "int as objects": (objects([1, 2, 3]), r"type: int, as objects.*y.astype\(int\)"),
    "complex": ([1j, 2j, 3j], "Complex data not supported"),
    "nan": ([0.0, np.nan, 1.0], "Input y contains NaN"),
    "inf": ([0.0, np.inf, 1.0], "Input y contains infinity"),
    "NaT": (np.array(["2020-01-01", "NaT", "2021-01-01"], "M8[D]"), "y contains NaT"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_labels_that_are_refused(kind):
    values, message = REFUSED[kind]
    with pytest.raises((TypeError, ValueError), match=message):
        fit(BASE, thrice_twenty(values))


def test_classes_of_a_partial_fit_are_refused_with_the_same_message():
    for values, message in (
        (objects([1, 2, 3]), r"type: int, as objects.*y.astype\(int\)"),
        (objects(["a", None, "b"]), "missing label"),
        ([0.5, 1.5], "Unknown label type: continuous"),
    ):
        model = FullyConnectedClassifier((5,))
        with pytest.raises((TypeError, ValueError), match=message):
            model.partial_fit(BASE[:3], [0, 1, 2], classes=values)
        assert not hasattr(model, "classes_")


# ----- Numbers


def fit_numbers(X, y, weights=None, **params):
    """Return the fitted regressor; only a ConvergenceWarning is allowed."""
    settings = {"hidden_layer_sizes": (5,), "random_state": 0, "max_iter": 30}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return FullyConnectedRegressor(**settings | params).fit(X, y, weights)


POSITIVE = 5.0 + BASE[:, 0] + np.abs(BASE[:, 1])
NUMBERS = {
    **{f"1e{e}": POSITIVE * 10.0**e for e in (-320, -300, -150, 30, 150, 300, 306)},
    "largest": np.full(60, np.finfo(float).max),
    "1e12 and 1e-12": np.where(np.arange(60) % 2, 1e12, 1e-12),
    "one far row": np.where(np.arange(60) == 7, 1e300, POSITIVE),
    "constant": np.full(60, 7.0),
    "almost constant": 7.0 + 1e-15 * np.arange(60),
    "far from zero": 1e12 + POSITIVE,
    "outputs of other sizes": POSITIVE[:, None] * [1e-100, 1.0, 1e100],
}


@pytest.mark.grid(15)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("loss", NUMBER_LOSSES)
@pytest.mark.parametrize("numbers", NUMBERS)
def test_numbers(numbers, loss, solver, dtype):
    y = NUMBERS[numbers]
    y = y[:, 1] if y.ndim == 2 and loss == "quantile" else y
    try:
        model = fit_numbers(BASE, y, loss=loss, solver=solver, dtype=dtype)
    except ValueError as error:
        assert numbers not in ("1e12 and 1e-12", "constant", "almost constant")
        words = ["whose sum overflows", "out of the range of"]
        # A row 1e300 times as large as the others has a loss of exp(690), and so on.
        words += ["non-finite", "overflow", "exploded"] * (numbers == "one far row")
        assert any(word in str(error) for word in words), str(error)
    else:
        p = model.predict(BASE)
        assert np.isfinite(p).all() and p.shape == y.shape


@pytest.mark.grid(4)
@pytest.mark.parametrize("scale", [1e-300, 1e-12, 1.0, 1e12, 1e150])
@pytest.mark.parametrize("loss", ["squared_error", "absolute_error", "poisson", "gamma"])
def test_numbers_of_any_scale_are_learned(loss, scale):
    y = scale * POSITIVE
    model = fit_numbers(BASE, y, loss=loss, solver="lbfgs", max_iter=200)
    assert np.corrcoef(model.predict(BASE) / scale, POSITIVE)[0, 1] > 0.9


EXTREME_WEIGHTS = {
    **{f"1e{e}": np.full(60, 10.0**e) for e in (-150, 150, 300)},
    "1e300 and 1e-300": np.where(np.arange(60) % 2, 1e300, 1e-300),
    "one row": np.eye(60)[3],
    "one value": (POSITIVE == POSITIVE[3]) * 1e300 + 1e-300,
}


@pytest.mark.grid(6)
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("loss", ["squared_error", "quantile", "gamma"])
@pytest.mark.parametrize("weights", EXTREME_WEIGHTS)
def test_weights_of_numbers(weights, loss, solver):
    w = EXTREME_WEIGHTS[weights]
    model = fit_numbers(BASE, POSITIVE, w, loss=loss, solver=solver, alpha=0.0)
    assert np.isfinite(model.predict(BASE)).all()


@pytest.mark.grid(4)
@pytest.mark.parametrize("scale_target", [False, True])
@pytest.mark.parametrize("loss", NUMBER_LOSSES)
def test_extreme_numbers_of_weight_zero_change_nothing(loss, scale_target):
    idle = np.arange(60) % 7 == 0
    y = np.where(idle, 1e300, POSITIVE)
    settings = {"loss": loss, "scale_target": scale_target, "batch_size": 11}
    one = fit_numbers(BASE, y, (~idle).astype(float), **settings)
    other = fit_numbers(BASE, POSITIVE, (~idle).astype(float), **settings)
    np.testing.assert_array_equal(one._network.theta, other._network.theta)
    assert one.loss_curve_ == other.loss_curve_
