"""Contestants of accuracy.py --regression: functions of a seed that return a regressor.

As in contestants.py, what is not installed raises ImportError when it is asked for.
"""

from contestants import CATBOOST, NamesCategories
from forms import takes_arrays
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skfcnn import FullyConnectedRegressor


@takes_arrays
def ours(seed):
    """FullyConnectedRegressor with its defaults, behind StandardScaler."""
    return make_pipeline(StandardScaler(), FullyConnectedRegressor(random_state=seed))


@takes_arrays
def mlp(seed):
    """MLPRegressor with its defaults, behind StandardScaler."""
    return make_pipeline(StandardScaler(), MLPRegressor(random_state=seed))


@takes_arrays
def mlp_tts(seed):
    """The same with y standardized by TransformedTargetRegressor."""
    return TransformedTargetRegressor(mlp(seed), transformer=StandardScaler())


@takes_arrays
def ridge(seed):
    """Ridge regression with its defaults, behind StandardScaler."""
    return make_pipeline(StandardScaler(), Ridge())


def hgb(seed):
    """Return scikit-learn's boosted trees with their defaults."""
    return HistGradientBoostingRegressor(
        categorical_features="from_dtype", random_state=seed
    )


def lgbm(seed):
    """LightGBM with its defaults."""
    from lightgbm import LGBMRegressor

    return LGBMRegressor(random_state=seed, n_jobs=1, verbose=-1)


def xgb(seed):
    """XGBoost with its defaults."""
    from xgboost import XGBRegressor

    return XGBRegressor(random_state=seed, n_jobs=1, enable_categorical=True)


def catboost(seed, **params):
    """CatBoost with its defaults."""
    from catboost import CatBoostRegressor

    class Model(NamesCategories, CatBoostRegressor):
        pass

    return Model(random_seed=seed, **CATBOOST, **params)


def fast(seed):
    """TabularRegressor at its cheapest."""
    return tabular("fast", seed)


def balanced(seed):
    """TabularRegressor as it is."""
    return tabular("balanced", seed)


def best(seed):
    """TabularRegressor at its strongest."""
    return tabular("best", seed)


def fast_networks(seed):
    """TabularRegressor at its cheapest, without trees."""
    return tabular("fast", seed, trees=False)


def balanced_networks(seed):
    """TabularRegressor without trees."""
    return tabular("balanced", seed, trees=False)


def best_networks(seed):
    """TabularRegressor at its strongest, without trees."""
    return tabular("best", seed, trees=False)


def tabular(effort, seed, **params):
    from skfcnn import TabularRegressor

    return TabularRegressor(effort=effort, random_state=seed, **params)
