"""The contestants of accuracy.py: functions of a seed that return a classifier.

A contestant whose package is not installed raises ImportError when it is called. A
contestant with `takes_arrays` gets one-hot columns, the others get categories.
"""

from forms import takes_arrays
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

CATBOOST = {"thread_count": 1, "verbose": False, "allow_writing_files": False}


class NamesCategories:
    """Part of a model of CatBoost: `fit` names the columns that are categories."""

    def fit(self, X, y):
        """Fit to an array, or to a frame with categories."""
        is_frame = hasattr(X, "select_dtypes")
        names = list(X.select_dtypes("category")) if is_frame else None
        return super().fit(X, y, cat_features=names)


@takes_arrays
def mlp(seed):
    """MLPClassifier with its defaults, behind StandardScaler."""
    return make_pipeline(StandardScaler(), MLPClassifier(random_state=seed))


@takes_arrays
def logreg(seed):
    """Logistic regression, behind StandardScaler."""
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))


@takes_arrays
def rf(seed):
    """Return a random forest with its defaults."""
    return RandomForestClassifier(random_state=seed)


def hgb(seed):
    """Return scikit-learn's boosted trees with their defaults."""
    return HistGradientBoostingClassifier(
        categorical_features="from_dtype", random_state=seed
    )


def lgbm(seed):
    """LightGBM with its defaults."""
    from lightgbm import LGBMClassifier

    return LGBMClassifier(random_state=seed, n_jobs=1, verbose=-1)


def xgb(seed):
    """XGBoost with its defaults."""
    from xgboost import XGBClassifier

    return XGBClassifier(random_state=seed, n_jobs=1, enable_categorical=True)


def catboost(seed):
    """CatBoost with its defaults."""
    from catboost import CatBoostClassifier

    class Model(NamesCategories, CatBoostClassifier):
        pass

    return Model(random_seed=seed, **CATBOOST)


@takes_arrays
def realmlp_td_s(seed):
    """RealMLP-TD-S of pytabkit, on one thread of the CPU."""
    from pytabkit import RealMLP_TD_S_Classifier

    return RealMLP_TD_S_Classifier(device="cpu", random_state=seed, n_threads=1)


@takes_arrays
def realmlp_td(seed):
    """RealMLP-TD of pytabkit, on one thread of the CPU."""
    from pytabkit import RealMLP_TD_Classifier

    return RealMLP_TD_Classifier(device="cpu", random_state=seed, n_threads=1)


def fast(seed):
    """TabularClassifier at its cheapest."""
    return ours("fast", seed)


def balanced(seed):
    """TabularClassifier as it is."""
    return ours("balanced", seed)


def best(seed):
    """TabularClassifier at its strongest."""
    return ours("best", seed)


def fast_networks(seed):
    """TabularClassifier at its cheapest, without trees."""
    return ours("fast", seed, trees=False)


def balanced_networks(seed):
    """TabularClassifier without trees."""
    return ours("balanced", seed, trees=False)


def best_networks(seed):
    """TabularClassifier at its strongest, without trees."""
    return ours("best", seed, trees=False)


def ours(effort, seed, **params):
    from skfcnn import TabularClassifier

    return TabularClassifier(effort=effort, random_state=seed, **params)
