"""The parameters for further layers and their rates, by what a user sees of them."""

import pickle

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone

from skfcnn import FullyConnectedClassifier
from skfcnn.inspection.problem import make_problem
from skfcnn.training.optimizers import OPTIMIZERS

RNG = np.random.RandomState(0)
X = RNG.standard_normal((200, 4))
X[:, 3] = X[:, 3] > 0.0
Y = (np.sin(3.0 * X[:, 0]) + X[:, 1] > 0.0).astype(int)
# A dozen epochs are enough for most, and leave others worse than guessing.
pytestmark = pytest.mark.filterwarnings("ignore:.*worse than guess")

ALL = {
    "scaling_layer": True,
    "parametric_activation": True,
    "numeric_embedding": "pbld",
    "init": "data_driven",
    "rate_factors": {"weights": "1/sqrt(n_in)", "bias": 0.1, "scale": 6.0, "mix": 0.1},
}


def make_model(**params):
    settings = {"hidden_layer_sizes": (16, 8), "max_iter": 30, "random_state": 0}
    settings |= {"n_iter_no_change": 1000, "schedule": "cosine"}
    return FullyConnectedClassifier(**settings | params)


ONE_BY_ONE = [{name: ALL[name]} for name in ALL]


@pytest.mark.grid(4)
@pytest.mark.parametrize("solver", [*OPTIMIZERS])
@pytest.mark.parametrize("params", [*ONE_BY_ONE, ALL], ids=[*ALL, "all"])
def test_each_learns_and_is_saved(params, solver):
    rate = 0.1 if solver == "sgd" else 0.06
    settings = {"solver": solver, "learning_rate_init": rate, "max_iter": 200}
    model = make_model(**settings, **params).fit(X, Y)
    # Of 200 rows; guessing has 0.55 and a logistic regression 0.79.
    assert model.score(X, Y) > 0.8
    loaded = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    again = clone(model).fit(X, Y)
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))


@pytest.mark.parametrize("params", [*ONE_BY_ONE[:-1], ALL], ids=[*[*ALL][:-1], "all"])
def test_a_fit_is_resumed_bit_by_bit(params):
    whole = make_model(dropout=0.2, **params).fit(X, Y)
    part = make_model(dropout=0.2, **params).fit(X, Y, stop_after=11)
    rest = make_model(dropout=0.2, **params).fit(X, Y, resume_from=part)
    np.testing.assert_array_equal(rest.predict_proba(X), whole.predict_proba(X))


@pytest.mark.parametrize("params", [*ONE_BY_ONE[:-1], ALL], ids=[*[*ALL][:-1], "all"])
def test_a_batch_smaller_than_the_arrays_for_it_has_the_same_gradient(params):
    model = make_model(dtype="float64", **params).fit(X, Y)
    objective, data, *_ = make_problem(model, X[:70], Y[:70], None)
    exact = objective.network.workspace(70)
    wide = objective.network.workspace(200).rows(70)
    assert objective.value_and_gradient(*data, wide) == objective.value_and_gradient(
        *data, exact
    )
    np.testing.assert_array_equal(wide.gradient, exact.gradient)


def test_lbfgs_learns_all_parameters_too():
    params = {name: ALL[name] for name in ALL if name != "rate_factors"}
    model = make_model(solver="lbfgs", schedule=None, max_iter=200, **params).fit(X, Y)
    assert model.score(X, Y) == 1.0


def test_parameters_by_group():
    model = make_model(**ALL).fit(X, Y)
    groups = model.parameters_
    n_in = 4 + 3 * 3  # three of four columns have more than two values
    shapes = {name: [array.shape for array in groups[name]] for name in groups}
    assert shapes == {
        "weights": [(n_in, 16), (16, 8), (8, 1)],
        "bias": [(16,), (8,), (1,)],
        "scale": [(n_in,)],
        "mix": [(16,), (8,)],
        "embedding": [(3, 16), (3, 16), (3, 16, 3), (3, 3)],
    }
    assert model.coefs_[0].shape == (n_in, 16)
    # All of them were learned.
    assert (groups["scale"][0] != 1.0).all()
    assert (groups["mix"][0] != 1.0).all()


@pytest.mark.parametrize("group", ["weights", "bias", "scale", "mix", "embedding"])
def test_a_rate_of_zero_leaves_a_group_as_it_was_drawn(group):
    params = ALL | {"rate_factors": {group: 0.0}}
    start = make_model(learning_rate_init=1e-300, **params).fit(X, Y).parameters_
    end = make_model(**params).fit(X, Y).parameters_
    for name in start:
        same = [np.array_equal(*pair) for pair in zip(start[name], end[name], strict=True)]
        assert all(same) == (name == group), name


def test_predictions_by_hand():
    model = make_model(**ALL, dtype="float64").fit(X, Y)
    groups = model.parameters_
    frequency, phase, weights, bias = groups["embedding"]
    u = 2.0 * np.pi * X[:, :3, None] * frequency + phase
    e = np.einsum("ijk,jkl->ijl", np.cos(u), weights) + bias
    a = np.hstack([X, e.reshape(200, 9)]) * groups["scale"][0]
    for W, b, m in zip(model.coefs_, model.intercepts_, groups["mix"], strict=False):
        z = a @ W + b
        a = z + m * (np.maximum(z, 0.0) - z)
    z = a @ model.coefs_[-1] + model.intercepts_[-1]
    np.testing.assert_allclose(
        model.predict_proba(X)[:, 1], 1.0 / (1.0 + np.exp(-z[:, 0])), rtol=1e-10
    )


def test_rows_are_predicted_chunk_by_chunk(monkeypatch):
    model = make_model(**ALL, dtype="float64").fit(X, Y)
    whole = model.predict_proba(X)
    monkeypatch.setattr("skfcnn.network.network.CHUNK_NUMBERS", 16 * 7)
    # Products of 7 rows and of 200 may sum in another order.
    np.testing.assert_allclose(model.predict_proba(X), whole, rtol=1e-10)


def test_a_sparse_matrix_is_scaled():
    dense, sparse = (
        make_model(scaling_layer=True, dtype="float64", max_iter=5).fit(data, Y)
        for data in (X, csr_array(X))
    )
    # Sparse and dense products sum in another order.
    np.testing.assert_allclose(
        sparse.predict_proba(csr_array(X)), dense.predict_proba(X), rtol=1e-9
    )


def test_data_driven_units_have_variance_one_and_bend_among_the_rows():
    model = make_model(
        init="data_driven", hidden_layer_sizes=(500,), learning_rate_init=1e-300
    ).fit(X, Y)
    z = X @ model.coefs_[0]
    np.testing.assert_allclose(z.std(axis=0), 1.0, rtol=1e-6)
    bends = -model.intercepts_[0]
    assert ((z.min(axis=0) < bends) & (bends < z.max(axis=0))).all()


@pytest.mark.parametrize(
    ("init", "message"),
    [(["ntk", "ntk"], "for 2 layers, and there are 3"), (["ntk", "ntk", "nil"], "'nil'")],
)
def test_lists_of_initializers_that_cannot_be(init, message):
    with pytest.raises(ValueError, match=message):
        make_model(init=init).fit(X, Y)


def test_data_driven_looks_at_some_of_many_rows_and_at_sparse_ones():
    many = csr_array(np.vstack([X] * 25))
    model = make_model(init="data_driven", learning_rate_init=1e-300, max_iter=1)
    model.fit(many, np.hstack([Y] * 25))
    # Over 4096 of 5000 rows: a deviation errs by about a percent.
    np.testing.assert_allclose((X @ model.coefs_[0]).std(axis=0), 1.0, rtol=0.05)


@pytest.mark.parametrize(
    "factors",
    [
        {"biases": 1.0},
        {"bias": -1.0},
        {"bias": "1/sqrt(n_in)"},
        {"weights": "ntk"},
        {"bias": np.inf},
    ],
)
def test_factors_that_cannot_be(factors):
    with pytest.raises(ValueError, match="rate_factors.*'weights', 'bias'.*got"):
        make_model(rate_factors=factors).fit(X, Y)


def test_lbfgs_has_no_rates():
    with pytest.raises(ValueError, match="'lbfgs' has no rate_factors"):
        make_model(solver="lbfgs", schedule=None, rate_factors={"bias": 0.1}).fit(X, Y)


def test_sparse_columns_have_no_embedding():
    with pytest.raises(ValueError, match="numeric_embedding needs X as an array"):
        make_model(numeric_embedding="pbld").fit(csr_array(X), Y)


@pytest.mark.parametrize("name", ["scaling_layer", "parametric_activation"])
def test_a_warm_start_with_other_layers_is_refused(name):
    model = make_model(warm_start=True).fit(X, Y)
    before = model.predict_proba(X)
    with pytest.raises(ValueError, match=f"has {name}=False, and {name}=True"):
        model.set_params(**{name: True}).fit(X, Y)
    np.testing.assert_array_equal(model.predict_proba(X), before)


def test_a_warm_start_keeps_the_embedded_columns():
    binary = (X > 0.0).astype(float)
    model = make_model(warm_start=True, numeric_embedding="pbld").fit(binary, Y)
    assert [array.size for array in model.parameters_["embedding"]] == [0] * 4
    assert [array.size for array in model.fit(X, Y).parameters_["embedding"]] == [0] * 4
    with pytest.raises(ValueError, match="has numeric_embedding='pbld'"):
        model.set_params(numeric_embedding=None).fit(X, Y)


# ----- the average


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("dropout", [0.0, 0.2])
def test_the_average_of_every_step(dropout):
    """One step per epoch: the parameters that training without it has, averaged by hand."""
    params = {"batch_size": 200, "max_iter": 1, "warm_start": True, "dropout": dropout}
    params |= {"schedule": None, "dtype": "float64", "shuffle": False}
    plain = make_model(**params).fit(X, Y)
    start = make_model(**params | {"learning_rate_init": 1e-300}).fit(X, Y)
    average = start.coefs_[0].copy()
    for t in range(1, 21):
        if t > 1:
            plain.partial_fit(X, Y)
        average += (plain.coefs_[0] - average) / (1.0 + 0.1 * t)
    model = make_model(**params | {"max_iter": 20}, average=0.1).fit(X, Y)
    np.testing.assert_allclose(model.coefs_[0], average, rtol=1e-9)
    assert not np.allclose(model.coefs_[0], plain.coefs_[0])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_an_average_is_resumed_and_goes_on():
    params = {"average": 0.1, "early_stopping": True, "dropout": 0.1, "batch_size": 32}
    whole = make_model(**params).fit(X, Y)
    part = make_model(**params).fit(X, Y, stop_after=11)
    rest = make_model(**params).fit(X, Y, resume_from=part)
    np.testing.assert_array_equal(rest.predict_proba(X), whole.predict_proba(X))
    assert whole.validation_scores_ == rest.validation_scores_
    plain = {"average": 0.1, "schedule": None, "shuffle": False}
    by_epochs = make_model(**plain)
    for _ in range(5):
        by_epochs.partial_fit(X, Y, classes=[0, 1])
    at_once = make_model(**plain, max_iter=5).fit(X, Y)
    np.testing.assert_array_equal(by_epochs.predict_proba(X), at_once.predict_proba(X))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_weights_that_were_written_are_where_an_average_goes_on():
    params = {"schedule": None, "learning_rate_init": 1e-300, "average": 0.1}
    model = make_model(**params | {"learning_rate_init": 0.01}).fit(X, Y)
    model = make_model(**params, max_iter=2).fit(X, Y)
    model.coefs_[0][...] = 7.0
    np.testing.assert_allclose(model.partial_fit(X, Y).coefs_[0], 7.0)


def test_after_early_stopping_an_average_goes_on_from_the_best():
    params = {"average": 0.1, "early_stopping": True, "schedule": None, "max_iter": 60}
    model = make_model(**params, n_iter_no_change=5).fit(X, Y)
    model.set_params(early_stopping=False)
    best = model.coefs_[0].copy()
    model._solver.optimizer.optimizer.step = lambda *args: None
    np.testing.assert_allclose(model.partial_fit(X, Y).coefs_[0], best)


def test_weights_from_a_user_are_where_an_average_begins():
    start = make_model().fit(X, Y)
    given = {"coefs_init": start.coefs_, "intercepts_init": start.intercepts_}
    model = make_model(average=0.1, max_iter=1, learning_rate_init=1e-300)
    np.testing.assert_array_equal(model.fit(X, Y, **given).coefs_[0], start.coefs_[0])


def test_lbfgs_has_no_average():
    with pytest.raises(ValueError, match="'lbfgs' has no average"):
        make_model(solver="lbfgs", schedule=None, average=0.1).fit(X, Y)


def test_an_embedding_refuses_sparse_rows_everywhere():
    model = make_model(numeric_embedding="pbld", max_iter=2).fit(X, Y)
    sparse = csr_array(X)
    calls = {
        "predict": lambda: model.predict(sparse),
        "partial_fit": lambda: model.partial_fit(sparse, Y),
        "warm start": lambda: model.set_params(warm_start=True).fit(sparse, Y),
        "X_val": lambda: model.partial_fit(X, Y, X_val=sparse, y_val=Y),
        "fit": lambda: clone(model).fit(X, Y, X_val=sparse, y_val=Y),
    }
    for name, call in calls.items():
        with pytest.raises((TypeError, ValueError), match="dense data is required"):
            call()
            pytest.fail(name)
