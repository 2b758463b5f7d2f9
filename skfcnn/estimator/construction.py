"""What the parameters of the constructor ask for: layers, dtype, loss, network.

`params` is the estimator, of which these functions read the constructor's parameters, as
numbers of Python, and nothing else.
"""

import inspect
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
from skfcnn.network.losses import LOSSES, LabelSmoothing, Loss
from skfcnn.network.network import Network
from skfcnn.network.normalization import LayerNormalization
from skfcnn.network.parametric import Parametric
from skfcnn.network.scaling import ScaledLinear
from skfcnn.training.objective import Data, Objective
from skfcnn.training.optimizers import OPTIMIZERS
from skfcnn.training.threads import threads_for

# dtype="auto" computes in float64 up to this many products of a weight and an input per
# evaluation of the objective. Of the time of a fit, float32 was measured to save nothing at
# 2^11, a seventh at 2^16, up to three tenths just below 2^18, and four tenths at 2^20.
SMALL_PROBLEM = 2**18
# Rows that a data-driven initializer gets: its deviations are then within about 1 %. Fewer
# rows if they are very wide, as many as have so many numbers: 256 MB in float64.
N_ROWS, NUMBERS, LEAST = 4096, 2**25, 256


def in_python(estimator) -> Any:
    """Return the parameters of an estimator, with NumPy scalars as Python numbers.

    NumPy's small integers overflow, and its floats set the precision of array operations.
    """
    if isinstance(estimator, SimpleNamespace):
        return estimator
    given = {name: getattr(estimator, name) for name in estimator._parameter_constraints}
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
    """Return kind(...) with what is given, and with the parameters that it names."""
    names = _names(kind)
    wanted = {name: getattr(params, name) for name in names if hasattr(params, name)}
    return kind(**wanted, **{name: given[name] for name in given if name in names})


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


def numeric_columns(X) -> tuple[int, ...]:
    """Return the columns with more than two values; others gain nothing by cosines.

    Raises
    ------
    ValueError
        For sparse X.
    """
    if scipy.sparse.issparse(X):
        raise ValueError(
            "numeric_embedding needs X as an array, as it adds to every column others that "
            "are not sparse. Use X.toarray(), or numeric_embedding=None."
        )
    return tuple(np.flatnonzero(columns_of_many_values(X)).tolist())


def initializers(weight_init, activations: Sequence, n_layers: int) -> list:
    """Return the initializer of each linear layer, of which all but the last are hidden.

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
            f"weight_init={weight_init} is for {len(every)} layers, and there are "
            f"{n_layers}, that of the outputs included. Give one for each, or one for all."
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
    """Return up to N_ROWS random rows; of a sparse X as a sparse matrix."""
    n_rows = X.shape[0]
    n = max(LEAST, min(N_ROWS, NUMBERS // numbers_per_row(X)))
    rows = rng.choice(n_rows, n, replace=False) if n_rows > n else slice(None)
    return X[rows].astype(dtype)


def make_layers(
    params, n_in: int, n_out: int, embedded: tuple[int, ...] | None
) -> tuple[Layer, ...]:
    """Return the layers that `params` ask for; `embedded` are the embedded columns."""
    sizes = layer_sizes(params.hidden_layer_sizes, n_in, n_out)
    return fully_connected(
        sizes,
        hidden_activations(params.activation, len(sizes) - 2),
        parametric=params.parametric_activation,
        scaling=params.scaling_layer,
        embedded=embedded,
        normalization=params.normalization,
    )


def new_network(params, data: Data, rng: np.random.RandomState) -> Network:
    """Return a new network for the data, of the layers that `params` ask for."""
    params = in_python(params)
    n_in, n_out = data.X.shape[1], data.target.shape[1]
    embeds = params.numeric_embedding is not None
    layers = make_layers(params, n_in, n_out, numeric_columns(data.X) if embeds else None)
    linear = [layer for layer in layers if layer.is_linear]
    hidden = [layer.activation for layer in layers if isinstance(layer, Elementwise)]
    of_layers = initializers(params.weight_init, hidden or [params.activation], len(linear))
    looks = any(isinstance(initializer, OfInputs) for initializer in of_layers)
    n_weights = sum(layer.n_in * layer.n_out for layer in linear)
    dtype = computing_dtype(params, data.X, n_weights)
    with threads_for(0):  # the same bits, whatever other fits are under way
        return draw_network(
            layers,
            initializers=of_layers,
            rng=rng,
            dtype=dtype,
            inputs=some_rows(data.X, rng, dtype) if looks else None,
        )


def embedded_columns(layers: Sequence[Layer]) -> tuple[int, ...] | None:
    """Return the columns that have an embedding; None without an embedding layer."""
    first = layers[0]
    return first.columns if isinstance(first, Embedding) else None


def check_layers(params, fitted: Sequence[Layer]) -> None:
    """Raise ValueError if `params` ask for layers that the fitted network does not have."""
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
                f"The fitted network has {name}={value!r}, and {name}={asked!r} is asked "
                "for. Go on with what it has, or fit a new classifier."
            )


def continued_network(params, fitted: Network) -> Network:
    """Return the fitted network, or another of its theta with a new activation or dtype.

    The theta of a model that was loaded as a read-only memory map is copied.

    Raises
    ------
    ValueError
        Where `params` ask for other layers, or layers of other sizes.
    """
    n_in, *_, n_out = fitted.sizes
    sizes = layer_sizes(params.hidden_layer_sizes, n_in, n_out)
    if sizes != fitted.sizes:
        raise ValueError(
            f"The fitted network has layers of {fitted.sizes} units, and "
            f"hidden_layer_sizes={params.hidden_layer_sizes} asks for {sizes}. Go on "
            "with the sizes that it has, or fit a new classifier."
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


def plain_loss(params, target: Target) -> Loss:
    """Return the loss of `params`, by the link of the target, of labels as they are."""
    return configured(LOSSES[params.loss], in_python(params), link=target.link)


def make_loss(params, target: Target) -> Loss:
    """Return the loss of `params` with its label smoothing."""
    loss = plain_loss(params, target)
    if params.label_smoothing:
        loss = LabelSmoothing(loss, float(params.label_smoothing), target.n_values)
    return loss


def make_objective(params, network: Network, target: Target) -> Objective:
    """Return what is minimized."""
    return Objective(network, make_loss(params, target), float(params.alpha))
