"""
A fit that is killed goes on from its last epoch
================================================

A process fits a network, writes a checkpoint after every epoch, and is killed on the way.
The same lines, run again, go on from the last checkpoint. In the end not a bit is another
than without the kill.
"""

import multiprocessing
import tempfile
import time
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.preprocessing import scale

from skfcnn import FullyConnectedClassifier
from skfcnn.callbacks import Checkpoint, load_checkpoint

X, y = load_digits(return_X_y=True)
X = scale(X)


def make_model():
    return FullyConnectedClassifier(
        (100, 50), dropout=0.1, schedule="cosine", max_iter=40, random_state=0
    )


def fit(directory):
    """Begin a fit, or go on with it: the same lines do both."""
    model = make_model().set_callbacks(Checkpoint(directory, every=1))
    return model.fit(X, y, resume_from=directory)


if __name__ == "__main__":
    directory = Path(tempfile.mkdtemp())
    process = multiprocessing.get_context("spawn").Process(target=fit, args=[directory])
    process.start()
    while not any(directory.glob("*epoch000005.checkpoint")):
        time.sleep(0.01)
    process.kill()
    process.join()
    print(f"killed after epoch {load_checkpoint(directory).n_iter_} of 40")

    model = fit(directory)
    whole = make_model().fit(X, y)
    is_same = np.array_equal(model.predict_proba(X), whole.predict_proba(X))
    print(f"went on to epoch {model.n_iter_}; the same bits as without the kill: {is_same}")
