"""What the parameters of the estimator may be, and what they come to for given data."""

import inspect
import warnings
from functools import cache
from numbers import Integral, Real

import numpy as np

from skfcnn._sklearn import Interval, Options, StrOptions
from skfcnn.network.activations import ACTIVATIONS
from skfcnn.network.architecture import Architecture
from skfcnn.network.initializers import DATA_DRIVEN, INITIALIZERS
from skfcnn.network.losses import LOSSES
from skfcnn.training.optimizers import OPTIMIZERS
from skfcnn.training.param_groups import BY_INPUTS
from skfcnn.training.schedules import FACTORS, SCHEDULES

CONSTRAINTS = {
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
    "loss": [StrOptions(set(LOSSES))],
    "dtype": [StrOptions({"auto", "float64", "float32"})],
    "init": [StrOptions({*INITIALIZERS, *DATA_DRIVEN}), callable, list, tuple],
    "dropout": [Interval(Real, 0, 1, closed="left"), "array-like"],
    "class_weight": [StrOptions({"balanced"}), dict, list, None],
    "label_smoothing": [Interval(Real, 0, 1, closed="left")],
    "weight_decay": [Interval(Real, 0, None, closed="left")],
    "clip_norm": [Interval(Real, 0, None, closed="neither"), None],
    "scoring": [str, callable, None],
    "schedule": [StrOptions({"adaptive", *FACTORS}), callable, None],
    "scaling_layer": ["boolean"],
    "parametric_activation": ["boolean"],
    "numeric_embedding": [StrOptions({"pbld"}), None],
    "rate_factors": [dict, None],
    "average": [Interval(Real, 0, 1, closed="left")],
}

# dtype="auto" computes in float64 up to this many products of a weight and an input per
# evaluation of the objective. Of the time of a fit, float32 was measured to save nothing at
# 2^11, a seventh at 2^16, up to three tenths just below 2^18, and four tenths at 2^20.
SMALL_PROBLEM = 2**18


class InPython:
    """The parameters of an estimator, where numbers of NumPy are those of Python.

    Small integers of NumPy overflow, and its floats set the precision of a pass.
    """

    def __init__(self, estimator) -> None:
        self._estimator = estimator

    def __getattr__(self, name: str):
        value = getattr(self._estimator, name)
        return value.item() if isinstance(value, np.number) else value


def layer_sizes(hidden_layer_sizes, n_in: int, n_out: int) -> tuple[int, ...]:
    """Return the number of units of every layer, inputs and outputs included.

    Raises
    ------
    TypeError, ValueError
        Unless hidden_layer_sizes is an integer or a sequence of such; a positive one.
    """
    hidden = list(np.atleast_1d(np.array(hidden_layer_sizes, dtype=object)))
    are_integers = all(
        isinstance(size, Integral) and type(size) is not bool for size in hidden
    )
    if not are_integers or min(hidden, default=1) <= 0:
        raise (ValueError if are_integers else TypeError)(
            f"hidden_layer_sizes must be > 0, got {hidden}. Give integers, one per "
            "hidden layer: hidden_layer_sizes=(100, 50)."
        )
    return (n_in, *map(int, hidden), n_out)


def hidden_activations(activation, n_hidden: int) -> tuple:
    """Return the activation of each hidden layer: a name, or a pair of functions.

    Raises
    ------
    ValueError
        Unless there is one for all layers or one for each, every name is known, and every
        pair a function and its derivative.
    """
    if isinstance(activation, str) or _is_pair(activation):
        activation = [activation] * n_hidden
    elif len(activation) != n_hidden:
        raise ValueError(
            f"activation={activation} is for {len(activation)} hidden layers, and "
            f"hidden_layer_sizes asks for {n_hidden}. Give one for each, or one for all."
        )
    for one in activation:
        if _is_pair(one):
            _check_derivative(*one)
        elif not (isinstance(one, str) and one in ACTIVATIONS):
            raise ValueError(
                f"activation of a hidden layer must be one of {sorted(ACTIVATIONS)}, or a "
                f"pair of functions (function, derivative); got {one!r}."
            )
    return tuple(activation)


def dropout_rates(dropout, n_hidden: int) -> tuple[float, ...]:
    """Return the rate of dropout behind each hidden layer.

    Raises
    ------
    ValueError
        Unless there is one for all layers or one for each, from 0 to less than 1.
    """
    rates = [dropout] * n_hidden if isinstance(dropout, Real) else list(dropout)
    if len(rates) != n_hidden:
        raise ValueError(
            f"dropout={dropout} is for {len(rates)} hidden layers, and "
            f"hidden_layer_sizes asks for {n_hidden}. Give one for each, or one for all."
        )
    if not all(isinstance(rate, Real) and 0.0 <= float(rate) < 1.0 for rate in rates):
        raise ValueError(
            f"dropout must be rates from 0 to less than 1, one for each hidden layer; got "
            f"{dropout}."
        )
    return tuple(map(float, rates))


def _is_pair(activation) -> bool:
    return (
        isinstance(activation, tuple)
        and len(activation) == 2
        and all(map(callable, activation))
    )


def _check_derivative(function, derivative) -> None:
    """Compare with central differences, at places where hardly a function has a kink."""
    z, step = np.linspace(-4.0131, 3.9873, 33), 1e-6
    slopes = _applied(derivative, z, "derivative")
    above, below = (_applied(function, z + d, "function") for d in (step, -step))
    difference = (above - below) / (2.0 * step)
    if not slopes.shape == difference.shape == z.shape:
        raise ValueError(
            "The functions of an activation must return an array of the shape of z. For "
            f"shape {z.shape}, they returned {difference.shape} and {slopes.shape}."
        )
    # The differences err by rounding, about 1e-16 |f| / step = 1e-10 |f|.
    wrong = ~(np.abs(slopes - difference) <= 1e-6 * np.maximum(1.0, np.abs(difference)))
    if wrong.any():
        at = wrong.argmax()
        raise ValueError(
            f"The derivative given with an activation is {slopes[at]:.6g} at "
            f"z = {z[at]:.6g}, but the function has the slope {difference[at]:.6g} there. "
            "Give activation=(function, derivative), both functions of z alone."
        )


def _applied(function, z, name) -> np.ndarray:
    """Return the values of a function of the user, which must leave z as it is."""
    given = z.copy()
    values = np.array(function(given))
    if not np.array_equal(given, z):
        raise ValueError(
            f"The {name} given with an activation changes the array that it gets, which "
            "training needs as it is. Return a new array: np.tanh(z), not "
            "np.tanh(z, out=z)."
        )
    return values


def rows_per_batch(batch_size, n_rows: int) -> int:
    """Return how many of n_rows rows make a batch; "auto" is at most 200."""
    if batch_size == "auto":
        return min(200, n_rows)
    if batch_size > n_rows:
        warnings.warn(
            "Got `batch_size` less than 1 or larger than sample size. "
            "It is going to be clipped",
            stacklevel=2,
        )
    return min(int(batch_size), n_rows)


def patience(params) -> float:
    """Return after how many epochs without improvement training is over.

    A schedule over the fraction of training ends at its end, unless early stopping is
    asked for: its rates are meant to be seen by the network one after the other.
    """
    runs_to_its_end = params.schedule not in (None, "adaptive")
    if runs_to_its_end and not params.early_stopping:
        return np.inf
    return params.n_iter_no_change


def check_compatible(params) -> None:
    """Refuse parameters of which one would be ignored because of another.

    Raises
    ------
    ValueError
    """
    if params.schedule is not None and params.solver == "sgd":
        if params.learning_rate != "constant":
            raise ValueError(
                f"schedule={params.schedule!r} and learning_rate={params.learning_rate!r} "
                "both say how the learning rate changes. Use learning_rate='constant', or "
                "schedule=None."
            )
    if params.solver == "lbfgs":
        for name in ("schedule", "clip_norm", "rate_factors"):
            if getattr(params, name) is not None:
                raise ValueError(
                    f"solver='lbfgs' has no {name}. Use solver='adam', 'adamw' or 'sgd', "
                    f"or {name}=None."
                )
    check_rate_factors(params.rate_factors)
    if params.solver == "lbfgs" and params.average:
        raise ValueError(
            "solver='lbfgs' has no average: it ends where the loss is least. Use "
            "solver='adam', 'adamw' or 'sgd', or average=0.0."
        )
    if params.solver == "lbfgs" and np.any(params.dropout):
        raise ValueError(
            "solver='lbfgs' has no dropout: its line search needs the same loss at the "
            "same place. Use solver='adam', 'adamw' or 'sgd', or dropout=0.0."
        )


def check_rate_factors(factors) -> None:
    """Raise ValueError unless every key is a group of parameters, every value a factor."""
    groups = Architecture((1, 1), ()).shapes()
    for name, factor in (factors or {}).items():
        is_number = isinstance(factor, Real) and 0.0 <= float(factor) < np.inf
        if name not in groups or not (
            is_number or (name == "weights" and factor == BY_INPUTS)
        ):
            raise ValueError(
                f"rate_factors has factors, not negative, for any of {list(groups)}, and "
                f"may have {BY_INPUTS!r} for 'weights'; got {name!r}: {factor!r}."
            )


def computing_dtype(params, X, n_weights: int) -> np.dtype:
    """Return the dtype to compute in.

    "auto" is float32 for float32 input. Other input is computed in float64 where an
    evaluation of the objective asks for at most SMALL_PROBLEM products, else in float32.
    """
    if params.dtype != "auto":
        return np.dtype(params.dtype)
    n_rows = X.shape[0]
    if params.solver in OPTIMIZERS:
        n_rows = min(n_rows, 200 if params.batch_size == "auto" else params.batch_size)
    is_small = n_rows * n_weights <= SMALL_PROBLEM
    return np.dtype("float64" if is_small and X.dtype != np.float32 else "float32")


@cache
def _names(kind):
    return inspect.signature(kind).parameters


def configured(kind, params, **given):
    """Return kind(...) with what is given, and with the parameters that it names."""
    names = _names(kind)
    wanted = {name: getattr(params, name) for name in names if hasattr(params, name)}
    return kind(**wanted, **{name: given[name] for name in given if name in names})
