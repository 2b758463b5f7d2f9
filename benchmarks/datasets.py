"""Public data sets for accuracy, built by anyone from packages of public registries.

    python benchmarks/datasets.py --out DIR
    python benchmarks/datasets.py --out DIR --development
    python benchmarks/datasets.py --out DIR --regression [--development]
    python benchmarks/datasets.py --out DIR iris adult --compare OTHER_DIR

A categorical variable becomes one column per category, in alphabetical order, or one
column if there are two. A missing value becomes the median of its column, or its most
frequent category. In a regression set, where more than 5 % of a variable is missing, a
column NAME_na marks the missing numbers, and missing categories become "missing".
Constant columns are dropped, and classes of fewer than 10 rows. All this is done with
whole data sets, before they are split: it is the same for all models.
"""

import argparse
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from development_recipes import DEVELOPMENT
from packages import Archives
from recipes import BENCHMARK
from regression_development import REGRESSION_DEVELOPMENT
from regression_recipes import REGRESSION
from sklearn.model_selection import train_test_split

NAMES = tuple(BENCHMARK)
DEVELOPMENT_NAMES = tuple(DEVELOPMENT)
REGRESSION_NAMES = tuple(REGRESSION)
REGRESSION_DEVELOPMENT_NAMES = tuple(REGRESSION_DEVELOPMENT)
REGRESSIONS = REGRESSION | REGRESSION_DEVELOPMENT
RECIPES = BENCHMARK | DEVELOPMENT | REGRESSIONS

MIN_CLASS_ROWS = 10
OFTEN_MISSING = 0.05
MAX_ROWS = 20_000
TEST_SIZE = 0.2


class Dataset(NamedTuple):
    """An encoded data set for classification."""

    X: np.ndarray  # (n, d), float32
    y: np.ndarray  # (n,), int16: positions in classes
    classes: np.ndarray  # (k,)
    feature_names: np.ndarray  # (d,)
    cat_group: np.ndarray  # (d,): the number of the categorical variable, or -1


class RegressionDataset(NamedTuple):
    """An encoded data set for regression."""

    X: np.ndarray  # (n, d), float32
    y: np.ndarray  # (n,), float64
    feature_names: np.ndarray  # (d,)
    cat_group: np.ndarray  # (d,): as in Dataset


def encode_numbers(name, values):
    """Return one column, where the median fills what is missing."""
    column = values.fillna(values.median())
    return [name], column.to_numpy(np.float32)[:, None]


def encode_categories(name, values):
    """Return a column of zeros and ones for every category, or for the second of two."""
    filled = values.where(values.notna(), values.mode()[0])
    values = filled.astype(str).str.strip().to_numpy(str)
    categories = np.unique(values)
    if len(categories) == 2:
        categories = categories[1:]
    names = [f"{name}={category}" for category in categories]
    return names, (values[:, None] == categories).astype(np.float32)


def encode_columns(table):
    """Return the columns, their names and the numbers of their categorical variables."""
    names, columns, groups = [], [], []
    n_groups = 0
    for name, values in table.columns.items():
        numbers = pd.to_numeric(values, errors="coerce")
        all_numbers = numbers.notna().equals(values.notna())
        if all_numbers and name not in table.categorical:
            new_names, new_columns = encode_numbers(name, numbers)
            group = -1
        else:
            new_names, new_columns = encode_categories(name, values)
            group = n_groups
            n_groups += 1
        names += new_names
        columns.append(new_columns)
        groups += [group] * len(new_names)
    return np.hstack(columns), np.array(names, dtype=str), np.array(groups, np.int16)


def without_constants(X, names, groups):
    """Return the columns that vary, with their names and groups."""
    varying = X.min(axis=0) < X.max(axis=0)
    return X[:, varying], names[varying], groups[varying]


def encode_classes(table):
    """Return the data set of a table whose target is a class."""
    target = table.target.astype(str).to_numpy(str)
    classes, y, counts = np.unique(target, return_inverse=True, return_counts=True)
    rows = counts[y] >= MIN_CLASS_ROWS
    classes, y = np.unique(target[rows], return_inverse=True)
    X, names, groups = encode_columns(table)
    X, names, groups = without_constants(X[rows], names, groups)
    return Dataset(X, y.astype(np.int16), classes, names, groups)


def mark_missing(columns):
    """Return the columns; those with more than 5 % missing also say where."""
    marked = {}
    for name, values in columns.items():
        missing = values.isna()
        marked[name] = values
        if missing.mean() > OFTEN_MISSING:
            if pd.api.types.is_numeric_dtype(values):
                marked[f"{name}_na"] = missing.astype(int)
            else:
                marked[name] = values.fillna("missing")
    return pd.DataFrame(marked)


def encode_regression(table):
    """Return the data set of a table whose target is a number."""
    table = table._replace(columns=mark_missing(table.columns))
    X, names, groups = without_constants(*encode_columns(table))
    return RegressionDataset(X, table.target.to_numpy(float), names, groups)


def encoded(name, table):
    """Return the table of a data set as the data set."""
    return (encode_regression if name in REGRESSIONS else encode_classes)(table)


def mixed(table):
    """Return a table as one frame with its missing values, the target last."""
    kinds = dict.fromkeys(table.categorical, "category")
    return table.columns.astype(kinds).assign(target=table.target)


def load(name, folder):
    """Return the data set of this name from the folder that it was built into."""
    path = Path(folder) / f"{name}.npz"
    if not path.exists():
        raise FileNotFoundError(
            f"{path} is not there. Run: python benchmarks/datasets.py --out {folder} {name}"
        )
    kind = RegressionDataset if name in REGRESSIONS else Dataset
    with np.load(path) as arrays:
        return kind(*(arrays[field] for field in kind._fields))


def sample(y, seed):
    """Return the rows that are used: all of them, or about 20,000, of every class.

    A class of n_c rows out of n gives 20,000 n_c / n of them, and at least 10.
    """
    n = len(y)
    if n <= MAX_ROWS:
        return np.arange(n)
    rng = np.random.default_rng(seed)
    chosen = []
    for label in np.unique(y):
        rows = np.flatnonzero(y == label)
        wanted = round(MAX_ROWS * len(rows) / n)
        size = max(min(MIN_CLASS_ROWS, len(rows)), wanted)
        chosen.append(rng.choice(rows, size, replace=False))
    return np.sort(np.concatenate(chosen))


def split(y, seed):
    """Return the rows for training, validation included, and those for the test."""
    rows = sample(y, seed)
    rest, test = train_test_split(
        np.arange(len(rows)), test_size=TEST_SIZE, stratify=y[rows], random_state=seed
    )
    return rows[rest], rows[test]


def split_regression(y, seed):
    """Return the rows for training and for the test, of 20,000 random rows at most."""
    rows = np.arange(len(y))
    if len(y) > MAX_ROWS:
        rng = np.random.default_rng(seed)
        rows = np.sort(rng.choice(len(y), MAX_ROWS, replace=False))
    return train_test_split(rows, test_size=TEST_SIZE, random_state=seed)


def differences(one, other):
    """Return what differs between two data sets, in words; "" if nothing does."""
    found = []
    for field, a, b in zip(one._fields, one, other, strict=True):
        if a.shape != b.shape:
            found.append(f"{field}: shape {a.shape}, not {b.shape}")
        elif (unequal := np.count_nonzero(a != b)) > 0:
            found.append(f"{field}: {unequal} of {a.size} values")
    return "; ".join(found)


def describe(name, dataset, ready_folder):
    """Return a data set as a line of the table, and what differs from a ready one."""
    n, d = dataset.X.shape
    n_categorical = dataset.cat_group.max() + 1
    cells = [name, n, d, len(np.unique(dataset.y)), n_categorical]
    if ready_folder:
        cells.append(differences(dataset, load(name, ready_folder)) or "nothing")
    return f"| {' | '.join(map(str, cells))} |"


def parse_options():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("names", nargs="*", metavar="NAME", help="which; all thirty if none is named")
    add("--out", type=Path, required=True, help="folder for the data sets")
    add("--development", action="store_true", help="those to make choices on, instead")
    add("--regression", action="store_true", help="the regression sets, instead")
    add("--packages", type=Path, help="folder for the packages; DIR/packages if not given")
    add("--raw", type=Path, help="folder for the raw tables, as Parquet")
    add("--compare", type=Path, help="folder of ready data sets, to say what differs")
    options = parser.parse_args()
    if unknown := sorted(set(options.names) - set(RECIPES)):
        parser.error(f"no data set {', '.join(unknown)}. There are: {', '.join(RECIPES)}")
    return options


def group(regression, development):
    """Return the names of the data sets of a task that are reported, or that are not."""
    if regression:
        return REGRESSION_DEVELOPMENT_NAMES if development else REGRESSION_NAMES
    return DEVELOPMENT_NAMES if development else NAMES


def main():
    options = parse_options()
    archives = Archives(options.packages or options.out / "packages")
    for folder in filter(None, [options.out, options.raw]):
        folder.mkdir(parents=True, exist_ok=True)
    header = "| name | n | d | values of y | categorical |"
    print(header + " differs |" * bool(options.compare))
    print("|---|---:|---:|---:|---:|" + "---|" * bool(options.compare))
    left_out = []
    for name in options.names or group(options.regression, options.development):
        try:
            table = RECIPES[name](archives)
        except (ImportError, OSError, RuntimeError) as error:  # what a package needs
            left_out.append(f"{name} is left out: {error}")
            continue
        dataset = encoded(name, table)
        if options.raw:
            mixed(table).to_parquet(options.raw / f"{name}.parquet")
        np.savez_compressed(options.out / f"{name}.npz", **dataset._asdict())
        print(describe(name, dataset, options.compare), flush=True)
    if left_out:
        sys.exit("\n".join(left_out))


if __name__ == "__main__":
    main()
