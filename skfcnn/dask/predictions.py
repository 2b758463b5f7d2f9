"""Lazy predictions for a Dask collection, computed on the workers that hold its rows."""

import dask.array as da
import numpy as np
from dask import delayed

from skfcnn.dask.collections import check_dimensions, whole_rows
from skfcnn.estimator.base import dtype_of_answers


def predictions(model, method: str, X) -> da.Array:
    """Return the result of a model's method for the rows of a collection, lazily.

    Parameters
    ----------
    model : FullyConnectedClassifier or FullyConnectedRegressor
    method : {"predict", "predict_proba", "predict_log_proba"}
    X : Dask array or DataFrame

    Returns
    -------
    array : Dask array of shape (n_rows,) or (n_rows, n_columns)
        With the chunks of X, of unknown sizes if the sizes of X are not known.
    """
    check_dimensions("X", X)
    meta = _empty(model, method, X._meta)
    n_columns = meta.shape[1:]
    shared = delayed(model)
    if isinstance(X, da.Array):
        X = whole_rows(X)
        chunks = (X.chunks[0], *((n,) for n in n_columns))
        along = {"drop_axis": 1} if not n_columns else {}
        return X.map_blocks(
            _of_block, shared, method, chunks=chunks, dtype=meta.dtype, meta=meta, **along
        )
    return X.map_partitions(_of_block, shared, method, meta=meta)


def _of_block(X, model, method: str) -> np.ndarray:
    return getattr(model, method)(X) if X.shape[0] else _empty(model, method, X)


def _empty(model, method: str, X) -> np.ndarray:
    """Return the result of the method for zero rows of the type of X."""
    dtype = dtype_of_answers(X if hasattr(X, "dtype") else X.to_numpy())
    if method == "predict":
        return model._target.empty_answers(0, dtype)
    return np.empty((0, model._target.n_columns), dtype)
