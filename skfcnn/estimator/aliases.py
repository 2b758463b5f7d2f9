"""The names that other libraries use for the values of parameters.

An error about such a value names the value to use.
"""

from skfcnn._sklearn import StrOptions
from skfcnn.estimator.constraints import CONSTRAINTS

# For each parameter, {alias: value}. Case, "_" and "-" are ignored.
ALIASES = {
    "activation": {
        "swish": "silu",
        "sigmoid": "logistic",
        "linear": "identity",
        "gelu_new": "gelu_tanh",
        "gelu_approx": "gelu_tanh",
    },
    "solver": {
        "momentum": "sgd",
        "nesterov": "sgd",
        "lbfgsb": "lbfgs",
        "sparse_adam": "lazy_adam",
    },
    "loss": {
        "cross_entropy": "log_loss",
        "cross_entropy_loss": "log_loss",
        "binary_crossentropy": "log_loss",
        "categorical_crossentropy": "log_loss",
        "sparse_categorical_crossentropy": "log_loss",
        "bce": "log_loss",
        "bce_loss": "log_loss",
        "bce_with_logits_loss": "log_loss",
        "nll_loss": "log_loss",
        "mse": "squared_error",
        "mse_loss": "squared_error",
        "mean_squared_error": "squared_error",
        "mae": "absolute_error",
        "l1": "absolute_error",
        "l1_loss": "absolute_error",
        "mean_absolute_error": "absolute_error",
        "l2": "squared_error",
        "huber_loss": "huber",
        "smooth_l1_loss": "huber",
        "pinball": "quantile",
        "pinball_loss": "quantile",
        "poisson_nll_loss": "poisson",
        "focal_loss": "focal",
        "binary_focal_crossentropy": "focal",
        "categorical_focal_crossentropy": "focal",
    },
    "weight_init": {
        "xavier_uniform": "glorot_uniform",
        "xavier_normal": "glorot_normal",
        "kaiming_uniform": "he_uniform",
        "kaiming_normal": "he_normal",
    },
    "schedule": {
        "one_cycle_lr": "one_cycle",
        "cosine_annealing": "cosine",
        "cosine_annealing_lr": "cosine",
        "cosine_decay": "cosine",
        "reduce_on_plateau": "adaptive",
        "reduce_lr_on_plateau": "adaptive",
    },
    "normalization": {"layer_norm": "layer", "layer_normalization": "layer"},
}


def hint(parameter: str, value, constraints: dict = CONSTRAINTS) -> str:
    """Return " Use 'silu'." for an alias or another spelling of "silu", else ""."""
    if not isinstance(value, str):
        return ""
    options = [one for one in constraints[parameter] if isinstance(one, StrOptions)]
    names = {name: name for one in options for name in one.options}
    aliases = ALIASES.get(parameter, {}).items()
    names |= {alias: name for alias, name in aliases if name in names}
    ours = {_plain(alias): name for alias, name in names.items()}.get(_plain(value))
    return "" if ours is None else f" Use {ours!r}."


def add_hint(error: ValueError, params: dict, constraints: dict) -> None:
    """Append the hint to scikit-learn's error about one of `params`."""
    for name, value in params.items():
        if name in constraints and str(error).startswith(f"The {name!r} parameter "):
            error.args = (f"{error}{hint(name, value, constraints)}",)


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")
