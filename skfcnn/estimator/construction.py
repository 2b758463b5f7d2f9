"""From the parameters of the constructor to layers, dtype, loss and network.

`params` is the estimator, or what `in_python` returns for it. These functions read only the
constructor's parameters, as Python numbers.
"""

import inspect
import math
from collections.abc import Sequence
from functools import cache
from numbers import Integral, Real
from types import SimpleNamespace
from typing import Any

import numpy as np
import scipy.sparse

from skfcnn.estimator.aliases import hint
from skfcnn.estimator.hidden_activations import hidden_activations
from skfcnn.estimator.scales import columns_of_many_values, numbers_per_row
from skfcnn.estimator.targets import Target
from skfcnn.network.architecture import fully_connected
from skfcnn.network.drawing import draw_network
from skfcnn.network.elementwise import Elementwise
from skfcnn.network.embedding import Embedding
from skfcnn.network.initializers import (
    DATA_DRIVEN,
    INITIALIZERS,
    OfInputs,
    select_initializer,
)
from skfcnn.network.layer import Layer
from skfcnn.network.network import Network
from skfcnn.network.normalization import LayerNormalization
from skfcnn.network.parametric import Parametric
from skfcnn.network.scaling import ScaledLinear
from skfcnn.training.objective import Data, Objective
from skfcnn.training.optimizers import OPTIMIZERS
from skfcnn.training.threads import threads_for

# dtype="auto" computes in float64 up to this many products of a weight and an input per
# evaluation of the objective. Measured, float32 saves nothing of the time of a fit at 2^11,
# a seventh at 2^16, up to three tenths just below 2^18, and four tenths at 2^20.
SMALL_PROBLEM = 2**18
# Rows for a data-driven initializer: its standard deviations are then within about 1 %. Of
# very wide rows, at most NUMBERS numbers (256 MB in float64), but at least LEAST rows.
N_ROWS, NUMBERS, LEAST = 4096, 2**25, 256


def in_python(estimator) -> Any:
    """Return the parameters of an estimator, with NumPy scalars as Python numbers.

    NumPy's small integers overflow, and its floats set the precision of array operations.
    """
    if isinstance(estimator, SimpleNamespace):
        return estimator
    names = {name for name in vars(estimator) if name == name.strip("_")}
    names |= {name for name in estimator._parameter_constraints if hasattr(estimator, name)}
    given = {name: getattr(estimator, name) for name in names}
    return SimpleNamespace(
        **{
            name: value.item() if isinstance(value, np.number) else value
            for name, value in given.items()
        }
    )


@cache
def _names(kind):
    return inspect.signature(kind).parameters


def configured(kind, params, **given):
    """Return kind(...) with those of `params` and `given` that its signature names."""
    names = _names(kind)
    wanted = {name: getattr(params, name) for name in names if hasattr(params, name)}
    return kind(**wanted, **{name: given[name] for name in given if name in names})


def layer_sizes(hidden_layer_sizes, n_in: int, n_out: int) -> tuple[int, ...]:
    """Return the number of units of every layer, inputs and outputs included.

    Raises
    ------
    TypeError, ValueError
        If hidden_layer_sizes is not a positive integer or a sequence of such integers.
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


def dropout_rates(dropout, n_hidden: int) -> tuple[float, ...]:
    """Return the dropout rate after each hidden layer.

    Raises
    ------
    ValueError
        If the number of rates is wrong, or a rate is not in [0, 1).
    """
    rates = [dropout] * n_hidden if isinstance(dropout, Real) else list(dropout)
    if len(rates) != n_hidden:
        raise ValueError(
            f"dropout={dropout} is for {len(rates)} hidden layers, but "
            f"hidden_layer_sizes has {n_hidden}. Give one for each, or one for all."
        )
    if not all(isinstance(rate, Real) and 0.0 <= float(rate) < 1.0 for rate in rates):
        raise ValueError(
            f"dropout must be one rate, or one for each hidden layer, with 0 <= rate < 1; "
            f"got {dropout}."
        )
    return tuple(map(float, rates))


def computing_dtype(params, target: Target, data: Data, n_weights: int) -> np.dtype:
    """Return the dtype to compute in.

    "auto" is float32 for float32 input. For other input it is float64 if an evaluation of
    the objective needs at most SMALL_PROBLEM products, or if predictions need its digits,
    else float32.
    """
    X = data.X
    if params.dtype != "auto":
        return np.dtype(params.dtype)
    n_rows = X.shape[0]
    if params.solver in OPTIMIZERS:
        n_rows = min(n_rows, 200 if params.batch_size == "auto" else params.batch_size)
    if X.dtype == np.float32:
        return X.dtype
    is_small = n_rows * n_weights <= SMALL_PROBLEM
    return np.dtype("float64" if is_small or target.has_offset(data) else "float32")


def numeric_columns(X) -> tuple[int, ...]:
    """Return the columns with more than two values; an embedding does not help others.

    Raises
    ------
    ValueError
        For sparse X.
    """
    if scipy.sparse.issparse(X):
        raise ValueError(
            "numeric_embedding needs X as an array: the columns that it adds are not "
            "sparse. Use X.toarray(), or numeric_embedding=None."
        )
    return tuple(np.flatnonzero(columns_of_many_values(X)).tolist())


def initializers(weight_init, activations: Sequence, n_layers: int) -> list:
    """Return the initializer of each linear layer; the last one is the output layer.

    Raises
    ------
    ValueError
        If a list does not have one for each layer, or names an unknown initializer.
    """
    every = (
        list(weight_init)
        if isinstance(weight_init, list | tuple)
        else [weight_init] * n_layers
    )
    if len(every) != n_layers:
        raise ValueError(
            f"weight_init={weight_init} is for {len(every)} layers, but there are "
            f"{n_layers}, including the output layer. Give one for each, or one for all."
        )
    names = INITIALIZERS.keys() | DATA_DRIVEN.keys()
    for one in every:
        if not callable(one) and not (isinstance(one, str) and one in names):
            raise ValueError(
                f"weight_init of a layer must be one of {sorted(names)}, or a function; "
                f"got {one!r}.{hint('weight_init', one)}"
            )
    of_layers = [*activations, activations[-1] if activations else None]
    return [*map(select_initializer, every, of_layers)]


def some_rows(X, rng: np.random.RandomState, dtype: np.dtype):
    """Return up to N_ROWS random rows; they are sparse if X is."""
    n_rows = X.shape[0]
    n = max(LEAST, min(N_ROWS, NUMBERS // numbers_per_row(X)))
    rows = rng.choice(n_rows, n, replace=False) if n_rows > n else slice(None)
    return X[rows].astype(dtype)


def make_layers(
    params, n_in: int, n_out: int, embedded: tuple[int, ...] | None
) -> tuple[Layer, ...]:
    """Return the layers for these parameters; `embedded` are the embedded columns."""
    sizes = layer_sizes(params.hidden_layer_sizes, n_in, n_out)
    return fully_connected(
        sizes,
        hidden_activations(params.activation, len(sizes) - 2),
        parametric=params.parametric_activation,
        scaling=params.scaling_layer,
        embedded=embedded,
        normalization=params.normalization,
    )


def new_network(params, target: Target, data: Data, rng: np.random.RandomState) -> Network:
    """Return a new network for the data, with the layers for these parameters."""
    params = in_python(params)
    n_in, n_out = data.X.shape[1], data.target.shape[1]
    embeds = params.numeric_embedding is not None
    layers = make_layers(params, n_in, n_out, numeric_columns(data.X) if embeds else None)
    linear = [layer for layer in layers if layer.is_linear]
    hidden = [layer.activation for layer in layers if isinstance(layer, Elementwise)]
    of_layers = initializers(params.weight_init, hidden or [params.activation], len(linear))
    needs_inputs = any(isinstance(initializer, OfInputs) for initializer in of_layers)
    n_weights = sum(math.prod(layer.shapes()[0]) for layer in linear)
    dtype = computing_dtype(params, target, data, n_weights)
    with threads_for(0):  # identical results, also while other fits run
        return draw_network(
            layers,
            initializers=of_layers,
            rng=rng,
            dtype=dtype,
            inputs=some_rows(data.X, rng, dtype) if needs_inputs else None,
        )


def embedded_columns(layers: Sequence[Layer]) -> tuple[int, ...] | None:
    """Return the columns that have an embedding; None without an embedding layer."""
    first = layers[0]
    return first.columns if isinstance(first, Embedding) else None


def check_layers(params, fitted: Sequence[Layer]) -> None:
    """Raise ValueError if the layers for `params` are not those of the fitted network."""
    kinds = {*map(type, fitted)}
    has = {
        "scaling_layer": ScaledLinear in kinds,
        "parametric_activation": Parametric in kinds,
        "numeric_embedding": "pbld" if Embedding in kinds else None,
        "normalization": "layer" if LayerNormalization in kinds else None,
    }
    for name, value in has.items():
        asked = getattr(params, name)
        if asked != value:
            raise ValueError(
                f"The fitted network has {name}={value!r}; got {name}={asked!r}. "
                f"Use {name}={value!r}, or fit a new model."
            )


def continued_network(params, fitted: Network) -> Network:
    """Return the fitted network, or one of the same theta with a new activation or dtype.

    If the model was loaded as a read-only memory map, theta is copied.

    Raises
    ------
    ValueError
        If the layers or their sizes differ from those of `params`.
    """
    n_in, *_, n_out = fitted.sizes
    sizes = layer_sizes(params.hidden_layer_sizes, n_in, n_out)
    if sizes != fitted.sizes:
        raise ValueError(
            f"The fitted network has layers of {fitted.sizes} units, but "
            f"hidden_layer_sizes={params.hidden_layer_sizes} needs {sizes}. Use the same "
            "sizes, or fit a new model."
        )
    dtype = fitted.theta.dtype if params.dtype == "auto" else np.dtype(params.dtype)
    theta = fitted.theta
    if theta.dtype != dtype or not theta.flags.writeable:
        theta = np.array(theta, dtype)
    check_layers(params, fitted.layers)
    layers = make_layers(params, n_in, n_out, embedded_columns(fitted.layers))
    if layers == fitted.layers and theta is fitted.theta:
        return fitted
    return Network(layers, theta=theta)


def make_objective(params, network: Network, target: Target) -> Objective:
    """Return the objective that training minimizes."""
    loss = target.training_loss(params)
    return Objective(network, loss, float(params.alpha))
