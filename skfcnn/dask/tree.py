"""Sum and broadcast of vectors over all workers, along a binary tree.

Worker r of an epoch has the parent (r - 1) // 2 and the children 2 r + 1 and 2 r + 2. For a
sum, each worker adds its vector to those of its children and sends the result to its
parent. For a broadcast, each worker sends the vector of the root to its children. Both take
as many steps as the tree has levels, log2 of the number of workers, and no worker sends or
receives more than three vectors.

The messages go directly from worker to worker, through Dask's connections, with their
encryption if it is on; they do not pass the scheduler.
"""

import asyncio
import queue
import threading
from collections.abc import Sequence
from typing import cast

import numpy as np
from distributed import Status, WorkerPlugin, get_worker
from distributed.protocol import to_serialize

CLOSED = {Status.closing, Status.closed, Status.failed}
# Seconds between two checks whether the epoch has been cancelled.
POLL_SECONDS = 0.2


class EpochCancelled(Exception):
    """The epoch is cancelled, since a worker was lost."""


class Mailbox(WorkerPlugin):
    """Messages from other workers: one queue for each sender and epoch."""

    name = "skfcnn-mailbox"
    idempotent = True

    def setup(self, worker) -> None:
        """Start to receive messages from other workers."""
        self.worker = worker
        self.lock = threading.Lock()
        self.queues: dict[tuple, queue.SimpleQueue] = {}
        self.cancelled: set[str] = set()
        worker.handlers["skfcnn_post"] = self.post
        worker.handlers["skfcnn_cancel"] = self.cancel

    def queue_of(self, epoch: str, sender: int) -> queue.SimpleQueue:
        """Return the queue of messages from a worker in an epoch."""
        with self.lock:
            return self.queues.setdefault((epoch, sender), queue.SimpleQueue())

    async def post(self, epoch: str, sender: int, vector, numbers) -> None:
        """Store a message; the vector is copied, as it may be in the sender's memory."""
        if epoch not in self.cancelled:
            self.queue_of(epoch, sender).put((np.array(vector), numbers))

    async def cancel(self, epoch: str) -> None:
        """Wake the tasks that wait in a cancelled epoch."""
        self.cancelled.add(epoch)

    def receive(self, epoch: str, sender: int) -> tuple[np.ndarray, Sequence[float]]:
        """Wait for the next message from a worker."""
        messages = self.queue_of(epoch, sender)
        return self._wait(epoch, messages.get, queue.Empty)

    def _wait(self, epoch, get, not_yet):
        while epoch not in self.cancelled and self.worker.status not in CLOSED:
            try:
                return get(timeout=POLL_SECONDS)
            except not_yet:
                continue
        raise EpochCancelled(epoch)

    def send(self, addresses: list[str], **message) -> None:
        """Send a message to other workers, and wait until it is received."""
        loop = self.worker.loop.asyncio_loop
        sent = asyncio.run_coroutine_threadsafe(self._send(addresses, message), loop)
        self._wait(message["epoch"], sent.result, TimeoutError)

    async def _send(self, addresses, message):
        await asyncio.gather(
            *(self.worker.rpc(address).skfcnn_post(**message) for address in addresses)
        )

    def discard(self, epoch: str) -> None:
        """Discard the messages of an epoch that has ended."""
        with self.lock:
            self.queues = {
                key: messages for key, messages in self.queues.items() if key[0] != epoch
            }


class Tree:
    """The position of a worker in the tree of an epoch.

    Parameters
    ----------
    epoch : str
        The name of the epoch, unique among all fits.
    rank : int
        The number of this worker; 0 is the root.
    addresses : list of str
        The addresses of all workers, by rank.
    """

    def __init__(self, epoch: str, rank: int, addresses: list[str]) -> None:
        self.epoch = epoch
        self.rank = rank
        self.is_root = rank == 0
        self.parent = [] if self.is_root else [addresses[(rank - 1) // 2]]
        ranks = range(2 * rank + 1, min(2 * rank + 3, len(addresses)))
        self.children = {child: addresses[child] for child in ranks}
        self.mailbox = cast(Mailbox, get_worker().plugins[Mailbox.name])

    def __enter__(self) -> "Tree":
        return self

    def __exit__(self, *error) -> None:
        self.mailbox.discard(self.epoch)

    def sum_up(self, vector: np.ndarray, *numbers: float) -> list[float]:
        """Sum vector, in place, and numbers; only the root receives the total."""
        sums = [*numbers]
        for child in self.children:
            theirs, their_numbers = self.mailbox.receive(self.epoch, child)
            vector += theirs
            sums = [ours + more for ours, more in zip(sums, their_numbers, strict=True)]
        self._send(self.parent, vector, sums)
        return sums

    def broadcast(self, vector: np.ndarray) -> None:
        """Copy the vector of the root to all workers, in place."""
        if not self.is_root:
            vector[...], _ = self.mailbox.receive(self.epoch, (self.rank - 1) // 2)
        self._send([*self.children.values()], vector, [])

    def _send(self, addresses, vector, numbers):
        if addresses:
            message = {"vector": to_serialize(vector), "numbers": numbers}
            self.mailbox.send(addresses, epoch=self.epoch, sender=self.rank, **message)
