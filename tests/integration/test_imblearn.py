"""imbalanced-learn: samplers before the classifier, and ensembles of it."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.datasets import make_classification
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import GridSearchCV, cross_validate, train_test_split
from sklearn.preprocessing import StandardScaler

from skfcnn import FullyConnectedClassifier

pytestmark = pytest.mark.integration

# One row in twenty is of class 1, and hard to tell from the others.
X, y = make_classification(
    2000, 8, n_informative=4, weights=[0.95], class_sep=0.8, random_state=0
)


def make_network(class_weight=None):
    return FullyConnectedClassifier(
        (10,),
        solver="lbfgs",
        alpha=1.0,
        tol=1e-2,
        max_iter=500,
        class_weight=class_weight,
        random_state=0,
    )


def balanced_accuracy(model):
    return cross_validate(model, X, y, cv=3, scoring="balanced_accuracy")["test_score"]


def test_oversampling_in_every_fold_improves_the_rare_class():
    # from here
    from imblearn.over_sampling import SMOTE
    from imblearn.pipeline import make_pipeline

    network = FullyConnectedClassifier(
        (10,), solver="lbfgs", alpha=1.0, tol=1e-2, max_iter=500, random_state=0
    )
    model = make_pipeline(StandardScaler(), SMOTE(random_state=0), network)
    scores = cross_validate(model, X, y, cv=3, scoring="balanced_accuracy")
    # to here
    plain = balanced_accuracy(make_pipeline(StandardScaler(), network))
    # 0.5 means never predicting the rare class; the plain network is close to that.
    assert scores["test_score"].mean() > plain.mean() + 0.1


def test_samplers_and_class_weight_improve_the_rare_class():
    from imblearn.ensemble import BalancedBaggingClassifier
    from imblearn.over_sampling import RandomOverSampler
    from imblearn.pipeline import make_pipeline

    scaled = make_pipeline(StandardScaler(), make_network())
    ways = {
        "none": scaled,
        "rows again": make_pipeline(RandomOverSampler(random_state=0), scaled),
        "class_weight": make_pipeline(StandardScaler(), make_network("balanced")),
        "bags": BalancedBaggingClassifier(scaled, n_estimators=5, random_state=0),
    }
    found = {name: balanced_accuracy(model).mean() for name, model in ways.items()}
    none = found.pop("none")
    assert min(found.values()) > none + 0.1
    # Repeated rows and weights give the same objective, except for the random draw. Each
    # of the 100 rare rows counts 0.005 in the score, and a few are classified differently.
    assert found["rows again"] == pytest.approx(found["class_weight"], abs=0.05)


def test_search_over_sampler_and_network_on_a_frame():
    from imblearn.over_sampling import SMOTE
    from imblearn.pipeline import Pipeline

    frame = pd.DataFrame(X).add_prefix("column_")
    labels = pd.Series(np.where(y == 1, "rare", "common"))
    scaler = StandardScaler().set_output(transform="pandas")
    steps = [("smote", SMOTE(random_state=0)), ("scale", scaler), ("net", make_network())]
    grid = {"smote__k_neighbors": [3, 5], "net__alpha": [1.0, 10.0]}
    search = GridSearchCV(Pipeline(steps), grid, scoring="balanced_accuracy", cv=3)
    search.fit(frame, labels)
    assert search.best_score_ > 0.6
    assert [*search.best_estimator_["net"].feature_names_in_] == [*frame.columns]
    assert set(search.predict(frame)) == {"rare", "common"}


def test_validation_rows_are_scaled_and_not_sampled():
    from imblearn.over_sampling import SMOTE
    from imblearn.pipeline import make_pipeline

    X_train, X_val, y_train, y_val = train_test_split(X, y, stratify=y, random_state=0)
    # from here: validated
    with sklearn.config_context(enable_metadata_routing=True):
        network = FullyConnectedClassifier(
            (10,), early_stopping=True, scoring="balanced_accuracy", random_state=0
        )
        network.set_fit_request(X_val=True, y_val=True)
        sampler, scaler = SMOTE(random_state=0), StandardScaler()
        model = make_pipeline(sampler, scaler, network, transform_input=["X_val"])
        model.fit(X_train, y_train, X_val=X_val, y_val=y_val)
    # to here: validated
    score = balanced_accuracy_score(y_val, model.predict(X_val))
    assert score == network.best_validation_score_ > 0.6
    assert network.n_features_in_ == 8
    assert network.t_ > network.n_iter_ * 1.5 * len(X_train)  # SMOTE nearly doubles them
