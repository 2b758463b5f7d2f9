"""Models in files: pickles, skops, and those of every format so far."""

import copy
import json
import pickle
import tempfile
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
import skops.io
from callback_support import needs_callbacks
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from write_models import (
    COUNTS,
    LABELS,
    NAMES,
    NUMBERS,
    ROWS,
    UNFINISHED,
    X,
    answers,
    models,
    unfinished,
)

from skfcnn import (
    FullyConnectedClassifier,
    FullyConnectedRegressor,
    TabularClassifier,
    TabularRegressor,
)
from skfcnn._version import FORMAT, __version__
from skfcnn.callbacks import Checkpoint, TimeBudget, load_checkpoint

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

FORMATS = sorted((Path(__file__).parents[1] / "data").glob("format_*"))
OF_TABLES = ["table", "table of numbers"]
OF_NUMBERS = ["outputs", "quantiles", "counts"]
MODELS = ["binary", "labels", "layers", "names", *OF_TABLES, *OF_NUMBERS]
# Another processor may compute other last bits of exp, and of float32 sums.
CLOSE = {"rtol": 1e-9, "atol": 1e-12}
CLOSE_FLOAT32 = {"rtol": 1e-4, "atol": 1e-6}


def tolerance(name):
    return CLOSE_FLOAT32 if name in ("layers", *OF_TABLES, "counts") else CLOSE


def through_skops(model):
    """Return the model written and read; the types of trees are those of scikit-learn."""
    content = skops.io.dumps(model)
    types = skops.io.get_untrusted_types(data=content)
    known = ("numpy.", "skfcnn.", "sklearn.", "_loss.")  # the last with scikit-learn 1.7
    assert all(name.startswith(known) for name in types), types
    return skops.io.loads(content, trusted=types)


def through_pickle(model):
    return pickle.loads(pickle.dumps(model))


def mixed_table():
    table = pd.DataFrame(X, columns=list("abcd"))
    table["words"] = np.array(["yes", "no", None])[np.arange(150) % 3]
    table["many"] = [f"n{i % 30}" for i in range(150)]
    table["days"] = pd.date_range("2020-01-01", periods=150)
    table["kinds"] = pd.Categorical(list("xyz") * 50)
    return table


# ----- Formats


def test_models_of_the_current_format_are_stored():
    assert FORMATS[-1].name == f"format_{FORMAT}"


@pytest.mark.parametrize("directory", FORMATS, ids=lambda path: path.name)
@pytest.mark.parametrize("name", MODELS)
def test_models_of_all_formats_can_be_loaded(directory, name):
    expected = json.loads((directory / "expected.json").read_text())[name]
    types = skops.io.get_untrusted_types(file=directory / f"{name}.skops")
    for model in (
        pickle.loads((directory / f"{name}.pkl").read_bytes()),
        skops.io.load(directory / f"{name}.skops", trusted=types),
    ):
        np.testing.assert_allclose(answers(model, X[ROWS]), expected, **tolerance(name))
        clone(model).set_params(random_state=1)


@needs_callbacks
@pytest.mark.parametrize("directory", FORMATS, ids=lambda path: path.name)
@pytest.mark.parametrize("name", UNFINISHED)
def test_checkpoints_of_all_formats_can_be_resumed(directory, name, tmp_path):
    expected = json.loads((directory / "expected.json").read_text())[f"resumed {name}"]
    assert load_checkpoint(directory / name).n_iter_ == 20
    kind, y = UNFINISHED[name]
    model = unfinished(tmp_path, kind).fit(X, y, resume_from=directory / name)
    # Twenty epochs on a processor that may round otherwise.
    np.testing.assert_allclose(answers(model, X[ROWS]), expected, rtol=1e-6)


@pytest.mark.parametrize(
    "make",
    [
        FullyConnectedClassifier,
        FullyConnectedRegressor,
        TabularClassifier,
        TabularRegressor,
    ],
)
def test_model_of_a_newer_format_is_refused(make):
    model = make()
    state = model.__getstate__()
    assert state["_skfcnn_format"] == FORMAT and state["_skfcnn_version"] == __version__
    newer = state | {"_skfcnn_format": FORMAT + 1, "_skfcnn_version": "99.0"}
    message = (
        rf"This {type(model).__name__} was written by skfcnn 99.0, in format 2\. .*update"
    )
    with pytest.raises(ValueError, match=message):
        object.__new__(type(model)).__setstate__(newer)
    del state["_skfcnn_format"], state["_skfcnn_version"]
    with pytest.raises(ValueError, match="by skfcnn before 0.1, in format 0"):
        object.__new__(type(model)).__setstate__(state)


# ----- Writing and reading


@pytest.mark.parametrize("through", [through_skops, through_pickle])
def test_every_kind_of_model_predicts_the_same_after_loading(through):
    for name, model in models().items():
        again = through(model)
        assert vars(again).keys() == vars(model).keys(), name
        expected = answers(model, X)
        np.testing.assert_array_equal(answers(again, X), expected, err_msg=name)
        np.testing.assert_array_equal(again.predict(X), model.predict(X), err_msg=name)


@pytest.mark.parametrize("through", [through_skops, through_pickle])
def test_loaded_model_can_be_trained_further(through):
    again = through(
        FullyConnectedClassifier((5,), max_iter=3, random_state=0).fit(X, NUMBERS)
    )
    score = again.score(X, NUMBERS)
    again.set_params(warm_start=True, max_iter=100).fit(X, NUMBERS)
    assert again.score(X, NUMBERS) > score
    again.partial_fit(X, NUMBERS)


ONLINE = {
    "adam": {},
    "sgd": {"solver": "sgd", "learning_rate": "invscaling"},
    "adaptive": {"solver": "sgd", "learning_rate": "adaptive", "n_iter_no_change": 1},
    "cosine": {"solver": "adamw", "schedule": "cosine", "max_iter": 6},
    "dropout": {"dropout": 0.3, "max_grad_norm": 0.5, "dtype": "float32"},
    "weight_averaging": {
        "weight_averaging": 0.3,
        "learning_rate_multipliers": {"bias": 0.5},
    },
    "average, clipped": {"weight_averaging": 0.3, "max_grad_norm": 0.1, "dropout": 0.1},
    "early stopping": {"early_stopping": True, "learning_rate_init": 0.3},
    "layers": {"parametric_activation": True, "scaling_layer": True},
}


def memory_mapped(model):
    """Return the model as joblib passes large ones to worker processes."""
    with tempfile.TemporaryDirectory() as directory:
        joblib.dump(model, Path(directory) / "model")
        return joblib.load(Path(directory) / "model", mmap_mode="r")


def cleared(model):
    """Return the model from a pickle, after the first object is destroyed."""
    content = pickle.dumps(model)
    model._network.theta[...] = np.nan
    model._training.solver = None
    return pickle.loads(content)


def train_online(model, n_calls):
    rows_val = {"X_val": X[ROWS], "y_val": NAMES[ROWS]} if model.early_stopping else {}
    for _ in range(n_calls):
        model.partial_fit(X, NAMES, classes=np.unique(NAMES), **rows_val)
    return model


@pytest.mark.grid(12)
@pytest.mark.parametrize(
    "through",
    [through_skops, through_pickle, cleared, copy.copy, copy.deepcopy, memory_mapped],
)
@pytest.mark.parametrize("params", ONLINE.values(), ids=ONLINE)
def test_partial_fit_of_a_copy_continues_with_the_same_bits(params, through):
    base = {"hidden_layer_sizes": (4, 3), "random_state": 0, "tol": 0.05}
    whole = train_online(FullyConnectedClassifier(**base | params), 9)
    part = train_online(FullyConnectedClassifier(**base | params), 2)
    for n_calls in (3, 4):
        part = train_online(through(part), n_calls)
    np.testing.assert_array_equal(part._network.theta, whole._network.theta)
    assert part.loss_curve_ == whole.loss_curve_


@pytest.mark.grid(4)
@pytest.mark.parametrize("through", [through_skops, cleared, copy.deepcopy, memory_mapped])
@pytest.mark.parametrize(
    "params", [{}, {"weight_averaging": 0.3, "dtype": "float32"}, {"loss": "poisson"}]
)
def test_partial_fit_of_a_copied_regressor_continues_with_the_same_bits(params, through):
    """What is trained has bits that the network in the units of y has not."""
    base = {"hidden_layer_sizes": (4, 3), "random_state": 0}
    whole, part = (FullyConnectedRegressor(**base | params) for _ in range(2))
    for i in range(6):
        whole.partial_fit(X, COUNTS)
        part = (through(part) if i in (2, 4) else part).partial_fit(X, COUNTS)
    np.testing.assert_array_equal(part._network.theta, whole._network.theta)
    assert part.loss_curve_ == whole.loss_curve_


@pytest.mark.parametrize("through", [through_pickle, copy.copy, copy.deepcopy])
def test_training_a_copy_does_not_change_the_original(through):
    model = train_online(
        FullyConnectedClassifier((4,), weight_averaging=0.3, random_state=0), 2
    )
    again, twin = through(model), through(model)
    train_online(again, 3)
    np.testing.assert_array_equal(model._network.theta, twin._network.theta)
    train_online(model, 3)
    np.testing.assert_array_equal(model._network.theta, again._network.theta)


def test_pickle_has_the_solver_only_after_partial_fit():
    model = FullyConnectedClassifier((4,), max_iter=3, random_state=0).fit(X, NAMES)
    assert model.__getstate__()["_training"].solver is None
    solver = through_pickle(train_online(model, 1))._training.solver
    assert solver.fit is None
    assert model.fit(X, NAMES).__getstate__()["_training"].solver is None
    with pytest.raises(ValueError, match="resume_from must be an estimator"):
        clone(model).fit(X, NAMES, resume_from=through_pickle(train_online(model, 1)))


@pytest.mark.parametrize("y", [NAMES, NUMBERS, NUMBERS > 0, LABELS], ids=range(4))
def test_pipeline_over_a_frame_is_stored_by_skops(y):
    frame = pd.DataFrame(X, columns=list("abcd"))
    net = FullyConnectedClassifier(
        (5,), max_iter=3, class_weight=None, weight_init="he_normal"
    )
    model = make_pipeline(StandardScaler(), net).fit(frame, y)
    again = through_skops(model)
    np.testing.assert_array_equal(again.predict_proba(frame), model.predict_proba(frame))
    assert again[-1].coefs_[0].base is not None  # views of theta, as before


@pytest.mark.grid(3)
@pytest.mark.parametrize("effort", ["fast", "balanced", "best"])
@pytest.mark.filterwarnings("ignore:Check how these columns were read")
def test_tabular_classifier_is_stored_by_skops(effort):
    small = {"hidden_layer_sizes": (4,), "max_iter": 2}
    model = TabularClassifier(effort, network_params=small, random_state=0)
    table = mixed_table()
    again = through_skops(model.fit(table, NAMES))
    np.testing.assert_array_equal(again.predict_proba(table), model.predict_proba(table))


@needs_callbacks
def test_callbacks_are_stored_by_skops(tmp_path):
    model = FullyConnectedClassifier((4,), max_iter=3, random_state=0)
    model.set_callbacks(Checkpoint(tmp_path), TimeBudget(99.0)).fit(X, NUMBERS)
    again = through_skops(model)
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    assert again.fit(X, NUMBERS).n_iter_ == 3


def test_skops_requires_trust_in_functions_of_the_user():
    content = skops.io.dumps(FullyConnectedClassifier(schedule=halves))
    types = skops.io.get_untrusted_types(data=content)
    assert [name for name in types if not name.startswith(("numpy.", "skfcnn."))] == [
        f"{halves.__module__}.halves"
    ]


def halves(t):
    return 1.0 - 0.5 * t
