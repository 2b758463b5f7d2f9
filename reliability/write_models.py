"""Write models of the current format, for the tests to open from then on.

    python reliability/write_models.py

Once for every format: the files of tests/data/format_N are not written again.
"""

import json
import pickle
import zipfile
from pathlib import Path

import numpy as np
import skops.io
from sklearn.datasets import load_iris

from skfcnn import (
    FullyConnectedClassifier,
    FullyConnectedRegressor,
    TabularClassifier,
    TabularRegressor,
)
from skfcnn._version import FORMAT
from skfcnn.callbacks import Checkpoint

ROWS = slice(None, None, 15)
X, NUMBERS = load_iris(return_X_y=True)
NAMES = np.array(["setosa", "versicolor", "virginica"])[NUMBERS]
LABELS = np.column_stack([NUMBERS > 0, NUMBERS > 1]).astype(int)
COUNTS = NUMBERS + 10.0 * np.round(X[:, 0])
BASE = {"hidden_layer_sizes": (4, 3), "random_state": 0, "max_iter": 40, "tol": 0.0}

# The kind and the y of the fits that checkpoints are written of.
UNFINISHED = {
    "classifier": (FullyConnectedClassifier, NAMES),
    "regressor": (FullyConnectedRegressor, COUNTS),
}


def models():
    """Return a fitted model of every kind whose state differs."""
    layers = {"numeric_embedding": "pbld", "scaling_layer": True, "dtype": "float32"}
    layers |= {"parametric_activation": True, "activation": ["gelu", "tanh"]}
    net, of_numbers = FullyConnectedClassifier, FullyConnectedRegressor
    quantiles = {"loss": "quantile", "quantile": [0.9, 0.1, 0.5]}
    small = {"hidden_layer_sizes": (4,), "max_iter": 2}
    # Without models of scikit-learn, whose pickles are of one version: no encoder, and too
    # few rows for the trees of intervals.
    of_networks = {"encoder": "passthrough", "network_params": small, "random_state": 0}
    tables = TabularClassifier("fast", trees=False, **of_networks)
    of_tables = TabularRegressor("fast", trees=False, **of_networks)
    return {
        "names": net(**BASE, early_stopping=True).fit(X, NAMES),
        "binary": net(**BASE, solver="sgd").fit(X, NUMBERS > 1),
        "labels": net(**BASE, loss="squared_error").fit(X, LABELS),
        "layers": net(**BASE, **layers).fit(X, NUMBERS),
        "table": tables.fit(X, NAMES),
        "table of numbers": of_tables.fit(X[::2], COUNTS[::2]),
        "outputs": of_numbers(**BASE, early_stopping=True).fit(X, 1e3 * X[:, :3] - 7.0),
        "quantiles": of_numbers(**BASE, **quantiles).fit(X, COUNTS),
        "counts": of_numbers("poisson", **BASE, dtype="float32").fit(X, COUNTS),
    }


def answers(model, X):
    """Return the probabilities of a classifier, the predictions of a regressor."""
    return getattr(model, "predict_proba", model.predict)(X)


def unfinished(directory, kind=FullyConnectedClassifier):
    """Return a model with dropout, an average, early stopping and a schedule."""
    params = {
        "dropout": 0.1,
        "weight_averaging": 0.1,
        "early_stopping": True,
        "schedule": "cosine",
    }
    model = kind(**BASE, solver="adamw", max_grad_norm=1.0, **params)
    return model.set_callbacks(Checkpoint(directory, every=20, keep=1))


def main():
    directory = Path(__file__).parents[1] / "tests" / "data" / f"format_{FORMAT}"
    directory.mkdir()
    expected = {}
    for name, model in models().items():
        expected[name] = answers(model, X[ROWS]).tolist()
        (directory / f"{name}.pkl").write_bytes(pickle.dumps(model))
        path = directory / f"{name}.skops"
        skops.io.dump(model, path, compression=zipfile.ZIP_DEFLATED)
    for name, (kind, y) in UNFINISHED.items():
        unfinished(directory / name, kind).fit(X, y, stop_after=20)
        whole = unfinished(directory / "unused", kind).set_callbacks().fit(X, y)
        expected[f"resumed {name}"] = answers(whole, X[ROWS]).tolist()
    (directory / "expected.json").write_text(json.dumps(expected))


if __name__ == "__main__":
    main()
