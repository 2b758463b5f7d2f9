"""Fits of ensembles that are killed, and continue from their checkpoints."""

import time

import numpy as np
import pandas as pd
import pytest
from callback_support import needs_callbacks
from fitted_attributes import assert_equal_attributes
from joblib import parallel_backend
from killing import ENSEMBLES, kill_on_the_way
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from table_support import LBFGS

from skfcnn import FullyConnectedClassifier, TabularClassifier
from skfcnn.callbacks import Checkpoint, load_checkpoint
from skfcnn.estimator.monitor import Progress
from skfcnn.tabular.recording import ENSEMBLE, PLAN, NetworkFiles, read_record
from skfcnn.tabular.resuming import Recorder

X, Y = load_iris(return_X_y=True, as_frame=True)
PARAMS = {"max_iter": 3, "hidden_layer_sizes": (8,)}
N_NETWORKS, N_EPOCHS = 3, 3  # of "fast"
GROUPS = np.arange(len(Y)) % 30


def make_model(directory=None, *, every=1, effort="fast", **params):
    base = {"network_params": PARAMS, "trees": False, "random_state": 0}
    model = TabularClassifier(effort, **base | params)
    return (
        model
        if directory is None
        else model.set_callbacks(Checkpoint(directory, every=every))
    )


class Killed(Exception):
    pass


def fit_killed(model, n_files, *args, **kwargs):
    """Fit until so many files of networks are written."""
    write, written = NetworkFiles.write, []

    def until_killed(files, *args, **kwargs):
        if len(written) >= n_files:
            raise Killed
        write(files, *args, **kwargs)
        written.append(files)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(NetworkFiles, "write", until_killed)
        with pytest.raises(Killed):
            model.fit(*args, **kwargs)


def assert_same(a, b):
    np.testing.assert_array_equal(a.predict_proba(X), b.predict_proba(X))
    np.testing.assert_array_equal(a.family_weights_, b.family_weights_)
    np.testing.assert_array_equal(a._feature_importances, b._feature_importances)
    pd.testing.assert_frame_equal(
        a.leaderboard_.drop(columns="seconds"), b.leaderboard_.drop(columns="seconds")
    )
    for ours, theirs in zip(a.estimators_, b.estimators_, strict=True):
        np.testing.assert_array_equal(ours._network.theta, theirs._network.theta)
        assert_equal_attributes(ours, theirs)
        assert ours.get_params() == theirs.get_params()
        assert vars(ours).keys() == vars(theirs).keys()


def record_in(directory):
    (path,) = directory.glob(f"*{ENSEMBLE}")
    return path


# ----- resuming after a kill


@needs_callbacks
@pytest.mark.grid(4)
@pytest.mark.parametrize("n_files", range(N_NETWORKS * (N_EPOCHS + 1)))
def test_a_killed_fit_goes_on_bit_equal(n_files, tmp_path):
    """A network writes a file after each epoch, and one when it is done."""
    fit_killed(make_model(tmp_path), n_files, X, Y)
    resumed = make_model(tmp_path).fit(X, Y, resume_from=tmp_path)
    assert_same(resumed, make_model().fit(X, Y))


@needs_callbacks
def test_it_may_be_killed_again_and_again(tmp_path):
    model = make_model(tmp_path)
    for n_files in (1, 4, 0, 3):
        fit_killed(model, n_files, X, Y, resume_from=tmp_path)
        assert not model.__sklearn_is_fitted__()
    assert_same(model.fit(X, Y, resume_from=tmp_path), make_model().fit(X, Y))
    assert len([*tmp_path.glob(f"*{ENSEMBLE}")]) == 1


@needs_callbacks
@pytest.mark.grid(3)
@pytest.mark.parametrize(
    ("backend", "n_jobs"), [("threading", 2), ("loky", 2), ("loky", 1)]
)
def test_networks_in_parallel_go_on(backend, n_jobs, tmp_path):
    """Each has its own files; another number of processes may go on."""
    with parallel_backend("threading"):
        fit_killed(make_model(tmp_path, n_jobs=2), 5, X, Y)
    with parallel_backend(backend):
        resumed = make_model(tmp_path, n_jobs=n_jobs).fit(X, Y, resume_from=tmp_path)
    assert_same(resumed, make_model().fit(X, Y))


@needs_callbacks
def test_an_interrupted_fit_goes_on_bit_equal(tmp_path, monkeypatch):
    begun, begin = [], Progress.begin

    def interrupt(progress):
        begun.append(progress)
        if len(begun) == 5:  # in the second network
            raise KeyboardInterrupt
        begin(progress)

    with monkeypatch.context() as patch:
        patch.setattr(Progress, "begin", interrupt)
        with pytest.raises(KeyboardInterrupt):
            make_model(tmp_path).fit(X, Y)
    resumed = make_model(tmp_path).fit(X, Y, resume_from=tmp_path)
    assert_same(resumed, make_model().fit(X, Y))


@needs_callbacks
def test_only_the_best_epochs_may_be_written(tmp_path):
    fit_killed(make_model(tmp_path, every="best"), 3, X, Y)
    resumed = make_model(tmp_path, every="best").fit(X, Y, resume_from=tmp_path)
    assert_same(resumed, make_model().fit(X, Y))


@needs_callbacks
@pytest.mark.grid(4)
@pytest.mark.parametrize(
    "params",
    [
        {"effort": "best"},
        {"cv": KFold(3, shuffle=True, random_state=0)},
        {"class_weight": "balanced"},
        {"importances": True},
        {"encoder": StandardScaler()},
        {"encoder": "passthrough"},
        {"network_params": PARAMS | {"dropout": 0.2}},
        {"network_params": PARAMS | {"schedule": None, "n_iter_no_change": 1, "tol": 9.0}},
        {"network_params": PARAMS | LBFGS},
    ],
    ids=str,
)
def test_any_ensemble_goes_on(params, tmp_path):
    fit_killed(make_model(tmp_path, **params), 2, X, Y)
    resumed = make_model(tmp_path, **params).fit(X, Y, resume_from=tmp_path)
    assert_same(resumed, make_model(**params).fit(X, Y))


@needs_callbacks
@pytest.mark.parametrize("given", ["groups", "X_val", "sample_weight"])
def test_what_else_was_given_is_given_again(given, tmp_path):
    more = {
        "groups": {"groups": GROUPS},
        "X_val": {"X_val": X[::3], "y_val": Y[::3]},
        "sample_weight": {"sample_weight": 1.0 + GROUPS},
    }[given]
    fit_killed(make_model(tmp_path), 2, X, Y, **more)
    with pytest.raises(ValueError, match=f"data of the first fit. These differ.* {given}"):
        make_model(tmp_path).fit(X, Y, resume_from=tmp_path)
    resumed = make_model(tmp_path).fit(X, Y, resume_from=tmp_path, **more)
    assert_same(resumed, make_model().fit(X, Y, **more))


@needs_callbacks
@pytest.mark.parametrize("cv", [None, KFold(3, shuffle=True)])
def test_without_a_seed_folds_and_seeds_are_those_of_the_files(cv, tmp_path):
    """Also those of the encoder: its target means are cross-fitted on random rows."""
    rng = np.random.RandomState(0)
    table = X.assign(town=[f"town {i}" for i in rng.randint(0, 40, len(X))])
    whole = make_model(tmp_path, random_state=None, cv=cv).fit(table, Y)
    drawn = read_record(record_in(tmp_path))
    for path in tmp_path.glob("*network001*"):
        path.unlink()
    state = np.random.get_state()[1].copy()
    resumed = make_model(random_state=None, cv=cv).fit(table, Y, resume_from=tmp_path)
    np.testing.assert_array_equal(np.random.get_state()[1], state)
    np.testing.assert_array_equal(resumed.predict_proba(table), whole.predict_proba(table))
    assert [network.random_state for network in resumed.estimators_] == drawn["seeds"]


@needs_callbacks
def test_networks_that_are_done_are_not_trained_again(tmp_path, monkeypatch, capsys):
    whole = make_model(tmp_path).fit(X, Y)

    def fail(*args, **kwargs):
        raise AssertionError("a network was trained")

    monkeypatch.setattr(FullyConnectedClassifier, "_fit_as_member", fail)
    again = make_model(verbose=1).fit(X, Y, resume_from=tmp_path)
    assert_same(again, whole)
    np.testing.assert_allclose(
        again.leaderboard_.seconds, whole.leaderboard_.seconds, atol=0.1
    )
    assert capsys.readouterr().out.count(", from its checkpoint") == N_NETWORKS


@needs_callbacks
def test_callbacks_have_the_tasks_of_networks_that_are_done(tmp_path, capfd):
    from sklearn.callback import ProgressBar

    make_model(tmp_path).fit(X, Y)
    model = make_model().set_callbacks(ProgressBar(), Checkpoint(tmp_path))
    model.fit(X, Y, resume_from=tmp_path)
    assert "FullyConnectedClassifier - fit #2" in capfd.readouterr().out


@needs_callbacks
def test_the_seconds_of_a_network_are_those_of_both_fits(tmp_path, monkeypatch):
    fit_killed(make_model(tmp_path), 2, X, Y)
    (name,) = {path.name[:43] for path in tmp_path.glob("*network*")}
    before = NetworkFiles(tmp_path, name).last_state()["seconds"]
    resumed = make_model(tmp_path).fit(X, Y, resume_from=tmp_path)
    assert resumed.leaderboard_.seconds[0] > before > 0.0


@needs_callbacks
def test_a_directory_without_files_starts_from_scratch(tmp_path):
    model = make_model(tmp_path / "new").fit(X, Y, resume_from=tmp_path / "new")
    assert_same(model, make_model().fit(X, Y))


@needs_callbacks
def test_the_fit_that_was_written_last_is_resumed(tmp_path):
    """Or the one whose file is given."""
    fit_killed(make_model(tmp_path), 2, X, Y)
    first = record_in(tmp_path)
    fit_killed(make_model(tmp_path, random_state=1), 2, X, Y)
    with pytest.raises(ValueError, match="random_state: 1, now 0"):
        make_model(tmp_path).fit(X, Y, resume_from=tmp_path)
    resumed = make_model(tmp_path).fit(X, Y, resume_from=first)
    assert_same(resumed, make_model().fit(X, Y))
    make_model(tmp_path).fit(X, Y, resume_from=str(tmp_path))


@needs_callbacks
def test_a_file_of_a_network_is_a_checkpoint(tmp_path):
    model = make_model(tmp_path, encoder="passthrough").fit(X.to_numpy(), Y)
    network = load_checkpoint(tmp_path)
    assert network.get_params() == model.estimators_[-1].get_params()
    assert network.n_iter_ == N_EPOCHS


@needs_callbacks
def test_few_files_are_kept(tmp_path):
    make_model().set_callbacks(Checkpoint(tmp_path, every=1, keep=1)).fit(X, Y)
    assert len([*tmp_path.iterdir()]) == N_NETWORKS + 1


# ----- with a time limit


@needs_callbacks
def test_an_ample_time_limit_changes_nothing(tmp_path):
    params = {"time_limit": 1000.0, "effort": "best"}
    fit_killed(make_model(tmp_path, **params), 9, X, Y)
    resumed = make_model(tmp_path, **params).fit(X, Y, resume_from=tmp_path)
    whole = make_model(effort="best").fit(X, Y)
    np.testing.assert_array_equal(resumed.predict_proba(X), whole.predict_proba(X))


@needs_callbacks
@pytest.mark.parametrize("n_files", [5, 60])
def test_a_time_limit_is_kept_over_both_fits(n_files, tmp_path):
    """The time between them does not count."""
    X, y = load_breast_cancer(return_X_y=True)
    params = {"time_limit": 4.0, "effort": "best", "network_params": {"max_iter": 10_000}}
    start = time.perf_counter()
    fit_killed(make_model(tmp_path, **params), n_files, X, y)
    first = time.perf_counter() - start
    begun = {path.name[:43] for path in tmp_path.glob("*network*")}
    time.sleep(1.0)
    start = time.perf_counter()
    model = make_model(tmp_path, **params).fit(X, y, resume_from=tmp_path)
    seconds = first + time.perf_counter() - start
    assert 0.75 * 4.0 < seconds < 4.0 + 1.0
    assert len(model.estimators_) >= len(begun)
    assert model.score(X, y) > 0.95


@needs_callbacks
def test_networks_that_were_started_are_kept(tmp_path):
    X, y = load_breast_cancer(return_X_y=True)
    params = {"time_limit": 2.0, "effort": "best", "network_params": {"max_iter": 10_000}}
    whole = make_model(tmp_path, **params).fit(X, y)
    resumed = make_model(tmp_path, **params).fit(X, y, resume_from=tmp_path)
    n_begun = len(whole.estimators_)
    assert len(resumed.estimators_) == n_begun
    np.testing.assert_array_equal(resumed.predict_proba(X), whole.predict_proba(X))


# ----- what is refused


def killed_in(tmp_path, **params):
    fit_killed(make_model(tmp_path, **params), 5, X, Y)
    return tmp_path


@needs_callbacks
@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda X, y: (X * 2.0 + (X > 3.0), y), "X: "),
        (lambda X, y: (X, 2 - y), "y: "),
        (lambda X, y: (X[1:], y[1:]), "y: "),
        (lambda X, y: (X.assign(other=X.iloc[:, 0] ** 2), y), "X: "),
    ],
)
def test_other_data_are_refused(spoil, named, tmp_path):
    killed_in(tmp_path)
    with pytest.raises(ValueError, match=f"first fit. These differ .*: {named}"):
        make_model(tmp_path).fit(*spoil(X, Y), resume_from=tmp_path)


@needs_callbacks
@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"effort": "best"}, "effort: 'fast', now 'best'"),
        ({"random_state": 1}, "random_state: 0, now 1"),
        ({"random_state": None}, "random_state: 0, now None"),
        ({"time_limit": 5.0}, "time_limit: None, now 5.0"),
        ({"class_weight": "balanced"}, "class_weight: None, now 'balanced'"),
        ({"network_params": PARAMS | {"alpha": 1.0}}, r"network_params: .*, now .*'alpha'"),
        ({"cv": KFold(3)}, "cv: None, now .*KFold"),
        ({"encoder": StandardScaler()}, "encoder: 'auto', now .*StandardScaler"),
    ],
    ids=str,
)
def test_other_parameters_are_refused(params, words, tmp_path):
    killed_in(tmp_path)
    with pytest.raises(ValueError, match=f"must have the parameters.*{words}"):
        make_model(tmp_path, **params).fit(X, Y, resume_from=tmp_path)


def noise(X):
    return np.random.default_rng().uniform(size=(len(X), 4))


@needs_callbacks
def test_an_encoder_that_gives_other_numbers_is_refused(tmp_path):
    params = {"encoder": FunctionTransformer(noise)}
    killed_in(tmp_path, **params)
    with pytest.raises(
        ValueError, match="X: .* An encoder of your own must return the same"
    ):
        make_model(tmp_path, **params).fit(X, Y, resume_from=tmp_path)


@needs_callbacks
def test_damaged_files_are_refused(tmp_path):
    record = record_in(killed_in(tmp_path))
    content = record.read_bytes()
    record.write_bytes(content[:-1])
    with pytest.raises(ValueError, match="is damaged"):
        make_model(tmp_path).fit(X, Y, resume_from=tmp_path)
    record.write_bytes(content)
    last, *_ = sorted(tmp_path.glob("*network001*"), reverse=True)
    last.write_bytes(b"x")
    for path in tmp_path.glob("*network000*"):
        path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError, match="All checkpoints in .* are damaged"):
        make_model(tmp_path).fit(X, Y, resume_from=tmp_path)


@needs_callbacks
def test_an_earlier_file_is_used_if_the_last_is_damaged(tmp_path):
    killed_in(tmp_path)
    first, *_, last = sorted(tmp_path.glob("*network000*"))
    last.write_bytes(last.read_bytes()[:-1])
    with pytest.warns(UserWarning, match="is damaged.* Loading .*network000"):
        resumed = make_model(tmp_path).fit(X, Y, resume_from=tmp_path)
    assert_same(resumed, make_model().fit(X, Y))


@needs_callbacks
def test_a_damaged_plan_is_refused(tmp_path):
    killed_in(tmp_path, time_limit=100.0)
    (plan,) = tmp_path.glob(f"*{PLAN}")
    plan.write_bytes(plan.read_bytes()[:-1])
    with pytest.raises(ValueError, match="is damaged"):
        make_model(tmp_path, time_limit=100.0).fit(X, Y, resume_from=tmp_path)


@needs_callbacks
def test_other_files_are_refused(tmp_path):
    network = FullyConnectedClassifier(max_iter=1).set_callbacks(Checkpoint(tmp_path))
    with pytest.warns(Warning):
        network.fit(X, Y)
    with pytest.raises(ValueError, match="checkpoints of single networks"):
        make_model().fit(X, Y, resume_from=tmp_path)
    (path,) = tmp_path.iterdir()
    with pytest.raises(
        ValueError, match="checkpoint of a single network. Pass the file of"
    ):
        make_model().fit(X, Y, resume_from=path)
    with pytest.raises(FileNotFoundError):
        make_model().fit(X, Y, resume_from=tmp_path / "none")
    with pytest.raises(TypeError, match="must be a file or a directory"):
        make_model().fit(X, Y, resume_from=make_model())
    with pytest.raises(ValueError, match="empty path"):
        make_model().fit(X, Y, resume_from="")


@needs_callbacks
def test_another_directory_to_write_to_is_refused(tmp_path):
    killed_in(tmp_path / "a")
    with pytest.raises(ValueError, match="continues in the same directory"):
        make_model(tmp_path / "b").fit(X, Y, resume_from=tmp_path / "a")


@needs_callbacks
def test_no_new_files_are_written_without_a_checkpoint(tmp_path):
    killed_in(tmp_path)
    before = sorted(tmp_path.iterdir())
    resumed = make_model().fit(X, Y, resume_from=tmp_path)
    assert sorted(tmp_path.iterdir()) == before
    assert_same(resumed, make_model().fit(X, Y))


def test_without_checkpoints_nothing_is_recorded():
    recorder = Recorder.of(make_model(), None, (Y, None, None))
    assert recorder.directory is None and recorder.drawn is None
    assert recorder.files_of(0).last(None) == (None, {})


@pytest.mark.slow
@needs_callbacks
def test_an_ensemble_killed_at_random_moments_ends_bit_equal():
    assert kill_on_the_way(4, cases=ENSEMBLES).ended >= 1


@needs_callbacks
def test_fits_of_a_search_write_their_own_files(tmp_path):
    search = GridSearchCV(
        make_model(tmp_path), {"network_params__alpha": [0.0, 1.0]}, cv=2, n_jobs=2
    )
    search.fit(X, Y)
    records = [read_record(path) for path in tmp_path.glob(f"*{ENSEMBLE}")]
    assert len(records) == 2 * 2 + 1
    alphas = [record["params"]["network_params"]["alpha"] for record in records]
    assert {*alphas} == {0.0, 1.0}


@needs_callbacks
def test_a_pipeline_passes_the_directory_on(tmp_path):
    fit_killed(make_model(tmp_path), 4, X, Y)
    pipeline = make_pipeline("passthrough", make_model(tmp_path))
    pipeline.fit(X, Y, tabularclassifier__resume_from=tmp_path)
    assert_same(pipeline[-1], make_model().fit(X, Y))
