"""
Early stopping with validation data
===================================

A network that is trained for too long overfits: it memorizes the training rows. Validation
rows show when overfitting begins: their loss stops decreasing or increases again, while the
training loss continues to decrease. The classifier restores the parameters of the best
epoch, ``best_epoch_``.
"""

# %%
# Handwritten digits, with only 300 for training and 300 for validation.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skfcnn import FullyConnectedClassifier

X, y = load_digits(return_X_y=True)
X_train, X_rest, y_train, y_rest = train_test_split(
    X / 16.0, y, train_size=300, stratify=y, random_state=0
)
X_val, X_test, y_val, y_test = train_test_split(
    X_rest, y_rest, train_size=300, stratify=y_rest, random_state=0
)

# %%
# Two networks, one of them with dropout. Both stop early by the validation loss.

networks = {}
for name, dropout in (("without dropout", 0.0), ("with dropout", 0.5)):
    networks[name] = FullyConnectedClassifier(
        hidden_layer_sizes=(200, 200),
        dropout=dropout,
        learning_rate_init=0.003,
        early_stopping=True,
        scoring="loss",
        n_iter_no_change=20,
        random_state=0,
    ).fit(X_train, y_train, X_val=X_val, y_val=y_val)

# %%
# Loss curves. The dashed line marks the epoch whose parameters were restored.

figure, axes = plt.subplots(
    2, figsize=(5.4, 5.6), sharex=True, sharey=True, layout="constrained"
)
for ax, (name, network) in zip(axes, networks.items(), strict=True):
    epochs = np.arange(1, network.n_iter_ + 1)
    ax.plot(epochs, network.loss_curve_, label="training", color="#0072b2")
    ax.plot(epochs, network.validation_loss_curve_, label="validation", color="#d55e00")
    ax.axvline(network.best_epoch_, color="#777777", linestyle="--", linewidth=1)
    is_late = network.n_iter_ > 60
    ax.annotate(
        f"restored: epoch {network.best_epoch_}",
        xy=(network.best_epoch_, 1.6),
        xytext=(-6 if is_late else 6, 0),
        ha="right" if is_late else "left",
        textcoords="offset points",
        color="#555555",
    )
    ax.set(title=name, ylabel="mean loss", yscale="log")
    ax.spines[["top", "right"]].set_visible(False)
axes[1].set_xlabel("epoch")
axes[0].legend(frameon=False, loc="upper right")
plt.show()

# %%
# Accuracy on the test set:

for name, network in networks.items():
    print(
        f"{name}: test accuracy {network.score(X_test, y_test):.3f}, "
        f"restored epoch {network.best_epoch_} of {network.n_iter_}"
    )
