"""
TabularClassifier against boosted trees and other models
========================================================

Handwritten digits as a table: 1,797 rows, 64 columns of pixel intensities, ten classes.
Every model has its default parameters. `TabularClassifier` has the lowest log loss here.
"""

# %%
# A quarter of the rows is the test set.

import time

import matplotlib.pyplot as plt
import pandas as pd
from sklearn.datasets import load_digits
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skfcnn import TabularClassifier

X, y = load_digits(return_X_y=True, as_frame=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

# %%
# The models. Linear models and networks need scaled columns; `TabularClassifier` scales
# them in `fit`.

models = {
    "LogisticRegression": make_pipeline(
        StandardScaler(), LogisticRegression(max_iter=1000)
    ),
    "MLPClassifier": make_pipeline(StandardScaler(), MLPClassifier(random_state=0)),
    "RandomForest": RandomForestClassifier(random_state=0),
    "HistGradientBoosting": HistGradientBoostingClassifier(random_state=0),
    "TabularClassifier, fast": TabularClassifier("fast", random_state=0),
    "TabularClassifier": TabularClassifier(random_state=0),
}
rows = []
for name, model in models.items():
    start = time.perf_counter()
    model.fit(X_train, y_train)
    seconds = time.perf_counter() - start
    loss = log_loss(y_test, model.predict_proba(X_test))
    rows.append((name, model.score(X_test, y_test), loss, seconds))
results = pd.DataFrame(rows, columns=["model", "accuracy", "log loss", "seconds"])
print(results.round(3).to_string(index=False))

# %%
# Log loss against training time. Lower is better, and further left is faster.

figure, ax = plt.subplots(figsize=(5.4, 4.2), layout="constrained")
for name, _, loss, seconds in rows:
    color = "#0072b2" if name.startswith("Tabular") else "#777777"
    ax.plot(seconds, loss, "o", color=color)
    ax.annotate(
        name, (seconds, loss), (0, 6), textcoords="offset points", ha="center", color=color
    )
ax.set(xscale="log", yscale="log", ylim=(0.025, 0.5))
ax.minorticks_off()
ax.set_yticks([0.03, 0.1, 0.3], labels=["0.03", "0.1", "0.3"])
ax.set_xticks([0.1, 1, 10], labels=["0.1", "1", "10"])
ax.set(xlabel="training time in seconds", ylabel="log loss on the test rows")
ax.set_title("Digits: log loss and training time", loc="left")
ax.margins(x=0.35)
plt.show()

# %%
# The weights in the ensemble show which models contribute: here mostly the networks, the
# boosted trees hardly.

board = model.leaderboard_.groupby("model")[["score", "weight"]]
print(board.agg({"score": "mean", "weight": "sum"}).round(3).to_string())

# %%
# The class depends smoothly on many pixels together. That suits networks. Boosted trees are
# better if y jumps at thresholds of a column, or if the values of a column are unrelated to
# each other: see :doc:`/boosted_trees`.
