"""Contestants of accuracy.py --regression: functions of a seed that return a regressor."""

from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skfcnn import FullyConnectedRegressor


def ours(seed):
    """FullyConnectedRegressor with its defaults, behind StandardScaler."""
    return make_pipeline(StandardScaler(), FullyConnectedRegressor(random_state=seed))


def mlp(seed):
    """MLPRegressor with its defaults, behind StandardScaler."""
    return make_pipeline(StandardScaler(), MLPRegressor(random_state=seed))


def mlp_tts(seed):
    """The same with y standardized by TransformedTargetRegressor."""
    return TransformedTargetRegressor(mlp(seed), transformer=StandardScaler())


def ridge(seed):
    """Ridge regression with its defaults, behind StandardScaler."""
    return make_pipeline(StandardScaler(), Ridge())


def hgb(seed):
    """Return scikit-learn's boosted trees with their defaults."""
    return HistGradientBoostingRegressor(random_state=seed)
