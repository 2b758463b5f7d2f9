"""Interrupt fits at random moments, as Ctrl-C does, and see that they leave nothing behind.

    python reliability/interrupting.py --interruptions 500

A fit that is interrupted ends as a model, or with KeyboardInterrupt; in both cases it has
given its turn to compute back, and the BLAS its threads.
"""

import argparse
import random
import signal
import threading
import warnings

from sklearn.datasets import load_iris
from threadpoolctl import threadpool_info, threadpool_limits

from skfcnn import FullyConnectedClassifier, FullyConnectedRegressor
from skfcnn.training import threads
from skfcnn.training.threads import WORK, threads_for

X, Y = load_iris(return_X_y=True)
# Seconds until an interruption: a fit takes about one millisecond.
SHORTEST, LONGEST = 1e-4, 4e-3


def interrupt_fits(n: int) -> int:
    """Interrupt n times; return how often KeyboardInterrupt came out of a fit."""
    interrupted, n_raised = [], 0

    def interrupt(*args):
        interrupted.append(True)
        raise KeyboardInterrupt

    signal.signal(signal.SIGALRM, interrupt)
    rng = random.Random(0)
    settings = {"hidden_layer_sizes": (2,), "max_iter": 1, "tol": 9.0}
    models = [FullyConnectedClassifier(**settings), FullyConnectedRegressor(**settings)]
    before = [library["num_threads"] for library in threadpool_info()]
    for i in range(n):
        model = models[i % 2]
        interrupted.clear()
        try:
            signal.setitimer(signal.ITIMER_REAL, rng.uniform(SHORTEST, LONGEST))
            while not interrupted:
                model.fit(X, Y)
        except KeyboardInterrupt:
            n_raised += 1
        process = threads._process
        assert not (process.fits or process.computing or process.waiting)
        assert [library["num_threads"] for library in threadpool_info()] == before
    return n_raised


def fit_elsewhere():
    """Take a turn of another number of threads, in another thread of Python."""
    with threads_for(2 * WORK):
        pass


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--interruptions", type=int, default=500)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    with threadpool_limits(2, user_api="blas"):
        raised = interrupt_fits(options.interruptions)
        thread = threading.Thread(target=fit_elsewhere, daemon=True)
        thread.start()
        thread.join(10)
        if thread.is_alive():
            raise SystemExit("a lock was left behind")
    print(
        f"{options.interruptions} interruptions, {raised} came out; nothing was left behind"
    )
