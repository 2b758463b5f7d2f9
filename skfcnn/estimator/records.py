"""Records: rows whose values have names, as JSON and structured arrays give them.

One record is one row: `{"age": 31, "town": "Bonn"}`. A dict of sequences has a column under
each name.
"""

from collections.abc import Mapping, Set

import numpy as np
import scipy.sparse


def are_records(X) -> bool:
    """Return whether X is a dict, a list of dicts or a structured array."""
    if type(X) is np.ndarray:
        return X.dtype.names is not None
    if isinstance(X, list):
        return bool(X) and all(isinstance(row, Mapping) for row in X)
    is_dict = isinstance(X, Mapping) and not scipy.sparse.issparse(X)  # of keys, some are
    return is_dict or is_structured(X)


def is_structured(X) -> bool:
    """Return whether X is an array with named fields, or one row of such."""
    return isinstance(X, np.ndarray | np.void) and X.dtype.names is not None


def refuse_records(X) -> None:
    """Raise TypeError for records, where an array of numbers is wanted."""
    if are_records(X):
        raise TypeError(
            f"X holds records (it is a {type(X).__name__}), and a 2-d array or a DataFrame "
            "is wanted. Use pd.DataFrame(X), of a dict with one row pd.DataFrame([X])."
        )


def lengths_of(columns: Mapping) -> dict:
    """Return how many rows each value of a dict has; None for one that is a single cell."""
    return {name: _length(value) for name, value in columns.items()}


def _length(value):
    if isinstance(value, str | bytes | Mapping | Set) or getattr(value, "ndim", 1) == 0:
        return None
    return len(value) if hasattr(value, "__len__") else None


def check_lengths(columns: Mapping) -> None:
    """Raise ValueError unless all values of a dict have the same number of rows."""
    lengths = lengths_of(columns)
    first, n_rows = next(iter(lengths.items()))
    for name, length in lengths.items():
        if length != n_rows:
            raise ValueError(
                f"X is a dict with {_told(n_rows)} for {first!r} and {_told(length)} for "
                f"{name!r}. Give one value for each name, which is one row, or sequences "
                "of one length."
            )


def _told(length):
    return "a single value" if length is None else f"{length} values"
