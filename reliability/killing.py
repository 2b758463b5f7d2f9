"""Kill a fit at random moments until it has ended, and compare it with one never killed.

    python reliability/killing.py --kills 50

Every kill is SIGKILL to a process that fits with a Checkpoint after every epoch. The next
process goes on from the directory, until one comes to the end; then the next case begins.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

from sklearn.datasets import make_classification
from sklearn.exceptions import ConvergenceWarning

from skfcnn import FullyConnectedClassifier
from skfcnn.callbacks import Checkpoint

CASES = [
    {"solver": "adam", "early_stopping": True, "n_iter_no_change": 12, "scoring": "loss"},
    {"solver": "sgd", "schedule": "one_cycle", "dropout": 0.2},
    {"solver": "adamw", "schedule": "cosine", "average": 0.1, "early_stopping": True},
    {"solver": "adam", "dropout": [0.3, 0.1], "class_weight": "balanced"},
    {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.02, "n_iter_no_change": 2},
    {"solver": "adamw", "clip_norm": 0.5, "dtype": "float32", "shuffle": False},
    {"solver": "sgd", "learning_rate": "invscaling", "early_stopping": True},
    {
        "solver": "adam",
        "numeric_embedding": "pbld",
        "scaling_layer": True,
        "batch_size": 77,
    },
]
# Seconds, from when a process begins to fit: from no epoch to some dozens.
LONGEST_LIFE = 0.4


def fit(case: int, directory: str | None) -> dict:
    """Return what is learned in a case, with checkpoints if there is a directory."""
    X, y = make_classification(1000, 20, n_informative=8, n_classes=3, random_state=case)
    model = FullyConnectedClassifier(
        (30, 20), random_state=case, max_iter=60, learning_rate_init=0.01
    ).set_params(**CASES[case])
    if directory is not None:
        model.set_callbacks(Checkpoint(directory, every=1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X, y, resume_from=directory)
    learned = {"theta": model._network.theta.tobytes().hex()}
    for name in ("loss_curve_", "validation_scores_", "best_epoch_", "n_iter_", "t_"):
        learned[name] = getattr(model, name)
    return learned | {"converged_": bool(model.converged_), "loss_": float(model.loss_)}


def live(case: int, directory: Path, seconds: float) -> dict | None:
    """Let a process fit for so long; return what it learned, or None if it was killed."""
    command = [sys.executable, __file__, "--case", str(case), "--directory", directory]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        process.stdout.readline()  # the fit begins
        try:
            learned, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            return None
    assert process.returncode == 0, f"case {case} failed"
    return json.loads(learned)


def kill(n_kills: int, seed: int = 0) -> int:
    """Kill so many times, over the cases in turn; return how many fits came to an end."""
    rng, n_ended = random.Random(seed), 0
    while n_kills > 0:
        case = n_ended % len(CASES)
        Path(directory := tempfile.mkdtemp(), "checkpoints").mkdir()
        learned = None
        while learned is None:
            seconds = rng.uniform(0.0, LONGEST_LIFE) if n_kills > 0 else 100.0
            learned = live(case, Path(directory, "checkpoints"), seconds)
            n_kills -= learned is None
        whole = json.loads(json.dumps(fit(case, None)))
        differ = [name for name in whole if whole[name] != learned[name]]
        assert not differ, f"case {case} ended otherwise: {differ}"
        n_ended += 1
    return n_ended


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--case", type=int)
    parser.add_argument("--directory")
    options = parser.parse_args()
    if options.case is None:
        start = time.perf_counter()
        ended = kill(options.kills, options.seed)
        seconds = time.perf_counter() - start
        print(f"{options.kills} kills, {ended} fits ended bit-equal, {seconds:.0f} s")
    else:
        print("begins", flush=True)
        print(json.dumps(fit(options.case, options.directory)))
