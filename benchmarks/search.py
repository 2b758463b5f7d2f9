"""Seconds of a grid search on two processes, as a user starts it."""

from clock import timed
from estimators import estimators
from joblib.externals.loky import get_reusable_executor
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV
from turns import Contestant, Setting

HIDDEN = [(50,), (100,), (150,), (200,), (50, 50), (100, 50), (100, 100), (150, 100)]


def make_search(estimator):
    """Return what times a search by processes that have started, and imported, before."""
    X, y = load_digits(return_X_y=True)
    X = X / 16

    def search(model, hidden):
        grid = {"hidden_layer_sizes": hidden}
        GridSearchCV(model, grid, cv=5, n_jobs=2, refit=False).fit(X, y)

    search(clone(estimator).set_params(max_iter=1), HIDDEN[:2])
    seconds = timed(lambda: search(estimator, HIDDEN))

    def seconds_and_shutdown():
        taken = seconds()
        # This process can only end after joblib's, which wait minutes for another search.
        get_reusable_executor().shutdown()
        return taken

    return seconds_and_shutdown


def settings(options):
    """Return the one setting; joblib says how many threads each process has."""
    same = estimators(random_state=0).items()
    contestants = [Contestant(name, make_search, (model,)) for name, model in same]
    name = "digits, 8 candidates, 5 folds"
    return [Setting(name, contestants, threads=None, fresh=True, most_rounds=3)]
