"""
A table, ten lines, calibrated probabilities
============================================

Who earns over 50,000 dollars a year? A census table has numbers, words, and holes. One call
makes a model of it, whose probabilities mean what they say.
"""

# %%
# The data: 12,000 rows drawn from Adult (B. Becker and R. Kohavi, UCI Machine Learning
# Repository, 1996, CC BY 4.0), as they are: eight columns of words, three of them with
# holes.

import time
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
from sklearn.calibration import CalibrationDisplay
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skfcnn import TabularClassifier

folder = Path(__file__).parent if "__file__" in globals() else Path()
table = pd.read_csv(folder / "adult.csv.gz")
X, y = table.drop(columns="income"), table["income"]
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

model = TabularClassifier(random_state=0).fit(X_train, y_train)
probabilities = pd.DataFrame(model.predict_proba(X_test), columns=model.classes_)
print(probabilities.head().round(3).to_string(index=False))

# %%
# What others make of the same table. For them it is encoded by hand.

encode = make_column_transformer(
    (StandardScaler(), make_column_selector(dtype_include="number")),
    (
        OneHotEncoder(handle_unknown="ignore", sparse_output=False),
        make_column_selector(dtype_exclude="number"),
    ),
)
contestants = {
    "LogisticRegression": make_pipeline(encode, LogisticRegression(max_iter=1000)),
    "MLPClassifier": make_pipeline(
        encode, MLPClassifier(early_stopping=True, random_state=0)
    ),
    "HistGradientBoosting": make_pipeline(
        encode, HistGradientBoostingClassifier(random_state=0)
    ),
    "skfcnn, fast": TabularClassifier("fast", random_state=0),
    "skfcnn, balanced": TabularClassifier("balanced", random_state=0),
}
rows, of_class = [], {}
for name, contestant in contestants.items():
    began = time.perf_counter()
    contestant.fit(X_train, y_train)
    seconds = time.perf_counter() - began
    p = contestant.predict_proba(X_test)
    rows.append((name, contestant.score(X_test, y_test), log_loss(y_test, p), seconds))
    of_class[name] = p[:, 1]
results = pd.DataFrame(rows, columns=["model", "accuracy", "log loss", "seconds"])
print(results.round(3).to_string(index=False))

# %%
# On the left, what the probabilities cost, and what they are worth. On the right, whether
# they are true: of the rows with a probability of about 0.3, three of ten should earn that
# much.

figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.8), layout="constrained")
for name, _, loss, seconds in rows:
    left.plot(seconds, loss, "o", markersize=9)
    left.annotate(name, (seconds, loss), xytext=(8, 6), textcoords="offset points")
left.set(xscale="log", xlabel="seconds of fit", ylabel="log loss on the test rows")
left.margins(x=0.5, y=0.15)
for i, (name, p) in enumerate(of_class.items()):
    CalibrationDisplay.from_predictions(
        y_test,
        p,
        pos_label=">50K",
        n_bins=10,
        strategy="quantile",
        name=name,
        color=f"C{i}",
        ax=right,
    )
right.set(xlabel="predicted probability of >50K", ylabel="share of >50K")
plt.show()
