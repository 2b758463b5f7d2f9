"""The sum of what all workers have, and the same numbers for all: along a binary tree.

Worker r of an epoch has the parent (r - 1) // 2 and the children 2 r + 1 and 2 r + 2. A sum
goes up, each worker adding its own to its children's; what the root makes of it goes down.
Both take as many steps as the tree is deep, log2 of the number of workers, and no worker
ever sends or receives more than three vectors.

The messages go from worker to worker, through Dask's own connections, with its encryption
if it has any: the scheduler sees none of them.
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
# Seconds between two looks whether the epoch has been cancelled.
LOOK = 0.2


class CalledOff(Exception):
    """The epoch cannot end, as a worker has been lost."""


class Mailbox(WorkerPlugin):
    """What other workers have sent to this one: one queue for each sender and epoch."""

    name = "skfcnn-mailbox"
    idempotent = True

    def setup(self, worker) -> None:
        """Take letters from other workers from now on."""
        self.worker = worker
        self.lock = threading.Lock()
        self.queues: dict[tuple, queue.SimpleQueue] = {}
        self.called_off: set[str] = set()
        worker.handlers["skfcnn_post"] = self.post
        worker.handlers["skfcnn_call_off"] = self.call_off

    def queue_of(self, epoch: str, sender: int) -> queue.SimpleQueue:
        """Return the queue of what a worker sends in an epoch."""
        with self.lock:
            return self.queues.setdefault((epoch, sender), queue.SimpleQueue())

    async def post(self, epoch: str, sender: int, vector, numbers) -> None:
        """Keep a letter; of a vector in the sender's own memory, a copy."""
        if epoch not in self.called_off:
            self.queue_of(epoch, sender).put((np.array(vector), numbers))

    async def call_off(self, epoch: str) -> None:
        """Wake the tasks that wait in an epoch that cannot end."""
        self.called_off.add(epoch)

    def receive(self, epoch: str, sender: int) -> tuple[np.ndarray, Sequence[float]]:
        """Wait for the next letter of a worker."""
        letters = self.queue_of(epoch, sender)
        return self._wait(epoch, letters.get, queue.Empty)

    def _wait(self, epoch, get, not_yet):
        while epoch not in self.called_off and self.worker.status not in CLOSED:
            try:
                return get(timeout=LOOK)
            except not_yet:
                continue
        raise CalledOff(epoch)

    def send(self, addresses: list[str], **letter) -> None:
        """Send a letter to other workers, and wait until they have it."""
        loop = self.worker.loop.asyncio_loop
        sent = asyncio.run_coroutine_threadsafe(self._send(addresses, letter), loop)
        self._wait(letter["epoch"], sent.result, TimeoutError)

    async def _send(self, addresses, letter):
        await asyncio.gather(
            *(self.worker.rpc(address).skfcnn_post(**letter) for address in addresses)
        )

    def forget(self, epoch: str) -> None:
        """Forget the letters of an epoch that has ended."""
        with self.lock:
            self.queues = {
                key: letters for key, letters in self.queues.items() if key[0] != epoch
            }


class Tree:
    """A worker's place among those of an epoch.

    Parameters
    ----------
    epoch : str
        A name that no other epoch of any fit has.
    rank : int
        The number of this worker; 0 is the root.
    addresses : list of str
        Those of all, by rank.
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
        self.mailbox.forget(self.epoch)

    def sum_up(self, vector: np.ndarray, *numbers: float) -> list[float]:
        """Sum vector, in place, and numbers; only the root then has the whole sums."""
        sums = [*numbers]
        for child in self.children:
            theirs, their_numbers = self.mailbox.receive(self.epoch, child)
            vector += theirs
            sums = [ours + more for ours, more in zip(sums, their_numbers, strict=True)]
        self._send(self.parent, vector, sums)
        return sums

    def hand_down(self, vector: np.ndarray) -> None:
        """Give all workers, in place, the vector that the root has."""
        if not self.is_root:
            vector[...], _ = self.mailbox.receive(self.epoch, (self.rank - 1) // 2)
        self._send([*self.children.values()], vector, [])

    def _send(self, addresses, vector, numbers):
        if addresses:
            letter = {"vector": to_serialize(vector), "numbers": numbers}
            self.mailbox.send(addresses, epoch=self.epoch, sender=self.rank, **letter)
