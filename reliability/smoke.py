"""Smoke test of an installation: fit, predict, save, load, resume, tables.

    python -O -W error reliability/smoke.py

It needs the package and what that needs, and nothing else; and it takes its data from
scikit-learn.
"""

import pickle
import tempfile

import numpy as np
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skfcnn
from skfcnn.callbacks import Checkpoint


def require(condition, what):
    """Raise RuntimeError, as an assertion would be left out by python -O."""
    if not condition:
        raise RuntimeError(f"{what} failed")


def checkpoint(net, directory, X, y):
    """Resume from a checkpoint, if scikit-learn has callbacks."""
    try:
        net.set_callbacks(Checkpoint(directory, every=1))
    except ImportError:  # before 1.9
        return
    theta = net.fit(X, y).coefs_[0].copy()
    net.set_callbacks().fit(X, y, resume_from=directory)
    require(np.array_equal(net.coefs_[0], theta), "checkpoint")


def main():
    X, y = load_iris(return_X_y=True, as_frame=True)
    net = skfcnn.FullyConnectedClassifier(
        early_stopping=True, max_iter=200, random_state=0, learning_rate_init=0.01
    )
    model = make_pipeline(StandardScaler(), net)
    require(model.fit(X, y).score(X, y) > 0.9, "fit")
    again = pickle.loads(pickle.dumps(model))
    require(np.array_equal(again.predict_proba(X), model.predict_proba(X)), "pickle")
    search = GridSearchCV(model, {"fullyconnectedclassifier__alpha": [0.0, 0.1]}, cv=3)
    require(search.fit(X, y).best_score_ > 0.8, "search")
    with tempfile.TemporaryDirectory() as directory:
        checkpoint(net, directory, X, y)
    numbers = skfcnn.FullyConnectedRegressor(max_iter=500, random_state=0)
    numbers = make_pipeline(StandardScaler(), numbers).fit(X, 1e3 * X.iloc[:, 0])
    require(numbers.score(X, 1e3 * X.iloc[:, 0]) > 0.9, "regressor")
    small = {"hidden_layer_sizes": (8,), "max_iter": 3}
    table = skfcnn.TabularClassifier("fast", network_params=small, random_state=0)
    words = X.assign(words=np.where(X.iloc[:, 0] > 5.5, "large", "small"))
    require(table.fit(words, y).predict_proba(words).shape == (150, 3), "table")
    print(f"skfcnn {skfcnn.__version__} works")


if __name__ == "__main__":
    main()
