"""Base class of estimators on a cluster: the client has the model, workers the rows."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from numbers import Integral
from typing import Any, ClassVar

import distributed
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skfcnn._sklearn import Interval
from skfcnn.dask.clients import release_worker_thread, usable_client
from skfcnn.dask.collections import in_memory, is_collection
from skfcnn.dask.predictions import predictions
from skfcnn.dask.rows import ClusterRows
from skfcnn.dask.source import CollectionRows
from skfcnn.dask.summary import Summary
from skfcnn.estimator.constraints import STOCHASTIC
from skfcnn.estimator.fit import LearningNetwork
from skfcnn.estimator.resuming import FREE
from skfcnn.estimator.rows import GivenRows
from skfcnn.training.optimizers import LAZY

OWN_PARAMETERS = ("client", "local_steps")
OWN_CONSTRAINTS: dict = {"local_steps": [None, Interval(Integral, 1, None, closed="left")]}


def with_parameters_of(local: type) -> Callable[[Callable], Callable]:
    """Return a decorator that adds the parameters of a local estimator to a signature.

    The decorated constructor has `client` and `local_steps`, and passes on all others.
    """

    def decorate(init: Callable) -> Callable:
        base = inspect.signature(local.__init__)  # type: ignore[misc]
        own = inspect.signature(init).parameters
        parameters = [*base.parameters.values(), *map(own.__getitem__, OWN_PARAMETERS)]
        init.__signature__ = base.replace(parameters=parameters)  # type: ignore[attr-defined]
        return init

    return decorate


class DistributedNetwork(LearningNetwork):
    """A network that is trained on rows on the workers of a cluster.

    A subclass inherits from this class first, and then from the local estimator.
    """

    _local_class: ClassVar[type[LearningNetwork]]
    _summary_class: ClassVar[type[Summary]]
    _free_to_differ = FREE | {"client"}

    client: distributed.Client | None
    local_steps: int | None

    @contextmanager
    def _on_cluster(
        self, given: GivenRows, validation: GivenRows, create: Callable
    ) -> Iterator[tuple[CollectionRows, GivenRows]]:
        """Yield the rows of a fit, and those to validate on, in memory.

        `create(y)` returns the target of a new fit.
        """
        self._check_can_be_distributed(validation.X)
        client = usable_client(self.client)
        kind = self._summary_class
        with release_worker_thread(), ClusterRows(client, kind) as cluster_rows:
            # Before the rows are read: Dask must not compute the same keys with other
            # dependencies at the same time, https://github.com/dask/dask/issues/9888.
            validation = GivenRows(*in_memory(client, *validation))
            yield CollectionRows(cluster_rows, given, create), validation

    def _check_can_be_distributed(self, X_val):
        if self.solver == "lbfgs":
            raise ValueError(
                "solver='lbfgs' takes all rows in every step; it cannot be distributed. "
                f"Use {STOCHASTIC}."
            )
        if self.solver in LAZY:
            raise ValueError(
                f"solver={self.solver!r} cannot be distributed: the workers sum gradients "
                "of all inputs. Use solver='adam'."
            )
        if self.early_stopping and X_val is None:
            raise ValueError(
                "early_stopping=True needs X_val and y_val: no rows of a Dask collection "
                "are held out. Pass X_val and y_val, or use early_stopping=False."
            )

    def _has_no_partial_fit(self):
        raise AttributeError(
            f"{type(self).__name__} has no partial_fit. Use fit with warm_start=True, or "
            "to_local().partial_fit."
        )

    @available_if(_has_no_partial_fit)
    def partial_fit(self):
        """Not available: `fit` with `warm_start=True` continues on other rows."""

    def _predictions(self, method, X):
        check_is_fitted(self)
        if is_collection(X):
            return predictions(self.to_local(), method, X)
        return getattr(super(), method)(X)

    def _to_score(self, X, y, sample_weight) -> list:
        """Return y, the predictions and the weights, in memory."""
        return in_memory(self.client, y, self.predict(X), sample_weight)

    def to_local(self) -> Any:
        """Return the model as an estimator for rows in memory, with a copy of its weights.

        Returns
        -------
        local : FullyConnectedClassifier or FullyConnectedRegressor
            Its `partial_fit` starts a new solver.
        """
        state = self.__getstate__()
        local = object.__new__(self._local_class)
        kept = state.keys() - {*OWN_PARAMETERS}
        local.__setstate__({name: state[name] for name in kept})
        return local.__copy__()

    def __sklearn_clone__(self):
        """Clone with the same client, which cannot be copied."""
        without = object.__new__(type(self))
        vars(without).update(vars(self), client=None)
        twin = super(DistributedNetwork, without).__sklearn_clone__()
        return twin.set_params(client=self.client)

    def __getstate__(self):
        """Drop the client, which belongs to this process."""
        return super().__getstate__() | {"client": None}
