"""The rows of a fit: as the user passes them, and as a source for training.

A source provides the rows of a fit, from the memory of this process or from a cluster. It
reads the rows (`read`), computes their digests (`digests`), and returns the steps of an
epoch over them (`steps`).
"""

from typing import Any, NamedTuple, Protocol

import scipy.sparse
from numpy.typing import ArrayLike

from skfcnn.estimator.data import check_X_y, make_data
from skfcnn.estimator.solver import Solver, rows_per_batch
from skfcnn.training.lazy import LazySteps
from skfcnn.training.minibatch import MinibatchSteps, Steps
from skfcnn.training.objective import Data, Objective


class GivenRows(NamedTuple):
    """X, y and sample_weight, or X_val, ..., as they are passed to `fit`."""

    X: Any = None
    y: Any = None
    sample_weight: ArrayLike | None = None


class Rows(Protocol):
    """Where the rows of a fit come from."""

    given: GivenRows

    def read(self, estimator, *, continues: bool) -> Data:
        """Check the rows, set the target of a new fit, and return rows in memory.

        These are all rows, or a sample with the same total weight.
        """

    def digests(self) -> dict[str, str]:
        """Return digests in addition to those of the rows in memory."""

    def steps(self, params, objective: Objective, data: Data, solver: Solver) -> Steps:
        """Return the steps of an epoch over the rows of `solver.fit`."""


class RowsInMemory:
    """Rows in the memory of this process, or in a memory map."""

    def __init__(self, X, y, sample_weight: ArrayLike | None = None) -> None:
        self.given = GivenRows(X, y, sample_weight)

    def read(self, estimator, *, continues: bool) -> Data:
        """Check the rows, set the target of a new fit, and return all rows."""
        X, y, sample_weight = self.given
        X, y = check_X_y(estimator, X, y, reset=not continues)
        if continues:
            estimator._target.check_same(y)
            estimator._target.check_params(estimator)
        else:
            estimator._target = estimator._target_class.create(y, estimator)
        return make_data(estimator, X, y, sample_weight)

    def digests(self) -> dict[str, str]:
        """Return no digests, as all rows are in memory."""
        return {}

    def steps(self, params, objective: Objective, data: Data, solver: Solver) -> Steps:
        """Return the steps over batches of these rows."""
        fit = solver.fit
        assert fit is not None, "a solver trains in a fit"
        is_lazy = solver.is_lazy and scipy.sparse.issparse(data.X)
        kind = LazySteps if is_lazy else MinibatchSteps
        return kind(
            objective,
            data,
            solver.optimizer,
            rows=fit.rows,
            batch_size=rows_per_batch(params.batch_size, len(fit.rows)),
            shuffle=params.shuffle,
            rng=fit.rng,
        )
