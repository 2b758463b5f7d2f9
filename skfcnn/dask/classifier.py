"""A classifier on a cluster: the client holds the model, the workers hold the rows."""

import inspect
from collections.abc import Sequence
from numbers import Integral
from typing import Self

import distributed
import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import accuracy_score
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skfcnn._sklearn import Interval, fit_context
from skfcnn.classifier import FullyConnectedClassifier
from skfcnn.dask.clients import release_worker_thread, usable_client
from skfcnn.dask.collections import in_memory, is_collection
from skfcnn.dask.predictions import predictions
from skfcnn.dask.rows import ClusterRows
from skfcnn.dask.source import CollectionRows
from skfcnn.estimator.constraints import OF_CLASSIFIERS, STOCHASTIC
from skfcnn.estimator.resuming import FREE, Start
from skfcnn.estimator.rows import GivenRows
from skfcnn.training.optimizers import LAZY

OWN_PARAMETERS = {"client", "local_steps"}


class DaskFullyConnectedClassifier(FullyConnectedClassifier):
    """Fully connected neural network classifier for Dask arrays and DataFrames.

    The rows stay on the workers of a cluster. Each worker computes the gradient of its rows
    of a batch; the parameters are updated with the sum of these gradients. On the same
    batches, training is therefore the same as that of FullyConnectedClassifier, for any
    number of workers. The batches differ: each takes its share of every partition.

    Parameters
    ----------
    hidden_layer_sizes, activation, solver, alpha, batch_size, ...
        All parameters of FullyConnectedClassifier, with the same defaults and meaning.
        `batch_size` is the batch size of all workers together. Each step costs messages
        between the workers, so large batches are faster: 4,096 rows, or more.

    client : distributed.Client, default=None
        The client of the cluster; None uses the most recently created client. It is not
        pickled.

    local_steps : int, default=None
        If None, all workers take every step together. Otherwise each worker takes this
        number of steps on batches of `batch_size` of its own rows; then the parameters of
        all workers are averaged, weighted by their rows. This is a different method, for
        slow networks: it communicates less, but its result depends on the workers.

    Attributes
    ----------
    classes_, coefs_, intercepts_, loss_curve_, validation_scores_, n_iter_, ...
        As in FullyConnectedClassifier. The model is in the memory of this process.

    See Also
    --------
    skfcnn.FullyConnectedClassifier : For rows in memory, or memory-mapped.

    Notes
    -----
    A sample of about 5,000 rows is sent to the client: for data-driven initial weights, to
    find the columns with more than two values, and for warnings.

    If a worker is lost, the others repeat the current epoch; a worker that joins is used
    from the next epoch on. With `skfcnn.callbacks.Checkpoint`, a fit can be resumed after
    its client or scheduler was lost, also on other workers.

    Examples
    --------
    >>> import dask.array as da
    >>> from dask.distributed import Client
    >>> from skfcnn.dask import DaskFullyConnectedClassifier
    >>> client = Client(processes=False, n_workers=2, threads_per_worker=1)
    >>> X = da.random.default_rng(0).normal(size=(10_000, 20), chunks=(2_500, 20))
    >>> y = (X[:, 0] * X[:, 1] > 0).astype(int)
    >>> model = DaskFullyConnectedClassifier(batch_size=500, max_iter=40, random_state=0)
    >>> model.fit(X, y).score(X, y) > 0.9
    True
    >>> model.predict_proba(X).chunks
    ((2500, 2500, 2500, 2500), (2,))
    >>> client.close()
    """

    _parameter_constraints: dict = {
        **OF_CLASSIFIERS,
        "local_steps": [None, Interval(Integral, 1, None, closed="left")],
    }
    _free_to_differ = FREE | {"client"}

    def __init__(
        self,
        *args,
        client: distributed.Client | None = None,
        local_steps: int | None = None,
        **params,
    ) -> None:
        super().__init__(*args, **params)
        self.client = client
        self.local_steps = local_steps

    @fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X,
        y,
        sample_weight=None,
        *,
        classes: ArrayLike | None = None,
        X_val=None,
        y_val: ArrayLike | None = None,
        sample_weight_val: ArrayLike | None = None,
        coefs_init: Sequence[np.ndarray] | None = None,
        intercepts_init: Sequence[np.ndarray] | None = None,
        resume_from=None,
        stop_after: int | None = None,
    ) -> Self:
        """Train the network on X and y, on the workers.

        Parameters
        ----------
        X : Dask array or DataFrame of shape (n_samples, n_features)
            The input data. The chunks of an array may be sparse matrices.
        y : Dask array, Series or DataFrame of shape (n_samples,) or (n_samples, n_labels)
            Class labels, partitioned like X. If the chunk sizes of X are known, an array
            may have other chunks or be in memory.
        sample_weight : Dask array or Series of shape (n_samples,), default=None
            Weight of each row, partitioned like y.
        classes : array-like of shape (n_classes,), default=None
            All classes, including those that y lacks. None: the classes in y.
        X_val, y_val, sample_weight_val
            Validation data, as in FullyConnectedClassifier. It is kept in memory; a Dask
            collection is computed. Required for `early_stopping`.
        coefs_init, intercepts_init, resume_from, stop_after
            As in FullyConnectedClassifier. With `resume_from`, the data must be in the
            same partitions; the workers may differ.

        Returns
        -------
        self : DaskFullyConnectedClassifier

        Raises
        ------
        TypeError
            If X is not a Dask collection.
        ValueError
            If the data are invalid (the message names the partition), the solver is
            "lbfgs", `early_stopping` is set without X_val, or there is no client.
        RuntimeError
            If workers are lost repeatedly, or there are none.
        """
        self._check_can_be_distributed(X_val)
        client = usable_client(self.client)
        with release_worker_thread(), ClusterRows(client) as cluster_rows:
            # Before the rows are read: Dask must not compute the same keys with other
            # dependencies at the same time, https://github.com/dask/dask/issues/9888.
            validation = in_memory(client, X_val, y_val, sample_weight_val)
            given = GivenRows(X, y, sample_weight)
            return self._fit(
                CollectionRows(cluster_rows, given, classes),
                GivenRows(*validation),
                Start(coefs_init, intercepts_init, resume_from, stop_after),
            )

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
            "DaskFullyConnectedClassifier has no partial_fit. Use fit with "
            "warm_start=True, or to_local().partial_fit."
        )

    @available_if(_has_no_partial_fit)
    def partial_fit(self):
        """Not available: `fit` with `warm_start=True` continues on other rows."""

    def predict(self, X):
        """Predict the class, or the labels, of each row.

        Parameters
        ----------
        X : Dask array or DataFrame, or what FullyConnectedClassifier takes, of shape \
                (n_samples, n_features)

        Returns
        -------
        y : Dask array of shape (n_samples,) or (n_samples, n_labels)
            Lazy. For rows in memory, an ndarray as from FullyConnectedClassifier.
        """
        return self._predictions("predict", X)

    def predict_proba(self, X):
        """Predict the probability of each class, or of each label.

        Parameters
        ----------
        X : Dask array or DataFrame, or what FullyConnectedClassifier takes, of shape \
                (n_samples, n_features)

        Returns
        -------
        probabilities : Dask array of shape (n_samples, n_classes)
            Lazy, with the chunks of X. For rows in memory, an ndarray.
        """
        return self._predictions("predict_proba", X)

    def predict_log_proba(self, X):
        """Predict the logarithm of the probability of each class, or of each label.

        Parameters
        ----------
        X : Dask array or DataFrame, or what FullyConnectedClassifier takes, of shape \
                (n_samples, n_features)

        Returns
        -------
        log_probabilities : Dask array of shape (n_samples, n_classes)
            As `predict_proba`.
        """
        return self._predictions("predict_log_proba", X)

    def _predictions(self, method, X):
        check_is_fitted(self)
        if is_collection(X):
            return predictions(self.to_local(), method, X)
        return getattr(super(), method)(X)

    def score(self, X, y, sample_weight=None) -> float:
        """Return the accuracy of `predict(X)`; only labels are sent to the client.

        Parameters
        ----------
        X : Dask array or DataFrame of shape (n_samples, n_features)
        y : Dask array or Series of shape (n_samples,) or (n_samples, n_labels)
        sample_weight : Dask array or Series of shape (n_samples,), default=None

        Returns
        -------
        score : float
        """
        given = (y, self.predict(X), sample_weight)
        y, predicted, weights = in_memory(self.client, *given)
        return float(accuracy_score(y, predicted, sample_weight=weights))

    def to_local(self) -> FullyConnectedClassifier:
        """Return the model as a FullyConnectedClassifier, with a copy of its weights.

        Returns
        -------
        local : FullyConnectedClassifier
            Its `partial_fit` starts a new solver.
        """
        state = self.__getstate__()
        local = object.__new__(FullyConnectedClassifier)
        local.__setstate__({name: state[name] for name in state.keys() - OWN_PARAMETERS})
        return local.__copy__()

    def __sklearn_clone__(self):
        """Clone with the same client, which cannot be copied."""
        without = object.__new__(type(self))
        vars(without).update(vars(self), client=None)
        twin = super(DaskFullyConnectedClassifier, without).__sklearn_clone__()
        return twin.set_params(client=self.client)

    def __getstate__(self):
        """Drop the client: another process has another one."""
        return super().__getstate__() | {"client": None}


def _signature() -> inspect.Signature:
    """Return the parameters of FullyConnectedClassifier, `client` and `local_steps`."""
    base = inspect.signature(FullyConnectedClassifier.__init__)
    own = inspect.signature(DaskFullyConnectedClassifier.__init__).parameters
    added = [own["client"], own["local_steps"]]
    return base.replace(parameters=[*base.parameters.values(), *added])


DaskFullyConnectedClassifier.__init__.__signature__ = _signature()  # type: ignore[attr-defined]
