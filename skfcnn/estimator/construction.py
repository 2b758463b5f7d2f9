"""Which layers the parameters ask for, with this data: what `_fitting` builds them from."""

import numpy as np
import scipy.sparse

from skfcnn.estimator.scales import columns_of_many_values, numbers_per_row
from skfcnn.network.architecture import Architecture
from skfcnn.network.initializers import DATA_DRIVEN, INITIALIZERS, select_initializer

# Rows that a data-driven initializer looks at: its deviations then err by about a percent.
# Of very wide rows fewer, as many as have so many numbers: 256 MB in float64.
N_ROWS, NUMBERS, LEAST = 4096, 2**25, 256


def numeric_columns(X) -> tuple[int, ...]:
    """Return the columns with more than two values: a cosine of two tells nothing new.

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


def initializers(init, activations: tuple, n_layers: int) -> list:
    """Return the initializer of each linear layer, of which all but the last are hidden.

    Raises
    ------
    ValueError
        Where a list has not one for each layer, or names what there is not.
    """
    every = list(init) if isinstance(init, list | tuple) else [init] * n_layers
    if len(every) != n_layers:
        raise ValueError(
            f"init={init} is for {len(every)} layers, and there are {n_layers}, that of "
            "the outputs included. Give one for each, or one for all."
        )
    names = INITIALIZERS.keys() | DATA_DRIVEN.keys()
    for one in every:
        if not callable(one) and not (isinstance(one, str) and one in names):
            raise ValueError(
                f"init of a layer must be one of {sorted(names)}, or a function; "
                f"got {one!r}."
            )
    of_layers = [*activations, activations[-1] if activations else None]
    return [*map(select_initializer, every, of_layers)]


def some_rows(X, rng: np.random.RandomState, dtype: np.dtype):
    """Return up to N_ROWS rows, drawn by chance; of a sparse X as a sparse matrix."""
    n_rows = X.shape[0]
    n = max(LEAST, min(N_ROWS, NUMBERS // numbers_per_row(X)))
    rows = rng.choice(n_rows, n, replace=False) if n_rows > n else slice(None)
    return X[rows].astype(dtype)


def check_layers(params, fitted: Architecture) -> None:
    """Raise ValueError where `params` ask for layers that the fitted network has not."""
    has = {
        "scaling_layer": fitted.scaling,
        "parametric_activation": fitted.parametric,
        "numeric_embedding": "pbld" if fitted.embedded is not None else None,
    }
    for name, value in has.items():
        asked = getattr(params, name)
        if asked != value:
            raise ValueError(
                f"The fitted network has {name}={value!r}, and {name}={asked!r} is asked "
                "for. Go on with what it has, or fit a new classifier."
            )
