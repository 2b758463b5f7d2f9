"""What one sees of the fit of an ensemble: lines, and tasks for callbacks."""

import re
import time
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
from callback_support import HAS_CALLBACKS, needs_callbacks
from joblib import parallel_backend
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV

from skfcnn import TabularClassifier
from skfcnn.callbacks import EarlyStopping, GradientMonitor, TimeBudget
from skfcnn.tabular.family import ModelFamily
from skfcnn.tabular.members import Member, Trained
from skfcnn.tabular.progress import ProgressLines
from skfcnn.tabular.trees import TreesFamily
from skfcnn.training.time_limit import TimeLimit

X, Y = load_iris(return_X_y=True)
SHORT = {
    "network_params": {"max_iter": 3, "hidden_layer_sizes": (8,)},
    "trees": False,
    "random_state": 0,
}


def short(effort="fast", *callbacks, **params):
    model = TabularClassifier(effort, **SHORT | params)
    return model.set_callbacks(*callbacks) if callbacks else model


class Recorder:
    """Records the tasks, and asks to stop after some of a kind."""

    max_propagation_depth = None

    def __init__(self, stop_after=np.inf, task="network"):
        self.stop_after = stop_after
        self.task = task
        self.calls = Counter()

    def setup(self, estimator, context):
        self.calls["setup"] += 1

    def teardown(self, estimator, context):
        self.calls["teardown"] += 1

    def on_fit_task_begin(self, estimator, context):
        self.calls[f"begin {context.task_name}"] += 1

    def on_fit_task_end(self, estimator, context):
        self.calls[f"end {context.task_name}"] += 1
        if context.task_name == self.task:
            return self.calls[f"end {context.task_name}"] >= self.stop_after


class OfTheEnsemble(Recorder):
    """Is not propagated to the networks."""

    def __getattribute__(self, name):
        if name == "max_propagation_depth":
            raise AttributeError(name)
        return super().__getattribute__(name)


# ----- lines


def test_a_line_says_how_a_network_ended_and_what_is_left(capsys):
    short("fast", verbose=1).fit(X, Y)
    first, _, last, *_ = capsys.readouterr().out.splitlines()
    line = (
        r"1 of 3: hidden layers \(8,\), relu, fold 0: epoch \d of 3, loss \d\.\d{4} on the "
        r"fold, \d+\.\d s; about \d+ s left"
    )
    assert re.fullmatch(line, first)
    assert re.fullmatch(r"3 of 3: .*, \d+\.\d s", last)


def test_without_verbose_nothing_is_printed(capsys):
    short().fit(X, Y)
    assert capsys.readouterr() == ("", "")


class Family(ModelFamily):
    """A kind of models with made-up costs."""

    def __init__(self, n_products, max_iter=1):
        super().__init__(None, SimpleNamespace(max_iter=max_iter, n_iter_=1), n_products)

    def course(self, member):
        return 1, [0.5], ""


def lines_of(members, workers=1, seconds=10.0, end=np.inf):
    lines = ProgressLines(members, workers)
    for member in members:
        trained = Trained(member.family.model, seconds, False, TimeLimit(np.inf))
        member.family.add(trained)
        yield lines.after(member, trained, end).rpartition("; ")[-1]


def members_of(*families):
    return [Member(family, fold=0, seed=0, number=i) for i, family in enumerate(families)]


def test_what_is_left_follows_from_the_sizes_of_the_networks():
    first, second, _ = lines_of(members_of(*map(Family, [1, 2, 4])))
    assert first == "about 60 s left"
    assert second == "about 27 s left"  # 20 s for 3 of 7
    first, *_ = lines_of(members_of(*map(Family, [1, 2, 4])), workers=2)
    assert first == "about 30 s left"
    first, *_ = lines_of(members_of(Family(1), Family(30)))
    assert first == "about 5 min left"
    first, *_ = lines_of(members_of(Family(1, max_iter=2), Family(1, max_iter=8)))
    assert first == "about 40 s left"


def test_what_is_left_for_a_kind_is_what_the_others_of_it_took():
    network, dear = Family(1), Family(1000)
    first, second, third, _ = lines_of(members_of(network, dear, dear, network))
    assert first == "about 334 min left"
    assert (second, third) == ("about 20 s left", "about 10 s left")


def test_what_is_left_for_trees_follows_from_their_iterations():
    losses = np.array([-1.0, -0.5])
    model = SimpleNamespace(max_iter=400, n_iter_=1, validation_score_=losses)
    trees = TreesFamily(SimpleNamespace(n_outputs=2, n_trees=1), model, n_features=1)
    first, *_ = lines_of(members_of(Family(70, max_iter=10), trees))
    # A quarter of the iterations, of 70 products, and a millisecond each.
    assert first == "about 100 s left"


def test_no_more_is_left_than_the_time_limit():
    first, *_ = lines_of(members_of(Family(1), Family(30)), end=time.time() + 5.0)
    assert first == "about 5 s left"


# ----- callbacks


@pytest.mark.skipif(HAS_CALLBACKS, reason="of scikit-learn before 1.9")
def test_error_before_scikit_learn_1_9_says_what_is_missing():
    with pytest.raises(ImportError, match="set_callbacks needs scikit-learn 1.9 or newer"):
        short("fast", Recorder())


@needs_callbacks
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_task_for_each_network_and_the_same_numbers(n_jobs):
    recorder = OfTheEnsemble()
    watched = short("fast", recorder, n_jobs=n_jobs).fit(X, Y)
    np.testing.assert_array_equal(
        watched.predict_proba(X), short().fit(X, Y).predict_proba(X)
    )
    assert recorder.calls == {
        "setup": 1,
        "begin fit": 1,
        "begin network": 3,
        "end network": 3,
        "end fit": 1,
        "teardown": 1,
    }
    assert not any("ctx" in name or "teardown" in name for name in vars(watched))
    for network in watched.estimators_:
        assert not any("callback" in name for name in vars(network))


@needs_callbacks
def test_a_propagated_callback_has_a_task_for_each_epoch():
    """The task of a network is that of its fit, as in a search of scikit-learn."""
    recorder = Recorder()
    short("fast", recorder).fit(X, Y)
    assert recorder.calls["begin network"] == recorder.calls["end network"] == 0
    assert recorder.calls["begin fit"] == recorder.calls["end fit"] == 1 + 3
    assert recorder.calls["begin epoch"] == recorder.calls["end epoch"] == 3 * 3
    assert recorder.calls["setup"] == recorder.calls["teardown"] == 1


@needs_callbacks
@pytest.mark.parametrize(
    ("backend", "n_jobs"), [("loky", 1), ("loky", 2), ("threading", 2)]
)
def test_a_callback_that_asks_to_stop_ends_the_training_of_networks(backend, n_jobs):
    with parallel_backend(backend):
        model = short("best", OfTheEnsemble(stop_after=2), n_jobs=n_jobs).fit(X, Y)
    assert len(model.estimators_) == 2
    assert model.predict_proba(X).shape == (150, 3)


@needs_callbacks
def test_a_callback_that_asks_to_stop_after_an_epoch_ends_its_network():
    model = short("fast", Recorder(stop_after=1, task="epoch")).fit(X, Y)
    assert [network.n_iter_ for network in model.estimators_] == [1, 1, 1]


@needs_callbacks
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_callback_that_fails_leaves_no_model(n_jobs):
    class Failing(OfTheEnsemble):
        def on_fit_task_begin(self, estimator, context):
            if context.task_name == "network":
                raise RuntimeError("not now")

    callback = Failing()
    model = short("fast", callback, n_jobs=n_jobs)
    with pytest.raises(RuntimeError, match="not now"):
        model.fit(X, Y)
    assert callback.calls["teardown"] == 1
    assert not model.__sklearn_is_fitted__()


@needs_callbacks
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_progress_bar_moves_with_every_epoch(n_jobs, monkeypatch, capfd):
    from sklearn.callback import ProgressBar
    from sklearn.callback._progressbar import RichProgressMonitor

    bars, end = [], RichProgressMonitor._on_task_end

    def keep(monitor, task):
        end(monitor, task)
        bars.append(monitor.root_rich_task.progress)

    monkeypatch.setattr(RichProgressMonitor, "_on_task_end", keep)
    short("fast", ProgressBar(), n_jobs=n_jobs).fit(X, Y)
    # Three epochs of a network and its end, three times; and the end of the fit.
    assert len(bars) >= 3 * (3 + 1) + 1
    assert bars == sorted(bars)
    assert 0.0 < bars[0] < 1 / 3
    assert bars[-1] == 1.0
    shown = capfd.readouterr().out
    assert "TabularClassifier - fit" in shown
    assert "TabularClassifier - network | FullyConnectedClassifier - fit #2" in shown


@needs_callbacks
def test_progress_bar_shows_a_search_over_ensembles(capfd):
    from sklearn.callback import ProgressBar

    search = GridSearchCV(short(), {"network_params__dropout": [0.0, 0.2]}, cv=2)
    search.set_callbacks(ProgressBar(max_propagation_depth=None)).fit(X, Y)
    assert "FullyConnectedClassifier - fit #2" in capfd.readouterr().out


@needs_callbacks
@pytest.mark.parametrize(
    ("callback", "instead"),
    [
        (TimeBudget(1.0), "time_limit"),
        (EarlyStopping(), "n_iter_no_change"),
        (GradientMonitor(), "estimators_"),
    ],
)
def test_callbacks_of_a_single_network_are_refused(callback, instead):
    with pytest.raises(TypeError, match=f"was set on a TabularClassifier.*{instead}"):
        short("fast", callback).fit(X, Y)


@needs_callbacks
def test_clones_share_their_callbacks():
    recorder = Recorder()
    assert clone(short("fast", recorder))._skl_callbacks == [recorder]
