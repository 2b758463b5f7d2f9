"""The supported forms of tables: DataFrames of any library, arrays, rows, records.

Columns are read one at a time, as pandas Series; numeric columns can also be read together.
Polars is recognized by its methods and never imported; other libraries are read through
narwhals, a dependency of scikit-learn 1.9.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy.sparse

from skfcnn.estimator.records import are_records, check_lengths, is_structured, lengths_of

# The kinds of numeric dtypes: of NumPy, and of pandas with missing values.
NUMERIC = "biuf"
# With more rows than this, columns are read one at a time: together they would need as much
# memory again, and the overhead per column is small compared to the time for its rows.
MANY_ROWS = 10_000


class Table(NamedTuple):
    """The common interface of all tables."""

    names: list | None  # None for an array
    shape: tuple
    column: Callable  # number -> pandas Series
    numeric: Sequence = ()  # positions of the columns that hold only numbers
    numbers: Callable | None = None  # positions of such columns -> float64 (n_rows, n)

    def label(self, number) -> str:
        """Return the name of a column in error messages."""
        return repr(self.names[number]) if self.names else str(number)


def open_table(X) -> Table:
    """Return X as a table; raise ValueError if it is not one."""
    table = _as_table(X)
    _check_shape(table.shape)
    for name, count in Counter(table.names or ()).items():
        if count > 1:
            raise ValueError(
                f"{count} columns have the name {name!r}. Rename or drop all but one."
            )
    return table if table.shape[0] <= MANY_ROWS else table._replace(numeric=())


def _as_table(X) -> Table:
    if isinstance(X, pd.DataFrame):
        return _of_pandas(X, X.columns)
    if hasattr(X, "iter_columns") and hasattr(X, "to_series"):
        return _of_polars(X)
    if hasattr(X, "to_native"):  # of narwhals
        return _as_table(X.to_native())
    _check_is_dense_table(X)
    if are_records(X):
        return _of_records(X)
    if isinstance(X, list):
        return _of_rows(X)
    has_columns = hasattr(X, "__dataframe__") or hasattr(X, "__arrow_c_stream__")
    if has_columns and len(getattr(X, "shape", (0, 0))) == 2:
        return _of_other_library(X)
    return _of_array(np.asanyarray(X))


def _check_is_dense_table(X):
    if scipy.sparse.issparse(X):
        raise ValueError(
            "X is a sparse matrix, but a dense table is required. Use X.toarray()."
        )
    check_in_memory(X)


def check_in_memory(X) -> None:
    """Raise ValueError for a Dask collection, a lazy frame or a data set of pyarrow."""
    is_frame = hasattr(X, "collect_schema") or hasattr(X, "columns")
    is_lazy = {
        "collect": is_frame,
        "compute": is_frame or hasattr(X, "__dask_graph__"),
        "to_table": hasattr(X, "scanner"),
    }
    for method, found in is_lazy.items():
        if found and hasattr(X, method):
            raise ValueError(_not_in_memory(X, f"X.{method}()"))


def _not_in_memory(X, way_out) -> str:
    name = f"{type(X).__module__.split('.')[0]} {type(X).__name__}"
    return (
        f"X is a query, not a table: a {name}, whose rows are not in memory. Use {way_out} "
        "if they fit. Otherwise fit on a sample of the rows, and predict in chunks; or "
        "fit on a sample, transform all chunks with the encoder_ of that model, and "
        "train skfcnn.dask.DaskFullyConnectedClassifier on the result."
    )


# ----- pandas


def _of_pandas(frame, names) -> Table:
    numeric = [i for i, dtype in enumerate(frame.dtypes) if _can_be_together(dtype)]
    return Table(
        None if names is None else [_name(name) for name in names],
        frame.shape,
        lambda i: _from_arrow(frame.iloc[:, i]),
        numeric,
        lambda numbers: _numbers_of(frame, numbers),
    )


def _can_be_together(dtype):
    # pandas 2 cannot select columns of an array with non-native byte order.
    return dtype.kind in NUMERIC and getattr(dtype, "isnative", True)


def _name(name):
    """Return the name of a column; a missing name becomes None, which equals itself."""
    if isinstance(name, tuple):
        return tuple(map(_name, name))
    return None if name is pd.NA or name != name else name


def _from_arrow(series):
    """Return a column; one of an Arrow dtype as converted by pyarrow."""
    if isinstance(series.dtype, pd.ArrowDtype):
        return _from_pyarrow(series.array.__arrow_array__())
    return series


def _from_pyarrow(values):
    """Convert a column of pyarrow to pandas, which allows no category to be null."""
    parts = [getattr(chunk, "dictionary", None) for chunk in getattr(values, "chunks", [])]
    if any(part is not None and part.null_count for part in parts):
        return values.cast(values.type.value_type).to_pandas().astype("category")
    return values.to_pandas()


def _numbers_of(frame, numbers):
    """Return columns of a frame in float64; without a copy if possible."""
    numbers = np.asarray(numbers)
    start, n = numbers[0], len(numbers)
    is_run = (numbers == np.arange(start, start + n)).all()
    part = frame.iloc[:, start : start + n] if is_run else frame.iloc[:, numbers]
    is_native = np.array([isinstance(dtype, np.dtype) for dtype in part.dtypes])
    if is_native.all():
        return part.to_numpy(np.float64)
    values = np.empty(part.shape, order="F")
    values[:, is_native] = part.loc[:, is_native].to_numpy(np.float64)
    for j in np.flatnonzero(~is_native):
        values[:, j] = part.iloc[:, j].to_numpy(np.float64, na_value=np.nan)
    return values


# ----- polars, and libraries that narwhals reads


def _of_polars(frame) -> Table:
    numeric = [i for i, dtype in enumerate(frame.dtypes) if _is_numeric(dtype)]

    def numbers(where):
        columns = [frame.to_series(i).to_numpy() for i in where]
        return np.column_stack([column.astype(np.float64) for column in columns])

    column = lambda i: _from_polars(frame.to_series(i))  # noqa: E731
    return Table(list(frame.columns), frame.shape, column, numeric, numbers)


def _is_numeric(dtype):
    has_128_bits = str(dtype).endswith("Int128")
    return (dtype.is_integer() or dtype.is_float()) and not has_128_bits


def _from_polars(series):
    """Convert a column of polars to pandas, without pyarrow."""
    if str(series.dtype).endswith("Int128"):  # NumPy has no such type
        return pd.Series(series.to_list(), dtype=object)
    if str(series.dtype).startswith(("Categorical", "Enum")):
        return pd.Series(series.to_numpy(), dtype="category")
    array = series.to_numpy()
    if array.ndim > 1:  # of a Struct or an Array
        return pd.Series(series.to_list(), dtype=object)
    zone = getattr(series.dtype, "time_zone", None)
    if zone is not None:
        return pd.Series(array).dt.tz_localize("UTC").dt.tz_convert(zone)
    return pd.Series(array, dtype=object if array.dtype == object else None, copy=False)


def _of_other_library(X) -> Table:
    """Return a table of a library that narwhals supports, or that exports Arrow streams."""
    way_out = "Pass it as a pandas DataFrame: X.to_pandas()."
    try:
        import narwhals

        frame = narwhals.from_native(X, pass_through=True)
        if not isinstance(frame, narwhals.DataFrame | narwhals.LazyFrame):
            frame = narwhals.from_arrow(X, backend="pyarrow")
    except ImportError as error:
        raise ValueError(
            f"X is a {type(X).__name__}. Reading it requires {error.name}, which is not "
            f"installed. {way_out}"
        ) from error
    except Exception as error:
        raise ValueError(
            f"X is a {type(X).__name__}, which cannot be read as a table: "
            f"{' '.join(str(error).split())}. {way_out}"
        ) from error
    if isinstance(frame, narwhals.LazyFrame):
        raise ValueError(_not_in_memory(X, "its method to collect"))
    numeric = [i for i, dtype in enumerate(frame.schema.dtypes()) if _is_numeric(dtype)]

    def column(i):
        series = frame.get_column(frame.columns[i])
        native = series.to_native()  # to_pandas of narwhals loses time zones of pyarrow
        return _from_pyarrow(native if hasattr(native, "to_pandas") else series)

    def numbers(where):
        columns = [column(i).to_numpy(np.float64, na_value=np.nan) for i in where]
        return np.column_stack(columns)

    return Table(list(frame.columns), frame.shape, column, numeric, numbers)


# ----- records, rows and arrays


def _of_records(X) -> Table:
    """Return a dict, a list of dicts or a structured array as a table with names."""
    if is_structured(X):
        X = np.atleast_1d(X)
        _check_dimensions(X, 1)
        X = {name: X[name] for name in X.dtype.names}
    if isinstance(X, Mapping):
        X = dict(X)
        if X and any(length is not None for length in lengths_of(X).values()):
            check_lengths(X)
            columns = [_series(name, values) for name, values in X.items()]
            return _of_pandas(pd.DataFrame(dict(enumerate(columns)), copy=False), [*X])
        X = [X]
    frame = pd.DataFrame([dict(row) for row in X])
    return _of_pandas(frame, frame.columns)


def _series(name, values):
    """Return the values of a dict under one name as a column of pandas."""
    if is_structured(values) or getattr(values, "ndim", 1) > 1:
        raise ValueError(
            f"Column {name!r}: its values have several parts. Pass the parts as columns."
        )
    if hasattr(values, "to_physical"):  # of polars
        return _from_polars(values)
    if hasattr(values, "to_pandas"):
        values = _from_pyarrow(values)
    return pd.Series(values).reset_index(drop=True)


def _of_rows(rows) -> Table:
    """Return a list of rows as a table; named tuples as records."""
    if not all(isinstance(row, list | tuple | np.ndarray) for row in rows) or not rows:
        return _of_array(np.asarray(rows, dtype=object))
    if all(hasattr(row, "_fields") for row in rows):
        return _of_records([row._asdict() for row in rows])
    lengths = sorted({len(row) for row in rows})
    if len(lengths) > 1:
        raise ValueError(
            f"The rows of X have different lengths, from {lengths[0]} to {lengths[-1]}. "
            "Give all rows the same number of cells, with None for missing values."
        )
    return _of_pandas(pd.DataFrame(rows), None)


def _of_array(X) -> Table:
    _check_dimensions(X, 2)
    return _of_pandas(pd.DataFrame(X, copy=False), None)


def _check_dimensions(X, wanted):
    if X.ndim == 0 and X.dtype.kind == "U":
        raise ValueError(
            f"X must be a table; got the text {str(X)!r}. Read a file first, for example "
            "with pandas.read_csv."
        )
    if X.ndim != wanted:
        raise ValueError(
            f"X must be a table, with rows and columns: a DataFrame or a 2-d array; got "
            f"{X.ndim} dimension(s). Reshape your data: for a single column, use "
            "X.to_frame() or X.reshape(-1, 1); for a single row, X.reshape(1, -1)."
        )


def _check_shape(shape):
    kinds = zip(shape, ("rows", "columns"), ("sample", "feature"), strict=True)
    for size, ours, scikit_learns in kinds:
        if size == 0:
            raise ValueError(
                f"X has no {ours}: 0 {scikit_learns}(s) (shape={shape}) while a minimum of "
                "1 is required."
            )
