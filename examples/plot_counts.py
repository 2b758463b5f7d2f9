"""
Poisson regression of counts with exposure
==========================================

How many claims does an insurance contract have per year? Counts are small integers, most of
them zero, and not every contract was observed for a full year. The Poisson loss and sample
weights take both into account.
"""

# %%
# Generated data: 40,000 contracts of car insurance, with the age of the driver and the
# power of the car. The exposure is the time for which a contract was observed, in years.
# Claims are rare. They are most frequent for young drivers, followed by old drivers.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.linear_model import PoissonRegressor
from sklearn.metrics import mean_poisson_deviance
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from skfcnn import FullyConnectedRegressor

rng = np.random.default_rng(0)
n_contracts = 40_000
contracts = pd.DataFrame(
    {
        "age": rng.uniform(18, 82, n_contracts),
        "power": rng.uniform(40, 200, n_contracts),
    }
)
exposure = rng.uniform(0.1, 1.0, n_contracts)
age, power = contracts["age"], contracts["power"]
of_age = 0.06 + 0.35 * np.exp((18 - age) / 8) + 0.0025 * (age - 65).clip(lower=0) ** 1.2
counts = rng.poisson(exposure * of_age * np.sqrt(power / 100))
for claims, number in enumerate(np.bincount(counts)):
    print(f"{claims} claims: {number} contracts")

# %%
# The target is the frequency, which is the count divided by the exposure; the exposure is
# the weight. The weighted Poisson loss of a contract with the frequency p is then
# `exposure * p - count * log(p)`, up to a constant. This is the loss of the count itself,
# with the expected count `exposure * p`: up to constants, the objective is the same as with
# `log(exposure)` as an offset.

X_train, X_test, counts_train, counts_test, exposure_train, exposure_test = (
    train_test_split(contracts, counts, exposure, random_state=0)
)
frequency_train = counts_train / exposure_train
frequency_test = counts_test / exposure_test

network = FullyConnectedRegressor(
    loss="poisson",
    hidden_layer_sizes=(20, 20),
    schedule="cosine",
    learning_rate_init=0.005,
    max_iter=50,
    random_state=0,
)
predicted = {"constant": np.full(len(X_test), counts_train.sum() / exposure_train.sum())}
for name, regressor in (
    ("PoissonRegressor", PoissonRegressor(alpha=0.0)),
    ("network", network),
):
    model = Pipeline([("scale", StandardScaler()), ("regressor", regressor)])
    model.fit(X_train, frequency_train, regressor__sample_weight=exposure_train)
    predicted[name] = model.predict(X_test)

# %%
# The mean Poisson deviance on the test rows, with the exposure as weights, and the expected
# total number of claims, which should be close to the observed one. Single claims are
# mostly random, so even the true frequency has a large deviance. The deviance of the
# network is close to it.

predicted["true frequency"] = (of_age * np.sqrt(power / 100))[X_test.index]
table = pd.DataFrame(
    {
        "deviance": {
            name: mean_poisson_deviance(frequency_test, p, sample_weight=exposure_test)
            for name, p in predicted.items()
        },
        "expected claims": {
            name: round(exposure_test @ p) for name, p in predicted.items()
        },
    }
)
print(table.round(4).to_string())
print(f"\nobserved claims: {counts_test.sum()}")

# %%
# Observed and predicted frequency by age group: the claims of a group, divided by its
# years. The bars are two standard errors of the observed frequency. PoissonRegressor is
# linear in the logarithm of the frequency, so its curve cannot increase again with age.

groups = pd.cut(X_test["age"], range(18, 83, 4), right=False)
sums = pd.DataFrame({"years": exposure_test, "claims": counts_test})
for name in ("PoissonRegressor", "network"):
    sums[name] = exposure_test * predicted[name]
sums = sums.groupby(groups.to_numpy(), observed=True).sum()
middle = [group.mid for group in sums.index]
figure, ax = plt.subplots(figsize=(5.4, 4), layout="constrained")
ax.errorbar(
    middle,
    sums["claims"] / sums["years"],
    yerr=2 * np.sqrt(sums["claims"]) / sums["years"],
    fmt="o",
    color="#555555",
    capsize=3,
    label="observed",
)
for name, color in (("PoissonRegressor", "#d55e00"), ("network", "#0072b2")):
    ax.plot(middle, sums[name] / sums["years"], color=color, label=name)
ax.set(xlabel="age of the driver", ylabel="claims per year", ylim=(0, None))
ax.spines[["top", "right"]].set_visible(False)
ax.legend(frameon=False)
plt.show()
