"""
Quantile regression: prediction intervals and their coverage
============================================================

A predicted mean does not show the spread of the target. Here one network predicts three
quantiles: the median, and the limits of an interval that should contain 90 % of new rows.
"""

# %%
# Generated data with one feature. The noise increases with the feature: an interval of
# constant width that fits on the left is too narrow on the right.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from skfcnn import FullyConnectedRegressor

rng = np.random.default_rng(0)


def draw(n_rows):
    x = rng.uniform(0, 10, n_rows)
    noise = rng.normal(scale=0.1 + 0.1 * x)
    return x[:, None], np.sin(x) + x / 3 + noise


X_train, y_train = draw(1000)
X_test, y_test = draw(10_000)

# %%
# `quantile` has three levels, so the network has three outputs, and `predict` returns three
# columns. The feature is scaled manually here; y needs no scaling.

levels = [0.05, 0.5, 0.95]
network = FullyConnectedRegressor(
    loss="quantile",
    quantile=levels,
    hidden_layer_sizes=(50, 50),
    schedule="cosine",
    learning_rate_init=0.005,
    max_iter=400,
    random_state=0,
)


def scale(x):
    return (x - 5) / 3


network.fit(scale(X_train), y_train)
predicted = network.predict(scale(X_test))

# %%
# Coverage is the fraction of new rows in the interval; here it should be 0.90. Each curve
# is checked in the same way: below the curve of level 0.05 there should be 0.05 of the
# rows.

is_below = y_test[:, None] <= predicted
is_inside = ~is_below[:, 0] & is_below[:, 2]
for level, share in zip(levels, is_below.mean(axis=0), strict=True):
    print(f"level {level:.2f}: {share:.3f} of the test rows are below the curve")
print(f"interval: {is_inside.mean():.3f} of the test rows are inside")

# %%
# Coverage is a mean over all rows. It can be correct although the interval is too wide for
# some rows and too narrow for others, like an interval of constant width in this example.
# So check it in each part of the data, too. The coverage of a part has a larger random
# error than that of all rows, both from the test rows and from the training rows.

parts = pd.cut(X_test[:, 0], [0, 2, 4, 6, 8, 10])
width = predicted[:, 2] - predicted[:, 0]
# For comparison, an interval of constant width: the middle 90 % of the median's residuals.
low, high = np.quantile(y_train - network.predict(scale(X_train))[:, 1], [0.05, 0.95])
residual = y_test - predicted[:, 1]
table = pd.DataFrame(
    {
        "mean width": width,
        "coverage": is_inside,
        "coverage of one width": (low < residual) & (residual <= high),
    }
)
table = table.groupby(parts, observed=True).mean()
print(table.round(2).rename_axis("x").reset_index().to_string(index=False))

# %%
# The training rows, and the three curves.

x = np.linspace(0, 10, 400)
curves = network.predict(scale(x[:, None]))
figure, ax = plt.subplots(figsize=(5.4, 4.2), layout="constrained")
ax.plot(X_train[:, 0], y_train, ".", color="#777777", markersize=4, alpha=0.5)
ax.fill_between(x, curves[:, 0], curves[:, 2], color="#0072b2", alpha=0.15, linewidth=0)
for level, curve, style in zip(levels, curves.T, ["--", "-", "--"], strict=True):
    ax.plot(x, curve, style, color="#0072b2")
    ax.annotate(
        f"{level:.2f}",
        xy=(x[-1], curve[-1]),
        xytext=(4, 0),
        textcoords="offset points",
        va="center",
        color="#0072b2",
    )
ax.set(xlabel="x", ylabel="y", title="Quantiles of y, by level", xlim=(0, 10))
ax.spines[["top", "right"]].set_visible(False)
plt.show()
