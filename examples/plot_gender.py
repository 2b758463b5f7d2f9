"""
Female or male, from weight and height
======================================

A network with two hidden units learns from four people to classify women and men. Then it
classifies two new people. The data and the network are those of :doc:`/backpropagation`,
and of the course on which that page is based.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skfcnn import FullyConnectedClassifier

# %%
# The people: body weight in kg, height in cm.

people = pd.DataFrame({"weight": [50, 51, 60, 90], "height": [150, 149, 172, 188]})

# The network has one output: the probability of the second class in sorted order. With the
# integers 1 for female and 0 for male, this is "female". Strings would be sorted, too:
# "female" before "male", and the output would be the probability of "male".
is_female = [1, 1, 0, 0]

# %%
# StandardScaler subtracts the mean of each column. On raw inputs the net inputs of the
# hidden units are far from 0, where the sigmoid is flat, and almost nothing is learned.
#
# The network is trained as in the course: one step of plain gradient descent per person,
# always in the same order. With the loss of the course, E = 1/n sum (label - y)^2, the
# gradient of one of n = 4 people has the factor 2/n. With the learning rate 0.1, a step has
# the factor 0.1 * 2/4 = 0.05. "squared_error" is 1/2 (label - y)^2, whose gradient has the
# factor 1, so the learning rate is 0.05 here.

model = make_pipeline(
    StandardScaler(with_std=False),
    FullyConnectedClassifier(
        hidden_layer_sizes=(2,),
        activation="logistic",
        loss="squared_error",
        solver="sgd",
        momentum=0,
        nesterovs_momentum=False,
        alpha=0,
        batch_size=1,
        shuffle=False,
        learning_rate_init=0.05,
        max_iter=1000,
        n_iter_no_change=np.inf,
        tol=0,
        dtype="float64",
        random_state=0,
    ),
)

with warnings.catch_warnings():
    # It says that the loss is still falling after 1000 epochs, as many as the course has.
    warnings.simplefilter("ignore", ConvergenceWarning)
    model.fit(people, is_female)

# %%
# ``loss_curve_`` has the mean of 1/2 (label - y)^2 in each epoch. The loss of each person
# is computed just before the step for this person. Twice the mean is E during the epoch.

E = 2 * np.array(model[-1].loss_curve_)
for epoch in range(0, len(E), 10):
    print(f"epoch {epoch:3d}   E = {E[epoch]:.6f}")

fig, ax = plt.subplots(figsize=(5.4, 4), layout="constrained")
ax.plot(E)
ax.set(xlabel="Epoch", ylabel="Mean squared error E", ylim=(0, None))
ax.set_title("The loss falls while the network learns")

# %%
# Two new people. The scaler subtracts the means of the four above.

new_people = pd.DataFrame({"weight": [89, 60], "height": [190, 155]})
outputs = model.predict_proba(new_people)[:, 1]
verdicts = np.where(model.predict(new_people) == 1, "female", "male")
for person, output, verdict in zip(new_people.itertuples(), outputs, verdicts, strict=True):
    print(f"{person.weight} kg, {person.height} cm: y = {output:.3f}, {verdict}")

plt.show()
