"""The valid values of the parameters of the estimators, and which contradict each other."""

from numbers import Integral, Real

import numpy as np

from skfcnn._sklearn import Interval, Options, StrOptions
from skfcnn.network.activations import ACTIVATIONS
from skfcnn.network.architecture import NORMALIZATIONS
from skfcnn.network.initializers import DATA_DRIVEN, INITIALIZERS
from skfcnn.network.layers import GROUPS
from skfcnn.network.losses import CLASS_LOSSES, NUMBER_LOSSES
from skfcnn.training.optimizers import LAZY, OPTIMIZERS
from skfcnn.training.param_groups import BY_INPUTS
from skfcnn.training.schedules import FACTORS, SCHEDULES

# Of all estimators.
CONSTRAINTS: dict = {
    "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
    "activation": [StrOptions(set(ACTIVATIONS)), list, tuple],
    "solver": [StrOptions({"lbfgs", *OPTIMIZERS})],
    "alpha": [Interval(Real, 0, None, closed="left")],
    "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
    "learning_rate": [StrOptions(set(SCHEDULES))],
    "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
    "power_t": [Interval(Real, 0, None, closed="left")],
    "max_iter": [Interval(Integral, 1, None, closed="left")],
    "shuffle": ["boolean"],
    "random_state": ["random_state"],
    "tol": [Interval(Real, 0, None, closed="left")],
    "verbose": ["verbose"],
    "warm_start": ["boolean"],
    "momentum": [Interval(Real, 0, 1, closed="both")],
    "nesterovs_momentum": ["boolean"],
    "early_stopping": ["boolean"],
    "validation_fraction": [Interval(Real, 0, 1, closed="left")],
    "beta_1": [Interval(Real, 0, 1, closed="left")],
    "beta_2": [Interval(Real, 0, 1, closed="left")],
    "epsilon": [Interval(Real, 0, None, closed="neither")],
    "n_iter_no_change": [
        Interval(Integral, 1, None, closed="left"),
        Options(Real, {np.inf}),
    ],
    "max_fun": [Interval(Integral, 1, None, closed="left")],
    "dtype": [StrOptions({"auto", "float64", "float32"})],
    "weight_init": [StrOptions({*INITIALIZERS, *DATA_DRIVEN}), callable, list, tuple],
    "dropout": [Interval(Real, 0, 1, closed="left"), "array-like"],
    "weight_decay": [Interval(Real, 0, None, closed="left")],
    "max_grad_norm": [Interval(Real, 0, None, closed="neither"), None],
    "scoring": [str, callable, None],
    "schedule": [StrOptions({"adaptive", *FACTORS}), callable, None],
    "scaling_layer": ["boolean"],
    "parametric_activation": ["boolean"],
    "normalization": [StrOptions(set(NORMALIZATIONS)), None],
    "numeric_embedding": [StrOptions({"pbld"}), None],
    "learning_rate_multipliers": [dict, None],
    "weight_averaging": [Interval(Real, 0, 1, closed="left")],
}
OF_CLASSIFIERS = CONSTRAINTS | {
    "loss": [StrOptions(set(CLASS_LOSSES))],
    "focal_gamma": [Interval(Real, 0, None, closed="left")],
    "class_weight": [StrOptions({"balanced"}), dict, list, None],
    "label_smoothing": [Interval(Real, 0, 1, closed="left")],
}
OF_REGRESSORS = CONSTRAINTS | {
    "loss": [StrOptions(set(NUMBER_LOSSES)), tuple],
    "huber_delta": [Interval(Real, 0, None, closed="neither")],
    "quantile": [Interval(Real, 0, 1, closed="neither"), "array-like"],
    "tweedie_power": [
        Interval(Real, None, 0, closed="right"),
        Interval(Real, 1, None, closed="left"),
    ],
    "scale_target": ["boolean"],
}


# The solvers that use batches, in error messages.
STOCHASTIC = f"one of the stochastic solvers, {', '.join(map(repr, OPTIMIZERS))}"


def check_compatible(params) -> None:
    """Raise ValueError for a parameter that would be ignored because of another.

    Raises
    ------
    ValueError
    """
    if params.schedule is not None and params.solver == "sgd":
        if params.learning_rate != "constant":
            raise ValueError(
                f"schedule={params.schedule!r} and learning_rate={params.learning_rate!r} "
                "both set the learning rate schedule. Use learning_rate='constant', or "
                "schedule=None."
            )
    if params.solver == "lbfgs":
        for name in ("schedule", "max_grad_norm", "learning_rate_multipliers"):
            if getattr(params, name) is not None:
                raise ValueError(
                    f"solver='lbfgs' has no {name}. Use {STOCHASTIC}, or {name}=None."
                )
    check_learning_rate_multipliers(params.learning_rate_multipliers)
    for name, value in {"weight_averaging": 0.0, "scaling_layer": False}.items():
        if params.solver in LAZY and getattr(params, name):
            raise ValueError(
                f"solver={params.solver!r} has no {name}: it would change the weights of "
                f"all inputs in every step. Use solver='adam', or {name}={value}."
            )
    if params.solver == "lbfgs" and params.weight_averaging:
        raise ValueError(
            "solver='lbfgs' has no weight_averaging: it ends at a minimum of the loss. Use "
            f"{STOCHASTIC}, or weight_averaging=0.0."
        )
    if params.solver == "lbfgs" and np.any(params.dropout):
        raise ValueError(
            "solver='lbfgs' has no dropout: its line search needs a loss that is not "
            f"random. Use {STOCHASTIC}, or dropout=0.0."
        )


def check_learning_rate_multipliers(factors) -> None:
    """Raise ValueError unless every key is a group of parameters, every value a factor."""
    for name, factor in (factors or {}).items():
        is_number = isinstance(factor, Real) and 0.0 <= float(factor) < np.inf
        if name not in GROUPS or not (
            is_number or (name == "weights" and factor == BY_INPUTS)
        ):
            raise ValueError(
                "learning_rate_multipliers must have factors >= 0 for any of "
                f"{GROUPS}, or {BY_INPUTS!r} for 'weights'; got {name!r}: {factor!r}."
            )
