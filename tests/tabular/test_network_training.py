"""Training of one network of an ensemble."""

import numpy as np
from sklearn.datasets import load_iris

from skfcnn import FullyConnectedClassifier
from skfcnn.tabular.families import NetworkFamily
from skfcnn.tabular.folds import Fold
from skfcnn.tabular.network_training import rows_of, train_network
from skfcnn.tabular.trees import TreesFamily, train_trees

X, Y = load_iris(return_X_y=True)
DATA = X, Y, np.ones(150)
ROWS = np.arange(150)


def a_network(**params):
    return FullyConnectedClassifier(
        (8,), max_iter=3, early_stopping=True, random_state=0, **params
    )


def test_each_kind_of_models_has_its_training():
    assert NetworkFamily.train is train_network
    assert TreesFamily.train is train_trees


def test_rows_of_missing_classes_have_weight_zero():
    fold = Fold(ROWS[:60], ROWS[60:80], ROWS[120:121])
    rows, validation = rows_of(a_network(), DATA, fold)
    assert rows.given.sample_weight.tolist() == [1.0] * 60 + [0.0]
    assert rows.given.y[-1] == 2
    np.testing.assert_array_equal(validation.X, X[60:80])
    trained = train_network(a_network(), DATA, fold)
    assert trained.model.classes_.tolist() == [0, 1, 2] and not trained.interrupted


def test_a_network_adapts_to_its_rows():
    network = a_network(batch_size=1000)
    _, validation = rows_of(network, DATA, Fold(ROWS, ROWS[:0]))
    assert validation.X is None
    assert network.early_stopping is False and network.batch_size == 150
