import re

import numpy as np
import pytest

from skfcnn.estimator.history import History
from skfcnn.estimator.monitor import Progress
from skfcnn.estimator.training_state import Watched
from skfcnn.training.schedules import Adaptive, Constant
from skfcnn.training.stopping import BestParameters, NoImprovement


class Scores:
    """A validation that returns the given scores, and losses of 7."""

    scoring = None

    def __init__(self, *scores):
        self.scores = iter(scores)

    def evaluate(self):
        return next(self.scores), 7.0


def make_progress(earlier=None, *, patience=1, schedule=None, scores=None, verbose=False):
    theta = np.zeros(2)
    attributes = {} if earlier is None else earlier.attributes()
    progress = Progress(
        History.of(attributes),
        watched="loss" if scores is None else "score",
        stopping=NoImprovement(tol=0.0, patience=patience),
        schedule=schedule or Constant(0.1),
        validation=None if scores is None else Scores(*scores),
        best_parameters=None if scores is None else BestParameters(theta),
        verbose=verbose,
    )
    if earlier is not None:
        progress.continue_from(earlier.state(), attributes["best_epoch_"])
    return theta, progress


def test_stopping_uses_the_loss_without_validation():
    _, progress = make_progress()
    assert [progress.end(loss) for loss in (1.0, 0.5, 0.6, 0.7)] == [
        False,
        False,
        False,
        True,
    ]
    attributes = progress.attributes()
    history = attributes.pop("history_")
    assert history["loss"] == [1.0, 0.5, 0.6, 0.7]
    assert history["learning_rate"] == [0.1] * 4
    assert np.isnan(history["validation_score"] + history["validation_loss"]).all()
    assert min(history["seconds"]) >= 0.0
    assert attributes == {
        "loss_curve_": [1.0, 0.5, 0.6, 0.7],
        "best_loss_": 0.5,
        "validation_loss_curve_": None,
        "validation_scores_": None,
        "best_validation_score_": None,
        "best_epoch_": None,
    }
    assert progress.state() == Watched("loss", 0.5, None, 2)


def test_early_stopping_keeps_the_first_best_score():
    theta, progress = make_progress(scores=[0.5, 0.8, 0.8, 0.7, 0.6], patience=2)
    # tol is zero: a score equal to the best counts as an improvement, and is not kept.
    ends = []
    for epoch in range(5):
        theta[...] = epoch
        ends.append(progress.end(loss=1.0 / (epoch + 1)))
    assert ends == [False] * 5
    progress.best_parameters.restore()
    np.testing.assert_array_equal(theta, [1.0, 1.0])
    attributes = progress.attributes()
    assert attributes["best_loss_"] is None
    assert attributes["validation_scores_"] == [0.5, 0.8, 0.8, 0.7, 0.6]
    assert attributes["validation_loss_curve_"] == [7.0] * 5
    assert attributes["best_validation_score_"] == 0.8
    assert attributes["best_epoch_"] == 2


def test_training_continues_while_the_schedule_lowers_the_rate():
    schedule = Adaptive(1e-5)
    _, progress = make_progress(schedule=schedule)
    losses = [1.0] + [2.0] * 6
    # Two bad epochs are a plateau: 1e-5 -> 2e-6 -> 4e-7, which is too small to continue.
    assert [progress.end(loss) for loss in losses] == [False] * 6 + [True]
    assert schedule.rate == pytest.approx(4e-7)


def test_monitor_continues_from_a_history():
    _, first = make_progress(patience=2)
    for loss in (1.0, 0.5, 0.9):
        first.end(loss)
    _, second = make_progress(first, patience=2)
    assert [second.end(0.8), second.end(0.8)] == [False, True]
    assert second.history.loss_curve == [1.0, 0.5, 0.9, 0.8, 0.8]
    assert first.history.loss_curve == [1.0, 0.5, 0.9]


def test_best_value_restarts_if_another_quantity_is_watched():
    _, first = make_progress()
    first.end(0.5)
    _, second = make_progress(first, scores=[0.3])
    second.end(0.4)
    assert second.attributes()["best_validation_score_"] == 0.3


def test_verbose_prints_a_line_per_epoch(capsys):
    _, progress = make_progress(
        scores=[0.5, 0.4, 0.4], verbose=True, schedule=Adaptive(1e-3)
    )
    for _ in range(3):
        progress.begin()
        progress.end(0.25)
    lines, paces = re.subn(r", [\d.e+]+ epochs/s", "", capsys.readouterr().out)
    assert paces == 3
    assert lines.splitlines() == [
        "Iteration 1, loss = 0.25000000, learning rate = 0.001",
        "Validation score: 0.500000",
        "Iteration 2, loss = 0.25000000, learning rate = 0.001",
        "Validation score: 0.400000",
        "Iteration 3, loss = 0.25000000, learning rate = 0.001",
        "Validation score: 0.400000",
        "Validation score did not improve more than tol=0.000000 for 1 consecutive epochs. "
        "Setting learning rate to 0.000200",
    ]


def test_validation_is_recorded_without_early_stopping():
    _, progress = make_progress()
    progress.validation = Scores(0.5, 0.9, 0.7)
    assert [progress.end(loss) for loss in (3.0, 2.0, 1.0)] == [False] * 3
    attributes = progress.attributes()
    assert attributes["validation_scores_"] == [0.5, 0.9, 0.7]
    assert attributes["best_validation_score_"] == 0.9
    assert attributes["best_epoch_"] is None
    assert attributes["best_loss_"] == 1.0
