"""The rows of Dask collections as the source of a fit."""

from collections.abc import Callable

from skfcnn.dask.cluster import ClusterSteps
from skfcnn.dask.rows import ClusterRows
from skfcnn.estimator.construction import dropout_rates, in_python
from skfcnn.estimator.data import check_X_y
from skfcnn.estimator.rows import GivenRows
from skfcnn.estimator.solver import Solver
from skfcnn.estimator.weights import row_weights, without_idle_extremes
from skfcnn.training.minibatch import Steps
from skfcnn.training.objective import Data, Objective


class CollectionRows:
    """The rows of a fit, on the workers of a cluster.

    Parameters
    ----------
    cluster_rows : ClusterRows
    given : GivenRows
        Dask collections.
    create : callable
        `create(y)` returns the target of a new fit.
    """

    def __init__(
        self, cluster_rows: ClusterRows, given: GivenRows, create: Callable
    ) -> None:
        self.cluster_rows = cluster_rows
        self.given = given
        self.create = create

    def read(self, estimator, *, continues: bool) -> Data:
        """Check the rows on the workers; return a sample with the same total weight."""
        rows = self.cluster_rows
        rows.read(*self.given)
        sample = rows.sample
        X, y = check_X_y(estimator, sample.X, sample.y, reset=not continues)
        self._set_target(estimator, y, continues=continues)
        class_weight = rows.weigh_classes(estimator._target.class_weight(estimator))
        weights = sample.weights
        if weights is not None and not weights.any() and rows.weight > 0.0:
            weights = None
        weights = row_weights(class_weight, estimator._target, X, y, weights)
        weights *= rows.weight / weights.sum()
        rows.of_y.set_scale(estimator._target)
        self.estimator = estimator
        X = without_idle_extremes(X, weights)
        matrix = estimator._target.encode(y)
        return Data(X, estimator._target.without_idle_extremes(matrix, weights), weights)

    def _set_target(self, estimator, y, *, continues):
        y = self.cluster_rows.of_y.stand_in(y)
        if continues:
            estimator._target.check_known(y)
            estimator._target.check_params(estimator)
        else:
            estimator._target = self.create(y)
        self.cluster_rows.check_range(estimator._target, in_python(estimator))

    def digests(self) -> dict[str, str]:
        """Return a digest of each partition."""
        return self._prepared().digests()

    def steps(self, params, objective: Objective, data: Data, solver: Solver) -> Steps:
        """Return the steps over batches, which have a share of every partition."""
        fit = solver.fit
        assert fit is not None, "a solver trains in a fit"
        return ClusterSteps(
            self._prepared(),
            params.local_steps,
            objective,
            solver.optimizer,
            batch_size=params.batch_size,
            dropout=dropout_rates(params.dropout, len(objective.network.sizes) - 2),
            shuffle=params.shuffle,
            rng=fit.rng,
        )

    def _prepared(self) -> ClusterRows:
        """Return the rows encoded for the target, in the precision of the network."""
        if not self.cluster_rows.data:
            self.cluster_rows.prepare(self.estimator._target, self.estimator.dtype_)
        return self.cluster_rows
