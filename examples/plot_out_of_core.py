"""
Out-of-core training with partial_fit
=====================================

This example reads a Parquet file in chunks, and passes each chunk to ``partial_fit``. The
file may be larger than memory; here it is small. The order of the rows is important: most
files are sorted in some way, and a network that is trained on one class after the other
forgets the first one. So every chunk consists of random row groups from the whole file, and
its rows are shuffled. The result is as accurate as with a shuffle of all rows.

Only one chunk is in memory. It should have 50 row groups or more: with 10 row groups of one
class each, some chunks have nearly no rows of the other class.
"""

# %%
# A file that is sorted by label, which is the worst case.

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from matplotlib import pyplot as plt
from sklearn.preprocessing import StandardScaler

from skfcnn import FullyConnectedClassifier

FEATURES = [f"x{i}" for i in range(10)]
EPOCHS = 5


def make_rows(n_rows, rng):
    """Return rows whose label depends on three features and noise."""
    X = rng.normal(size=(n_rows, len(FEATURES))).astype("float32")
    signal = X[:, 0] * X[:, 1] + np.sin(2.0 * X[:, 2])
    label = (signal + rng.normal(0.0, 0.3, n_rows) > 0.0).astype("int8")
    return pd.DataFrame(X, columns=FEATURES).assign(label=label)


folder = tempfile.TemporaryDirectory()
path = Path(folder.name) / "rows.parquet"
rng = np.random.default_rng(0)
frame, test = make_rows(100_000, rng), make_rows(20_000, rng)
frame.sort_values("label").to_parquet(path, row_group_size=200)

# %%
# Read random row groups, and shuffle their rows.


def chunks(path, n_groups, rng):
    """Yield all rows of a Parquet file in shuffled chunks of n_groups row groups."""
    with pq.ParquetFile(path) as file:
        groups = rng.permutation(file.num_row_groups)
        for start in range(0, len(groups), n_groups):
            rows = file.read_row_groups(groups[start : start + n_groups].tolist())
            yield rows.to_pandas().sample(frac=1.0, random_state=rng)


def train(chunks_of_epoch):
    """Return the accuracy on the test rows after each epoch."""
    model = FullyConnectedClassifier((64,), random_state=np.random.RandomState(0))
    accuracies = []
    for _ in range(EPOCHS):
        for rows in chunks_of_epoch():
            X = scaler.transform(rows[FEATURES])
            model.partial_fit(X, rows["label"], classes=[0, 1])
        accuracies.append(model.score(scaler.transform(test[FEATURES]), test["label"]))
    return accuracies


# %%
# The scaler is fitted once, in chunks, too. Then the same network is trained three times.

scaler = StandardScaler()
for rows in chunks(path, 50, rng):
    scaler.partial_fit(rows[FEATURES])


def in_order():
    """Yield the rows in the order of the file."""
    with pq.ParquetFile(path) as file:
        for group in range(0, file.num_row_groups, 50):
            yield file.read_row_groups([*range(group, group + 50)]).to_pandas()


curves = {
    "all rows in memory, shuffled": train(lambda: [frame]),
    "shuffled chunks, 50 of 500 row groups": train(lambda: chunks(path, 50, rng)),
    "in the order of the file": train(in_order),
}
for name, accuracies in curves.items():
    print(f"{name:40} {accuracies[-1]:.4f}")

# %%
# With shuffled chunks, the accuracy is the same as with a shuffle of all rows. In the order
# of the file, the network predicts the last class that it was trained on.

fig, ax = plt.subplots(figsize=(5.4, 4), layout="constrained")
for name, accuracies in curves.items():
    ax.plot(range(1, EPOCHS + 1), accuracies, "o-", label=name)
ax.set(xlabel="epoch", ylabel="accuracy on test rows", xticks=range(1, EPOCHS + 1))
ax.legend(loc="center right")
plt.show()
folder.cleanup()
