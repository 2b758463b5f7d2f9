"""Kill fits at random moments, and compare what they come to with fits never killed.

    python reliability/killing.py --kills 50

Every kill is SIGKILL to a process that fits with a Checkpoint after every epoch. The cases
take turns; the next process of a case resumes from its directory, and in the end, all are
let come to their end.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
import warnings
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.datasets import make_classification
from sklearn.exceptions import ConvergenceWarning

from skfcnn import FullyConnectedClassifier, FullyConnectedRegressor, TabularClassifier
from skfcnn.callbacks import Checkpoint
from skfcnn.estimator.checkpoints import last_checkpoint

CASES = [
    {"solver": "adam", "early_stopping": True, "n_iter_no_change": 12, "scoring": "loss"},
    {"solver": "sgd", "schedule": "one_cycle", "dropout": 0.2},
    {
        "solver": "adamw",
        "schedule": "cosine",
        "weight_averaging": 0.1,
        "early_stopping": True,
    },
    {"solver": "adam", "dropout": [0.3, 0.1], "class_weight": "balanced"},
    {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.02, "n_iter_no_change": 2},
    {"solver": "adamw", "max_grad_norm": 0.5, "dtype": "float32", "shuffle": False},
    {"solver": "sgd", "learning_rate": "invscaling", "early_stopping": True},
    {
        "solver": "adam",
        "numeric_embedding": "pbld",
        "scaling_layer": True,
        "batch_size": 77,
    },
]
N_CLASSIFIERS = len(CASES)
# Of regressors, whose network is trained in other units than those of its weights.
CASES += [
    {"solver": "adam", "early_stopping": True, "weight_averaging": 0.1},
    {"solver": "sgd", "loss": "poisson", "dropout": 0.2, "dtype": "float32"},
    {"solver": "adam", "loss": "quantile", "quantile": [0.9, 0.2], "scoring": "loss"},
]
# Of ensembles for tables; processes of networks take seconds to start.
N_NETWORKS = len(CASES)
CASES += [{"effort": "fast"}, {"effort": "best"}, {"effort": "fast", "n_jobs": 2}]
ENSEMBLES = range(N_NETWORKS, len(CASES))
ALL_CASES = range(len(CASES))
# Seconds, from when a process begins to fit: from no epoch to some dozens.
LONGEST_LIFE = 0.4
LONGEST_OF_ENSEMBLES = 4.0
MAX_ITER = 60


def fit(case: int, directory: str | None) -> dict:
    """Return what is learned in a case, with checkpoints if there is a directory."""
    X, y = make_classification(1000, 20, n_informative=8, n_classes=3, random_state=case)
    if case in ENSEMBLES:
        return fit_ensemble(X, y, case, directory)
    kind = FullyConnectedClassifier
    if case >= N_CLASSIFIERS:
        kind, y = FullyConnectedRegressor, np.abs(30.0 + X[:, 0] * (1.0 + y))
    settings = {"hidden_layer_sizes": (30, 20), "max_iter": MAX_ITER}
    model = kind(random_state=case, learning_rate_init=0.01, **settings | CASES[case])
    if directory is not None:
        model.set_callbacks(Checkpoint(directory, every=1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X, y, resume_from=directory)
    learned = {"theta": model._network.theta.tobytes().hex()}
    for name in ("loss_curve_", "validation_scores_", "best_epoch_", "n_iter_", "t_"):
        learned[name] = getattr(model, name)
    return learned | {"converged_": bool(model.converged_), "loss_": float(model.loss_)}


def fit_ensemble(X, y, case: int, directory: str | None) -> dict:
    """Return what an ensemble for tables learns."""
    params = {"max_iter": MAX_ITER, "hidden_layer_sizes": (30, 20)}
    model = TabularClassifier(
        random_state=case, network_params=params, trees=False, **CASES[case]
    )
    if directory is not None:
        model.set_callbacks(Checkpoint(directory, every=1))
    model.fit(X, y, resume_from=directory)
    return {
        "thetas": [each._network.theta.tobytes().hex() for each in model.estimators_],
        "best": [each.best_epoch_ for each in model.estimators_],
        "curves": [each.validation_loss_curve_ for each in model.estimators_],
        "temperatures_": model.temperatures_.tolist(),
        "family_weights_": model.family_weights_.tolist(),
    }


def live(case: int, directory: Path, seconds: float) -> dict | None:
    """Let a process fit for so long; return what it learned, or None if it was killed."""
    command = [sys.executable, __file__, "--case", str(case), "--directory", directory]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:
        # A pipe that was read line by line may hold back what communicate looks for.
        process.stderr.readline()  # the fit begins
        try:
            learned, said = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            return None
    assert process.returncode == 0, f"case {case} failed: {said}"
    return json.loads(learned)


class Kills(NamedTuple):
    """What came of so many kills."""

    on_the_way: int  # of fits that had written a checkpoint, and had not ended
    ended: int  # fits that finished, with identical results


def epochs(directory: Path) -> int:
    """Return how many epochs the last checkpoint has, 0 if there is none."""
    model = last_checkpoint(directory, stacklevel=1)
    return 0 if model is None else model.n_iter_


def check(case: int, learned: dict) -> None:
    """Raise AssertionError unless the result is identical to that without a kill."""
    whole = json.loads(json.dumps(fit(case, None)))
    differ = [name for name in whole if whole[name] != learned[name]]
    assert not differ, f"case {case} ended otherwise: {differ}"


def kill_on_the_way(n_kills: int, cases=ALL_CASES) -> Kills:
    """Kill so many times, with longer lives until a fit is killed on the way.

    On a slow machine, a fit may not have begun when it is killed.
    """
    for longer in range(1, 20):
        kills = kill(n_kills, seed=longer, cases=cases, longer=longer)
        if kills.on_the_way:
            return kills
    raise AssertionError("no fit was killed on the way")


def kill(n_kills: int, seed: int = 0, cases=ALL_CASES, longer: float = 1.0) -> Kills:
    """Kill so many times, all cases in turn, and let all of them come to their end."""
    rng, on_the_way, ended = random.Random(seed), 0, 0
    turns = cycle(cases)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as parent:
        directories = {case: Path(tempfile.mkdtemp(dir=parent)) for case in cases}
        while n_kills > 0:
            case = next(turns)
            longest = LONGEST_OF_ENSEMBLES if case in ENSEMBLES else LONGEST_LIFE
            learned = live(case, directories[case], longer * rng.uniform(0.0, longest))
            if learned is None:
                n_kills -= 1
                on_the_way += 0 < epochs(directories[case]) < MAX_ITER
            else:  # in time: another one of its kind begins
                check(case, learned)
                ended += 1
                directories[case] = Path(tempfile.mkdtemp(dir=parent))
        for case, directory in directories.items():
            if epochs(directory):
                check(case, live(case, directory, seconds=100.0))
                ended += 1
    return Kills(on_the_way, ended)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--case", type=int)
    parser.add_argument("--directory")
    options = parser.parse_args()
    if options.case is None:
        start = time.perf_counter()
        on_the_way, ended = kill(options.kills, options.seed)
        seconds = time.perf_counter() - start
        print(
            f"{options.kills} kills, {on_the_way} of them on the way; {ended} fits ended "
            f"with identical results; {seconds:.0f} s"
        )
    else:
        print("begins", file=sys.stderr, flush=True)
        print(json.dumps(fit(options.case, options.directory)))
