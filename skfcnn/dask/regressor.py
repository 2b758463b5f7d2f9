"""A regressor on a cluster."""

from collections.abc import Sequence
from functools import partial
from typing import Self

import distributed
import numpy as np
from numpy.typing import ArrayLike

from skfcnn._sklearn import fit_context
from skfcnn.dask.estimator import OWN_CONSTRAINTS, DistributedNetwork, with_parameters_of
from skfcnn.dask.number_summary import NumberSummary
from skfcnn.estimator.constraints import OF_REGRESSORS
from skfcnn.estimator.regression_target import RegressionTarget
from skfcnn.estimator.resuming import Start
from skfcnn.estimator.rows import GivenRows
from skfcnn.regressor import FullyConnectedRegressor


class DaskFullyConnectedRegressor(DistributedNetwork, FullyConnectedRegressor):
    """Fully connected neural network regressor for Dask arrays and DataFrames.

    The rows stay on the workers of a cluster. Each worker computes the gradient of its rows
    of a batch; the parameters are updated with the sum of these gradients. On the same
    batches, training is therefore the same as that of FullyConnectedRegressor, for any
    number of workers. The batches differ: each takes its share of every partition.

    Parameters
    ----------
    loss, hidden_layer_sizes, activation, solver, alpha, batch_size, ...
        All parameters of FullyConnectedRegressor, with the same defaults and meaning.
        `batch_size` is the batch size of all workers together. Each step costs messages
        between the workers, so large batches are faster: 4,096 rows, or more.
        `scale_target` uses the mean and the standard deviation of all rows.

    client : distributed.Client, default=None
        The client of the cluster; None uses the most recently created client. It is not
        pickled.

    local_steps : int, default=None
        None is synchronous data-parallel training: all workers take every step together. An
        int is local SGD: each worker takes this
        number of steps on batches of `batch_size` of its own rows; then the parameters of
        all workers are averaged, weighted by their rows. Local SGD is for slow connections
        between workers: it communicates less, but its result depends on the workers.

    Attributes
    ----------
    coefs_, intercepts_, loss_curve_, validation_scores_, n_iter_, ...
        As in FullyConnectedRegressor. The model is in the memory of this process.

    See Also
    --------
    skfcnn.FullyConnectedRegressor : For rows in memory, or memory-mapped.
    DaskFullyConnectedClassifier : For class labels.

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
    >>> from skfcnn.dask import DaskFullyConnectedRegressor
    >>> client = Client(processes=False, n_workers=2, threads_per_worker=1)
    >>> X = da.random.default_rng(0).normal(size=(10_000, 20), chunks=(2_500, 20))
    >>> y = 1e6 + 1e3 * X[:, 0] * X[:, 1]
    >>> model = DaskFullyConnectedRegressor(batch_size=500, max_iter=40, random_state=0)
    >>> model.fit(X, y).score(X, y) > 0.9
    True
    >>> model.predict(X).chunks
    ((2500, 2500, 2500, 2500),)
    >>> client.close()
    """

    _parameter_constraints: dict = OF_REGRESSORS | OWN_CONSTRAINTS
    _local_class = FullyConnectedRegressor
    _summary_class = NumberSummary

    @with_parameters_of(FullyConnectedRegressor)
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
        y : Dask array, Series or DataFrame of shape (n_samples,) or (n_samples, n_outputs)
            The numbers to predict, partitioned like X. If the chunk sizes of X are known,
            an array may have other chunks or be in memory.
        sample_weight : Dask array or Series of shape (n_samples,), default=None
            Weight of each row, partitioned like y.
        X_val, y_val, sample_weight_val
            Validation data, as in FullyConnectedRegressor. It is kept in memory; a Dask
            collection is computed. Required for `early_stopping`.
        coefs_init, intercepts_init, resume_from, stop_after
            As in FullyConnectedRegressor. With `resume_from`, the data must be in the
            same partitions; the workers may differ.

        Returns
        -------
        self : DaskFullyConnectedRegressor

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
        given = GivenRows(X, y, sample_weight)
        validation = GivenRows(X_val, y_val, sample_weight_val)
        create = partial(RegressionTarget.create, params=self)
        with self._on_cluster(given, validation, create) as (rows, validation):
            start = Start(coefs_init, intercepts_init, resume_from, stop_after)
            return self._fit(rows, validation, start)

    def predict(self, X):
        """Predict the target of each row.

        Parameters
        ----------
        X : Dask array or DataFrame, or what FullyConnectedRegressor takes, of shape \
                (n_samples, n_features)

        Returns
        -------
        y : Dask array of shape (n_samples,) or (n_samples, n_outputs)
            Lazy, with the chunks of X. With a list of quantiles, one column for each. For
            rows in memory, an ndarray as from FullyConnectedRegressor.
        """
        return self._predictions("predict", X)

    def score(self, X, y, sample_weight=None) -> float:
        """Return R^2 of `predict(X)`; only y and the predictions are sent to the client.

        Parameters
        ----------
        X : Dask array or DataFrame of shape (n_samples, n_features)
        y : Dask array, Series or DataFrame of shape (n_samples,) or (n_samples, n_outputs)
        sample_weight : Dask array or Series of shape (n_samples,), default=None

        Returns
        -------
        score : float
            With `loss="quantile"`, D^2 of the pinball loss, as in FullyConnectedRegressor.
        """
        y, predicted, weights = self._to_score(X, y, sample_weight)
        return self._target.score_of(y, predicted, weights)
