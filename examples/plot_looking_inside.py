"""
Plotting loss curves, weights, gradients and the network
========================================================

Four displays show what a network has learned: training curves, the weights of a layer, the
gradient norms of every layer over the epochs, and a diagram of the network.
"""

# %%
# The data are handwritten digits of 8 x 8 pixels. The network has one hidden layer of 40
# units and a strong penalty on its weights. A tenth of the rows is held out for validation.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from skfcnn import FullyConnectedClassifier
from skfcnn.callbacks import GradientMonitor
from skfcnn.inspection import (
    GradientNormsDisplay,
    LossCurveDisplay,
    NetworkDisplay,
    WeightsDisplay,
)

X, y = load_digits(return_X_y=True)
X = X / 16.0
network = FullyConnectedClassifier(
    hidden_layer_sizes=(40,),
    alpha=2.0,
    early_stopping=True,
    learning_rate_init=0.005,
    random_state=0,
).fit(X, y)

# %%
# Training curves. The dashed line marks the epoch whose parameters were restored: after it,
# the accuracy on the validation rows did not improve. The training loss is above the
# validation loss because it includes the penalty.

LossCurveDisplay.from_estimator(network, yscale="log")
plt.show()

# %%
# Weights of the hidden units. Each small image is a unit, and each of its pixels is the
# weight of that pixel of the digit: blue weights are positive, red weights are negative.
# The units with the largest weights are first.

WeightsDisplay.from_estimator(network, image_shape=(8, 8), n_units=20)
plt.show()

# %%
# Weights of the output layer: the contribution of each hidden unit to each digit.

WeightsDisplay.from_estimator(network, layer=-1)
plt.show()

# %%
# Diagram of the network, with the ten units with the largest weights in each layer. The
# inputs are named after the row and column of their pixels.

pixels = [f"({row}, {column})" for row, column in np.ndindex(8, 8)]
_, ax = plt.subplots(figsize=(5.4, 6), layout="constrained")
NetworkDisplay.from_estimator(network, feature_names=pixels, ax=ax)
plt.show()

# %%
# Vanishing gradients. Two networks with six hidden layers differ only in their activation.
# A callback records the norm of the gradient of every layer after every epoch. The slope of
# the logistic function is at most 1/4, and backpropagation multiplies the gradient by it in
# every layer.

figure, axes = plt.subplots(2, figsize=(5.4, 7), sharex=True, layout="constrained")
for ax, activation in zip(axes, ["relu", "logistic"], strict=True):
    monitor = GradientMonitor()
    deep = FullyConnectedClassifier(
        (30,) * 6, activation, max_iter=30, schedule="cosine", random_state=0
    )
    deep.set_callbacks(monitor).fit(X, y)
    GradientNormsDisplay.from_monitor(monitor, ax=ax)
    ax.set_title(f"{activation}: accuracy {deep.score(X, y):.2f}")
axes[0].get_legend().remove()
plt.show()

# %%
# XOR, the smallest problem that needs a hidden layer: two inputs, two hidden units, and one
# output, the probability that the inputs differ. No straight line separates the two
# classes; each hidden unit represents one line.

corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
labels = ["equal", "unequal", "unequal", "equal"]
xor = FullyConnectedClassifier((2,), activation="tanh", solver="lbfgs", random_state=1)
xor.fit(corners, labels)
print(f"accuracy on the corners: {xor.score(corners, labels):.0%}")
_, ax = plt.subplots(figsize=(5.4, 4), layout="constrained")
NetworkDisplay.from_estimator(xor, feature_names=["x1", "x2"], ax=ax)
plt.show()
