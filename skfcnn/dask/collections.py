"""Partitions of Dask collections: X, y and optional weights, split in the same way."""

import dask
import dask.array as da
import dask.dataframe as dd
import numpy as np
import scipy.sparse

from skfcnn.dask.clients import send_releases

FRAMES = dd.DataFrame | dd.Series
# The dimensions that each may have, their description, and advice for others.
DIMENSIONS = {
    "X": ((2,), "two dimensions, rows and features", "X[:, None] or frame[['name']]"),
    "y": ((1, 2), "one dimension, or a column for each output", "one value for each row"),
    "sample_weight": ((1,), "one dimension", "one number for each row, as weights[:, 0]"),
}


def is_collection(data) -> bool:
    """Return whether this is a Dask array, DataFrame or Series."""
    return isinstance(data, da.Array | FRAMES)


def in_memory(client, *data) -> list:
    """Compute Dask collections; anything else is returned unchanged.

    Frames and arrays are computed separately, since Dask warns of a graph of both.
    """
    send_releases(client)
    computed: dict = {}
    for kind in (FRAMES, da.Array):
        some = {i: each for i, each in enumerate(data) if isinstance(each, kind)}
        found = dask.compute(*some.values(), scheduler=client)
        computed |= dict(zip(some, found, strict=True))
    send_releases(client)
    return [computed.get(i, each) for i, each in enumerate(data)]


def n_partitions(data) -> int:
    """Return the number of partitions along the rows."""
    return data.numblocks[0] if isinstance(data, da.Array) else data.npartitions


def partitions(X, y, sample_weight) -> list[tuple]:
    """Return X, y and weights of each partition, delayed; weights may be None.

    Raises
    ------
    TypeError
        If X is not a Dask collection.
    ValueError
        If y is None, the dimensions are wrong, or the partitions do not match.
    """
    if not is_collection(X):
        raise TypeError(
            f"X must be a Dask array or DataFrame; got {type(X).__name__}. Use "
            "dask.array.from_array(X, chunks=...); for rows that are in memory, use "
            "FullyConnectedClassifier or FullyConnectedRegressor."
        )
    check_dimensions("X", X)
    if y is None:
        raise ValueError(
            "y is None, but a fit needs the label or the number of each row. Pass a Dask "
            "array or Series that is partitioned like X."
        )
    given = {"y": y, "sample_weight": sample_weight}
    parts = [_delayed(X)]
    for name, data in given.items():
        parts.append([None] * len(parts[0]) if data is None else _split_like(X, data, name))
    return [*zip(*parts, strict=True)]


def check_dimensions(name: str, data) -> None:
    """Raise ValueError if X, y or sample_weight has the wrong number of dimensions."""
    allowed, wanted, way_out = DIMENSIONS[name]
    if data.ndim not in allowed:
        raise ValueError(f"{name} must have {wanted}; got {data.ndim}. Use {way_out}.")


def whole_rows(data):
    """Return a collection with all columns of a row in one chunk."""
    has_columns = isinstance(data, da.Array) and data.ndim == 2
    return data.rechunk({1: -1}) if has_columns else data


def _split_like(X, data, name):
    """Return the partitions of y or weights, split in the same way as X."""
    chunks = X.chunks[0] if isinstance(X, da.Array) else None
    has_sizes = chunks is not None and not np.isnan(chunks).any()
    if not is_collection(data):
        data = _in_memory(name, data)
    check_dimensions(name, data)
    if has_sizes and not isinstance(data, FRAMES):
        data = da.asarray(data)
        if data.shape[0] == X.shape[0]:
            data = data.rechunk({0: chunks})
        elif not np.isnan(data.shape[0]):
            raise ValueError(
                f"X has {X.shape[0]} rows, but {name} has {data.shape[0]}. Pass one value "
                "for each row."
            )
    if not is_collection(data):
        raise TypeError(
            f"{name} must be a Dask collection, since the partition sizes of X are not "
            f"known; got {type(data).__name__}. Call X.compute_chunk_sizes() first, or "
            f"load {name} from the same source as X."
        )
    if n_partitions(data) != n_partitions(X):
        raise ValueError(
            f"X has {n_partitions(X)} partitions, but {name} has {n_partitions(data)}. "
            "Repartition one like the other: partitions of the same number must have the "
            "same rows."
        )
    return _delayed(data)


def _in_memory(name, data) -> np.ndarray:
    if scipy.sparse.issparse(data):
        raise TypeError(f"{name} must be dense; got {type(data).__name__}. Use toarray().")
    return np.asarray(data)


def _delayed(data):
    """Return the partitions of a collection, each with all columns, delayed.

    The graph of a frame is not optimized: that may merge partitions read from files.
    """
    if isinstance(data, FRAMES):
        return data.simplify().to_delayed(optimize_graph=False)
    return np.ravel(whole_rows(data).to_delayed()).tolist()
