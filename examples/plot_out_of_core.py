"""
More rows than fit into memory
==============================

A Parquet file of any size, here a small one, is read in groups of rows, and each portion is
given to ``partial_fit``. What matters is the order: most files are sorted by something, and
a network that sees the rows of one class after those of the other forgets the first. So
every portion is made of row groups from all over the file, drawn by chance, and its rows
are mixed. That is no shuffle of all rows, but for training it is as good as one.

Only a portion is in memory. It should be of 50 row groups or more: of 10 groups of one
class each, some portions have nearly no rows of the other.
"""

# %%
# A file that is sorted by its label, the worst that can be.

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
    """Make rows whose label is a function of three features, and of chance."""
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
# The pattern: portions of row groups, and of their rows, in an order drawn by chance.


def portions(path, portion, rng):
    """Yield all rows of a Parquet file, in mixed portions of so many row groups."""
    with pq.ParquetFile(path) as file:
        groups = rng.permutation(file.num_row_groups)
        for start in range(0, len(groups), portion):
            rows = file.read_row_groups(groups[start : start + portion].tolist())
            yield rows.to_pandas().sample(frac=1.0, random_state=rng)


def train(portions_of_epoch):
    """Return the accuracy on other rows after each epoch."""
    model = FullyConnectedClassifier((64,), random_state=np.random.RandomState(0))
    accuracies = []
    for _ in range(EPOCHS):
        for rows in portions_of_epoch():
            X = scaler.transform(rows[FEATURES])
            model.partial_fit(X, rows["label"], classes=[0, 1])
        accuracies.append(model.score(scaler.transform(test[FEATURES]), test["label"]))
    return accuracies


# %%
# The scaler sees the rows once, in portions too. Then the same training three times.

scaler = StandardScaler()
for rows in portions(path, 50, rng):
    scaler.partial_fit(rows[FEATURES])


def in_order():
    """Yield the rows as they lie in the file."""
    with pq.ParquetFile(path) as file:
        for group in range(0, file.num_row_groups, 50):
            yield file.read_row_groups([*range(group, group + 50)]).to_pandas()


curves = {
    "all rows in memory, shuffled": train(lambda: [frame]),
    "mixed portions, 50 row groups of 500": train(lambda: portions(path, 50, rng)),
    "in the order of the file": train(in_order),
}
for name, accuracies in curves.items():
    print(f"{name:40} {accuracies[-1]:.4f}")

# %%
# The portions do as well as the shuffle of all rows. In the order of the file, the network
# ends with the class that it saw last.

fig, ax = plt.subplots(figsize=(5.4, 4), layout="constrained")
for name, accuracies in curves.items():
    ax.plot(range(1, EPOCHS + 1), accuracies, "o-", label=name)
ax.set(xlabel="epoch", ylabel="accuracy on other rows", xticks=range(1, EPOCHS + 1))
ax.legend(loc="center right")
plt.show()
folder.cleanup()
