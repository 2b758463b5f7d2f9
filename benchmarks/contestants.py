"""The contestants of accuracy.py: functions of a seed that return a classifier.

What is not installed raises ImportError when it is asked for, and no sooner.
"""

from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def mlp(seed):
    """MLPClassifier with its defaults, behind StandardScaler."""
    return make_pipeline(StandardScaler(), MLPClassifier(random_state=seed))


def logreg(seed):
    """Logistic regression, behind StandardScaler."""
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))


def rf(seed):
    """Return a random forest with its defaults."""
    return RandomForestClassifier(random_state=seed)


def hgb(seed):
    """Return scikit-learn's boosted trees with their defaults."""
    return HistGradientBoostingClassifier(random_state=seed)


def lgbm(seed):
    """LightGBM with its defaults."""
    from lightgbm import LGBMClassifier

    return LGBMClassifier(random_state=seed, n_jobs=1, verbose=-1)


def xgb(seed):
    """XGBoost with its defaults."""
    from xgboost import XGBClassifier

    return XGBClassifier(random_state=seed, n_jobs=1)


def catboost(seed):
    """CatBoost with its defaults."""
    from catboost import CatBoostClassifier

    return CatBoostClassifier(
        random_seed=seed, thread_count=1, verbose=False, allow_writing_files=False
    )


def realmlp_td_s(seed):
    """RealMLP-TD-S of pytabkit, on one thread of the CPU."""
    from pytabkit import RealMLP_TD_S_Classifier

    return RealMLP_TD_S_Classifier(device="cpu", random_state=seed, n_threads=1)


def realmlp_td(seed):
    """RealMLP-TD of pytabkit, on one thread of the CPU."""
    from pytabkit import RealMLP_TD_Classifier

    return RealMLP_TD_Classifier(device="cpu", random_state=seed, n_threads=1)


def fast(seed):
    """TabularClassifier at its cheapest."""
    return _ours("fast", seed)


def balanced(seed):
    """TabularClassifier as it is."""
    return _ours("balanced", seed)


def best(seed):
    """TabularClassifier at its strongest."""
    return _ours("best", seed)


def _ours(effort, seed):
    from skfcnn import TabularClassifier

    return TabularClassifier(effort=effort, random_state=seed)
