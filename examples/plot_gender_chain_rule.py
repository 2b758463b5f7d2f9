"""
One formula per weight
======================

The chain rule gives one formula for each of the nine weights of a small network. This
program is a list of these formulas, without backpropagation. It learns to predict from
height and weight whether a person is female (1) or male (0).

The inputs are numbered 1 (height) and 2 (body weight), the hidden units 3 and 4, the output
unit 5. ``w31`` is the weight from input 1 to unit 3, and so on. ``w3b`` is the bias of unit
3: the weight of a constant 1. The net input of a unit is the sum of its weighted inputs,
and its output is the sigmoid of that::

    net3 = w31 x1 + w32 x2 + w3b        a3 = f(net3)
    net4 = w41 x1 + w42 x2 + w4b        a4 = f(net4)
    net5 = w53 a3 + w54 a4 + w5b         y = f(net5)

The loss is the mean squared error of n samples, E = 1/n sum (label - y)^2.
"""

import math

import matplotlib.pyplot as plt

# %%
# Four people: height in cm minus 164, body weight in kg minus 62, and the label. The means
# of the inputs are near zero, so that the sigmoids do not saturate. On raw inputs, such as
# 150 and 50, both hidden outputs are 1 for almost any weights, and the network cannot
# learn.

PEOPLE = [
    (-14, -12, 1),
    (-15, -11, 1),
    (8, -2, 0),
    (24, 28, 0),
]

# Initial weights: w31, w32, w3b, w41, w42, w4b, w53, w54, w5b.
FIRST_WEIGHTS = (0.1, -0.2, 0.3, -0.4, 0.5, -0.6, 0.7, -0.8, 0.9)


def f(net):
    """Return the sigmoid of a net input. Its slope is f (1 - f)."""
    return 1 / (1 + math.exp(-net))


def predict(x1, x2, weights):
    """Return a3, a4 and y for one person."""
    w31, w32, w3b, w41, w42, w4b, w53, w54, w5b = weights
    a3 = f(w31 * x1 + w32 * x2 + w3b)
    a4 = f(w41 * x1 + w42 * x2 + w4b)
    y = f(w53 * a3 + w54 * a4 + w5b)
    return a3, a4, y


# %%
# A weight of the output unit affects E through net5 and y::
#
#     dE/dw53 = dE/dy  dy/dnet5  dnet5/dw53
#
# with dE/dy = -2/n (label - y) for this person, dy/dnet5 = y (1 - y) and dnet5/dw53 = a3.
#
# A weight of hidden unit 3 also affects E through net3 and a3::
#
#     dE/dw31 = dE/dy  dy/dnet5  dnet5/da3  da3/dnet3  dnet3/dw31
#
# with dnet5/da3 = w53, da3/dnet3 = a3 (1 - a3) and dnet3/dw31 = x1. The formulas of the
# other weights of unit 3 differ in the last factor only, which is 1 for the bias.


def gradients(x1, x2, label, weights, n):
    """Return dE/dw of all nine weights, by one formula each, for one of n people."""
    a3, a4, y = predict(x1, x2, weights)
    _, _, _, _, _, _, w53, w54, _ = weights

    dE_dw53 = -2 / n * (label - y) * y * (1 - y) * a3
    dE_dw54 = -2 / n * (label - y) * y * (1 - y) * a4
    dE_dw5b = -2 / n * (label - y) * y * (1 - y) * 1

    dE_dw31 = -2 / n * (label - y) * y * (1 - y) * w53 * a3 * (1 - a3) * x1
    dE_dw32 = -2 / n * (label - y) * y * (1 - y) * w53 * a3 * (1 - a3) * x2
    dE_dw3b = -2 / n * (label - y) * y * (1 - y) * w53 * a3 * (1 - a3) * 1

    dE_dw41 = -2 / n * (label - y) * y * (1 - y) * w54 * a4 * (1 - a4) * x1
    dE_dw42 = -2 / n * (label - y) * y * (1 - y) * w54 * a4 * (1 - a4) * x2
    dE_dw4b = -2 / n * (label - y) * y * (1 - y) * w54 * a4 * (1 - a4) * 1

    unit3 = dE_dw31, dE_dw32, dE_dw3b
    unit4 = dE_dw41, dE_dw42, dE_dw4b
    unit5 = dE_dw53, dE_dw54, dE_dw5b
    return unit3 + unit4 + unit5


# %%
# There are nine formulas for three units, and they share most of their factors. The common
# factors are the *error term* of a unit. Backpropagation computes each error term once, and
# passes it back from layer to layer.
#
# The derivatives for all weights are computed before any weight is updated: together they
# are the gradient at one point.


def mean_squared_error(people, weights):
    """Return E over all people."""
    errors = [(label - predict(x1, x2, weights)[2]) ** 2 for x1, x2, label in people]
    return sum(errors) / len(people)


def train(weights, people=PEOPLE, n_epochs=1000, learning_rate=0.1):
    """Update the list of weights after each person, in order.

    Returns E over all people after each epoch.
    """
    losses = []
    for _ in range(n_epochs):
        for x1, x2, label in people:
            slopes = gradients(x1, x2, label, weights, n=len(people))
            for i, dE_dw in enumerate(slopes):
                weights[i] -= learning_rate * dE_dw
        losses.append(mean_squared_error(people, weights))
    return losses


# %%
# Training, and predictions for two new people.

if __name__ == "__main__":
    weights = list(FIRST_WEIGHTS)
    losses = train(weights)
    for epoch in range(0, len(losses), 10):
        print(f"epoch {epoch:3d}   E = {losses[epoch]:.6f}")

    for height, body_weight in [(190, 89), (155, 60)]:
        _, _, y = predict(height - 164, body_weight - 62, weights)
        verdict = "female" if y > 0.5 else "male"
        print(f"{body_weight} kg, {height} cm: y = {y:.3f}, {verdict}")

    figure, ax = plt.subplots(figsize=(5.4, 4), layout="constrained")
    ax.plot(losses)
    ax.set(xlabel="Epoch", ylabel="Mean squared error E", ylim=(0, None))
    ax.set_title("Loss of the network with nine formulas")
    plt.show()
