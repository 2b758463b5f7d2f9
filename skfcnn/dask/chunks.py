"""Reading of partitions on the workers: checks, encoding, and a summary of each.

All functions run on the workers. Only a small `Survey` is returned to the client.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import scipy.sparse
from sklearn.utils.validation import check_array, column_or_1d

from skfcnn.dask.summary import Summary
from skfcnn.estimator.resuming import digest_of
from skfcnn.estimator.targets import Target
from skfcnn.estimator.weights import weights_of_some, without_idle_extremes
from skfcnn.training.objective import Data


class Chunk(NamedTuple):
    """A partition, checked."""

    number: int  # of the partition
    X: Any  # (n_rows, n_features), or a sparse matrix
    names: list | None  # of the features, of a DataFrame
    y: np.ndarray  # (n_rows,) or (n_rows, n_columns)
    weights: np.ndarray | None  # (n_rows,)


class Survey(NamedTuple):
    """A summary of a chunk, for the client."""

    n_rows: int
    n_features: int
    names: list | None
    weight: float  # of all rows
    of_y: Any  # a Summary; None if there are no rows
    sample: Chunk  # evenly spaced rows


@contextmanager
def of_partition(number: int) -> Iterator[None]:
    """Add the number of the partition to errors about its rows."""
    try:
        yield
    except (TypeError, ValueError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"Partition {number}: {error}") from error


def read_chunk(number: int, X, y, weights) -> Chunk:
    """Return a checked partition of X, y and, if given, weights.

    Raises
    ------
    ValueError
        If they have different numbers of rows, or invalid values.
    """
    n_rows = X.shape[0]
    lengths = {"y": len(y)} | ({} if weights is None else {"sample_weight": len(weights)})
    for name, length in lengths.items():
        if length != n_rows:
            raise ValueError(
                f"Partition {number} has {n_rows} rows of X, but {length} of {name}. "
                f"Partition {name} in the same way as X."
            )
    names = list(X.columns) if isinstance(X, pd.DataFrame) else None
    any_length = {"ensure_min_samples": 0}
    with of_partition(number):
        X = check_array(
            X,
            accept_sparse="csr",
            dtype=[np.float64, np.float32],
            input_name="X",
            **any_length,
        )
        y = check_array(y, dtype=None, ensure_2d=False, input_name="y", **any_length)
        if weights is not None:
            weights = check_array(
                weights,
                dtype=np.float64,
                ensure_2d=False,
                ensure_non_negative=len(weights) > 0,  # it takes the least weight
                input_name="sample_weight",
                **any_length,
            )
    y = column_or_1d(y) if y.ndim == 2 and y.shape[1] == 1 else y
    return Chunk(number, X, names, y, weights)


def survey(chunk: Chunk, kind: type[Summary], n_sample: int) -> Survey:
    """Return the summary of a chunk, with about n_sample of its rows."""
    n_rows = chunk.X.shape[0]
    weights = np.ones(n_rows) if chunk.weights is None else chunk.weights
    with of_partition(chunk.number):
        of_y = kind.of(chunk.y, weights) if n_rows else None
    some = slice(None, None, max(1, n_rows // n_sample))
    taken = None if chunk.weights is None else chunk.weights[some]
    return Survey(
        n_rows,
        chunk.X.shape[1],
        chunk.names,
        float(weights.sum()),
        of_y,
        chunk._replace(X=chunk.X[some], y=chunk.y[some], weights=taken),
    )


def encode(chunk: Chunk, target: Target, class_weight, dtype: np.dtype) -> Data:
    """Return the training data: X in this dtype, the target matrix, and the weights.

    The target is in the scale of training. X is copied only if it has another dtype.
    """
    weights = np.zeros(chunk.X.shape[0])
    with of_partition(chunk.number):
        if chunk.weights is None or chunk.weights.any():
            weights = weights_of_some(class_weight, target, chunk.X, chunk.y, chunk.weights)
        matrix = target.without_idle_extremes(target.encode(chunk.y), weights)
    X = without_idle_extremes(chunk.X, weights)
    return Data(X.astype(dtype, copy=False), target.scale.standardize(matrix), weights)


def stack(parts):
    """Stack arrays, or sparse matrices, row-wise."""
    if scipy.sparse.issparse(parts[0]):
        return scipy.sparse.vstack(parts, format="csr")
    return np.concatenate(parts)


def weight(data: Data) -> float:
    """Return the total weight of the rows."""
    return float(data.weights.sum())


def digest_of_rows(data: Data) -> str:
    """Return a digest of these rows, which identifies them."""
    return "; ".join(map(digest_of, data))
