"""skops: a model card for a stored model."""

import re

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skfcnn import (
    FullyConnectedClassifier,
    FullyConnectedRegressor,
    TabularClassifier,
)

pytestmark = pytest.mark.integration

X, y = load_iris(return_X_y=True, as_frame=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)


def rows_of(table):
    return dict(re.findall(r"^\| *(\S+) *\| *(.*?) *\|$", table, re.M))


def test_model_card_has_parameters_scores_and_curve(tmp_path, figures, monkeypatch):
    monkeypatch.chdir(tmp_path)
    network = FullyConnectedClassifier((10,), schedule="cosine", random_state=0)
    model = make_pipeline(StandardScaler(), network).fit(X_train, y_train)
    # from here
    import skops.io
    from matplotlib import pyplot as plt
    from skops.card import Card

    skops.io.dump(model, "model.skops")
    plt.plot(model[-1].loss_curve_)
    plt.savefig("loss.png")

    card = Card(model)
    card.add(**{"Model description": "A network that tells irises apart."})
    card.add_metrics(accuracy=model.score(X_test, y_test))
    card.add_plot(**{"Model description/Training Procedure/Training loss": "loss.png"})
    card.save("README.md")
    # to here
    text = (tmp_path / "README.md").read_text()
    assert "A network that tells irises apart." in text
    assert "![Training loss](loss.png)" in text
    assert (tmp_path / "loss.png").read_bytes().startswith(b"\x89PNG")
    procedure = "Model description/Training Procedure"
    told = rows_of(card.select(f"{procedure}/Hyperparameters").format())
    for name, value in network.get_params().items():
        assert told[f"fullyconnectedclassifier__{name}"] == str(value)
    plot = card.select(f"{procedure}/Model Plot").format()
    assert "FullyConnectedClassifier" in plot and "sk-estimator" in plot
    scores = rows_of(card.select("Model description/Evaluation Results").format())
    assert float(scores["accuracy"]) == pytest.approx(model.score(X_test, y_test))
    types = skops.io.get_untrusted_types(file="model.skops")
    assert all(name.startswith(("numpy.", "skfcnn.")) for name in types)
    again = skops.io.load("model.skops", trusted=types)
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))


@pytest.mark.parametrize("fitted", [False, True])
def test_model_card_of_the_tabular_ensemble(fitted):
    from skops.card import Card

    model = TabularClassifier("fast", random_state=0)
    if fitted:
        model.fit(X_train, y_train)
    procedure = "Model description/Training Procedure"
    card = Card(model)
    told = rows_of(card.select(f"{procedure}/Hyperparameters").format())
    assert told["effort"] == "fast"
    assert "TabularClassifier" in card.select(f"{procedure}/Model Plot").format()


def test_model_card_of_a_regressor():
    import skops.io
    from skops.card import Card

    network = FullyConnectedRegressor(
        "quantile", quantile=[0.1, 0.9], schedule="cosine", random_state=0
    )
    model = make_pipeline(StandardScaler(), network).fit(X_train, 1e3 * y_train)
    card = Card(model)
    card.add_metrics(d2=model.score(X_test, 1e3 * y_test))
    procedure = "Model description/Training Procedure"
    told = rows_of(card.select(f"{procedure}/Hyperparameters").format())
    for name, value in network.get_params().items():
        assert told[f"fullyconnectedregressor__{name}"] == str(value)
    content = skops.io.dumps(model)
    types = skops.io.get_untrusted_types(data=content)
    assert all(name.startswith(("numpy.", "skfcnn.")) for name in types)
    again = skops.io.loads(content, trusted=types)
    np.testing.assert_array_equal(again.predict(X_test), model.predict(X_test))
