"""What a fitted ensemble says of the columns of its table."""

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline

from skfcnn import TabularClassifier
from skfcnn.tabular.described_columns import reads_tables

SHORT = {
    "network_params": {"max_iter": 2, "hidden_layer_sizes": (4,)},
    "trees": False,
    "random_state": 0,
}


def a_table(n=120):
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "price": [f"${1000 + i:,}.50" for i in rng.permutation(n)],
            "key": [f"k{i:05d}x" for i in rng.permutation(n)],
            "colour": rng.choice(["red", "green"], n),
            "x": rng.standard_normal(n),
        }
    )
    return table, (table.x > 0.0).to_numpy()


@pytest.fixture(scope="module")
def model():
    table, y = a_table()
    with pytest.warns(UserWarning, match="how these columns were read") as caught:
        fitted = TabularClassifier("fast", **SHORT).fit(table, y)
    assert len(caught) == 1
    assert {"price", "key"} <= {*str(caught[0].message).replace("'", " ").split()}
    assert caught[0].filename == __file__
    return fitted


def test_columns_say_what_was_read(model):
    columns = model.columns_.set_index("column")
    assert columns.kind.to_dict() == {
        "price": "number in text",
        "key": "identifier",
        "colour": "category",
        "x": "number",
    }
    assert columns.encoded["key"] == "left out"
    assert "price" in model.summary() and "one-hot, 2 columns" in model.summary()


def test_columns_are_shown_in_a_notebook(model):
    shown = model._repr_html_()
    assert "How the 4 columns were read" in shown and "number in text" in shown
    assert "TabularClassifier" in shown
    assert "columns were read" in model._repr_mimebundle_()["text/html"]
    unfitted = TabularClassifier()._repr_html_()
    assert "columns were read" not in unfitted and "TabularClassifier" in unfitted
    assert "TabularClassifier" in make_pipeline(model)._repr_html_()


def test_only_the_encoder_for_tables_describes_columns(model):
    table, y = a_table()
    numbers = TabularClassifier("fast", encoder="passthrough", **SHORT).fit(table[["x"]], y)
    assert reads_tables(model.encoder_) and not reads_tables(numbers.encoder_)
    assert not hasattr(numbers, "columns_")
    with pytest.raises(AttributeError, match="Only encoder='auto' describes"):
        numbers.summary()
    assert "columns were read" not in numbers._repr_html_()


def test_messages_name_the_class_of_the_user(model):
    table, _ = a_table()
    with pytest.raises(
        ValueError, match="3 features, but TabularClassifier is expecting 4"
    ):
        model.predict(table.to_numpy()[:, :3])
    with pytest.warns(UserWarning, match="but TabularClassifier was fitted with feature"):
        model.predict(table.to_numpy())


def test_declared_columns_are_read_as_declared():
    table, y = a_table()
    model = TabularClassifier(
        "fast",
        categorical_features=["price"],
        drop_features=["x"],
        **SHORT,
    )
    model.fit(table, y)  # what was declared is not told again
    kinds = model.columns_.set_index("column").kind
    assert kinds["price"] == "category" and kinds["key"] == "category"
    assert model.columns_.set_index("column").encoded["x"] == "left out"
    model.predict(table.drop(columns="x"))
