"""
Regression and residuals
========================

How far does a disease progress within a year? A network predicts a number from ten
measurements of a patient. R^2 on the test set measures the quality of the predictions, and
the residuals show where they are wrong.
"""

# %%
# The data are 442 patients with diabetes, with ten measurements in their original units,
# and a measure of progression from 25 to 346. A quarter is the test set.

import matplotlib.pyplot as plt
from sklearn.datasets import load_diabetes
from sklearn.linear_model import RidgeCV
from sklearn.metrics import PredictionErrorDisplay, root_mean_squared_error
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from skfcnn import FullyConnectedRegressor

X, y = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)

# %%
# A pipeline of a scaler and a network. A tenth of the training rows is held out for
# validation. Training stops when R^2 on these rows no longer improves, and the network of
# the best epoch is restored. `max_iter` is only an upper limit.


def pipeline(**parameters):
    network = FullyConnectedRegressor(
        early_stopping=True, max_iter=3000, random_state=0, **parameters
    )
    return Pipeline([("scale", StandardScaler()), ("network", network)])


def report(name, model):
    predicted = model.predict(X_test)
    print(
        f"{name}: R^2 {model.score(X_test, y_test):.3f}, "
        f"root mean squared error {root_mean_squared_error(y_test, predicted):.1f}"
    )


model = pipeline().fit(X_train, y_train)
linear = Pipeline([("scale", StandardScaler()), ("linear", RidgeCV())])
linear.fit(X_train, y_train)
report("network", model)
report("linear model", linear)
print(f"epochs of the network: {model['network'].n_iter_}")

# %%
# The network is about as good as the linear model. With so few rows and so much noise,
# there is little more to learn.
#
# The inputs are scaled, but y is not: the network is trained on standardized y, and its
# parameters are then converted, so that predictions and losses have the units of y. With
# `scale_target=False`, it is trained on the original y. The initial outputs are near 0,
# while the mean of y is 152. The steps have the same size, so many more of them are needed.

unscaled = pipeline(scale_target=False).fit(X_train, y_train)
report("network, scale_target=False", unscaled)
print(f"epochs of the network: {unscaled['network'].n_iter_}")

# %%
# True values against predictions. Points on the dashed line are predicted exactly.


def plot(kind, **of_axes):
    figure, ax = plt.subplots(figsize=(5.4, 4.2), layout="constrained")
    PredictionErrorDisplay.from_estimator(
        model,
        X_test,
        y_test,
        kind=kind,
        ax=ax,
        scatter_kwargs={"color": "#0072b2", "alpha": 0.6},
    )
    ax.spines[["top", "right"]].set_visible(False)
    ax.set(xlabel="predicted progression", **of_axes)
    plt.show()


ticks = range(50, 351, 50)
plot("actual_vs_predicted", ylabel="true progression", xticks=ticks, yticks=ticks)

# %%
# Residuals: the true value minus the prediction. They should be around 0 everywhere. A
# trend would mean that the network misses a part of the relation.

plot("residual_vs_predicted", ylabel="residual: true - predicted")
