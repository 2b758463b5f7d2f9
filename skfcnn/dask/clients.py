"""The client of a fit: which one, and whether a fit can wait for it."""

import asyncio
from contextlib import AbstractContextManager, nullcontext

import distributed


def usable_client(given: distributed.Client | None) -> distributed.Client:
    """Return the client that is given, or the last one made, if a fit can wait for it.

    Raises
    ------
    TypeError
        Where something else is given.
    ValueError
        Where there is none, it is closed, or this is its event loop.
    RuntimeError
        Where its cluster has no workers.
    """
    if not isinstance(given, distributed.Client | None):
        raise TypeError(
            f"client must be a dask.distributed.Client or None; got {given!r}. Use "
            "dask.distributed.Client(...), which takes an address or a cluster."
        )
    try:
        client = given or distributed.get_client()
    except ValueError as error:
        raise ValueError(
            "There is no Dask client. Make one, dask.distributed.Client(), or give client=."
        ) from error
    if client.status != "running":
        raise ValueError(
            f"The client is {client.status}, and a fit needs one that is running. Give "
            "another, set_params(client=dask.distributed.Client(address))."
        )
    if client.asynchronous:
        raise ValueError(
            "A fit waits for its cluster, which an asynchronous client does not allow in "
            "its own event loop. Use dask.distributed.Client(address) without "
            "asynchronous=True, or await asyncio.to_thread(model.fit, X, y)."
        )
    if not client.nthreads():
        raise RuntimeError(
            f"The cluster at {client.scheduler.address} has no workers. Start some, "
            "and call client.wait_for_workers(1)."
        )
    return client


def thread_for_others() -> AbstractContextManager:
    """Free the worker's thread while the task that calls this waits.

    Otherwise a worker with one thread would never run the tasks that it waits for.
    """
    try:
        distributed.get_worker()
    except ValueError:
        return nullcontext()
    return distributed.worker_client()


def send_releases(client: distributed.Client | None) -> None:
    """Send the releases of futures to the scheduler before the next computation.

    A release becomes a message in a later turn of the client's event loop. The next
    computation may have the same keys with other dependencies, since Dask fuses tasks
    depending on the rest of the graph: https://github.com/dask/dask/issues/9888. Without a
    client, the one by which Dask computes is used, if there is one.
    """
    if client is None:
        try:
            client = distributed.get_client()
        except ValueError:
            return
    if client.status == "running" and not client.asynchronous:
        client.sync(asyncio.sleep, 0)
