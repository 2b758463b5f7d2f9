"""Train on a Parquet file that is larger than the memory one wants to use.

python benchmarks/out_of_core.py --rows 20000000

The file is sorted by its label. It is read in shuffled chunks, as in the example
plot_out_of_core.py. For comparison, all rows are trained on in memory.
"""

import argparse
import multiprocessing
import resource
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from skfcnn import FullyConnectedClassifier

N_FEATURES = 20
NAMES = [f"x{i}" for i in range(N_FEATURES)]


def make_rows(n_rows: int, rng) -> tuple[np.ndarray, np.ndarray]:
    """Return X in float32, and labels that three features and chance decide."""
    X = rng.standard_normal((n_rows, N_FEATURES), dtype="float32")
    signal = X[:, 0] * X[:, 1] + np.sin(2.0 * X[:, 2])
    return X, (signal + rng.normal(0.0, 0.3, n_rows) > 0.0).astype("int8")


def write_file(path: Path, n_rows: int, group: int) -> None:
    """Write a file of rows in groups, first all of label 0, then all of label 1."""
    schema = pa.schema([*((name, pa.float32()) for name in NAMES), ("label", pa.int8())])
    rng = np.random.default_rng(0)
    with pq.ParquetWriter(path, schema) as file:
        for label in (0, 1):
            for _ in range(n_rows // 2 // group):
                X, y = make_rows(int(2.3 * group), rng)
                X = X[y == label][:group]
                columns = [*X.T, np.full(group, label, "int8")]
                file.write_table(pa.table(columns, schema=schema), row_group_size=group)


def read(file, groups) -> tuple[np.ndarray, np.ndarray]:
    """Return X and y of some row groups."""
    table = file.read_row_groups(groups)
    X = np.empty((len(table), N_FEATURES), "float32")
    for i, name in enumerate(NAMES):
        X[:, i] = table[name]
    return X, table["label"].to_numpy()


def new_model() -> FullyConnectedClassifier:
    """Return what is trained."""
    rng = np.random.RandomState(0)
    return FullyConnectedClassifier((64,), batch_size=1024, random_state=rng)


def in_chunks(path: Path, n_groups: int, epochs: int) -> dict:
    """Train on chunks of random row groups."""
    began, rng, model = time.perf_counter(), np.random.default_rng(1), new_model()
    with pq.ParquetFile(path) as file:
        for _ in range(epochs):
            groups = rng.permutation(file.num_row_groups)
            for start in range(0, len(groups), n_groups):
                X, y = read(file, groups[start : start + n_groups].tolist())
                model.partial_fit(X, y, classes=[0, 1])
    return report(model, began)


def in_memory(path: Path, epochs: int) -> dict:
    """Train on all rows at once."""
    with pq.ParquetFile(path) as file:
        X, y = read(file, [*range(file.num_row_groups)])
    began, model = time.perf_counter(), new_model()
    for _ in range(epochs):
        model.partial_fit(X, y, classes=[0, 1])
    return report(model, began)


def report(model, began: float) -> dict:
    """Return the accuracy on other rows, the seconds, and the most memory in GB."""
    X, y = make_rows(200_000, np.random.default_rng(2))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    seconds = time.perf_counter() - began
    return {"accuracy": model.score(X, y), "seconds": seconds, "peak GB": peak}


def main() -> None:
    """Write the file, train in a process each, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--group", type=int, default=20_000, help="rows of a row group")
    parser.add_argument("--chunk", type=int, default=50, help="row groups of a chunk")
    parser.add_argument("--epochs", type=int, default=2)
    given = parser.parse_args()
    spawn = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        write_file(path, given.rows, given.group)
        print(f"{given.rows:,} rows, {path.stat().st_size / 2**30:.2f} GB on disk")
        for name, run, more in (
            ("in chunks", in_chunks, (given.chunk,)),
            ("in memory", in_memory, ()),
        ):
            with ProcessPoolExecutor(1, mp_context=spawn) as process:
                found = process.submit(run, path, *more, given.epochs).result()
            words = ", ".join(f"{what} {value:.4g}" for what, value in found.items())
            print(f"{name:12} {words}", flush=True)


if __name__ == "__main__":
    main()
