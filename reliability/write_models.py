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

from skfcnn import FullyConnectedClassifier
from skfcnn._version import FORMAT
from skfcnn.callbacks import Checkpoint
from skfcnn.tabular import TabularClassifier

ROWS = slice(None, None, 15)
X, NUMBERS = load_iris(return_X_y=True)
NAMES = np.array(["setosa", "versicolor", "virginica"])[NUMBERS]
LABELS = np.column_stack([NUMBERS > 0, NUMBERS > 1]).astype(int)
BASE = {"hidden_layer_sizes": (4, 3), "random_state": 0, "max_iter": 40, "tol": 0.0}


def models():
    """Return a fitted model of every kind whose state differs."""
    layers = {"numeric_embedding": "pbld", "scaling_layer": True, "dtype": "float32"}
    layers |= {"parametric_activation": True, "activation": ["gelu", "tanh"]}
    net = FullyConnectedClassifier
    small = {"hidden_layer_sizes": (4,), "max_iter": 2}
    tables = TabularClassifier("fast", random_state=0, network_params=small)
    return {
        "names": net(**BASE, early_stopping=True).fit(X, NAMES),
        "binary": net(**BASE, solver="sgd").fit(X, NUMBERS > 1),
        "labels": net(**BASE, loss="squared_error").fit(X, LABELS),
        "layers": net(**BASE, **layers).fit(X, NUMBERS),
        "table": tables.fit(X, NAMES),
    }


def unfinished(directory):
    """Return a model with dropout, an average, early stopping and a schedule."""
    params = {
        "dropout": 0.1,
        "weight_averaging": 0.1,
        "early_stopping": True,
        "schedule": "cosine",
    }
    model = FullyConnectedClassifier(**BASE, solver="adamw", max_grad_norm=1.0, **params)
    return model.set_callbacks(Checkpoint(directory, every=20, keep=1))


def main():
    directory = Path(__file__).parents[1] / "tests" / "data" / f"format_{FORMAT}"
    directory.mkdir()
    expected = {}
    for name, model in models().items():
        expected[name] = model.predict_proba(X[ROWS]).tolist()
        (directory / f"{name}.pkl").write_bytes(pickle.dumps(model))
        path = directory / f"{name}.skops"
        skops.io.dump(model, path, compression=zipfile.ZIP_DEFLATED)
    unfinished(directory).fit(X, NAMES, stop_after=20)
    whole = unfinished(directory / "unused").set_callbacks().fit(X, NAMES)
    expected["resumed"] = whole.predict_proba(X[ROWS]).tolist()
    (directory / "expected.json").write_text(json.dumps(expected))


if __name__ == "__main__":
    main()
