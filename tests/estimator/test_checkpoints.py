"""Checkpoints: writing and reading them, and resuming a fit from them."""

import errno
import os
import stat
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import sklearn
from callback_support import needs_callbacks
from fitted_attributes import assert_equal_attributes
from killing import CASES, N_CLASSIFIERS, kill_on_the_way, live
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import fbeta_score, make_scorer
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import StandardScaler

from skfcnn import FullyConnectedClassifier, FullyConnectedRegressor
from skfcnn._files import read_whole, write_whole
from skfcnn.callbacks import Checkpoint, EarlyStopping, load_checkpoint
from skfcnn.estimator.checkpoints import checkpoints_of
from skfcnn.estimator.validation import Validation
from skfcnn.training.objective import Objective

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_breast_cancer(return_X_y=True)
X = StandardScaler().fit_transform(X)
ROWS_VAL = slice(None, None, 4)


def make_model(*callbacks, **params):
    base = {"random_state": 0, "max_iter": 5, "hidden_layer_sizes": (8, 6)}
    model = FullyConnectedClassifier(**base | params)
    return model.set_callbacks(*callbacks) if callbacks else model


def assert_same(a, b):
    np.testing.assert_array_equal(a._network.theta, b._network.theta)
    assert_equal_attributes(a, b)


def half_way(directory, **params):
    """Return a model after epoch 3 of 5, and write the checkpoints of epochs 2 and 3."""
    model = make_model(Checkpoint(directory, every=1), **params)
    return model.fit(X, Y, stop_after=3)


# ----- What is written


@needs_callbacks
def test_best_model_is_written(tmp_path):
    params = {"max_iter": 30, "learning_rate_init": 0.05}
    model = make_model(Checkpoint(tmp_path / "new"), **params)
    model.fit(X, Y, X_val=X[ROWS_VAL], y_val=Y[ROWS_VAL])
    path, _ = checkpoints_of(tmp_path / "new")
    best = load_checkpoint(path)
    assert best.score(X[ROWS_VAL], Y[ROWS_VAL]) == model.best_validation_score_
    assert best.n_iter_ == np.argmax(model.validation_scores_) + 1


@needs_callbacks
def test_best_model_is_that_of_the_lowest_loss_without_validation(tmp_path):
    model = make_model(Checkpoint(tmp_path)).fit(X, Y)
    best = load_checkpoint(tmp_path)
    assert best.loss_ == min(model.loss_curve_)


@needs_callbacks
def test_every_second_model_is_written(tmp_path):
    model = make_model(Checkpoint(tmp_path, every=2)).fit(X, Y)
    files = sorted(tmp_path.iterdir())
    assert [path.name.split("-")[-1] for path in files] == [
        "epoch000002.checkpoint",
        "epoch000004.checkpoint",
    ]
    later = load_checkpoint(files[1])
    assert later.loss_curve_ == model.loss_curve_[:4]


@needs_callbacks
def test_folds_in_worker_processes_write_their_own_files(tmp_path):
    grid = {"alpha": [0.1, 1.0]}
    search = GridSearchCV(make_model(Checkpoint(tmp_path, keep=1)), grid, cv=3, n_jobs=2)
    search.fit(X, Y)
    models = [load_checkpoint(path) for path in tmp_path.iterdir()]
    assert Counter(model.alpha for model in models)[0.1] >= 3
    assert len(models) == 2 * 3 + 1


@needs_callbacks
def test_failed_write_leaves_no_partial_file(tmp_path, monkeypatch):
    make_model(Checkpoint(tmp_path, every=1), max_iter=1).fit(X, Y)
    (before,) = tmp_path.iterdir()

    def fail(descriptor):
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        make_model(Checkpoint(tmp_path, every=1)).fit(X, Y)
    assert list(tmp_path.iterdir()) == [before]
    assert load_checkpoint(before).n_iter_ == 1


@pytest.mark.parametrize("every", [0, -1, 2.5, "last"])
def test_invalid_every_is_refused(every):
    with pytest.raises(ValueError, match="every must be"):
        Checkpoint("models", every=every)


@pytest.mark.parametrize("keep", [0, -1, 2.5, "all"])
def test_invalid_keep_is_refused(keep):
    with pytest.raises(ValueError, match="keep must be"):
        Checkpoint("models", keep=keep)


@needs_callbacks
@pytest.mark.parametrize(("keep", "n_kept"), [(1, 1), (3, 3), (None, 5)])
def test_keep_sets_the_number_of_files(keep, n_kept, tmp_path):
    make_model(Checkpoint(tmp_path, every=1, keep=keep)).fit(X, Y)
    epochs = [load_checkpoint(path).n_iter_ for path in checkpoints_of(tmp_path)]
    assert epochs == [5, 4, 3, 2, 1][:n_kept]


def test_every_may_be_a_numpy_integer():
    assert Checkpoint("models", every=np.int64(5)).every == 5


@needs_callbacks
def test_resumed_fit_compares_with_the_best_of_all_epochs(tmp_path):
    rows = {"X_val": X[ROWS_VAL], "y_val": Y[ROWS_VAL]}
    callback = Checkpoint(tmp_path, keep=None)
    model = make_model(callback).fit(X, Y, stop_after=2, **rows)
    model.validation_scores_[:] = [0.5, 2.0]
    written = checkpoints_of(tmp_path)
    model.fit(X, Y, resume_from=model, **rows)
    assert checkpoints_of(tmp_path) == written


# ----- What is read


@pytest.mark.grid(4)
@needs_callbacks
@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("average", [0.0, 0.1])
def test_checkpoint_equals_a_fit_that_stopped_there(early_stopping, average, tmp_path):
    params = {"early_stopping": early_stopping, "weight_averaging": average, "max_iter": 30}
    params |= {"learning_rate_init": 0.1, "n_iter_no_change": 50}
    whole = make_model(Checkpoint(tmp_path, every=10, keep=None), **params).fit(X, Y)
    for path, n_epochs in zip(checkpoints_of(tmp_path), [30, 20, 10], strict=True):
        expected = make_model(**params).fit(X, Y, stop_after=n_epochs)
        loaded = load_checkpoint(path)
        assert_same(loaded, expected)
        assert_same(make_model(**params).fit(X, Y, resume_from=path), whole)
        assert_same(loaded.fit(X, Y, resume_from=loaded), whole)


@needs_callbacks
def test_converged_fit_is_not_trained_further(tmp_path):
    params = {"max_iter": 500, "tol": 0.05, "n_iter_no_change": 2}
    whole = make_model(Checkpoint(tmp_path, every=1), **params).fit(X, Y)
    assert whole.converged_ and whole.n_iter_ < 500
    assert_same(make_model(**params).fit(X, Y, resume_from=tmp_path), whole)


@needs_callbacks
def test_checkpoints_of_lbfgs_predict_but_cannot_be_resumed(tmp_path):
    model = make_model(Checkpoint(tmp_path, every=1), solver="lbfgs").fit(X, Y)
    np.testing.assert_array_equal(load_checkpoint(tmp_path).coefs_[0], model.coefs_[0])
    with pytest.raises(ValueError, match="last call was a fit with a stochastic"):
        model.fit(X, Y, resume_from=tmp_path)


@needs_callbacks
def test_directory_without_a_checkpoint_starts_a_new_fit(tmp_path):
    directory = tmp_path / "run"
    with pytest.raises(FileNotFoundError, match="No such file"):
        make_model().fit(X, Y, resume_from=directory)
    whole = make_model().fit(X, Y)
    callback = Checkpoint(directory, every=1)
    assert_same(make_model(callback).fit(X, Y, resume_from=directory), whole)
    with pytest.raises(FileNotFoundError, match="no checkpoint in"):
        load_checkpoint(tmp_path)


@needs_callbacks
def test_resumed_fit_continues_the_files_of_the_first_fit(tmp_path):
    half_way(tmp_path)
    names = {path.name.split("-")[0] for path in tmp_path.iterdir()}
    make_model(Checkpoint(tmp_path, every=1)).fit(X, Y, resume_from=tmp_path)
    assert {path.name.split("-")[0] for path in tmp_path.iterdir()} == names
    assert [load_checkpoint(path).n_iter_ for path in checkpoints_of(tmp_path)] == [5, 4]


@needs_callbacks
def test_order_of_epochs_does_not_depend_on_the_clock(tmp_path):
    half_way(tmp_path)
    for path in tmp_path.iterdir():
        os.utime(path, (2**33, 2**33))
    make_model(Checkpoint(tmp_path, every=1)).fit(X, Y, resume_from=tmp_path)
    assert [load_checkpoint(path).n_iter_ for path in checkpoints_of(tmp_path)] == [5, 4]


@needs_callbacks
def test_directory_of_several_fits_gives_the_latest_one(tmp_path):
    half_way(tmp_path)
    for path in tmp_path.iterdir():
        os.utime(path, (1e9, 1e9))
    (tmp_path / "folder.checkpoint").mkdir()
    make_model(Checkpoint(tmp_path, every=1), random_state=1).fit(X, Y, stop_after=1)
    assert load_checkpoint(tmp_path).random_state == 1


@needs_callbacks
def test_resumed_fit_that_diverges_restores_the_best_epoch(tmp_path):
    params = {"solver": "sgd", "activation": "identity", "learning_rate_init": 5.0}
    params |= {"early_stopping": True, "random_state": 0}
    with pytest.warns(match="exploded in epoch 2"):
        whole = make_model(Checkpoint(tmp_path, every=1), **params).fit(X, Y)
    for _ in range(2):
        with pytest.warns(match="exploded in epoch 2"):
            resumed = make_model(**params).fit(X, Y, resume_from=tmp_path)
        assert_same(resumed, whole)


@pytest.mark.slow
@needs_callbacks
def test_epochs_are_ordered_by_their_numbers(tmp_path):
    model = make_model(warm_start=True).fit(X, Y)
    model.history_ = {name: [1.0] * 999_997 for name in model.history_}
    model.set_callbacks(Checkpoint(tmp_path, every=1)).fit(X, Y)
    lengths = [len(load_checkpoint(path).loss_curve_) for path in checkpoints_of(tmp_path)]
    assert lengths == [1_000_002, 1_000_001]
    assert len(load_checkpoint(tmp_path).loss_curve_) == 1_000_002


@needs_callbacks
def test_renamed_files_are_read_and_kept(tmp_path):
    half_way(tmp_path)
    last, _ = checkpoints_of(tmp_path)
    copies = [f"{last.stem} (copy).checkpoint", "best.checkpoint", "fit-epoch².checkpoint"]
    for name in copies:
        (tmp_path / name).write_bytes(last.read_bytes())
        assert load_checkpoint(tmp_path / name).n_iter_ == 3
    make_model(Checkpoint(tmp_path, every=1, keep=1)).fit(X, Y, resume_from=last)
    assert load_checkpoint(tmp_path).n_iter_ == 5
    assert {path.name for path in tmp_path.iterdir()} > {*copies}
    assert len([*tmp_path.iterdir()]) == len(copies) + 1


@needs_callbacks
def test_newer_files_are_read_if_another_process_removed_the_listed_ones(
    tmp_path, monkeypatch
):
    half_way(tmp_path)
    listed = checkpoints_of(tmp_path)

    def list_before_the_other_goes_on(directory, fit_id=None):
        monkeypatch.undo()
        make_model(Checkpoint(tmp_path, every=1)).fit(X, Y, resume_from=tmp_path)
        return listed

    monkeypatch.setattr(
        "skfcnn.estimator.checkpoints.checkpoints_of", list_before_the_other_goes_on
    )
    assert load_checkpoint(tmp_path).n_iter_ == 5
    assert not any(path.exists() for path in listed)


@needs_callbacks
def test_slower_fit_keeps_the_files_of_the_faster_one(tmp_path):
    make_model(Checkpoint(tmp_path, every=1, keep=None)).fit(X, Y)
    *_, first = checkpoints_of(tmp_path)
    for path in checkpoints_of(tmp_path)[2:-1]:
        path.unlink()
    make_model(Checkpoint(tmp_path, every=1)).fit(X, Y, resume_from=first, stop_after=2)
    assert [load_checkpoint(path).n_iter_ for path in checkpoints_of(tmp_path)] == [5, 4]


@needs_callbacks
def test_one_fit_is_resumed_twice_at_the_same_time(tmp_path):
    """Two threads simulate two processes: both write the files of every epoch."""
    directory, params = tmp_path / "run", {"max_iter": 60, "tol": 0.0}
    make_model(Checkpoint(directory, every=1), **params).fit(X, Y, stop_after=2)
    whole = make_model(**params).fit(X, Y)

    def resumed(_):
        model = make_model(Checkpoint(directory, every=1), **params)
        return model.fit(X, Y, resume_from=directory)

    with ThreadPoolExecutor(2) as pool:
        for model in pool.map(resumed, range(2)):
            assert_same(model, whole)
    assert [load_checkpoint(p).n_iter_ for p in checkpoints_of(directory)] == [60, 59]
    assert len([*directory.iterdir()]) == 2


@needs_callbacks
def test_temporary_files_of_a_killed_process_are_removed(tmp_path):
    part = tmp_path / "fit-epoch000001.checkpoint.0f.part"
    part.write_bytes(b"begun")
    half_way(tmp_path)
    assert part.exists()
    os.utime(part, (1e9, 1e9))
    half_way(tmp_path)
    assert not part.exists()


@needs_callbacks
def test_relative_directory_is_resolved_when_the_fit_begins(tmp_path, monkeypatch):
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def score(estimator, X, y):
        os.chdir(tmp_path / "there")
        return 0.5

    model = make_model(Checkpoint("run", every=1), schedule=None)
    model.set_callbacks(*model._skl_callbacks, EarlyStopping(score, n_iter_no_change=99))
    model.fit(X, Y)
    assert len(checkpoints_of(tmp_path / "here" / "run")) == 2
    assert [*(tmp_path / "there").iterdir()] == []
    model.fit(X, Y)  # the next fit uses the new current directory
    assert len(checkpoints_of(tmp_path / "there" / "run")) == 2


# ----- What is refused


@pytest.mark.parametrize(
    "use",
    [
        lambda: make_model().fit(X, Y, resume_from=""),
        lambda: load_checkpoint(""),
        lambda: Checkpoint(""),
    ],
    ids=["fit", "load_checkpoint", "Checkpoint"],
)
def test_empty_path_is_refused(use, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=r"is an empty path.*current directory is '\.'"):
        use()


@needs_callbacks
def test_loop_of_links_is_skipped_with_a_warning(tmp_path):
    half_way(tmp_path)
    for a, b in ("ab", "ba"):
        (tmp_path / f"{a}.checkpoint").symlink_to(tmp_path / f"{b}.checkpoint")
    with pytest.warns(UserWarning, match="Too many levels of symbolic links"):
        assert load_checkpoint(tmp_path).n_iter_ == 3
    for path in checkpoints_of(tmp_path)[2:]:
        path.unlink()
    with pytest.raises(ValueError, match="Too many levels of symbolic links"):
        make_model().fit(X, Y, resume_from=tmp_path)


def test_directory_that_cannot_be_listed_is_an_error(tmp_path, monkeypatch):
    def refuses(*args):
        raise PermissionError("no permission to list")

    for name in ("listdir", "scandir"):
        monkeypatch.setattr(os, name, refuses)
    with pytest.raises(PermissionError, match="no permission to list"):
        make_model().fit(X, Y, resume_from=tmp_path)


@needs_callbacks
@pytest.mark.parametrize("damage", ["cut short", "empty", "changed", "foreign", "newer"])
def test_damaged_file_is_refused_and_the_previous_one_loaded(damage, tmp_path):
    half_way(tmp_path)
    last, before = checkpoints_of(tmp_path)
    content = last.read_bytes()
    contents, message = {
        "cut short": (content[:-100], r"is damaged: it has \d+ bytes of content"),
        "empty": (b"", "is no checkpoint of skfcnn, or its start is damaged"),
        "changed": (content[:-100] + b"!" + content[-99:], "is damaged: its digest"),
        "foreign": (b"PK" + content[2:], "is no checkpoint of skfcnn"),
        "newer": (content.replace(b"format 1", b"format 7", 1), r"in format 7\. .*update"),
    }[damage]
    last.write_bytes(contents)
    with pytest.raises(ValueError, match=message):
        load_checkpoint(last)
    with pytest.raises(ValueError, match=message):
        make_model().fit(X, Y, resume_from=last)
    with pytest.warns(UserWarning, match=message) as record:
        resumed = make_model().fit(X, Y, resume_from=tmp_path)
    assert f"Loading {before.name} instead." in str(record[0].message)
    assert record[0].filename == __file__
    assert_same(resumed, make_model().fit(X, Y))
    before.unlink()
    with pytest.raises(ValueError, match=f"All checkpoints in .* are damaged.*{message}"):
        make_model().fit(X, Y, resume_from=tmp_path)


def other_data():
    X_other, y_other = X.copy(), Y.copy()
    X_other[7, 3] += 1e-9
    y_other[[0, -1]] = y_other[[-1, 0]]
    return {
        "X": ((X_other, Y), {}),
        "the order of rows": ((X[::-1], Y[::-1]), {}),
        "y": ((X, y_other), {}),
        "sample_weight": ((X, Y, np.arange(1.0, len(Y) + 1)), {}),
        "X_val": ((X, Y), {"X_val": X_other, "y_val": Y}),
        "y_val": ((X, Y), {"X_val": X, "y_val": y_other}),
    }


@needs_callbacks
@pytest.mark.parametrize("part", other_data())
def test_error_names_the_data_that_differ(part, tmp_path):
    data, rows = other_data()[part]
    given = {"X_val": X, "y_val": Y} if rows else {}
    make_model(Checkpoint(tmp_path, every=1)).fit(X, Y, stop_after=2, **given)
    name = "X" if part == "the order of rows" else part
    with pytest.raises(ValueError, match=rf"have the data .* \(shape.* {name}: \(569,"):
        make_model().fit(*data, resume_from=tmp_path, **rows)


@needs_callbacks
def test_memory_layout_of_the_data_may_differ(tmp_path):
    whole = make_model().fit(X, Y)
    half_way(tmp_path)
    wide = np.zeros((len(X), 60))
    wide[:, ::2] = X
    for same in (np.asfortranarray(X), wide[:, ::2], X.tolist()):
        assert_same(make_model().fit(same, Y, resume_from=tmp_path), whole)


@needs_callbacks
def test_error_names_the_parameters_that_differ(tmp_path):
    half_way(tmp_path)
    with pytest.raises(ValueError, match=r"differ: alpha: 0.0001, now 0.5"):
        make_model(alpha=0.5).fit(X, Y, resume_from=tmp_path)


def root(t):
    return (1.0 - t) ** 0.5


class Halves:
    """A schedule without `__eq__`."""

    def __init__(self, power):
        self.power = power

    def __call__(self, t):
        return 0.5 ** (self.power * t)


def half(z):
    return 0.5 * z


def one_half(z):
    return np.full_like(z, 0.5)


def small(n_in, n_out, rng):
    return 0.1 * rng.standard_normal((n_in, n_out)), np.zeros(n_out)


FUNCTIONS = {
    "function": lambda: {"schedule": root},
    "lambda": lambda: {"schedule": lambda t: 1.0 - 0.5 * t},
    "partial": lambda: {"schedule": partial(np.power, 0.5)},
    "object": lambda: {"schedule": Halves(2)},
    "RandomState": lambda: {"random_state": np.random.RandomState(3)},
    "PCG64": lambda: {"random_state": np.random.RandomState(np.random.PCG64(3))},
    "Philox": lambda: {"random_state": np.random.RandomState(np.random.Philox(3))},
    "pair": lambda: {"activation": (half, one_half)},
    "list": lambda: {"activation": [(half, one_half), "tanh"], "weight_init": [small] * 3},
    "scorer": lambda: {
        "scoring": make_scorer(fbeta_score, beta=2.0),
        "early_stopping": True,
    },
}


@pytest.mark.grid(4)
@needs_callbacks
@pytest.mark.parametrize("make_params", FUNCTIONS.values(), ids=FUNCTIONS)
def test_functions_come_from_the_estimator_that_resumes(make_params, tmp_path):
    part = half_way(tmp_path, **make_params())
    given = make_params()
    (name, *_) = given
    with pytest.raises(ValueError, match=rf"objects \(.*{name}: .* Pass an estimator"):
        load_checkpoint(tmp_path)
    loaded = load_checkpoint(tmp_path, make_model(**given))
    assert getattr(loaded, name) is given[name]
    assert_same(loaded, part)
    resumed = make_model(**make_params()).fit(X, Y, resume_from=tmp_path)
    assert_same(resumed, make_model(**make_params()).fit(X, Y))
    assert_same(loaded.fit(X, Y, resume_from=loaded), resumed)


@needs_callbacks
@pytest.mark.parametrize(
    ("begun", "now", "words"),
    [
        ({"schedule": root}, {"schedule": half}, r"\.root, now .*\.half\."),
        ({"schedule": root}, {}, r"\.root, now None\."),
        ({"schedule": Halves(2)}, {"schedule": Halves(3)}, "power=2.*power=3"),
        ({"schedule": partial(root)}, {"schedule": root}, r"partial\(.*root.*, now"),
        (
            {"activation": [(half, one_half), "relu"]},
            {"activation": [(half, one_half), "tanh"]},
            "'relu'.*'tanh'",
        ),
    ],
)
def test_error_names_the_functions_that_differ(begun, now, words, tmp_path):
    half_way(tmp_path, **begun)
    with pytest.raises(ValueError, match=f"These differ: {next(iter(begun))}: .*{words}"):
        make_model(**now).fit(X, Y, resume_from=tmp_path)


@needs_callbacks
def test_dicts_of_parameters_are_stored(tmp_path):
    params = {"class_weight": {0: 2.0}, "learning_rate_multipliers": {"bias": 0.5}}
    half_way(tmp_path, **params)
    assert load_checkpoint(tmp_path).class_weight == {0: 2.0}
    resumed = make_model(**params).fit(X, Y, resume_from=tmp_path)
    assert_same(resumed, make_model(**params).fit(X, Y))


# ----- Regressors


def log_cosh(y, p):
    return np.log(np.cosh(p - y))


def log_cosh_gradient(y, p):
    return np.tanh(p - y)


def squares(y, p):
    return (p - y) ** 2


def squares_gradient(y, p):
    return 2.0 * (p - y)


NUMBERS = 40.0 + 9.0 * X[:, 0]
OF_REGRESSORS = {
    "early stopping": ({"early_stopping": True, "n_iter_no_change": 9}, NUMBERS),
    "average": ({"weight_averaging": 0.5, "early_stopping": True}, NUMBERS),
    "outputs": ({"dropout": 0.2}, np.column_stack([NUMBERS, 1e4 * X[:, 1]])),
    "poisson": ({"loss": "poisson", "dtype": "float32"}, np.exp(X[:, 0])),
    "quantiles": ({"loss": "quantile", "quantile": [0.8, 0.3]}, NUMBERS),
    "functions": ({"loss": (log_cosh, log_cosh_gradient)}, NUMBERS),
    "functions and link": ({"loss": (squares, squares_gradient, "exp")}, np.exp(X[:, 0])),
    "unscaled": ({"scale_target": False}, NUMBERS),
}


def make_regressor(*callbacks, **params):
    base = {"random_state": 0, "max_iter": 9, "hidden_layer_sizes": (8, 6)}
    model = FullyConnectedRegressor(**base | params)
    return model.set_callbacks(*callbacks) if callbacks else model


@pytest.mark.grid(4)
@needs_callbacks
@pytest.mark.parametrize("case", OF_REGRESSORS)
def test_checkpoint_of_a_regressor_equals_a_fit_that_stopped_there(case, tmp_path):
    params, y = OF_REGRESSORS[case]
    callback = Checkpoint(tmp_path, every=3, keep=None)
    whole = make_regressor(callback, **params).fit(X, y)
    estimator = make_regressor(**params) if "functions" in case else None
    for path, n_epochs in zip(checkpoints_of(tmp_path), [9, 6, 3], strict=True):
        expected = make_regressor(**params).fit(X, y, stop_after=n_epochs)
        loaded = load_checkpoint(path, estimator)
        assert_same(loaded, expected)
        np.testing.assert_array_equal(loaded.predict(X), expected.predict(X))
        assert repr(loaded._target.state()) == repr(expected._target.state())
        assert_same(make_regressor(**params).fit(X, y, resume_from=path), whole)
        assert_same(loaded.fit(X, y, resume_from=loaded), whole)


@needs_callbacks
@pytest.mark.parametrize(
    ("now", "words"),
    [
        ((log_cosh, squares_gradient), r"loss: .*log_cosh_gradient.*, now .*squares_grad"),
        ((log_cosh, log_cosh_gradient, "exp"), "loss: .*, now .*exp"),
        ("huber", "loss: .*log_cosh.*, now 'huber'"),
    ],
)
def test_loss_functions_come_from_the_regressor_that_resumes(now, words, tmp_path):
    loss = (log_cosh, log_cosh_gradient)
    make_regressor(Checkpoint(tmp_path, every=1), loss=loss).fit(X, NUMBERS, stop_after=2)
    with pytest.raises(ValueError, match=r"objects \(loss: .*log_cosh.* Pass an estimator"):
        load_checkpoint(tmp_path)
    with pytest.raises(ValueError, match=f"These differ: {words}"):
        load_checkpoint(tmp_path, make_regressor(loss=now))
    assert load_checkpoint(tmp_path, make_regressor(loss=loss)).loss == loss


@needs_callbacks
def test_checkpoint_of_another_kind_is_refused(tmp_path):
    make_regressor(Checkpoint(tmp_path / "r", every=1)).fit(X, NUMBERS, stop_after=2)
    half_way(tmp_path / "c")
    with pytest.raises(ValueError, match="of the class skfcnn.regressor.*does not have"):
        load_checkpoint(tmp_path / "r", make_model())
    with pytest.raises(ValueError, match="of the class skfcnn.classifier.*does not have"):
        make_regressor().fit(X, NUMBERS, resume_from=tmp_path / "c")
    with pytest.raises(ValueError, match="have the data .* y: "):
        make_regressor().fit(X, NUMBERS + 1e-9, resume_from=tmp_path / "r")


class WithMore(FullyConnectedClassifier):
    """A subclass with an additional parameter."""

    def __init__(self, more=1, hidden_layer_sizes=(8, 6), random_state=0, max_iter=5):
        super().__init__(hidden_layer_sizes, random_state=random_state, max_iter=max_iter)
        self.more = more


class Scaled(WithMore):
    """A subclass that scales its rows; the scaler is an attribute of another class."""

    def fit(self, X, y, **options):
        self.scaler_ = StandardScaler().fit(X)
        return super().fit(self.scaler_.transform(X), y, **options)


@needs_callbacks
def test_subclass_needs_an_estimator(tmp_path):
    Scaled().set_callbacks(Checkpoint(tmp_path, every=1)).fit(X, Y, stop_after=3)
    with pytest.raises(ValueError, match=r"of the class .*\.Scaled\. Pass an est"):
        load_checkpoint(tmp_path)
    with pytest.raises(ValueError, match=r"only the names.* scaler_: .*Scaler.*, now None"):
        load_checkpoint(tmp_path, Scaled())
    with pytest.raises(ValueError, match=r"has the parameters \['more'\]. FullyConnected"):
        load_checkpoint(tmp_path, make_model())
    fitted = Scaled().fit(X, Y)
    loaded = load_checkpoint(tmp_path, fitted)
    assert loaded.n_iter_ == 3 and loaded.scaler_ is fitted.scaler_
    resumed = Scaled().fit(X, Y, resume_from=tmp_path)
    np.testing.assert_array_equal(resumed._network.theta, fitted._network.theta)


@pytest.mark.parametrize("estimator", [StandardScaler(), FullyConnectedClassifier])
def test_estimator_of_another_class_is_refused(estimator, tmp_path):
    with pytest.raises(TypeError, match="estimator must be a FullyConnectedClassifier"):
        load_checkpoint(tmp_path, estimator)


@needs_callbacks
def test_metadata_requests_are_those_of_the_estimator(tmp_path):
    with sklearn.config_context(enable_metadata_routing=True):
        model = make_model(Checkpoint(tmp_path)).set_fit_request(sample_weight=True)
        model.fit(X, Y)
        loaded = load_checkpoint(tmp_path, make_model().set_fit_request(X_val=True))
        requests = loaded.get_metadata_routing().fit.requests
        assert requests["X_val"] is True and requests["sample_weight"] is None


@needs_callbacks
@pytest.mark.parametrize(
    "labels",
    [
        np.array(["no", "yes"]),
        np.array(["no", "yes"], object),
        np.array([False, True]),
        np.array([-1.0, 2.0], np.float32),
        np.array([2**63, 2**64 - 1], np.uint64),
        np.array(["2020-01-01", "2021-01-01"], "datetime64[ns]"),
    ],
    ids=lambda labels: str(labels.dtype),
)
def test_classes_of_every_dtype_are_written(labels, tmp_path):
    frame = pd.DataFrame(X).add_prefix("x")
    model = make_model(Checkpoint(tmp_path)).fit(frame, labels[Y])
    loaded = load_checkpoint(tmp_path)
    assert_same(loaded, model)
    assert loaded.classes_.dtype == model.classes_.dtype
    np.testing.assert_array_equal(loaded.predict(frame), model.predict(frame))


@needs_callbacks
@pytest.mark.parametrize("form", [np.array, scipy.sparse.csr_matrix])
def test_several_labels_are_written(form, tmp_path):
    labels = form(np.column_stack([Y, 1 - Y, Y]))
    whole = make_model(Checkpoint(tmp_path, every=1)).fit(X, labels)
    loaded = load_checkpoint(tmp_path)
    assert_same(loaded, whole)
    assert type(loaded.predict(X)) is type(whole.predict(X))


# ----- Failures and changes between the two fits


@pytest.mark.grid(3)
@needs_callbacks
@pytest.mark.parametrize("dtype", ["auto", "float64", "float32"])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_average_does_not_depend_on_the_number_of_resumptions(
    dtype, early_stopping, tmp_path
):
    """theta, its average and the restored parameters stay separate arrays."""
    params = {"weight_averaging": 0.1, "dtype": dtype, "early_stopping": early_stopping}
    params |= {"max_iter": 20, "learning_rate_init": 0.02, "n_iter_no_change": 99}
    whole = make_model(**params).fit(X, Y)
    for _ in range(4):
        model = make_model(Checkpoint(tmp_path, every=1), **params)
        model.fit(X, Y, stop_after=5, resume_from=tmp_path)
    assert_same(make_model(**params).fit(X, Y, resume_from=tmp_path), whole)
    assert model.n_iter_ == 20


def test_resumed_fit_that_failed_in_its_first_batch_cannot_be_resumed(monkeypatch):
    """Its rows are already shuffled, so the state of the first fit is lost."""
    model = make_model().fit(X, Y, stop_after=2)
    expected = model.predict_proba(X)
    plain = Objective.gradient

    def failing(*args):
        raise MemoryError

    monkeypatch.setattr(Objective, "gradient", failing)
    with pytest.raises(MemoryError):
        model.fit(X, Y, resume_from=model)
    monkeypatch.setattr(Objective, "gradient", plain)
    np.testing.assert_array_equal(model.predict_proba(X), expected)
    with pytest.raises(ValueError, match="resume_from must be an estimator"):
        model.fit(X, Y, resume_from=model)


def draws(estimator, X, y):
    """A score that is different in every call."""
    return np.random.random_sample()


@needs_callbacks
def test_resumed_fit_does_not_score_the_best_epoch_again(tmp_path):
    params = {"early_stopping": True, "scoring": draws, "n_iter_no_change": 99}
    np.random.seed(0)
    whole = make_model(**params).fit(X, Y)
    np.random.seed(0)
    make_model(Checkpoint(tmp_path, every=1), **params).fit(X, Y, stop_after=3)
    assert_same(make_model(**params).fit(X, Y, resume_from=tmp_path), whole)


@pytest.mark.grid(4)
@pytest.mark.parametrize("seed", range(10))
def test_weights_are_summed_in_the_same_order_after_a_shuffle(seed):
    params = {"class_weight": "balanced", "random_state": seed, "batch_size": 37}
    whole = make_model(**params).fit(X, Y)
    parts = make_model(**params).fit(X, Y, stop_after=3)
    assert_same(parts.fit(X, Y, resume_from=parts), whole)


@needs_callbacks
def test_best_model_is_written_despite_nan_scores(tmp_path):
    rows = {"X_val": X[ROWS_VAL], "y_val": Y[ROWS_VAL]}
    for i, scores in enumerate(([np.nan, 0.2, 0.1, 0.3, 0.2], [np.nan] * 5)):
        given = iter(scores)
        monitored = make_model(Checkpoint(tmp_path / str(i), keep=None), scoring="accuracy")
        plain = Validation.evaluate

        def evaluate(self, given=given, plain=plain):
            return plain(self) if self.scoring is None else (next(given), 0.5)

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(Validation, "evaluate", evaluate)
            monitored.fit(X, Y, stop_after=5, **rows)
        epochs = [int(p.name[-17:-11]) for p in checkpoints_of(tmp_path / str(i))]
        assert epochs == ([4, 2, 1] if i == 0 else [5, 4, 3, 2, 1])


@needs_callbacks
def test_unreadable_file_is_skipped_with_a_warning(tmp_path, monkeypatch):
    half_way(tmp_path)
    last, before = checkpoints_of(tmp_path)
    read = open

    def refuses(path, *args):
        if path == last:
            raise PermissionError(f"no permission to read {path}")
        return read(path, *args)

    monkeypatch.setattr("builtins.open", refuses)
    with pytest.warns(UserWarning, match="no permission to read"):
        assert load_checkpoint(tmp_path).n_iter_ == 2


def test_file_is_written_if_the_directory_cannot_be_synced(tmp_path, monkeypatch):
    def fsync(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(os, "fsync", fsync)
    write_whole(tmp_path / "file", [b"con", b"tent"])
    assert read_whole(tmp_path / "file") == b"content"


@needs_callbacks
@pytest.mark.parametrize(
    ("begun", "now"),
    [
        ({"dropout": np.array([0.1, 0.2])}, {"dropout": 0.1}),
        ({"hidden_layer_sizes": np.array([8, 6])}, {"hidden_layer_sizes": 8}),
    ],
    ids=["dropout", "hidden_layer_sizes"],
)
def test_array_parameter_differs_from_a_number(begun, now, tmp_path):
    half_way(tmp_path, **begun)
    with pytest.raises(ValueError, match=f"These differ: {next(iter(now))}"):
        make_model(**now).fit(X, Y, resume_from=tmp_path)


def test_parameters_of_a_subclass_are_compared():
    whole = WithMore(more=3).fit(X, Y)
    part = WithMore(more=3).fit(X, Y, stop_after=3)
    with pytest.raises(ValueError, match="These differ: more: 3, now 1"):
        WithMore(more=1).fit(X, Y, resume_from=part)
    with pytest.raises(ValueError, match="These differ: more: 'not there', now 3"):
        WithMore(more=3).fit(X, Y, resume_from=make_model().fit(X, Y, stop_after=2))
    resumed = WithMore(more=3).fit(X, Y, resume_from=part)
    assert resumed.more == 3
    assert_same(resumed, whole)


def test_parameters_of_a_subclass_may_be_frames():
    def frame(value):
        return pd.DataFrame({"a": [1, value]})

    part = WithMore(more=frame(2)).fit(X, Y, stop_after=3)
    assert WithMore(more=frame(2)).fit(X, Y, resume_from=part).n_iter_ == 5
    with pytest.raises(ValueError, match="These differ: more"):
        WithMore(more=frame(3)).fit(X, Y, resume_from=part)


@needs_callbacks
def test_sparse_matrix_may_have_indices_of_another_dtype(tmp_path):
    sparse = scipy.sparse.csr_matrix(X)
    longer = sparse.copy()
    longer.indices, longer.indptr = (
        sparse.indices.astype(np.int64),
        sparse.indptr.astype(np.int64),
    )
    make_model(Checkpoint(tmp_path, every=1)).fit(sparse, Y, stop_after=2)
    resumed = make_model().fit(longer, Y, resume_from=tmp_path)
    assert_same(resumed, make_model().fit(sparse, Y))


# ----- Processes that are killed


@pytest.mark.slow
@needs_callbacks
def test_fit_killed_at_random_moments_ends_bit_equal():
    on_the_way, ended = kill_on_the_way(3)
    assert ended >= on_the_way


@pytest.mark.slow
@needs_callbacks
def test_output_of_a_process_that_ends_early_is_read(tmp_path, monkeypatch):
    class Ended(subprocess.Popen):
        def __enter__(self):
            self.wait(timeout=60)
            return super().__enter__()

    monkeypatch.setattr(subprocess, "Popen", Ended)
    assert live(0, tmp_path, seconds=60.0)["n_iter_"] > 1


@pytest.mark.grid(4)
@needs_callbacks
@pytest.mark.parametrize("case", range(N_CLASSIFIERS))
def test_every_case_is_resumed_from_every_tenth_epoch(case, tmp_path):
    params = {"max_iter": 40, "learning_rate_init": 0.01} | CASES[case]
    whole = make_model(Checkpoint(tmp_path, every=10, keep=None), **params).fit(X, Y)
    paths = checkpoints_of(tmp_path)
    assert paths
    for path in paths:
        assert_same(make_model(**params).fit(X, Y, resume_from=path), whole)
