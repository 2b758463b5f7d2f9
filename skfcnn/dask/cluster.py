"""The epochs of a fit on a cluster, run by the client, which holds the model.

The workers update copies of theta; the client receives the result when the epoch ends. If
a worker is lost before, other workers read its chunks again and the epoch restarts from
the same theta, with the same batches, since these do not depend on the workers.
"""

import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from uuid import uuid4

import numpy as np
from distributed import Future, wait

from skfcnn.dask.epochs import EpochResult, EpochSettings, run_epoch
from skfcnn.dask.rows import (
    POLL_SECONDS,
    WORKER_TIMEOUT,
    ClusterRows,
    WorkersLost,
    no_workers_for,
    release,
)
from skfcnn.dask.tree import EpochCancelled, Mailbox
from skfcnn.estimator.solver import rows_per_batch
from skfcnn.training.objective import Objective
from skfcnn.training.threads import others_turn

# Attempts at an epoch before an error is raised.
ATTEMPTS = 10


class ClusterSteps:
    """Steps over rows on the workers of a cluster.

    Parameters
    ----------
    cluster_rows : ClusterRows
    local_steps : int or None
        Steps that each worker takes between two averages; None: synchronous steps.
    objective : Objective
        Its network's theta is updated in place at the end of every epoch.
    optimizer : SGD or another optimizer
    batch_size : int or "auto"
        Of all workers together; with local steps, of each worker.
    dropout : tuple of float
        The rate of each hidden layer.
    shuffle : bool
    rng : RandomState
        Source of the row orders and of dropout, two draws per epoch.
    """

    def __init__(
        self,
        cluster_rows: ClusterRows,
        local_steps: int | None,
        objective: Objective,
        optimizer,
        *,
        batch_size: int | str,
        dropout: tuple[float, ...],
        shuffle: bool,
        rng: np.random.RandomState,
    ) -> None:
        self.rows = cluster_rows
        self.client = cluster_rows.client
        self.local_steps = local_steps
        self.objective = objective
        self.optimizer = optimizer
        self.dropout = dropout
        self.shuffle = shuffle
        self.rng = rng
        self.n_rows = cluster_rows.n_rows
        self.batch_size = rows_per_batch(batch_size, self.n_rows)
        self.client.register_plugin(Mailbox())
        self.n_epochs = 0

    @property
    def n_steps(self) -> int:
        """Steps per epoch: of all workers together, or of each with local steps."""
        n_workers = 1
        if self.local_steps is not None:
            n_workers = max(1, min(len(self.client.nthreads()), len(self.rows.data)))
        return -(-self.n_rows // (self.batch_size * n_workers))

    def epoch(self, rates: Iterator[float]) -> float:
        """Run an epoch on the workers; return its loss."""
        steps, draws = [*rates], self.rng.randint(2**31, size=2).tolist()
        with others_turn():  # the work runs in other processes, or in other threads
            result = self._run(steps, *draws)
        self.objective.network.theta[...] = result.theta
        copy_state(self.optimizer, result.optimizer)
        return result.loss / sum(self.rows.weights.values())

    def _run(self, rates, seed, dropout_seed) -> EpochResult:
        self.n_epochs += 1
        cause: Exception | None = None
        for _ in range(ATTEMPTS):
            self._check_cluster()
            settings = EpochSettings(
                f"skfcnn-epoch-{self.n_epochs}-{uuid4().hex[:8]}",
                self.objective.network.layers,
                self.objective.network.theta,
                self.objective.loss,
                self.objective.alpha,
                self.optimizer,
                rates,
                self.local_steps,
                seed if self.shuffle else None,
                self.dropout,
                dropout_seed,
            )
            try:
                self._wait_for_workers()
                return self._attempt(settings)
            except (
                WorkersLost,
                OSError,
            ) as error:  # _check_cluster detects a lost scheduler
                cause = error
                time.sleep(POLL_SECONDS)
        raise RuntimeError(
            f"A worker was lost in each of {ATTEMPTS} attempts at an epoch. If the workers "
            "run out of memory, use more of them, or smaller partitions."
        ) from cause

    def _check_cluster(self):
        """Raise an error if the epoch cannot be repeated."""
        if self.client.status != "running":
            raise ConnectionError(
                f"The scheduler of the cluster was lost in epoch {self.n_epochs} of this "
                "call of fit. If a Checkpoint was among the callbacks, continue from the "
                "last epoch on another cluster: fit(X, y, resume_from=directory)."
            )
        if any(future.cancelled() for future in self.rows.data.values()):
            raise RuntimeError(
                "The rows on the workers are lost: the client was restarted, or it "
                "cancelled them, during the fit. Call fit again."
            )

    def _wait_for_workers(self):
        if not self.client.nthreads():
            try:
                self.client.wait_for_workers(1, timeout=WORKER_TIMEOUT)
            except TimeoutError as error:
                raise no_workers_for(WORKER_TIMEOUT) from error

    def _attempt(self, settings) -> EpochResult:
        """Run an epoch on the current workers."""
        parts = self.rows.parts()
        addresses = [part.address for part in parts]
        total = sum(part.weight for part in parts)
        (shared,) = self.client.scatter([settings], broadcast=True, hash=False)
        futures: list[Future] = [
            self.client.submit(
                run_epoch,
                shared,
                [self.rows.data[i] for i in part.numbers],
                part.numbers,
                rank,
                part.weight / total,
                addresses,
                key=f"{settings.name}-{rank}",
                workers=[part.address],
                pure=False,
            )
            for rank, part in enumerate(parts)
        ]
        try:
            self._wait(futures, addresses)
            return futures[0].result()
        except BaseException:
            self._cancel(settings.name, addresses)
            raise
        finally:
            release([shared, *futures])

    def _wait(self, futures: list[Future], addresses: list[str]) -> None:
        """Wait for all futures; raise if one fails or a worker is lost."""
        are_done = False
        while not are_done:
            try:
                wait(futures, timeout=POLL_SECONDS)
                are_done = True
            except CancelledError:
                raise WorkersLost from None
            except TimeoutError:
                if not set(addresses) <= self.client.nthreads().keys():
                    raise WorkersLost from None
            self._check(futures)

    def _check(self, futures):
        for future in futures:
            if future.status in ("error", "cancelled", "lost"):
                error = future.exception() if future.status == "error" else None
                if error is None or isinstance(error, OSError | EpochCancelled):
                    raise WorkersLost from error
                raise error

    def _cancel(self, name, addresses):
        """Wake the workers that wait for a lost worker."""
        if self.client.status == "running":
            present = [each for each in addresses if each in self.client.nthreads()]
            self.client.run(cancel_epoch, name, workers=present, on_error="ignore")


async def cancel_epoch(name: str, dask_worker) -> None:
    """Cancel an epoch on a worker."""
    await dask_worker.plugins[Mailbox.name].cancel(name)


def copy_state(optimizer, other) -> None:
    """Copy the state of an optimizer to another; vectors are overwritten in place."""
    for name, value in vars(other).items():
        ours = getattr(optimizer, name)
        if isinstance(ours, np.ndarray):
            ours[...] = value
        elif hasattr(ours, "step"):
            copy_state(ours, value)
        else:
            setattr(optimizer, name, value)
