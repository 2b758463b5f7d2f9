"""What the user declares of columns: their names, positions or masks, as roles."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from skfcnn.tabular.column_names import N_NAMED

ROLES = {
    "categorical_features": "category",
    "numeric_features": "number",
    "datetime_features": "date",
    "drop_features": "left out",
}


def declared_roles(names: list | None, n_columns: int, declared: Mapping) -> dict[int, str]:
    """Return the role of each declared column.

    Parameters
    ----------
    names : list or None
        The names of the columns; None for an array.
    n_columns : int
    declared : mapping from a key of ROLES to names, positions, a mask or None
        None declares nothing.

    Returns
    -------
    roles : dict of int to str
        Position of a column -> a value of ROLES.

    Raises
    ------
    ValueError
        If a column is unknown, or declared twice.
    """
    by: dict[int, str] = {}
    for parameter, columns in declared.items():
        for i in _positions(parameter, columns, names, n_columns):
            if by.setdefault(i, parameter) != parameter:
                label = repr(names[i]) if names else str(i)
                raise ValueError(
                    f"Column {label} is in both {by[i]} and {parameter}. Leave it in one."
                )
    return {i: ROLES[parameter] for i, parameter in by.items()}


def _positions(parameter, columns, names, n_columns) -> list[int]:
    """Return the positions of columns given by name, by position or by a mask."""
    if columns is None:
        return []
    if not isinstance(columns, list | tuple | np.ndarray | pd.Index | pd.Series):
        example = repr(columns) if isinstance(columns, str) else "'a'"
        raise ValueError(
            f"{parameter}={columns!r} is not a list of names, of positions, or a mask. "
            f"Pass a list, such as [{example}]."
        )
    columns = list(columns)
    if columns and all(isinstance(column, bool | np.bool_) for column in columns):
        if len(columns) != n_columns:
            raise ValueError(
                f"{parameter} is a mask of {len(columns)} values, but X has {n_columns} "
                "columns. Pass one value for each column."
            )
        return [i for i, is_in in enumerate(columns) if is_in]
    return [_position(parameter, column, names, n_columns) for column in columns]


def _position(parameter, column, names, n_columns) -> int:
    if isinstance(column, int | np.integer) and not isinstance(column, bool):
        if -n_columns <= column < n_columns:
            return int(column) % n_columns
        raise ValueError(
            f"{parameter} has the position {column}, but X has {n_columns} columns, 0 to "
            f"{n_columns - 1}."
        )
    if names and column in names:
        return names.index(column)
    known = "X has no column names, so pass positions"
    if names:
        more = ", ..." if len(names) > N_NAMED else ""
        known = f"the columns are {', '.join(map(repr, names[:N_NAMED]))}{more}"
    raise ValueError(f"{parameter} has {column!r}, which is no column of X: {known}.")
