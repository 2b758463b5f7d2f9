"""The epochs of a fit on a cluster, seen from the client, which has the model.

What the workers do to theta in an epoch is theirs until the epoch ends. Where one of them
is lost before that, its chunks are read anew by others, and the epoch is begun anew from
where it began: with the same batches, as these do not depend on the workers.
"""

import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from uuid import uuid4

import numpy as np
from distributed import Future, wait

from skfcnn.dask.epochs import Ended, EpochSettings, run_epoch
from skfcnn.dask.rows import (
    LOOK,
    PATIENCE,
    ClusterRows,
    WorkersLost,
    no_workers_for,
    release,
)
from skfcnn.dask.tree import CalledOff, Mailbox
from skfcnn.estimator.solver import rows_per_batch
from skfcnn.training.objective import Objective
from skfcnn.training.threads import others_turn

# Times that an epoch is begun before it is given up.
ATTEMPTS = 10


class ClusterSteps:
    """Steps over rows on the workers of a cluster.

    Parameters
    ----------
    cluster_rows : ClusterRows
    local_steps : int or None
        Steps that each worker takes by itself before all are averaged; None: in step.
    objective : Objective
        Its network's theta is changed in place, at the end of every epoch.
    optimizer : SGD, or another of its kind
    batch_size : int or "auto"
        Of all workers together; with local steps, of each.
    dropout : tuple of float
        The rate of each hidden layer.
    shuffle : bool
    rng : RandomState
        For the orders of the rows and for dropout, two draws per epoch.
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
        """Steps of an epoch, of all workers together or of each."""
        n_workers = 1
        if self.local_steps is not None:
            n_workers = max(1, min(len(self.client.nthreads()), len(self.rows.data)))
        return -(-self.n_rows // (self.batch_size * n_workers))

    def epoch(self, rates: Iterator[float]) -> float:
        """Have the workers take the steps of an epoch; return its loss."""
        steps, draws = [*rates], self.rng.randint(2**31, size=2).tolist()
        with others_turn():  # the work is elsewhere, or in other threads of this process
            ended = self._run(steps, *draws)
        self.objective.network.theta[...] = ended.theta
        copy_state(self.optimizer, ended.optimizer)
        return ended.loss / sum(self.rows.weights.values())

    def _run(self, rates, seed, dropout_seed) -> Ended:
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
            except (WorkersLost, OSError) as error:  # or the scheduler, as will be seen
                cause = error
                time.sleep(LOOK)
        raise RuntimeError(
            f"An epoch was begun {ATTEMPTS} times, and each time a worker was lost before "
            "it ended. If their memory is too small, use more of them, or smaller "
            "partitions."
        ) from cause

    def _check_cluster(self):
        """Raise an error if the epoch cannot be repeated: the scheduler is lost."""
        if self.client.status != "running":
            raise ConnectionError(
                f"The scheduler of the cluster was lost in epoch {self.n_epochs} of this "
                "call of fit. With a Checkpoint among the callbacks, fit(X, y, "
                "resume_from=directory) goes on from the last epoch, on another cluster."
            )
        if any(future.cancelled() for future in self.rows.data.values()):
            raise RuntimeError(
                "The rows on the workers are gone: the client was restarted, or has "
                "cancelled them, while the fit was under way."
            )

    def _wait_for_workers(self):
        if not self.client.nthreads():
            try:
                self.client.wait_for_workers(1, timeout=PATIENCE)
            except TimeoutError as error:
                raise no_workers_for(PATIENCE) from error

    def _attempt(self, settings) -> Ended:
        """Run an epoch on the workers that there are now."""
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
            self._call_off(settings.name, addresses)
            raise
        finally:
            release([shared, *futures])

    def _wait(self, futures: list[Future], addresses: list[str]) -> None:
        """Wait for the end of all, unless one fails or a worker is not there any more."""
        are_done = False
        while not are_done:
            try:
                wait(futures, timeout=LOOK)
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
                if error is None or isinstance(error, OSError | CalledOff):
                    raise WorkersLost from error
                raise error

    def _call_off(self, name, addresses):
        """Wake those who wait for a worker that is lost."""
        if self.client.status == "running":
            present = [each for each in addresses if each in self.client.nthreads()]
            self.client.run(call_off, name, workers=present, on_error="ignore")


async def call_off(name: str, dask_worker) -> None:
    """Call an epoch off, on a worker."""
    await dask_worker.plugins[Mailbox.name].call_off(name)


def copy_state(optimizer, other) -> None:
    """Give an optimizer the state of another, its vectors where they are."""
    for name, value in vars(other).items():
        ours = getattr(optimizer, name)
        if isinstance(ours, np.ndarray):
            ours[...] = value
        elif hasattr(ours, "step"):
            copy_state(ours, value)
        else:
            setattr(optimizer, name, value)
