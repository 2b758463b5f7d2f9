"""The forms that tables come in: pandas, polars, arrays and lists of rows.

Columns are pandas Series, made one by one when they are asked for. Polars is recognized by
what it can do, and never imported.
"""

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy.sparse


class Table(NamedTuple):
    """What all tables can do."""

    names: list | None
    shape: tuple
    column: Callable  # number -> pandas Series

    def label(self, number) -> str:
        """Return what an error calls a column."""
        return repr(self.names[number]) if self.names else str(number)


def open_table(X) -> Table:
    """Return what X is as a table; raise ValueError if it is none."""
    if hasattr(X, "collect_schema") and not hasattr(X, "iter_columns"):
        raise ValueError("X is a query, not yet a table: X.collect().")
    if hasattr(X, "iter_columns"):
        table = Table(list(X.columns), X.shape, lambda i: _from_polars(X.to_series(i)))
    else:
        frame = X if isinstance(X, pd.DataFrame) else _frame(X)
        has_names = not frame.columns.equals(pd.RangeIndex(frame.shape[1]))
        names = [str(name) for name in frame.columns] if has_names else None
        table = Table(names, frame.shape, lambda i: frame.iloc[:, i])
    _check_shape(table.shape)
    for name, count in Counter(table.names or ()).items():
        if count > 1:
            raise ValueError(
                f"{count} columns have the name {name!r}. Rename or drop all but one."
            )
    return table


def _frame(X):
    if scipy.sparse.issparse(X):
        raise ValueError("X is a sparse matrix, and a dense table is wanted: X.toarray().")
    if isinstance(X, list):
        X = _from_rows(X)
    elif not isinstance(X, np.ndarray):
        X = np.asarray(X)
    if X.ndim != 2:
        raise ValueError(
            f"X must be a table, with rows and columns: a DataFrame or a 2-d array; got "
            f"{X.ndim} dimension(s). Of one column make a table by X.to_frame() or "
            "X.reshape(-1, 1), of one row by X.reshape(1, -1)."
        )
    return pd.DataFrame(X, copy=False)


def _from_rows(rows):
    """Return a list of rows as a DataFrame, that of anything else as an array."""
    if not all(isinstance(row, (list, tuple, np.ndarray)) for row in rows) or not rows:
        return np.asarray(rows, dtype=object)
    lengths = sorted({len(row) for row in rows})
    if len(lengths) > 1:
        raise ValueError(
            f"The rows of X have different lengths, from {lengths[0]} to {lengths[-1]}. "
            "Give all rows the same number of cells, None where one is missing."
        )
    return pd.DataFrame(rows)


def _from_polars(series):
    """Return a column of polars in pandas, without pyarrow."""
    array = series.to_numpy()
    if array.ndim > 1:  # of a Struct or an Array
        return pd.Series(series.to_list(), dtype=object)
    zone = getattr(series.dtype, "time_zone", None)
    if zone is not None:
        return pd.Series(array).dt.tz_localize("UTC").dt.tz_convert(zone)
    return pd.Series(array, dtype=object if array.dtype == object else None, copy=False)


def _check_shape(shape):
    kinds = zip(shape, ("rows", "columns"), ("sample", "feature"), strict=True)
    for size, ours, scikit_learns in kinds:
        if size == 0:
            raise ValueError(
                f"X has no {ours}: 0 {scikit_learns}(s) (shape={shape}) while a minimum of "
                "1 is required."
            )
