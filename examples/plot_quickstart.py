"""
Quickstart: from a DataFrame to a tuned network
===============================================

This example classifies tumours as malignant or benign. It uses a pandas DataFrame that
ships with scikit-learn, a pipeline of a scaler and a fully connected network, and a grid
search over the sizes of the hidden layers.
"""

# %%
# The data are 569 tumours with 30 measurements each. A quarter is the test set.

import matplotlib.pyplot as plt
import pandas as pd
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from skfcnn import FullyConnectedClassifier

X, y = load_breast_cancer(return_X_y=True, as_frame=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

# %%
# Neural networks need inputs of similar scale, so the first step is a scaler. In a
# pipeline, every fold of the search is scaled by its own training rows.

model = Pipeline(
    [
        ("scale", StandardScaler()),
        ("network", FullyConnectedClassifier(max_iter=1000, random_state=0)),
    ]
)

# %%
# Each of the five sizes is evaluated by five-fold cross-validation. Then the best model is
# fitted again on all training rows.

sizes = [(), (10,), (50,), (100,), (50, 50)]
search = GridSearchCV(model, {"network__hidden_layer_sizes": sizes}, cv=5)
search.fit(X_train, y_train)

# %%
# The candidates, and the accuracy of the best one on the test set.

table = pd.DataFrame(
    {
        "hidden_layer_sizes": search.cv_results_["param_network__hidden_layer_sizes"],
        "accuracy": search.cv_results_["mean_test_score"],
        "deviation": search.cv_results_["std_test_score"],
        "seconds per fit": search.cv_results_["mean_fit_time"],
        "rank": search.cv_results_["rank_test_score"],
    }
)
print(table.sort_values("rank").round(3).to_string(index=False))
print(f"\nBest: {search.best_params_['network__hidden_layer_sizes']}")
print(f"Test accuracy: {search.score(X_test, y_test):.3f}")

# %%
# The accuracy of the five candidates, with the standard deviation over the folds, which is
# larger than most differences between them.

table = table.sort_values("rank", ascending=False)
figure, ax = plt.subplots(figsize=(5.4, 3), layout="constrained")
names = table["hidden_layer_sizes"].astype(str)
ax.errorbar(table["accuracy"], names, xerr=table["deviation"], fmt="o", capsize=4)
ax.set(xlabel="Accuracy in cross-validation", ylabel="hidden_layer_sizes")
plt.show()
