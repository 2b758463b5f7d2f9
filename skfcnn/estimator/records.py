"""Records: rows whose values have names, as in JSON and structured arrays.

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
    # SciPy's dok_matrix is a dict, too.
    is_dict = isinstance(X, Mapping) and not scipy.sparse.issparse(X)
    return is_dict or is_structured(X)


def is_structured(X) -> bool:
    """Return whether X is an array with named fields, or a row of such an array."""
    return isinstance(X, np.ndarray | np.void) and X.dtype.names is not None


def refuse_records(X) -> None:
    """Raise TypeError for records, where an array of numbers is expected."""
    if are_records(X):
        raise TypeError(
            f"X holds records (it is a {type(X).__name__}); expected a 2-d array or a "
            "DataFrame. Use pd.DataFrame(X), or pd.DataFrame([X]) for a dict with one row."
        )


def lengths_of(columns: Mapping) -> dict:
    """Return the number of rows of each value of a dict; None for a single cell."""
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
                f"X is a dict with {_count(n_rows)} for {first!r} and {_count(length)} for "
                f"{name!r}. Give one value for each name, for one row, or sequences of the "
                "same length."
            )


def _count(length):
    return "a single value" if length is None else f"{length} values"
