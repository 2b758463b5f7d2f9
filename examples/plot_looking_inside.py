"""
Looking inside: curves, weights, gradients, and the network itself
==================================================================

What a network has learned, and how it came there, in four kinds of pictures: the curves of
training, the weights of a layer, the gradients of every layer over time, and the diagram of
the whole network.
"""

# %%
# Handwritten digits: 8 x 8 pixels each. One hidden layer of 40 units learns them, with a
# strong penalty on its weights. A tenth of the rows is kept for validation.

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
# How training went. The dashed line marks the epoch whose parameters the network has now:
# after it, the accuracy on the validation rows has not improved. The training loss is above
# the other as it has the penalty in it.

LossCurveDisplay.from_estimator(network, yscale="log")
plt.show()

# %%
# What the hidden units look for. Each of the little images is a unit, and each of its
# pixels the weight of that pixel of the digit: ink on blue excites the unit, ink on red
# inhibits it. The units with the largest weights come first.

WeightsDisplay.from_estimator(network, image_shape=(8, 8), n_units=20)
plt.show()

# %%
# Which units speak for which digit: the weights of the outputs.

WeightsDisplay.from_estimator(network, layer=-1)
plt.show()

# %%
# The whole network, or what is left of it on paper: of each layer the ten units with the
# largest weights. Inputs have the names of the pixels, by row and column.

pixels = [f"({row}, {column})" for row, column in np.ndindex(8, 8)]
NetworkDisplay.from_estimator(network, feature_names=pixels)
plt.show()

# %%
# Gradients that vanish. Two networks of six hidden layers, which differ in their activation
# only, and a callback that takes the norm of the gradient of every layer after every epoch.
# The slope of the logistic function is never above 1/4, and on the way down the gradient is
# multiplied by it in every layer.

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
# The smallest network that needs its hidden layer: two inputs, two hidden units, and an
# output, the probability that the inputs are unequal. No straight line separates the two
# classes; the hidden units draw one each.

corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
labels = ["equal", "unequal", "unequal", "equal"]
xor = FullyConnectedClassifier((2,), activation="tanh", solver="lbfgs", random_state=1)
xor.fit(corners, labels)
print(f"right on the corners: {xor.score(corners, labels):.0%}")
NetworkDisplay.from_estimator(xor, feature_names=["x1", "x2"])
plt.show()
