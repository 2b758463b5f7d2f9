"""Sums along a tree of workers, and the messages by which they are sent."""

import asyncio
import threading
from types import SimpleNamespace
from uuid import uuid4

import numpy as np
import pytest
from dask_cluster import workers
from distributed import Status, get_worker

from skfcnn.dask.tree import EpochCancelled, Mailbox, Tree


@pytest.fixture
def mailbox():
    mailbox = Mailbox()
    mailbox.setup(SimpleNamespace(handlers={}, status=Status.running))
    return mailbox


def test_workers_register_message_handlers(mailbox):
    assert set(mailbox.worker.handlers) == {"skfcnn_post", "skfcnn_cancel"}


def test_messages_are_received_in_the_order_of_their_sender(mailbox):
    for sender, number in [(1, 10.0), (2, 20.0), (1, 11.0)]:
        asyncio.run(mailbox.post("epoch", sender, np.full(2, number), [number]))
    for sender, number in [(2, 20.0), (1, 10.0), (1, 11.0)]:
        vector, numbers = mailbox.receive("epoch", sender)
        np.testing.assert_array_equal(vector, np.full(2, number))
        assert numbers == [number]


def test_vector_of_a_message_is_copied(mailbox):
    sent = np.zeros(2)
    asyncio.run(mailbox.post("epoch", 1, sent, []))
    sent[:] = 7.0
    np.testing.assert_array_equal(mailbox.receive("epoch", 1)[0], [0.0, 0.0])


def test_cancelled_epoch_wakes_the_waiting_thread(mailbox):
    timer = threading.Timer(0.05, lambda: asyncio.run(mailbox.cancel("epoch")))
    timer.start()
    with pytest.raises(EpochCancelled, match="epoch"):
        mailbox.receive("epoch", 1)
    timer.join()
    asyncio.run(mailbox.post("epoch", 1, np.zeros(2), []))
    assert mailbox.queue_of("epoch", 1).empty()


def test_closing_worker_does_not_wait_for_messages(mailbox):
    mailbox.worker.status = Status.closing
    with pytest.raises(EpochCancelled):
        mailbox.receive("epoch", 1)


def test_messages_of_a_finished_epoch_are_dropped(mailbox):
    for epoch in ("first", "second"):
        asyncio.run(mailbox.post(epoch, 1, np.zeros(2), []))
    mailbox.discard("first")
    assert [*mailbox.queues] == [("second", 1)]


def sum_of_all(epoch, rank, addresses):
    """Run on each worker: sum the ranks, and send the result of the root to all."""
    vector = np.full(3, float(rank))
    with Tree(epoch, rank, addresses) as tree:
        numbers = tree.sum_up(vector, 1.0)
        if tree.is_root:
            vector *= 10.0
        tree.broadcast(vector)
    return vector.tolist(), numbers, get_worker().address


@pytest.mark.parametrize("n_workers", [1, 2, 4])
def test_all_workers_get_the_result_of_the_root(n_workers):
    with workers(n_workers) as client:
        client.register_plugin(Mailbox())
        addresses = [*client.nthreads()]
        epoch = uuid4().hex
        tasks = [
            client.submit(sum_of_all, epoch, rank, addresses, workers=[address], pure=False)
            for rank, address in enumerate(addresses)
        ]
        found = client.gather(tasks)
    total = 10.0 * sum(range(n_workers))
    assert [vector for vector, _, _ in found] == [[total] * 3] * n_workers
    assert found[0][1] == [float(n_workers)]
    assert [address for _, _, address in found] == addresses
