"""Data that tests of the classifier share."""

import pytest
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.preprocessing import StandardScaler
from small_network import SETTINGS
from split_data import load

from skfcnn import FullyConnectedClassifier


@pytest.fixture(scope="module")
def digits():
    return load(load_digits)


@pytest.fixture(scope="module")
def cancer():
    return load(load_breast_cancer)


@pytest.fixture(scope="module")
def wine():
    X, y = load_wine(return_X_y=True)
    return StandardScaler().fit_transform(X), y


@pytest.fixture(scope="module")
def raw_wine():
    return load_wine(return_X_y=True)


@pytest.fixture(scope="module")
def iris():
    """Measurements of 150 flowers as a data frame, and their species as numbers."""
    return load_iris(return_X_y=True, as_frame=True)


@pytest.fixture(scope="module")
def species(iris):
    return load_iris().target_names[iris[1]]


@pytest.fixture
def model(wine):
    return FullyConnectedClassifier(**SETTINGS).fit(*wine)
