"""Pickles, copies and clones of a model."""

import copy
import pickle
import subprocess
import sys
from itertools import pairwise

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits, load_wine
from sklearn.exceptions import NotFittedError
from small_network import (
    SETTINGS,
    answers,
    assert_same_answers,
    labels_of_wine,
    standardized,
)

from skfcnn import FullyConnectedClassifier, FullyConnectedRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

VARIETY = {
    "adam": {},
    "adam float32": {"dtype": "float32"},
    "sgd": {"solver": "sgd", "learning_rate": "adaptive"},
    "lbfgs": {"solver": "lbfgs"},
    "early stopping": {"early_stopping": True},
    "sgd early stopping": {"solver": "sgd", "early_stopping": True},
    "logistic regression": {"hidden_layer_sizes": ()},
    "deep tanh": {"hidden_layer_sizes": (9, 8, 7), "activation": "tanh"},
}


def variety(wine):
    """A fitted model of every kind."""
    X, y = wine
    models = {
        name: FullyConnectedClassifier(**(SETTINGS | params)).fit(X, y)
        for name, params in VARIETY.items()
    }
    kinds = {
        "words": load_wine().target_names[y],
        "binary": y == 1,
        "labels": labels_of_wine(y),
        "one class": np.full(len(y), "only"),
    }
    for name, labels in kinds.items():
        models[name] = FullyConnectedClassifier(**SETTINGS).fit(X, labels)
    frame = load_wine(as_frame=True).data
    models["frame"] = FullyConnectedClassifier(**SETTINGS).fit(frame, y)
    models["in parts"] = FullyConnectedClassifier(**SETTINGS)
    for part in (slice(0, 90), slice(90, None)):
        models["in parts"].partial_fit(X[part], y[part], classes=np.unique(y))
    return models


FRESH_PROCESS = """
import sys, pathlib, pickle, warnings, joblib, numpy as np
warnings.simplefilter("ignore")  # a model of a frame predicts for an array
folder = pathlib.Path(sys.argv[1])
X = np.load(folder / "X.npy")
for path in [*folder.glob("*.pickle"), *folder.glob("*.joblib")]:
    load = joblib.load if path.suffix == ".joblib" else pickle.load
    with open(path, "rb") as file:
        model = load(file)
    answers = [model.predict(X), model.predict_proba(X), model.predict_log_proba(X)]
    np.savez(f"{path}.npz", *answers)
"""


@pytest.mark.grid(2)
@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
def test_pickle_and_joblib_predict_the_same_bits_in_a_fresh_process(wine, tmp_path):
    X, _ = wine
    models = variety(wine)
    np.save(tmp_path / "X.npy", X)
    for name, model in models.items():
        (tmp_path / f"{name}.pickle").write_bytes(pickle.dumps(model))
        joblib.dump(model, tmp_path / f"{name}.joblib", compress=name == "sgd")
    command = [sys.executable, "-c", FRESH_PROCESS, str(tmp_path)]
    subprocess.run(command, check=True, timeout=120)
    for name, model in models.items():
        for suffix in ("pickle", "joblib"):
            with np.load(tmp_path / f"{name}.{suffix}.npz") as there:
                for a, b in zip(answers(model, X), there.values(), strict=True):
                    np.testing.assert_array_equal(a, b, strict=True)


@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
@pytest.mark.parametrize(
    "copied",
    [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))],
    ids=["deepcopy", "pickle"],
)
def test_copy_is_equal_and_independent(wine, copied):
    X, y = wine
    for model in variety(wine).values():
        other = copied(model)
        assert_same_answers(model, other, X)
        kept = answers(model, X)
        other.coefs_ = [2.0 * weights for weights in other.coefs_]
        for a, b in zip(answers(model, X), kept, strict=True):
            np.testing.assert_array_equal(a, b)
        assert other.get_params() == model.get_params()
        assert other.loss_curve_ == model.loss_curve_
        np.testing.assert_array_equal(other.coefs_[0], 2.0 * model.coefs_[0])


def test_model_is_loaded_as_a_memory_map(model, wine, tmp_path):
    joblib.dump(model, tmp_path / "model")
    assert_same_answers(model, joblib.load(tmp_path / "model", mmap_mode="r"), wine[0])


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_pickle_has_the_size_of_the_parameters(solver, early_stopping):
    X, y = standardized(load_digits)
    params = {"solver": solver, "early_stopping": early_stopping, "max_iter": 3}
    model = FullyConnectedClassifier((300,), random_state=0, **params).fit(X, y)
    n_bytes = sum(array.nbytes for array in [*model.coefs_, *model.intercepts_])
    assert n_bytes < len(pickle.dumps(model)) < 1.3 * n_bytes + 10_000
    if solver != "lbfgs" and not early_stopping:
        model.partial_fit(X, y)  # its pickle has the solver, with one or two vectors
        most = {"adam": 3.0, "sgd": 2.0}[solver] * 1.1 * n_bytes + 10_000
        assert most / 1.3 < len(pickle.dumps(model)) < most
        assert len(pickle.dumps(model.fit(X, y))) < 1.3 * n_bytes + 10_000


@pytest.mark.parametrize("early_stopping", [False, True])
def test_pickle_grows_by_the_curves_only(wine, early_stopping):
    params = {"max_iter": 200, "n_iter_no_change": np.inf, "early_stopping": early_stopping}
    model = FullyConnectedClassifier(**SETTINGS | params).fit(*wine)
    n_bytes = sum(array.nbytes for array in [*model.coefs_, *model.intercepts_])
    assert model.n_iter_ == 200
    # Up to eight numbers of 9 bytes per epoch: the curves and the history.
    assert len(pickle.dumps(model)) < 1.3 * n_bytes + 8_000 + 200 * 8 * 9


def test_clone_is_unfitted_and_learns_the_same(model, wine):
    new = clone(model)
    assert new.get_params() == model.get_params()
    with pytest.raises(NotFittedError):
        new.predict(wine[0])
    assert_same_answers(model, new.fit(*wine), wine[0])


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_partial_fit_keeps_the_solver_in_memory_but_not_in_a_pickle(wine, solver):
    X, y = wine
    model = FullyConnectedClassifier(**SETTINGS, solver=solver, shuffle=False).fit(X, y)
    loaded = pickle.loads(pickle.dumps(model))
    fresh = clone(model).set_params(max_iter=1)
    fresh.fit(X, y, coefs_init=model.coefs_, intercepts_init=model.intercepts_)
    # One more epoch, without shuffling: by the same solver it is the epoch that a longer
    # fit would have had, by a fresh one that of a new fit from the same parameters.
    assert_same_answers(loaded.partial_fit(X, y), fresh, X)
    longer = clone(model).set_params(max_iter=11).fit(X, y)
    assert_same_answers(model.partial_fit(X, y), longer, X)
    assert not np.array_equal(model.predict_proba(X), loaded.predict_proba(X))
    assert model.loss_curve_ == longer.loss_curve_
    assert loaded.t_ == model.t_ == longer.t_ == 11 * len(y)
    losses = [loaded.partial_fit(X, y).loss_ for _ in range(5)]
    assert all(after < before for before, after in pairwise(losses))


def test_shallow_copy_has_its_own_parameters(wine):
    """New coefs_ of a copy do not change the original, as with MLPClassifier."""
    model = FullyConnectedClassifier(**SETTINGS).fit(*wine)
    expected = model.predict_proba(wine[0])
    twin = copy.copy(model)
    np.testing.assert_array_equal(twin.predict_proba(wine[0]), expected)
    twin.coefs_ = [0.5 * coef for coef in twin.coefs_]
    assert np.abs(twin.predict_proba(wine[0]) - expected).max() > 1e-3
    np.testing.assert_array_equal(model.predict_proba(wine[0]), expected)
    assert copy.copy(FullyConnectedClassifier(alpha=0.5)).alpha == 0.5


NUMBERS = {
    "outputs": {},
    "poisson": {"loss": "poisson", "dtype": "float32"},
    "quantiles": {"loss": "quantile", "quantile": [0.9, 0.1], "early_stopping": True},
    "lbfgs": {"solver": "lbfgs", "scale_target": False},
}


@pytest.mark.grid(4)
@pytest.mark.parametrize("case", NUMBERS)
@pytest.mark.parametrize("kind", ["pickle", "copy", "deepcopy", "joblib"])
def test_copy_of_a_regressor_is_equal_and_independent(case, kind, wine, tmp_path):
    X, y = wine
    y = 9.0 + (np.column_stack([y, -y]) if case == "outputs" else y)
    model = FullyConnectedRegressor(**SETTINGS | NUMBERS[case]).fit(X, y)
    if kind == "joblib":
        joblib.dump(model, tmp_path / "model")
        other = joblib.load(tmp_path / "model", mmap_mode="r")
    else:
        copied = {"pickle": lambda model: pickle.loads(pickle.dumps(model))}
        other = (copied | {"copy": copy.copy, "deepcopy": copy.deepcopy})[kind](model)
    expected = model.predict(X)
    np.testing.assert_array_equal(other.predict(X), expected, strict=True)
    assert other.get_params() == model.get_params()
    assert other.loss_curve_ == model.loss_curve_
    assert other.score(X, y) == model.score(X, y)
    other.set_params(warm_start=True, early_stopping=False).fit(X, 2.0 * y)
    np.testing.assert_array_equal(model.predict(X), expected)
    assert np.abs(other.predict(X) - expected).max() > 1e-6
