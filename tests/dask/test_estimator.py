"""DaskFullyConnectedClassifier as an estimator, and its predictions."""

import asyncio
import copy
import doctest
import gc
import inspect
import pickle
import time

import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from callback_support import needs_callbacks
from dask.distributed import Client
from dask_cluster import cut, workers
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError

from skfcnn import FullyConnectedClassifier
from skfcnn.callbacks import EarlyStopping, GradientMonitor
from skfcnn.dask import (
    DaskFullyConnectedClassifier,
    DaskFullyConnectedRegressor,
    classifier,
)
from skfcnn.dask.estimator import DistributedNetwork, with_parameters_of

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, y = load_digits(return_X_y=True)
X = X / 16.0


@pytest.fixture(scope="module")
def fitted(client):
    model = DaskFullyConnectedClassifier(
        (20,), client=client, max_iter=5, random_state=0, dtype="float64"
    )
    return model.fit(*cut(X, y))


METHODS = ["predict", "predict_proba", "predict_log_proba"]


@pytest.mark.grid(3)
@pytest.mark.parametrize("method", METHODS)
def test_predictions_of_an_array_are_lazy_and_equal_the_local_model(fitted, method):
    lazy = getattr(fitted, method)(cut(X)[0])
    local = getattr(fitted.to_local(), method)(X)
    assert isinstance(lazy, da.Array)
    assert lazy.chunks[0] == (300,) * 5 + (297,)
    assert lazy.shape == local.shape
    assert lazy.dtype == lazy._meta.dtype == local.dtype
    computed = lazy.compute()
    assert computed.dtype == local.dtype
    np.testing.assert_allclose(computed, local, rtol=1e-12)
    np.testing.assert_allclose(getattr(fitted, method)(X), local, rtol=1e-12)


@pytest.mark.grid(3)
@pytest.mark.parametrize("method", METHODS)
def test_predictions_of_a_frame_with_an_empty_partition(fitted, method):
    frame = dd.from_pandas(pd.DataFrame(X), npartitions=5)
    frame = frame[frame[2] > 2]  # no row passes
    frame = dd.concat([frame, dd.from_pandas(pd.DataFrame(X), npartitions=2)])
    lazy = getattr(fitted, method)(frame)
    local = getattr(fitted.to_local(), method)(X)
    assert isinstance(lazy, da.Array)
    assert lazy.ndim == local.ndim and lazy.dtype == local.dtype
    np.testing.assert_allclose(lazy.compute(), local, rtol=1e-12)


def test_score_is_the_accuracy(fitted):
    expected = fitted.to_local().score(X, y)
    assert fitted.score(*cut(X, y)) == pytest.approx(expected, rel=1e-12)
    weights = np.arange(len(X))
    expected = fitted.to_local().score(X, y, weights)
    assert fitted.score(*cut(X, y, weights)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.grid(2)
@pytest.mark.parametrize("given", [True, False], ids=["client", "the last client"])
def test_score_releases_its_futures(fitted, client, given):
    """Otherwise Dask warns if y is computed next: other tasks have the same keys."""
    X_, y_ = cut(X, y)
    model = copy.copy(fitted).set_params(client=client if given else None)
    for _ in range(5):
        model.score(X_, y_)
        assert not client.futures


@pytest.mark.grid(2)
@pytest.mark.parametrize("labels", [y, np.where(y < 5, "small", "large")])
def test_score_of_frames(client, labels):
    frame = dd.from_pandas(pd.DataFrame(X).assign(label=labels), npartitions=3)
    X_, y_ = frame.drop(columns="label"), frame["label"]
    model = DaskFullyConnectedClassifier((20,), client=client, max_iter=5, random_state=0)
    weights = frame[10] + 0.1
    model.fit(X_, y_, weights, X_val=X_.to_dask_array(), y_val=y_)
    local = model.to_local()
    assert model.score(X_, y_) == pytest.approx(local.score(X, labels))
    expected = local.score(X, labels, X[:, 10] + 0.1)
    assert model.score(X_, y_, weights) == pytest.approx(expected)


def test_local_model_is_an_independent_classifier(fitted):
    local = fitted.to_local()
    assert type(local) is FullyConnectedClassifier
    assert local.get_params().keys() == FullyConnectedClassifier().get_params().keys()
    assert local.get_params()["hidden_layer_sizes"] == (20,)
    assert local.loss_curve_ == fitted.loss_curve_
    before = fitted.coefs_[0].copy()
    local.coefs_[0][...] = 0.0
    np.testing.assert_array_equal(fitted.coefs_[0], before)
    local.partial_fit(X, y)
    assert pickle.loads(pickle.dumps(local)).predict(X[:3]).shape == (3,)


def test_parameters_are_those_of_the_classifier_and_two_others(client):
    ours = inspect.signature(DaskFullyConnectedClassifier).parameters
    theirs = inspect.signature(FullyConnectedClassifier).parameters
    assert [*ours] == [*theirs, "client", "local_steps"]
    assert all(ours[name].default == theirs[name].default for name in theirs)
    model = DaskFullyConnectedClassifier((3, 4), "tanh", client=client, local_steps=2)
    assert model.get_params()["activation"] == "tanh"
    assert model.set_params(local_steps=5, alpha=1.0).local_steps == 5
    with pytest.raises(ValueError, match="Invalid parameter"):
        model.set_params(workers=5)
    with pytest.raises(TypeError):
        DaskFullyConnectedClassifier(workers=5)


def test_constructor_shows_the_parameters_that_it_passes_on():
    class Local:
        def __init__(self, alpha=1, *, beta=2):
            self.alpha, self.beta = alpha, beta

    @with_parameters_of(Local)
    def init(self, *args, client=None, local_steps=3, **params):
        return args, params

    shown = inspect.signature(init)
    assert str(shown) == "(self, alpha=1, *, beta=2, client=None, local_steps=3)"
    assert init(None, 5, beta=6) == ((5,), {"beta": 6})


@pytest.mark.parametrize(
    "kind", [DaskFullyConnectedClassifier, DaskFullyConnectedRegressor]
)
def test_estimators_differ_only_in_what_depends_on_y(kind):
    assert issubclass(kind, DistributedNetwork)
    own = {name for name in vars(kind) if callable(getattr(kind, name))}
    shared = {"to_local", "__sklearn_clone__", "__getstate__", "partial_fit"}
    assert not own & shared


@pytest.mark.parametrize("local_steps", [0, 1.5, "two"])
def test_invalid_local_steps_are_refused(client, local_steps):
    model = DaskFullyConnectedClassifier(client=client, local_steps=local_steps)
    with pytest.raises(ValueError, match="'local_steps' parameter"):
        model.fit(*cut(X, y))


def test_clone_keeps_the_client_and_pickle_drops_it(client, fitted):
    twin = clone(fitted)
    assert twin.client is client
    assert not hasattr(twin, "classes_")
    for model in (pickle.loads(pickle.dumps(fitted)), copy.deepcopy(fitted)):
        assert model.client is None
        np.testing.assert_array_equal(model.coefs_[0], fitted.coefs_[0])
    assert fitted.client is client


def test_fitted_model_has_no_state_of_the_cluster(fitted):
    assert not {"_cluster_rows", "_declared_classes"} & vars(fitted).keys()


def test_default_client_is_the_last_one(client):
    model = DaskFullyConnectedClassifier((5,), max_iter=1, random_state=0)
    assert model.fit(*cut(X, y)).n_iter_ == 1


async def fit_by_an_asynchronous_client(address, fit):
    asynchronous = Client(address, asynchronous=True, set_as_default=False)
    async with asynchronous as client:
        model = DaskFullyConnectedClassifier((5,), client=client, max_iter=1)
        return await fit(model, *cut(X, y))


async def in_the_event_loop(model, X, y):
    return model.fit(X, y)


async def in_a_thread(model, X, y):
    return await asyncio.to_thread(model.fit, X, y)


def test_asynchronous_client_is_refused_with_a_fix_that_works(client):
    address = client.scheduler.address
    with pytest.raises(ValueError, match="asynchronous client.*asyncio.to_thread"):
        asyncio.run(fit_by_an_asynchronous_client(address, in_the_event_loop))
    fitted = asyncio.run(fit_by_an_asynchronous_client(address, in_a_thread))
    assert fitted.n_iter_ == 1


def test_invalid_and_closed_clients_are_refused(client):
    address = client.scheduler.address
    with pytest.raises(TypeError, match="client must be a dask.distributed.Client"):
        DaskFullyConnectedClassifier(client=address).fit(*cut(X, y))
    closed = Client(address, set_as_default=False)
    closed.close()
    with pytest.raises(ValueError, match="The client is closed"):
        DaskFullyConnectedClassifier(client=closed).fit(*cut(X, y))


@pytest.fixture
def is_empty(client, monkeypatch):
    """Return a function that checks that the cluster holds no data.

    Garbage collection is off. Every wait times out at first, as in a long fit.
    """
    monkeypatch.setattr("skfcnn.dask.rows.POLL_SECONDS", 1e-3)
    monkeypatch.setattr("skfcnn.dask.cluster.POLL_SECONDS", 1e-3)
    gc.collect()
    gc.disable()

    def is_empty():
        deadline = time.monotonic() + 5.0  # the client informs the scheduler with a delay
        while client.cluster.scheduler.tasks and time.monotonic() < deadline:
            time.sleep(0.05)
        return not client.cluster.scheduler.tasks

    yield is_empty
    gc.enable()


def test_fit_leaves_no_data_on_the_workers(client, is_empty):
    X_, y_ = cut(X, y)
    model = DaskFullyConnectedClassifier((5,), client=client, max_iter=2)
    model.fit(X_, y_, X_val=X_[:300], y_val=y_[:300])
    mailboxes = client.run(
        lambda dask_worker: len(dask_worker.plugins["skfcnn-mailbox"].queues)
    )
    assert set(mailboxes.values()) == {0}
    assert is_empty()  # while the model exists


@pytest.mark.grid(2)
@pytest.mark.parametrize(
    ("factor", "params"),
    [
        (np.nan, {}),
        (1e100, {"solver": "sgd", "learning_rate_init": 1e9}),
    ],
    ids=["before training", "in training"],
)
def test_failed_fit_leaves_no_data_on_the_workers(client, is_empty, factor, params):
    model = DaskFullyConnectedClassifier((5,), client=client, max_iter=2, **params)
    with pytest.raises(ValueError, match="NaN|non-finite"):
        try:
            model.fit(*cut(X * factor, y))
        except ValueError as error:  # its traceback refers to all objects of the fit
            assert is_empty(), error
            raise


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"solver": "lbfgs"}, "takes all rows in every step"),
        ({"solver": "lazy_adam"}, "cannot be distributed"),
        ({"early_stopping": True}, "needs X_val and y_val"),
        ({"alpha": -1.0}, "'alpha' parameter"),
    ],
)
def test_unsupported_parameters_are_refused(client, params, words):
    model = DaskFullyConnectedClassifier(client=client, **params)
    with pytest.raises(ValueError, match=words):
        model.fit(*cut(X, y))
    with pytest.raises(NotFittedError):
        model.predict(cut(X)[0])


def test_partial_fit_does_not_exist(client):
    model = DaskFullyConnectedClassifier(client=client)
    assert not hasattr(model, "partial_fit")
    with pytest.raises(AttributeError) as error:
        model.partial_fit(X, y)
    assert "warm_start=True" in str(error.value.__cause__)


def test_fit_is_resumed_only_with_the_same_rows(client):
    params = {"max_iter": 6, "random_state": 0, "dtype": "float64", "tol": 0.0}
    params |= {"hidden_layer_sizes": (10,), "client": client}
    whole = DaskFullyConnectedClassifier(**params).fit(*cut(X, y))
    begun = DaskFullyConnectedClassifier(**params).fit(*cut(X, y), stop_after=2)
    other = X.copy()
    other[1001, 7] += 1e-9  # one number
    for X_, y_ in ((other, y), (X[:-1], y[:-1])):
        with pytest.raises(ValueError, match="have the (data|rows) of the first"):
            DaskFullyConnectedClassifier(**params).fit(*cut(X_, y_), resume_from=begun)
    with pytest.raises(ValueError, match="alpha"):
        DaskFullyConnectedClassifier(alpha=1.0, **params).fit(*cut(X, y), resume_from=begun)
    model = DaskFullyConnectedClassifier(**params).fit(*cut(X, y), resume_from=begun)
    assert model.n_iter_ == 6
    np.testing.assert_allclose(model.loss_curve_, whole.loss_curve_, rtol=1e-10)
    np.testing.assert_allclose(model._network.theta, whole._network.theta, atol=1e-10)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Port .* is already in use")
def test_docstring_example_runs():
    found = doctest.testmod(classifier)
    assert found.attempted > 8
    assert found.failed == 0


def test_all_computation_uses_the_given_client(client):
    """Also if another client is created later."""
    X_, y_ = cut(X, y)
    with workers(1) as other:
        model = DaskFullyConnectedClassifier((5,), client=client, max_iter=2)
        model.fit(X_, y_, X_val=X_, y_val=y_)
        assert model.score(X_, y_) == pytest.approx(model.to_local().score(X, y))
        done = other.run_on_scheduler(
            lambda dask_scheduler: dask_scheduler.transition_counter
        )
    assert done == 0


@pytest.mark.slow
@needs_callbacks
def test_callbacks_get_the_epochs_and_a_sample_of_the_rows(client):
    """Gradients are computed on a sample of the rows, scores by the cluster."""
    from sklearn.callback import ProgressBar

    monitor, stopping = GradientMonitor(n_rows=500), EarlyStopping(n_iter_no_change=2)
    rate = {"learning_rate_init": 0.02}
    model = DaskFullyConnectedClassifier((10,), client=client, random_state=0, **rate)
    model.set_callbacks(monitor, stopping, ProgressBar())
    model.fit(*cut(X, y, np.linspace(0.5, 1.0, len(X))))
    assert model.n_iter_ < 200 and not model.converged_
    records = pd.DataFrame(monitor.records_)
    assert len(records) == 2 * model.n_iter_
    norms = records[records["layer"] == 1]["gradient"].to_numpy()
    assert norms[-1] < norms[0]
    assert model.score(*cut(X, y)) > 0.9
