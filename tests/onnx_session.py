"""Compares the results of onnxruntime with ours."""

import numpy as np
import onnxruntime
import pandas as pd
from skl2onnx import to_onnx
from sklearn.datasets import load_iris
from sklearn.preprocessing import StandardScaler

import skfcnn.onnx  # noqa: F401
from skfcnn import FullyConnectedClassifier

X, Y = load_iris(return_X_y=True)
X = StandardScaler().fit_transform(X)
X32 = X.astype(np.float32)
LABELS = np.array(["setosa", "versicolor", "virginica"])[Y]
SMALL = {"max_iter": 2, "hidden_layer_sizes": (4,)}  # of the networks of an ensemble

# Of probabilities, in float32: a sum of some hundred terms errs by about 1e-6.
ATOL = 1e-5


def a_network(**params):
    given = {"max_iter": 15, "learning_rate_init": 0.02, "random_state": 0}
    return FullyConnectedClassifier((8, 5), **given | params)


def session(model, X=None, *, zipmap=False, **options):
    """Return a session of onnxruntime with the converted model."""
    if zipmap is not None:
        options["options"] = {"zipmap": zipmap}
    return opened(to_onnx(model, X, **options))


def opened(converted):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(converted.SerializeToString(), options)


def feeds(session, X):
    """Return what a session gets: an array, or the columns of a table in their order."""
    names = [each.name for each in session.get_inputs()]
    if not isinstance(X, pd.DataFrame):
        return dict(zip(names, [X], strict=True))
    return {name: X[[column]].to_numpy() for name, column in zip(names, X, strict=True)}


def run(session, X):
    return session.run(None, feeds(session, X))


def transformed(transformer, X, **options):
    """Return what a transformer makes of X in onnxruntime."""
    given = options or {"X": X[:1]}
    return run(session(transformer, zipmap=None, **given), X)[0]


def assert_same(model, X, atol=ATOL, **options):
    """Compare labels and probabilities of onnxruntime with ours."""
    label, p = run(session(model, X[:1], **options), X)
    expected = model.predict_proba(X)
    assert p.shape == expected.shape
    np.testing.assert_allclose(p, expected, rtol=0, atol=atol)
    np.testing.assert_array_equal(label, model.predict(X))
