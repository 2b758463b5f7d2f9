"""The files of an ensemble: what they are called, and which contents are refused."""

import math
import os
import time

import numpy as np
import pytest
from sklearn.datasets import load_iris

from skfcnn import FullyConnectedClassifier
from skfcnn._files import write_whole
from skfcnn.estimator.plain_values import to_bytes
from skfcnn.tabular.folds import Fold
from skfcnn.tabular.recording import (
    ENSEMBLE,
    NO_FILES,
    NetworkFiles,
    last_record,
    path_of_record,
    read_plan,
    read_record,
    write_plan,
    write_record,
)
from skfcnn.training.time_limit import TimeLimit

FIT = "0123456789abcdef" * 2
ROWS = np.arange(6)
RECORD = {
    "params": {"effort": "fast"},
    "labels": {"y": "(6,) int64 0"},
    "rows": {"X": "(6, 2) float64 0"},
    "folds": [Fold(ROWS[:4], ROWS[4:], ROWS[:0]), Fold(ROWS[2:], ROWS[:2])],
    "encoder_seed": 3,
    "seeds": [1, 2],
    "importances_seed": 4,
}


def a_network():
    model = FullyConnectedClassifier((3,), max_iter=2, random_state=0, tol=0.0)
    with pytest.warns(Warning):
        return model.fit(*load_iris(return_X_y=True))


# ----- what is written is read


def test_a_record_is_read_as_it_was_written(tmp_path):
    write_record(tmp_path, FIT, RECORD)
    path = last_record(tmp_path)
    assert path == path_of_record(tmp_path, FIT) == tmp_path / f"{FIT}{ENSEMBLE}"
    record = read_record(path)
    assert record | {"folds": 0} == RECORD | {"folds": 0}
    for ours, theirs in zip(record["folds"], RECORD["folds"], strict=True):
        for some, others in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(some, others)


def test_a_plan_is_read_as_it_was_written(tmp_path):
    assert read_plan(tmp_path, FIT) is None
    plan = {"left": 2.0, "share": 1.0, "seconds_to_weigh": 0.0, "seconds": [0.5, 1.0]}
    plan |= {"most_epochs": 3, "started": [1, 0]}
    write_plan(tmp_path, FIT, plan)
    assert read_plan(tmp_path, FIT) == plan


def test_a_network_is_read_with_the_state_of_its_training(tmp_path):
    model = a_network()
    files = NetworkFiles(tmp_path, f"{FIT}-network000", every=1, fit_end=time.time() + 60.0)
    assert files.last(model) == (None, {}) == NO_FILES.last(model)
    files.write(model, model, TimeLimit(math.inf), 1.5, is_done=False)
    found, state = files.last(FullyConnectedClassifier())
    np.testing.assert_array_equal(found._network.theta, model._network.theta)
    assert state == files.last_state()
    assert not state["is_done"] and state["seconds"] == 1.5 and state["left"] == math.inf
    assert 50.0 < state["left_of_fit"] < 60.0
    other = files._replace(name=f"{FIT}-network001")
    assert other.last(model) == (None, {})


def test_nothing_is_written_without_every(tmp_path):
    model = a_network()
    for files in (NetworkFiles(tmp_path, FIT), NO_FILES):
        files.write(model, model, TimeLimit(math.inf), 1.5, is_done=True)
    assert [*tmp_path.iterdir()] == []


def test_the_last_record_is_that_of_the_fit_that_wrote_last(tmp_path):
    assert last_record(tmp_path) is None
    first, second = FIT, FIT[::-1]
    for seconds, fit_id in enumerate((first, second)):
        write_record(tmp_path, fit_id, RECORD)
        os.utime(path_of_record(tmp_path, fit_id), (seconds, seconds))
    assert last_record(tmp_path) == path_of_record(tmp_path, second)
    (tmp_path / f"{first}-network000-epoch000001.checkpoint").touch()
    assert last_record(tmp_path) == path_of_record(tmp_path, first)


# ----- what is refused


@pytest.mark.parametrize(
    "content",
    [
        [1],
        {},
        RECORD | {"seeds": 5},
        RECORD | {"seeds": ["1"]},
        RECORD | {"folds": [1.5]},
        RECORD | {"folds": [(ROWS, ROWS, ROWS, ROWS)]},
        RECORD | {"folds": [(ROWS - 1, ROWS)]},
        RECORD | {"folds": [(ROWS / 2.0, ROWS)]},
        RECORD | {"folds": [([1, 2], ROWS)]},
        RECORD | {"encoder_seed": None},
    ],
    ids=lambda content: f"{content!r:.60}",
)
def test_a_crafted_record_is_refused(content, tmp_path):
    path = path_of_record(tmp_path, FIT)
    if isinstance(content, dict) and "folds" in content:
        folds = content["folds"]
        folds = [tuple(each) if isinstance(each, tuple) else each for each in folds]
        content = content | {"folds": folds}
    write_whole(path, to_bytes(content))
    with pytest.raises(ValueError, match="is not damaged, but .* cannot read its content"):
        read_record(path)


@pytest.mark.parametrize("training", [None, {}, {"is_done": 1}])
def test_a_crafted_file_of_a_network_is_refused(training, tmp_path):
    from skfcnn.estimator.checkpoints import checkpoint_path, write_checkpoint

    model = a_network()
    further = {} if training is None else {"training": training}
    write_checkpoint(checkpoint_path(tmp_path, FIT, 2), model, model, **further)
    with pytest.raises(ValueError, match="cannot read its content"):
        NetworkFiles(tmp_path, FIT).last(model)


def test_a_file_that_another_process_has_removed_is_no_error(tmp_path):
    """Workers of a killed fit may be at work for a moment, and remove older files."""
    record = path_of_record(tmp_path, "fit")
    record.touch()
    removed = tmp_path / "fit-network001-epoch000001.checkpoint"
    removed.symlink_to(tmp_path / "not there")
    assert last_record(tmp_path) == record
