"""Scaled data, split into training and test, and a model to fit to them."""

from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from skfcnn import FullyConnectedClassifier


def load(loader):
    X, y = loader(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0, stratify=y)
    scaler = StandardScaler().fit(X_train)
    return scaler.transform(X_train), scaler.transform(X_test), y_train, y_test


def make_model(**params):
    return FullyConnectedClassifier(**{"random_state": 0, "max_iter": 30} | params)


def fit(model, data):
    X_train, _, y_train, _ = data
    return model.fit(X_train, y_train)
