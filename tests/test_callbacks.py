"""Callbacks, by the protocol of scikit-learn 1.9: its own, ours, and any other."""

import pickle
import time
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from callback_support import HAS_CALLBACKS, needs_callbacks
from scipy.sparse import coo_matrix, csc_array
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skfcnn import FullyConnectedClassifier
from skfcnn.callbacks import Checkpoint, EarlyStopping, GradientMonitor, TimeBudget
from skfcnn.training.optimizers import OPTIMIZERS

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_breast_cancer(return_X_y=True)
X = StandardScaler().fit_transform(X)
ROWS_VAL = slice(None, None, 4)
SOLVERS = [*OPTIMIZERS, "lbfgs"]


def make_model(*callbacks, **params):
    base = {"random_state": 0, "max_iter": 5, "hidden_layer_sizes": (8, 6)}
    return FullyConnectedClassifier(**base | params).set_callbacks(*callbacks)


class Recorder:
    """Records the calls, and asks to stop after some epochs."""

    def __init__(self, stop_after=np.inf):
        self.stop_after = stop_after
        self.calls = Counter()
        self.epochs = []

    def setup(self, estimator, context):
        self.calls["setup"] += 1

    def teardown(self, estimator, context):
        self.calls["teardown"] += 1

    def on_fit_task_begin(self, estimator, context, *, X, y, metadata):
        self.calls[f"begin {context.task_name}"] += 1

    def on_fit_task_end(self, estimator, context, *, X, y, metadata, fitted_estimator):
        self.calls[f"end {context.task_name}"] += 1
        if context.task_name == "epoch":
            self.epochs.append((X, y, metadata, fitted_estimator))
            return len(self.epochs) >= self.stop_after


@pytest.mark.skipif(HAS_CALLBACKS, reason="of scikit-learn before 1.9")
def test_error_before_scikit_learn_1_9_says_what_is_missing():
    with pytest.raises(ImportError, match="set_callbacks needs scikit-learn 1.9 or newer"):
        make_model(Recorder())


@needs_callbacks
@pytest.mark.parametrize("solver", SOLVERS)
def test_a_task_for_each_epoch_and_the_same_numbers(solver):
    recorder = Recorder()
    watched = make_model(recorder, solver=solver).fit(X, Y)
    plain = FullyConnectedClassifier(**watched.get_params()).fit(X, Y)
    assert watched.loss_curve_ == plain.loss_curve_
    assert recorder.calls == {
        "setup": 1,
        "begin fit": 1,
        "begin epoch": 5,
        "end epoch": 5,
        "end fit": 1,
        "teardown": 1,
    }


@pytest.mark.grid(8)
@needs_callbacks
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("early_stopping", [False, True])
def test_snapshot_is_the_model_of_its_epoch(solver, early_stopping):
    recorder = Recorder()
    rows = {"X_val": X[ROWS_VAL], "y_val": Y[ROWS_VAL]}
    params = {"solver": solver, "early_stopping": early_stopping}
    params |= {"n_iter_no_change": 20, "tol": 0.0}
    make_model(recorder, **params).fit(X, Y, **rows)
    for epoch, (_, _, _, snapshot) in enumerate(recorder.epochs, start=1):
        shorter = make_model(**params | {"early_stopping": False}, max_iter=epoch)
        shorter.fit(X, Y, **rows)
        np.testing.assert_array_equal(snapshot.predict_proba(X), shorter.predict_proba(X))
        for name in ("loss_curve_", "n_iter_", "loss_", "t_", "validation_scores_"):
            assert getattr(snapshot, name) == getattr(shorter, name), name


@needs_callbacks
def test_hooks_get_what_the_user_gave():
    frame, labels = pd.DataFrame(X).add_prefix("f"), pd.Series(Y)
    given = {"X_val": frame[ROWS_VAL], "y_val": labels[ROWS_VAL]}
    recorder = Recorder()
    make_model(recorder).fit(frame, labels, **given)
    rows, y, metadata, snapshot = recorder.epochs[0]
    assert rows is frame and y is labels
    assert metadata.keys() == given.keys()
    assert all(metadata[name] is given[name] for name in given)
    snapshot.predict(rows)  # with its names: there would be a warning, an error here


@needs_callbacks
@pytest.mark.parametrize("solver", SOLVERS)
def test_training_stops_on_request(solver, recwarn):
    model = make_model(Recorder(stop_after=3), solver=solver, max_iter=50).fit(X, Y)
    assert model.n_iter_ == len(model.loss_curve_) == 3
    assert not model.converged_
    assert all("worse than guessing" in str(w.message) for w in recwarn)  # after 3 epochs
    if solver != "lbfgs":
        model.set_callbacks().set_params(max_iter=5).fit(X, Y, resume_from=model)
        whole = make_model(solver=solver).fit(X, Y)
        np.testing.assert_array_equal(model.coefs_[0], whole.coefs_[0])


class Exhausted(Recorder):
    """Raises StopIteration, like `next` of an exhausted iterator."""

    def __init__(self, hook):
        super().__init__()
        self.hook = hook

    def on_fit_task_begin(self, estimator, context, **given):
        if self.hook == "begin" and context.task_name == "epoch":
            raise StopIteration("of a callback")

    def on_fit_task_end(self, estimator, context, **given):
        if self.hook == "end" and context.task_name == "epoch":
            raise StopIteration("of a callback")


@needs_callbacks
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("hook", ["begin", "end"])
def test_a_callback_that_raises_stop_iteration_fails(hook, solver):
    """SciPy takes StopIteration as a request to stop."""
    model = make_model(Exhausted(hook), solver=solver)
    with pytest.raises(StopIteration, match="of a callback"):
        model.fit(X, Y)
    assert not hasattr(model, "classes_")


@needs_callbacks
def test_a_callback_that_fails_is_torn_down_and_leaves_no_model():
    class Failing(Recorder):
        def on_fit_task_end(self, estimator, context):
            raise RuntimeError("not now")

    callback = Failing()
    model = make_model(callback)
    with pytest.raises(RuntimeError, match="not now"):
        model.fit(X, Y)
    assert callback.calls["teardown"] == 1
    assert not hasattr(model, "classes_")
    assert not any("ctx" in name or "teardown" in name for name in vars(model))


@pytest.mark.grid(3)
@needs_callbacks
@pytest.mark.parametrize("where", ["alone", "pipeline", "search"])
def test_callbacks_of_scikit_learn(where, capfd):
    from sklearn.callback import ProgressBar, ScoringMonitor

    scores = ScoringMonitor(scoring=["accuracy", "neg_log_loss"])
    network = make_model(scores)
    frame = pd.DataFrame(X).add_prefix("f")
    model = network if where == "alone" else make_pipeline(StandardScaler(), network)
    if where == "search":
        grid = {"fullyconnectedclassifier__alpha": [0.1, 1.0]}
        model = GridSearchCV(model, grid, cv=2, n_jobs=2)
    model.set_callbacks(*([scores] if where == "alone" else []), ProgressBar())
    model.fit(frame, Y)
    assert "Classifier" in capfd.readouterr().out or where == "search"
    logs = scores.get_logs(select="all")
    entries = [entry for log in logs for entry in log.data if entry["task_name"] == "epoch"]
    n_fits = 5 if where == "search" else 1
    assert len(entries) == 5 * n_fits
    assert all(0.0 < entry["accuracy"] <= 1.0 for entry in entries)
    if where == "alone":
        expected = -log_loss(Y, model.predict_proba(frame))
        assert entries[-1]["neg_log_loss"] == pytest.approx(expected)


# ----- EarlyStopping


@needs_callbacks
@pytest.mark.parametrize("scoring", [None, "roc_auc", "neg_log_loss"])
@pytest.mark.parametrize("validated", [False, True])
def test_early_stopping_on_any_metric(scoring, validated):
    rows = {"X_val": X[ROWS_VAL], "y_val": Y[ROWS_VAL]} if validated else {}
    callback = EarlyStopping(scoring, n_iter_no_change=3, tol=0.01)
    model = make_model(callback, max_iter=300, learning_rate_init=0.01).fit(X, Y, **rows)
    assert 4 < model.n_iter_ < 100
    if scoring is None and validated:  # as the rule of the estimator itself
        same = FullyConnectedClassifier(**model.get_params())
        same.set_params(early_stopping=True, n_iter_no_change=3, tol=0.01)
        assert same.fit(X, Y, **rows).n_iter_ == model.n_iter_


@needs_callbacks
def test_early_stopping_on_a_metric_that_takes_no_weights():
    weights = np.random.RandomState(0).uniform(0.5, 2.0, len(Y))
    callback = EarlyStopping("adjusted_rand_score", n_iter_no_change=3, tol=0.01)
    with pytest.warns(UserWarning, match="adjusted_rand_score' does not accept"):
        model = make_model(callback, max_iter=50).fit(X, Y, weights)
    assert model.n_iter_ > 4


# ----- TimeBudget


@needs_callbacks
@pytest.mark.parametrize("score", [np.nan, np.inf])
def test_early_stopping_refuses_nan_and_infinite_scores(score):
    callback = EarlyStopping(lambda estimator, X, y: score)
    with pytest.raises(ValueError, match=f"score is {score} in epoch 1"):
        make_model(callback).fit(X, Y)


@needs_callbacks
def test_small_integers_of_numpy_equal_those_of_python(tmp_path):
    found = []
    for number, directory in ((int, tmp_path / "int"), (np.int8, tmp_path / "int8")):
        monitor = GradientMonitor(number(100))
        callbacks = [
            EarlyStopping(n_iter_no_change=number(127), tol=number(1)),
            Checkpoint(directory, every=number(64), keep=number(1)),
            monitor,
        ]
        params = {"max_iter": 200, "tol": 0.0, "n_iter_no_change": 200}
        model = make_model(*callbacks, **params).fit(X[:20], Y[:20])
        (file,) = directory.iterdir()
        found.append((model.n_iter_, file.name.split("-epoch")[1], monitor.records_))
    assert found[0] == found[1]
    assert found[0][0] > 128


@needs_callbacks
def test_time_budget_is_kept_and_the_best_epoch_restored():
    X, y = load_digits(return_X_y=True)
    model = make_model(TimeBudget(0.5), max_iter=100_000, hidden_layer_sizes=(100,))
    model.set_params(early_stopping=True, n_iter_no_change=np.inf)
    start = time.perf_counter()
    model.fit(X / 16.0, y)
    # The epochs end in time; beyond them are validation of the input and the last snapshot.
    assert time.perf_counter() - start < 1.0
    assert 2 < model.n_iter_ < 100_000
    assert model.best_validation_score_ == max(model.validation_scores_)


@needs_callbacks
def test_without_time_the_first_epoch_is_trained():
    assert make_model(TimeBudget(0.0)).fit(X, Y).n_iter_ == 1


# ----- GradientMonitor


@needs_callbacks
def test_norms_of_every_layer_and_epoch():
    monitor = GradientMonitor(n_rows=len(X))
    snapshots = Recorder()
    make_model(monitor, snapshots, dtype="float64", alpha=0.0).fit(X, Y)
    records = pd.DataFrame(monitor.records_)
    assert list(zip(records.epoch, records.layer, strict=True)) == [
        (epoch, layer) for epoch in range(1, 6) for layer in range(1, 4)
    ]
    before, after = (snapshot.coefs_ for _, _, _, snapshot in snapshots.epochs[2:4])
    rows = records[records.epoch == 4]
    for name, expected in (
        ("weights", [np.linalg.norm(W) for W in after]),
        ("update", [np.linalg.norm(W - V) for W, V in zip(after, before, strict=True)]),
    ):
        np.testing.assert_allclose(rows[name], expected, rtol=1e-12)
    # The one output: delta = (p - y) / n, and dJ/dW = a^T delta.
    model = snapshots.epochs[3][3]
    delta = model.predict_proba(X)[:, 1] - Y
    assert rows["delta"].iloc[-1] == pytest.approx(np.sqrt(np.mean(delta**2)))
    a = X
    for W, b in zip(model.coefs_[:-1], model.intercepts_[:-1], strict=True):
        a = np.maximum(a @ W + b, 0.0)
    norm = np.linalg.norm(a.T @ delta / len(X))
    assert rows["gradient"].iloc[-1] == pytest.approx(norm)


@needs_callbacks
def test_vanishing_gradients_become_visible():
    norms = {}
    for activation in ("logistic", "relu"):
        monitor = GradientMonitor()
        make_model(monitor, activation=activation, hidden_layer_sizes=(20,) * 6).fit(X, Y)
        last = pd.DataFrame(monitor.records_).query("epoch == 5").set_index("layer")
        norms[activation] = last.gradient[1] / last.gradient[7]
    assert norms["logistic"] < 1e-4 < 1e-2 < norms["relu"]


@needs_callbacks
@pytest.mark.parametrize(
    "params", [{"parametric_activation": True}, {"numeric_embedding": "pbld"}], ids=str
)
def test_gradients_of_further_layers(params):
    """The recorded norms are those of coefs_; other groups are not recorded."""
    monitor = GradientMonitor(n_rows=len(X))
    model = make_model(monitor, hidden_layer_sizes=(5, 4), **params).fit(X, Y)
    last = monitor.records_[-3:]
    assert [record["layer"] for record in last] == [1, 2, 3]
    for record, W in zip(last, model.coefs_, strict=True):
        assert record["weights"] == pytest.approx(np.linalg.norm(W))
        assert min(record["gradient"], record["delta"], record["update"]) > 0


@pytest.mark.parametrize(
    "callback", [EarlyStopping(), TimeBudget(1.0), Checkpoint("models"), GradientMonitor()]
)
def test_our_callbacks_can_be_pickled_and_follow_the_protocol(callback):
    again = pickle.loads(pickle.dumps(callback))
    assert vars(again).keys() == vars(callback).keys()
    if HAS_CALLBACKS:
        from sklearn.callback import FitCallback

        assert isinstance(again, FitCallback)
        assert clone(make_model(again))._skl_callbacks == [again]


@needs_callbacks
def test_a_callback_that_cannot_be_set_up_says_why():
    with pytest.raises(ValueError, match="'scoring'|scoring"):
        make_model(EarlyStopping("bad")).fit(X, Y)


@needs_callbacks
@pytest.mark.parametrize("weighted", ["sample_weight", "class_weight"])
def test_gradients_are_those_of_the_weighted_objective(weighted):
    monitor, values = GradientMonitor(n_rows=len(X)), np.where(Y == 0, 10.0, 0.1)
    model = make_model(monitor, hidden_layer_sizes=(), dtype="float64", alpha=3.0)
    weights = values if weighted == "sample_weight" else None
    if weights is None:
        model.set_params(class_weight={0: 10.0, 1: 0.1})
    model.fit(X, Y, weights)
    slope = values * (model.predict_proba(X)[:, 1] - Y)
    gradient = (X.T @ slope + 3.0 * model.coefs_[0][:, 0]) / values.sum()
    expected = np.linalg.norm(gradient)
    assert monitor.records_[-1]["gradient"] == pytest.approx(expected, rel=1e-10)


@needs_callbacks
@pytest.mark.parametrize("form", [coo_matrix, csc_array, list])
def test_gradients_of_rows_of_any_form(form):
    monitor = GradientMonitor(n_rows=50)
    rows = form(X) if form is not list else X.tolist()
    make_model(monitor).fit(rows, Y)
    assert len(monitor.records_) == 5 * 3


@needs_callbacks
def test_a_stop_in_the_last_epoch_of_a_schedule_is_its_end():
    model = make_model(Recorder(stop_after=5), schedule="cosine").fit(X, Y)
    assert model.converged_


@needs_callbacks
@pytest.mark.parametrize(
    ("params", "stop_after", "last"),
    [
        ({}, 3, "A callback asks to stop. Stopping."),
        ({"schedule": "cosine"}, 9, "The schedule of the learning rate is at its end."),
        ({"tol": 9.0, "n_iter_no_change": 1}, 9, "Training loss did not improve more than"),
    ],
)
def test_the_last_line_says_why_training_stopped(params, stop_after, last, capsys):
    make_model(Recorder(stop_after=stop_after), verbose=True, **params).fit(X, Y)
    *_, line = capsys.readouterr().out.splitlines()
    assert line.startswith(last)


class CSVLogger:
    """The callback of the user guide."""

    def __init__(self, path):
        self.path = path

    def setup(self, estimator, context): ...

    def on_fit_task_begin(self, estimator, context): ...

    def on_fit_task_end(self, estimator, context):
        pd.DataFrame(estimator.history_).to_csv(self.path, index_label="epoch")

    def teardown(self, estimator, context): ...


@needs_callbacks
def test_a_callback_reads_the_history_while_training_runs(tmp_path, monkeypatch):
    """Without a copy of the network, which only `fitted_estimator` needs."""
    lengths = []
    to_csv = pd.DataFrame.to_csv

    def counted(frame, *args, **kwargs):
        lengths.append(len(frame))
        return to_csv(frame, *args, **kwargs)

    def no_copy(estimator):
        raise AssertionError("the estimator was copied")

    monkeypatch.setattr(pd.DataFrame, "to_csv", counted)
    monkeypatch.setattr(FullyConnectedClassifier, "__copy__", no_copy)
    model = FullyConnectedClassifier((4,), max_iter=3, random_state=0)
    model.set_callbacks(CSVLogger(tmp_path / "history.csv"))
    with pytest.warns(Warning):
        model.fit(X, Y)
    assert lengths == [1, 2, 3, 3]  # the last time when the fit ends
    written = pd.read_csv(tmp_path / "history.csv", index_col="epoch")
    np.testing.assert_allclose(written["loss"], model.loss_curve_)
