"""Reading the columns of a table: in training, where kinds are decided, and later."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import InvalidOperation
from functools import partial
from itertools import compress

import numpy as np
import pandas as pd

from skfcnn.tabular.cells import Column
from skfcnn.tabular.column_kinds import EMPTY, N_ROWS, Decision, decide
from skfcnn.tabular.column_types import Categories, LeftOut, Numbers, finite
from skfcnn.tabular.dataframes import Table
from skfcnn.tabular.text_types import for_text, read_text

# Rows in which distinct numbers are counted.
N_COUNTED = 10_000


@dataclass
class Fitted:
    """A column of the training data: its kind, and its arrays if it is read on its own."""

    decision: Decision
    missing: float
    distinct: int
    arrays: list | None = None


def fit_columns(table: Table, roles: dict[int, str], drops: bool) -> list[Fitted]:
    """Return all columns of a table; those of plain numbers without their arrays."""
    plain = _fit_plain(table, [i for i in table.numeric if i not in roles])
    return [
        plain.get(i) or _apply_to_column(_fitting(table, i, roles.get(i), drops), table, i)
        for i in range(table.shape[1])
    ]


def _fit_plain(table, positions) -> dict[int, Fitted]:
    """Return the columns that hold only numbers, inspected together."""
    if not positions:
        return {}
    columns = np.ascontiguousarray(table.numbers(positions).T)
    missing = np.isnan(columns).mean(axis=1)
    increases = _increase(columns)
    ordered = np.sort(columns)
    distinct = np.count_nonzero(ordered[:, 1:] > ordered[:, :-1], axis=1) + (missing < 1)
    are_truths = (np.isnan(columns) | (columns == 0) | (columns == 1)).all(axis=1)
    fitted = {}
    for j, i in enumerate(positions):
        decision = Decision(Numbers()) if missing[j] < 1 else EMPTY
        if missing[j] < 1 and increases[j]:
            decision = decide(Column(table.column(i)), None, None)
        elif missing[j] < 1 and are_truths[j] and table.column(i).dtype.kind == "b":
            decision = Decision(Numbers("yes/no"))
        fitted[i] = Fitted(decision, float(missing[j]), int(distinct[j]))
    return fitted


def _increase(columns) -> np.ndarray:
    """Return whether each row of an array of N_ROWS columns or more increases."""
    if columns.shape[1] < N_ROWS:
        return np.zeros(len(columns), bool)
    start = columns[:, :N_ROWS]  # nearly always enough
    increases = (start[:, 1:] > start[:, :-1]).all(axis=1)
    increases[increases] = (columns[increases, 1:] > columns[increases, :-1]).all(axis=1)
    return increases


def _fitting(table, i, role, drops):
    name = table.names[i] if table.names else None
    return partial(_fit_column, name=name, role=role, drops=drops)


def _fit_column(values, name, role, drops) -> Fitted:
    if role == "left out":  # it may hold anything
        decision = Decision(LeftOut(role), "in drop_features")
        return Fitted(decision, float(values.isna().mean()), _n_texts(values))
    column = Column(values)
    decision = decide(column, name, role, drops=drops)
    kind = decision.kind
    if not kind.names(""):
        return Fitted(decision, float(values.isna().mean()), _n_texts(values))
    arrays = kind.read(column, Counter())
    words = arrays[len(arrays) - len(getattr(kind, "words", ())) :]
    missing = pd.isna(arrays[0]).sum() - sum(word.sum() for word in words)
    distinct = _n_distinct(column, kind, arrays[0]) + len(words)
    return Fitted(decision, float(missing / len(values)), distinct, arrays)


def _n_distinct(column, kind, read) -> int:
    """Return the number of different values that are read, without other words."""
    if kind.dtype == np.float64:
        return pd.Series(read[:N_COUNTED]).nunique()
    texts = list(compress(column.texts()[1], column.counts()))
    return len({*kind.spelled(texts)} if isinstance(kind, Categories) else texts)


def _n_texts(values):
    """Return the number of different texts of the first rows."""
    return len(set(map(str, values.iloc[:N_COUNTED].dropna())))


def read_columns(
    table: Table, positions, kinds, unread: dict, parsed: dict
) -> list[list | None]:
    """Return the arrays of each column; those of plain numbers are None.

    By the label of the column, the values that do not parse are counted in `unread`, and
    cells of text in a column that had numbers or dates by type in `parsed`.
    """
    columns: list[list | None] = []
    for i, kind in zip(positions, kinds, strict=True):
        if not kind.names("") or is_plain(table, i, kind):
            columns.append(None)
        else:
            label = table.label(i)
            counts = unread.setdefault(label, Counter())
            read = partial(_read_column, kind, unread=counts, parsed=parsed, label=label)
            columns.append(_apply_to_column(read, table, i))
    return columns


def is_plain(table: Table, i: int, kind) -> bool:
    """Return whether a column is read together with others of numbers."""
    is_number = isinstance(kind, Numbers) and kind.label != "duration"
    return is_number and i in table.numeric


def _read_column(kind, values, unread, parsed, label):
    """Return the arrays of a column; all NaN if all its values are missing."""
    if values.isna().all():
        return [_all_missing(len(values), kind.dtype) for _ in kind.names("")]
    column = Column(values)
    texts = column.without_categories()
    if for_text(kind) is None or not texts.holds_strings:
        return kind.read(column, unread)
    arrays = read_text(kind, texts, unread)
    parsed[label] = sum(isinstance(value, str) for value in values)
    return arrays


def _all_missing(n_rows, dtype):
    if isinstance(dtype, pd.StringDtype):
        return pd.array([None] * n_rows, dtype=dtype)
    return np.full(n_rows, np.nan, dtype)


def frame_of(table: Table, positions, kinds, names_out, arrays: Sequence) -> pd.DataFrame:
    """Return the DataFrame of the arrays and of the plain numbers of a table."""
    plain: dict[str, int] = {}
    columns: dict[str, pd.Series | np.ndarray] = {}
    for i, kind, names, read in zip(positions, kinds, names_out, arrays, strict=True):
        if read is not None:
            if kind.dtype is object:  # otherwise pandas would use its string dtype
                read = [pd.Series(array, dtype=object) for array in read]
            columns.update(zip(names, read, strict=True))
        elif names:
            plain[names[0]] = i
    if plain:
        values = _plain_numbers(table, [*plain.values()])
        if not columns:
            return pd.DataFrame(values, columns=[*plain], copy=False)
        columns.update(zip(plain, values.T, strict=True))
    return pd.DataFrame(
        {name: columns[name] for names in names_out for name in names}, copy=False
    )


def _plain_numbers(table, positions) -> np.ndarray:
    """Return numeric columns, (n_rows, n_columns), given by their positions."""
    values = table.numbers(positions)
    is_infinite = np.isinf(values).any(axis=0)
    if is_infinite.any():  # raises an error that names the cell
        number = positions[is_infinite.argmax()]
        _apply_to_column(
            lambda column: finite(column.to_numpy(np.float64, na_value=np.nan)),
            table,
            number,
        )
    return values


def _apply_to_column(function, table, number):
    """Return function(column); errors of any library get the name of the column."""
    try:
        return function(table.column(number))
    except MemoryError:
        raise
    except (ValueError, OverflowError) as error:
        raise ValueError(f"Column {table.label(number)}: {error}") from error
    except InvalidOperation as error:
        raise ValueError(
            f"Column {table.label(number)} has a Decimal that cannot be compared, such as "
            "Decimal('sNaN'). Use None for missing values."
        ) from error
    except Exception as error:
        raise ValueError(
            f"Column {table.label(number)} cannot be read: {type(error).__name__}: "
            f"{error}. Convert it to numbers, dates or text, or drop it."
        ) from error
