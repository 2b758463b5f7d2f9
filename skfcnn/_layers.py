"""Which layers the parameters ask for, with this data: what `_fitting` builds them from."""

import numpy as np
import scipy.sparse

from skfcnn.network.architecture import Architecture
from skfcnn.network.initializers import DATA_DRIVEN, INITIALIZERS, select_initializer

# Rows that a data-driven initializer looks at: its deviations then err by about a percent.
N_ROWS = 4096


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
    lowest, highest = X.min(axis=0), X.max(axis=0)
    has_others = ((X != lowest) & (X != highest)).any(axis=0)
    return tuple(np.flatnonzero(has_others).tolist())


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


def some_rows(X, rng: np.random.RandomState, dtype: np.dtype) -> np.ndarray:
    """Return up to N_ROWS rows, drawn by chance."""
    n_rows = X.shape[0]
    rows = rng.choice(n_rows, N_ROWS, replace=False) if n_rows > N_ROWS else slice(None)
    x = X[rows].astype(dtype)
    return x.toarray() if scipy.sparse.issparse(x) else x


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
