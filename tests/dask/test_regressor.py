"""DaskFullyConnectedRegressor: in step with one machine, and its predictions."""

import copy
import doctest
import inspect
import pickle

import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from callback_support import needs_callbacks
from dask_cluster import cut, workers
from sklearn.base import clone, is_regressor
from sklearn.utils import check_random_state

from skfcnn import FullyConnectedRegressor
from skfcnn.callbacks import Checkpoint
from skfcnn.dask import DaskFullyConnectedRegressor, regressor
from skfcnn.dask.plan import batches_of
from skfcnn.estimator.checkpoints import load_checkpoint
from skfcnn.estimator.construction import make_objective, new_network
from skfcnn.estimator.regression_target import RegressionTarget
from skfcnn.training.objective import Data
from skfcnn.training.optimizers import Adam

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

N = 1000
rng = np.random.RandomState(0)
X = rng.normal(size=(N, 5))
SIGNAL = X[:, 0] * X[:, 1] + 0.1 * rng.normal(size=N)
Y = 40.0 + 7.0 * SIGNAL
COUNTS = rng.poisson(np.exp(0.5 * SIGNAL)).astype(float)
SEVERAL = np.column_stack([Y, -1e4 * SIGNAL**2, COUNTS])
WEIGHTS = rng.uniform(0.5, 2.0, N) * (rng.uniform(size=N) > 0.2)
# Sums over workers are added up in another order: a few units in the last place.
ROUNDING = 1e-10
# With all rows in a batch, training equals one machine, whatever the chunks.
PARAMS = {
    "hidden_layer_sizes": (10,),
    "dtype": "float64",
    "random_state": 3,
    "max_iter": 8,
    "batch_size": N,
    "tol": 0.0,
}
LEVELS = {"loss": "quantile", "quantile": [0.1, 0.5, 0.9]}


def model(client, **params):
    return DaskFullyConnectedRegressor(client=client, **PARAMS | params)


def local(**params):
    return FullyConnectedRegressor(**PARAMS | params)


def assert_in_step(model, expected, rtol=ROUNDING):
    np.testing.assert_allclose(model.loss_curve_, expected.loss_curve_, rtol=rtol)
    pairs = zip(model.coefs_, expected.coefs_, strict=True)
    pairs = [*pairs, *zip(model.intercepts_, expected.intercepts_, strict=True)]
    for ours, theirs in pairs:
        np.testing.assert_allclose(ours, theirs, atol=rtol * np.abs(theirs).max())
    scales = [each._target.scale.state() or {} for each in (model, expected)]
    assert scales[0].keys() == scales[1].keys()
    for name in scales[0]:
        np.testing.assert_allclose(scales[0][name], scales[1][name], rtol=ROUNDING)


@pytest.mark.grid(6)
@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["no weights", "weights"])
@pytest.mark.parametrize(
    ("y", "params"),
    [
        (Y, {}),
        (SIGNAL, {"scale_target": False}),
        (COUNTS, {"loss": "poisson"}),
        (COUNTS, {"loss": "poisson", "scale_target": False}),
        (COUNTS + 0.1, {"loss": "gamma"}),
        (Y, {"loss": "huber", "solver": "sgd", "alpha": 5.0}),
        (Y, {"loss": "absolute_error", "schedule": "cosine"}),
        (Y, {"loss": "quantile", "quantile": 0.9}),
        (Y, LEVELS | {"weight_averaging": 0.3, "max_grad_norm": 0.1}),
        (SEVERAL, {}),
        (SEVERAL, {"scale_target": False}),
        (np.full(N, 0.1), {}),
    ],
    ids=lambda given: str(given) if isinstance(given, dict) else "",
)
def test_full_batch_training_equals_training_in_memory(client, y, params, weights):
    expected = local(**params).fit(X, y, weights)
    given = () if weights is None else cut(weights)
    fitted = model(client, **params).fit(*cut(X, y), *given)
    assert_in_step(fitted, expected)
    assert fitted.t_ == expected.t_
    assert fitted.out_activation_ == expected.out_activation_


def test_numbers_far_from_zero(client):
    """The sum of these numbers is exact, so all means are the same number."""
    y = 1e9 + np.round(64.0 * SIGNAL) / 64.0
    expected = local().fit(X, y)
    fitted = model(client).fit(*cut(X, y))
    assert fitted._target.scale.mean == expected._target.scale.mean
    assert_in_step(fitted, expected)


def test_weighted_numbers_far_from_zero(client):
    """The mean, in float64, is rounded to 1e-7, and so is the standardized y."""
    y = 1e9 + SIGNAL
    expected = local().fit(X, y, WEIGHTS)
    assert_in_step(model(client).fit(*cut(X, y, WEIGHTS)), expected, rtol=1e-6)


def one_machine(model, n_epochs, batch_size, rows=300):
    """The losses of the epochs, and standardized theta, by the batches of the plan."""
    rng, target = check_random_state(model.random_state), RegressionTarget.create(Y, model)
    target.set_scale(Data(X, target.encode(Y), WEIGHTS), slice(None))
    data = Data(X, target.scale.standardize(target.encode(Y)), WEIGHTS)
    network = new_network(model, target, data, rng)
    network = target.scale.first_network(network, starts_at_mean=True)
    objective = make_objective(model, network, target)
    adam = Adam(network.theta, beta_1=0.9, beta_2=0.999, epsilon=1e-8)
    starts = range(0, N, rows)
    losses = []
    for _ in range(n_epochs):
        seed, _ = rng.randint(2**31, size=2)
        plans = [
            batches_of(i, len(X[start : start + rows]), -(-N // batch_size), seed)
            for i, start in enumerate(starts)
        ]
        summed = 0.0
        for batch in zip(*plans, strict=True):
            numbers = np.concatenate([a + b for a, b in zip(starts, batch, strict=True)])
            some = data.rows(numbers)
            workspace = network.workspace(len(numbers))
            summed += objective.value_and_gradient(*some, workspace) * some.weights.sum()
            adam.step(network.theta, workspace.gradient, 1e-3)
        losses.append(summed / WEIGHTS.sum() * target.scale.deviation.item() ** 2)
    return losses, network.theta


@pytest.mark.grid(2)
@pytest.mark.parametrize("n_workers", [1, 3])
def test_training_equals_one_machine_with_the_same_batches(n_workers):
    with workers(n_workers) as client:
        fitted = model(client, batch_size=64, max_iter=5, alpha=0.1)
        fitted.fit(*cut(X, Y, WEIGHTS))
    losses, theta = one_machine(fitted, 5, 64)
    np.testing.assert_allclose(fitted.loss_curve_, losses, rtol=ROUNDING)
    np.testing.assert_allclose(fitted._training.solver.trained, theta, atol=ROUNDING)


def test_frames_with_several_outputs(client):
    names = ["a", "b", "c"]
    frame = pd.DataFrame(X, columns=[f"x{i}" for i in range(5)])
    table = dd.from_pandas(frame.join(pd.DataFrame(SEVERAL, columns=names)), npartitions=3)
    X_, y_ = table[[*frame.columns]], table[names]
    expected = local().fit(frame, SEVERAL)
    fitted = model(client).fit(X_, y_)
    assert_in_step(fitted, expected)
    assert fitted.feature_names_in_.tolist() == [*frame.columns]
    assert fitted.score(X_, y_) == pytest.approx(expected.score(frame, SEVERAL), rel=1e-9)
    one = model(client, max_iter=1).fit(X_, table[["a"]])
    assert one.predict(X_).compute().shape == (N,)


def test_partitions_may_be_empty_or_weigh_nothing(client):
    X_, y_, weights = cut(X, Y, np.where(np.arange(N) < 600, 0.0, 1.0))
    keep = da.from_array(np.arange(N) >= 300, chunks=300)
    fitted = model(client, batch_size=700).fit(X_[keep], y_[keep], weights[keep])
    expected = local(batch_size=700)
    expected.fit(X[300:], Y[300:], weights.compute()[300:])
    assert_in_step(fitted, expected)


@pytest.mark.grid(2)
@pytest.mark.parametrize("n_idle", [300, 150])
def test_rows_of_weight_zero_may_have_any_value(client, n_idle):
    idle = np.arange(N) < n_idle
    y, rows = np.where(idle, 1e300, Y), np.where(idle[:, None], 1e300, X)
    fitted = model(client).fit(*cut(rows, y, np.where(idle, 0.0, 1.0)))
    assert_in_step(fitted, local().fit(rows, y, np.where(idle, 0.0, 1.0)))


def test_numbers_may_be_integers_or_in_memory(client):
    counts = COUNTS.astype(int)
    expected = local(loss="poisson").fit(X, COUNTS)
    X_ = da.from_array(X, chunks=(300, 5))
    for y in (counts, pd.Series(counts), cut(counts.astype(object))[0]):
        assert_in_step(model(client, loss="poisson").fit(X_, y), expected)


def test_function_as_loss(client):
    fourth = (lambda y, p: (p - y) ** 4 / 4.0, lambda y, p: (p - y) ** 3)
    expected = local(loss=fourth).fit(X, Y)
    assert_in_step(model(client, loss=fourth).fit(*cut(X, Y)), expected)


@pytest.mark.grid(4)
@pytest.mark.parametrize("in_dask", [True, False])
@pytest.mark.parametrize("params", [{}, LEVELS], ids=["squared error", "quantiles"])
def test_early_stopping_on_given_rows(client, in_dask, params):
    params = params | {"early_stopping": True, "learning_rate_init": 0.1, "max_iter": 100}
    params |= {"n_iter_no_change": 3, "tol": 1e-3}
    expected = local(**params).fit(X, Y, X_val=X[::5], y_val=Y[::5])
    X_val, y_val = cut(X[::5], Y[::5]) if in_dask else (X[::5], Y[::5])
    fitted = model(client, **params).fit(*cut(X, Y), X_val=X_val, y_val=y_val)
    for name in ("validation_loss_curve_", "validation_scores_"):
        ours, theirs = getattr(fitted, name), getattr(expected, name)
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-9)
    assert fitted.best_epoch_ == expected.best_epoch_
    assert fitted.converged_ and fitted.n_iter_ < 100


@pytest.mark.slow
@pytest.mark.grid(2)
@pytest.mark.parametrize("local_steps", [None, 4])
def test_regressor_learns(client, local_steps):
    params = {"batch_size": 32, "max_iter": 40, "learning_rate_init": 0.01}
    params |= {"hidden_layer_sizes": (50,), "local_steps": local_steps}
    fitted = model(client, **params).fit(*cut(X[:800], Y[:800]))
    assert fitted.to_local().score(X[800:], Y[800:]) > 0.8


def put(value, y=Y):
    """The rows, with this value in partition 2."""
    return cut(X, np.where(np.arange(N) == 700, value, y))


@pytest.mark.parametrize(
    ("make", "params", "error", "words"),
    [
        (lambda: put(np.nan), {}, ValueError, "Partition 2: Input y contains NaN"),
        (lambda: put(np.inf), {}, ValueError, "Partition 2: Input y contains infinity"),
        (
            lambda: put(-1.0, COUNTS),
            {"loss": "poisson"},
            ValueError,
            "Partition 2: loss='poisson' is defined for targets >= 0; got values from -1",
        ),
        (
            lambda: put(0.0, COUNTS + 1.0),
            {"loss": "gamma"},
            ValueError,
            "Partition 2: loss='gamma' is defined for targets > 0; got values from 0",
        ),
        (
            lambda: cut(X, np.where(np.arange(N) == 700, "a", Y.astype(object))),
            {},
            TypeError,
            "Partition 2: y must hold numbers; got text: a",
        ),
        (
            lambda: cut(X, Y.astype(str)),
            {},
            TypeError,
            "Partition [0-3]: y must hold numbers; got text: ",
        ),
        (
            lambda: cut(X, np.full(N, 1e308)),
            {},
            ValueError,
            r"y has values whose sum overflows",
        ),
        (
            lambda: cut(X, SEVERAL),
            LEVELS,
            ValueError,
            "loss='quantile' predicts one number per row; got a y of 3 columns",
        ),
        (lambda: (cut(X)[0], None), {}, ValueError, "y is None, but a fit needs"),
        (lambda: (X, Y), {}, TypeError, "X must be a Dask array or DataFrame"),
        (
            lambda: cut(X, Y, np.zeros(N)),
            {},
            ValueError,
            "at least one non-zero number",
        ),
        (lambda: cut(X, Y), {"quantile": 2.0}, ValueError, "'quantile' parameter"),
        (lambda: cut(X, Y), {"solver": "lbfgs"}, ValueError, "takes all rows in every"),
        (lambda: cut(X, Y), {"early_stopping": True}, ValueError, "needs X_val and y_val"),
    ],
)
def test_invalid_data_and_parameters_are_refused(client, make, params, error, words):
    with pytest.raises(error, match=words):
        model(client, **params).fit(*make())


def test_different_numbers_of_columns_in_partitions_are_refused(client):
    y = cut(SEVERAL)[0].map_blocks(
        lambda block, block_info: block[:, : 3 - block_info[0]["chunk-location"][0] // 2],
        dtype=float,
    )
    with pytest.raises(ValueError, match="Partitions 0 and 2 have different numbers of"):
        model(client).fit(cut(X)[0], y)


def test_classes_are_not_a_parameter_of_fit(client):
    assert "classes" not in inspect.signature(DaskFullyConnectedRegressor.fit).parameters
    with pytest.raises(TypeError, match="unexpected keyword argument 'classes'"):
        model(client).fit(*cut(X, Y), classes=[0, 1])


KINDS = {"one": (Y, {}), "several": (SEVERAL, {}), "quantiles": (Y, LEVELS)}


@pytest.fixture(scope="module", params=KINDS)
def fitted(client, request):
    y, params = KINDS[request.param]
    return model(client, **params).fit(*cut(X, y)), y


@pytest.mark.grid(3)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_predictions_of_an_array_are_lazy(fitted, dtype):
    fitted, _ = fitted
    rows = X.astype(dtype)
    lazy, expected = fitted.predict(cut(rows)[0]), fitted.to_local().predict(rows)
    assert isinstance(lazy, da.Array)
    assert lazy.chunks == ((300, 300, 300, 100), *((n,) for n in expected.shape[1:]))
    assert lazy.dtype == lazy._meta.dtype == lazy.compute().dtype == dtype
    assert lazy._meta.ndim == expected.ndim
    tolerance = 1e-5 if dtype == np.float32 else 1e-12
    np.testing.assert_allclose(lazy.compute(), expected, rtol=tolerance, atol=tolerance)
    in_memory = fitted.predict(rows)
    assert isinstance(in_memory, np.ndarray)
    np.testing.assert_array_equal(in_memory, expected)


def test_predictions_of_a_frame_with_an_empty_partition(fitted):
    fitted, _ = fitted
    frame = dd.from_pandas(pd.DataFrame(X), npartitions=3)
    frame = dd.concat([frame[frame[2] > 100.0], frame])
    lazy, expected = fitted.predict(frame), fitted.to_local().predict(X)
    assert isinstance(lazy, da.Array)
    assert (lazy.ndim, lazy.dtype) == (expected.ndim, expected.dtype)
    np.testing.assert_allclose(lazy.compute(), expected, rtol=1e-12)


def test_score_is_that_of_the_local_model(fitted):
    fitted, y = fitted
    for given in ((), (WEIGHTS,)):
        expected = fitted.to_local().score(X, y, *given)
        assert fitted.score(*cut(X, y, *given)) == pytest.approx(expected, rel=1e-9)


def test_local_model_is_an_independent_regressor(fitted):
    fitted, y = fitted
    twin = fitted.to_local()
    assert type(twin) is FullyConnectedRegressor
    assert twin.get_params().keys() == FullyConnectedRegressor().get_params().keys()
    before = fitted.coefs_[0].copy()
    twin.partial_fit(X, y)
    np.testing.assert_array_equal(fitted.coefs_[0], before)
    assert np.abs(twin.coefs_[0] - before).max() > 0.0


def test_clone_keeps_the_client_and_pickle_drops_it(client, fitted):
    fitted, _ = fitted
    twin = clone(fitted)
    assert is_regressor(twin)
    assert twin.client is client
    assert not hasattr(twin, "coefs_")
    for other in (pickle.loads(pickle.dumps(fitted)), copy.deepcopy(fitted)):
        assert other.client is None
        np.testing.assert_array_equal(other.predict(X), fitted.predict(X))
    assert fitted.client is client


def test_parameters_are_those_of_the_regressor_and_two_others(client):
    ours = inspect.signature(DaskFullyConnectedRegressor).parameters
    theirs = inspect.signature(FullyConnectedRegressor).parameters
    assert [*ours] == [*theirs, "client", "local_steps"]
    assert all(ours[name].default == theirs[name].default for name in theirs)
    given = DaskFullyConnectedRegressor("huber", 5, client=client, local_steps=2)
    assert given.get_params()["loss"] == "huber"
    assert given.set_params(local_steps=5, alpha=1.0).local_steps == 5
    with pytest.raises(TypeError):
        DaskFullyConnectedRegressor(workers=5)


def test_partial_fit_does_not_exist(client):
    assert not hasattr(model(client), "partial_fit")
    with pytest.raises(AttributeError) as error:
        model(client).partial_fit(X, Y)
    assert "DaskFullyConnectedRegressor has no partial_fit" in str(error.value.__cause__)


def test_warm_start_keeps_the_scale(client):
    expected = local(warm_start=True).fit(X, Y).fit(X, Y + 100.0)
    fitted = model(client, warm_start=True).fit(*cut(X, Y))
    scale = fitted._target.scale
    fitted.fit(*cut(X, Y + 100.0))
    assert fitted._target.scale is scale
    assert_in_step(fitted, expected)
    assert len(fitted.loss_curve_) == 16


def test_warm_start_with_another_target_is_refused(client):
    fitted = model(client, warm_start=True).fit(*cut(X, Y))
    with pytest.raises(ValueError, match="fitted with 1 numbers per row; got a y of 3"):
        fitted.fit(*cut(X, SEVERAL))
    for params in ({"scale_target": False}, {"loss": "poisson"}):
        changed = copy.copy(fitted).set_params(client=client, **params)
        with pytest.raises(ValueError, match="The fitted network has"):
            changed.fit(*cut(X, COUNTS))


def test_fit_from_given_weights(client):
    start = local(max_iter=3).fit(X, Y)
    init = {"coefs_init": [*start.coefs_], "intercepts_init": [*start.intercepts_]}
    expected = local().fit(X, Y, **init)
    assert_in_step(model(client).fit(*cut(X, Y), **init), expected)


@pytest.mark.grid(2)
@pytest.mark.parametrize("y", [Y, COUNTS], ids=["squared error", "poisson"])
def test_stopped_fit_is_resumed(client, y):
    params = {"batch_size": 100, "loss": "squared_error" if y is Y else "poisson"}
    whole = model(client, **params).fit(*cut(X, y))
    begun = model(client, **params).fit(*cut(X, y), stop_after=3)
    resumed = model(client, **params).fit(*cut(X, y), resume_from=begun)
    assert resumed.n_iter_ == 8
    assert_in_step(resumed, whole)
    other = y.copy()
    other[701] += 1.0
    with pytest.raises(ValueError, match="have the data of the first fit"):
        model(client, **params).fit(*cut(X, other), resume_from=begun)


@needs_callbacks
def test_fit_is_resumed_from_a_checkpoint(client, tmp_path):
    params = {"batch_size": 100}
    whole = model(client, **params).fit(*cut(X, SEVERAL, WEIGHTS))
    begun = model(client, **params).set_callbacks(Checkpoint(tmp_path))
    begun.fit(*cut(X, SEVERAL, WEIGHTS), stop_after=3)
    (*_, last) = sorted(tmp_path.iterdir())
    stored = load_checkpoint(last)
    assert type(stored) is DaskFullyConnectedRegressor
    np.testing.assert_array_equal(stored._target.scale.mean, begun._target.scale.mean)
    resumed = model(client, **params)
    resumed.fit(*cut(X, SEVERAL, WEIGHTS), resume_from=tmp_path)
    assert resumed.n_iter_ == 8
    assert_in_step(resumed, whole)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Port .* is already in use")
def test_docstring_example_runs():
    found = doctest.testmod(regressor)
    assert found.attempted > 8
    assert found.failed == 0
