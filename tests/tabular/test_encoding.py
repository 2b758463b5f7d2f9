"""The encoder inside of an ensemble."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris
from sklearn.model_selection import GroupKFold
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skfcnn import TabularClassifier
from skfcnn.tabular.encoding import encode, new_encoder

X, Y = load_iris(return_X_y=True, as_frame=True)
SHORT = {
    "network_params": {"max_iter": 3, "hidden_layer_sizes": (8,)},
    "trees": False,
    "random_state": 0,
}


def test_passthrough_takes_numbers_as_they_are():
    model = TabularClassifier("fast", encoder="passthrough", **SHORT).fit(X, Y)
    assert model.encoder_ == "passthrough"
    assert list(model.feature_names_in_) == list(X.columns)
    np.testing.assert_array_equal(encode(model, X), X.to_numpy())
    with pytest.raises(ValueError, match="X contains NaN"):
        model.fit(X.mask(X > 5.0), Y)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        model.fit(X, Y[:-1])


@pytest.mark.parametrize("sparse", [False, True])
def test_a_transformer_is_cloned_and_its_output_checked(sparse):
    encoder = make_column_transformer(
        (OneHotEncoder(sparse_output=sparse), ["kind"]), (StandardScaler(), [0, 1])
    )
    table = X.assign(kind=np.where(Y == 0, "a", "b"))
    model = TabularClassifier("fast", encoder=encoder, **SHORT)
    encoder.sparse_threshold = 1.0
    if sparse:
        with pytest.raises(TypeError, match="dense"):
            model.fit(table, Y)
        return
    model.fit(table, Y)
    assert not hasattr(encoder, "transformers_")
    assert model.encoder_.transform(table).shape == (150, 4)
    assert model.n_features_in_ == 5
    assert list(model.feature_names_in_) == list(table.columns)
    assert new_encoder(model, None, 0) is not encoder
    assert model.set_params(encoder__sparse_threshold=0.5).encoder is encoder


def test_other_encoders_are_refused():
    for encoder in ("other", 3, None):
        with pytest.raises(ValueError, match="'encoder' parameter"):
            TabularClassifier(encoder=encoder).fit(X, Y)


def test_target_means_are_computed_within_the_same_groups():
    """The names of each group are its own: they tell nothing of other groups."""
    rng = np.random.default_rng(0)
    groups = np.arange(600) // 20
    names = [
        f"{group} {i}" for group, i in zip(groups, rng.integers(3, size=600), strict=True)
    ]
    y = rng.integers(2, size=30)[groups]
    table = pd.DataFrame({"name": names, "x": rng.standard_normal(600)})
    fit = {"groups": groups}
    grouped = TabularClassifier("fast", cv=GroupKFold(3), **SHORT).fit(table, y, **fit)
    alone = TabularClassifier("fast", **SHORT).fit(table, y)
    # By random folds, a name tells the class of its group.
    assert alone.leaderboard_.score.mean() > -0.5
    assert grouped.leaderboard_.score.mean() < -0.6
    means = grouped.encoder_[-1].named_transformers_["means"][0]
    assert means.splits is None


@pytest.mark.parametrize("encoder", ["passthrough", StandardScaler()])
@pytest.mark.parametrize("name", ["categorical_features", "drop_features"])
def test_columns_are_declared_for_the_encoder_auto_only(name, encoder):
    X, y = np.random.RandomState(0).randn(20, 2), [0, 1] * 10
    with pytest.raises(ValueError, match=f"{name} is only for encoder='auto'"):
        TabularClassifier("fast", encoder=encoder, **{name: [0]}).fit(X, y)
    model = TabularClassifier("fast", encoder=encoder, network_params={"max_iter": 1})
    assert model.set_params(**{name: ()}).fit(X, y).n_features_in_ == 2
