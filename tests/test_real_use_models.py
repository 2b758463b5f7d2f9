"""What is done with a fitted model: kept, copied, shared, changed, asked."""

import copy
import pickle
import subprocess
import sys
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.exceptions import NotFittedError
from sklearn.preprocessing import StandardScaler

from skfcnn import FullyConnectedClassifier

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SETTINGS = {"hidden_layer_sizes": (8,), "max_iter": 10, "random_state": 0}


def standardized(load):
    X, y = load(return_X_y=True)
    return StandardScaler().fit_transform(X), y


@pytest.fixture(scope="module")
def wine():
    return standardized(load_wine)


@pytest.fixture
def model(wine):
    return FullyConnectedClassifier(**SETTINGS).fit(*wine)


def labels_of_wine(y):
    """Two labels per bottle: not of class 0, not of class 2."""
    return np.column_stack([y != 0, y != 2]).astype(int)


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


def answers(model, X):
    return [model.predict(X), model.predict_proba(X), model.predict_log_proba(X)]


def assert_same_answers(model, other, X):
    for a, b in zip(answers(model, X), answers(other, X), strict=True):
        np.testing.assert_array_equal(a, b, strict=True)


FRESH_PROCESS = """
import sys, pathlib, pickle, warnings, joblib, numpy as np
warnings.simplefilter("ignore")  # the model of a frame is asked with an array
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
def test_a_copy_is_the_same_and_stands_by_itself(wine, copied):
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


def test_a_model_can_be_loaded_as_a_memory_map(model, wine, tmp_path):
    joblib.dump(model, tmp_path / "model")
    assert_same_answers(model, joblib.load(tmp_path / "model", mmap_mode="r"), wine[0])


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_a_pickle_is_the_size_of_the_parameters(solver, early_stopping):
    X, y = standardized(load_digits)
    params = {"solver": solver, "early_stopping": early_stopping, "max_iter": 3}
    model = FullyConnectedClassifier((300,), random_state=0, **params).fit(X, y)
    n_bytes = sum(array.nbytes for array in [*model.coefs_, *model.intercepts_])
    assert n_bytes < len(pickle.dumps(model)) < 1.3 * n_bytes + 10_000
    if solver != "lbfgs" and not early_stopping:
        model.partial_fit(X, y)  # whose solver goes along, with two vectors, or one
        most = {"adam": 3.0, "sgd": 2.0}[solver] * 1.1 * n_bytes + 10_000
        assert most / 1.3 < len(pickle.dumps(model)) < most
        assert len(pickle.dumps(model.fit(X, y))) < 1.3 * n_bytes + 10_000


@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_pickle_of_a_small_model_after_many_epochs(wine, early_stopping):
    params = {"max_iter": 200, "n_iter_no_change": np.inf, "early_stopping": early_stopping}
    model = FullyConnectedClassifier(**SETTINGS | params).fit(*wine)
    n_bytes = sum(array.nbytes for array in [*model.coefs_, *model.intercepts_])
    assert model.n_iter_ == 200
    assert len(pickle.dumps(model)) < 1.3 * n_bytes + 10_000


def test_clone_is_a_new_start(model, wine):
    new = clone(model)
    assert new.get_params() == model.get_params()
    with pytest.raises(NotFittedError):
        new.predict(wine[0])
    assert_same_answers(model, new.fit(*wine), wine[0])


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_after_a_fit_partial_fit_goes_on_in_memory_and_anew_after_a_pickle(wine, solver):
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


def test_eight_threads_get_the_bits_that_one_gets():
    X, y = standardized(load_digits)
    model = FullyConnectedClassifier((64, 32), max_iter=5, random_state=0).fit(X, y)
    wanted = model.predict_proba(X)
    with ThreadPoolExecutor(8) as pool:
        for got in pool.map(model.predict_proba, [X] * 64):
            np.testing.assert_array_equal(got, wanted)
        parts = [X[k::8] for k in range(8)]
        for k, got in enumerate(pool.map(model.predict, parts)):
            np.testing.assert_array_equal(got, model.predict(parts[k]))


@pytest.mark.parametrize("labels", ["binary", "classes", "labels"])
def test_chunks_of_rows_give_what_single_rows_give(labels):
    X, y = standardized(load_digits)
    y = {"binary": y > 4, "classes": y, "labels": np.column_stack([y > 4, y % 2])}[labels]
    y = y.astype(int)
    # 1797 rows through 300 units are more than two chunks of 2^18 numbers.
    model = FullyConnectedClassifier((300,), max_iter=3, random_state=0, dtype="float64")
    proba = model.fit(X, y).predict_proba(X)
    rows = np.vstack([model.predict_proba(row[None]) for row in X])
    np.testing.assert_allclose(rows, proba, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(model.predict(X[873:875]), model.predict(X)[873:875])


@pytest.mark.parametrize("method", ["predict", "predict_proba", "predict_log_proba"])
@pytest.mark.parametrize("labels", ["binary", "classes", "labels"])
def test_memory_of_a_prediction_is_that_of_its_result(wine, labels, method):
    X, y = wine
    y = {"binary": y > 0, "classes": y, "labels": labels_of_wine(y)}[labels]
    params = {"hidden_layer_sizes": (100,), "max_iter": 2, "dtype": "float64"}
    model = FullyConnectedClassifier(**params, random_state=0).fit(X, y)
    beyond = []
    for n_rows in (20_000, 200_000):
        rows = np.resize(X, (n_rows, X.shape[1]))
        tracemalloc.start()
        result = getattr(model, method)(rows)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert len(result) == n_rows
        beyond.append(peak - result.nbytes)
    # One number for each row more would be 180,000 times 8 bytes.
    assert beyond[1] - beyond[0] < 100_000


def test_log_probabilities_are_logarithms_and_finite_where_tiny():
    X, y = load_breast_cancer(return_X_y=True)  # not scaled: far from every boundary
    for target in (y, y + (X[:, 0] > 20), labels_of_wine(y)):
        for dtype in ("float64", "float32"):
            model = FullyConnectedClassifier(**SETTINGS, dtype=dtype).fit(X, target)
            p, log_p = model.predict_proba(1e4 * X), model.predict_log_proba(1e4 * X)
            assert p.min() < 1e-30 and np.isfinite(log_p).all() and (log_p <= 0.0).all()
            np.testing.assert_array_equal(log_p, np.log(p))


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_one_class_gives_one_column_of_ones(wine, solver):
    X, _ = wine
    model = FullyConnectedClassifier(**SETTINGS, solver=solver).fit(X, ["red"] * len(X))
    np.testing.assert_array_equal(model.predict_proba(X), np.ones((len(X), 1)))
    np.testing.assert_array_equal(model.predict_log_proba(X), np.zeros((len(X), 1)))
    assert set(model.predict(X)) == {"red"} and model.classes_.tolist() == ["red"]
    assert model.score(X, ["red"] * len(X)) == 1.0


def test_several_labels_per_row(wine):
    X, y = wine
    Y = labels_of_wine(y)
    for params in ({}, {"early_stopping": True}, {"solver": "lbfgs"}):
        params = {"learning_rate_init": 0.02, "max_iter": 60} | params
        model = FullyConnectedClassifier(**(SETTINGS | params)).fit(X, Y)
        p = model.predict_proba(X)
        assert p.shape == Y.shape and model.out_activation_ == "logistic"
        np.testing.assert_array_equal(model.predict(X), p > 0.5)
        # Both right: in 0.40 of the rows where always the commonest pair is said.
        assert model.score(X, Y) == (model.predict(X) == Y).all(axis=1).mean() > 0.8


def test_parameters_set_after_fit_do_not_change_predictions(model, wine):
    kept = pickle.loads(pickle.dumps(model))
    model.set_params(
        hidden_layer_sizes=(3, 3),
        activation="tanh",
        solver="lbfgs",
        loss="squared_error",
        dtype="float32",
        alpha=7.0,
        init="he_normal",
    )
    assert_same_answers(model, kept, wine[0])
    assert_same_answers(pickle.loads(pickle.dumps(model)), kept, wine[0])
    assert model.score(*wine) == kept.score(*wine)


def test_a_fit_is_repeated_by_its_seed_and_differs_by_another():
    X, y = standardized(load_iris)
    first, same, other = (
        FullyConnectedClassifier(**(SETTINGS | {"random_state": seed})).fit(X, y)
        for seed in (1, 1, 2)
    )
    assert_same_answers(first, same, X)
    assert first.loss_curve_ == same.loss_curve_ != other.loss_curve_


def test_a_copy_has_parameters_of_its_own(wine):
    """As with MLPClassifier, new coefs_ of a copy are not those of the original."""
    model = FullyConnectedClassifier(**SETTINGS).fit(*wine)
    expected = model.predict_proba(wine[0])
    twin = copy.copy(model)
    np.testing.assert_array_equal(twin.predict_proba(wine[0]), expected)
    twin.coefs_ = [0.5 * coef for coef in twin.coefs_]
    assert np.abs(twin.predict_proba(wine[0]) - expected).max() > 1e-3
    np.testing.assert_array_equal(model.predict_proba(wine[0]), expected)
    assert copy.copy(FullyConnectedClassifier(alpha=0.5)).alpha == 0.5


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_training_goes_on_from_a_memory_mapped_model(wine, solver, tmp_path):
    params = SETTINGS | {"solver": solver, "warm_start": True}
    model = FullyConnectedClassifier(**params).fit(*wine)
    joblib.dump(model, tmp_path / "model")
    mapped = joblib.load(tmp_path / "model", mmap_mode="r")
    assert not mapped.coefs_[0].flags.writeable
    mapped.fit(*wine)
    model.fit(*wine)
    np.testing.assert_array_equal(mapped.coefs_[0], model.coefs_[0])


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_numpy_numbers_are_parameters_as_good_as_any(wine, solver):
    """As MLPClassifier computes with them, and not in their precision."""
    numbers = {"alpha": 0.5, "tol": 0.0, "learning_rate_init": 0.125, "momentum": 0.5}
    plain, numpy = (
        FullyConnectedClassifier(**SETTINGS | {"solver": solver, "dtype": "float64"})
        .set_params(**{name: kind(value) for name, value in numbers.items()})
        .fit(*wine)
        for kind in (float, np.float16)
    )
    assert numpy.loss_curve_ == plain.loss_curve_
    assert {type(loss) for loss in numpy.loss_curve_} == {float}
