"""The client of a fit: which one is used, and checks that a fit can wait for it."""

import asyncio
from contextlib import AbstractContextManager, nullcontext

import distributed


def usable_client(given: distributed.Client | None) -> distributed.Client:
    """Return the given client, or the most recently created one, after checks.

    Raises
    ------
    TypeError
        If the argument is not a client.
    ValueError
        If there is no client, it is closed, or it is asynchronous.
    RuntimeError
        If its cluster has no workers.
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
            "There is no Dask client. Create one, dask.distributed.Client(), or set client."
        ) from error
    if client.status != "running":
        raise ValueError(
            f"The client is {client.status}, but a fit needs a running client. Set "
            "another: set_params(client=dask.distributed.Client(address))."
        )
    if client.asynchronous:
        raise ValueError(
            "An asynchronous client cannot be used here: a fit would block its event "
            "loop. Use dask.distributed.Client(address) without asynchronous=True, or "
            "await asyncio.to_thread(model.fit, X, y)."
        )
    if not client.nthreads():
        raise RuntimeError(
            f"The cluster at {client.scheduler.address} has no workers. Start some, then "
            "call client.wait_for_workers(1)."
        )
    return client


def release_worker_thread() -> AbstractContextManager:
    """Release the worker's thread while the calling task waits.

    Otherwise a task on a worker with one thread could wait forever for tasks that need
    this thread.
    """
    try:
        distributed.get_worker()
    except ValueError:
        return nullcontext()
    return distributed.worker_client()


def send_releases(client: distributed.Client | None) -> None:
    """Send the releases of futures to the scheduler before the next computation.

    The client sends a release only in a later iteration of its event loop. The next
    computation may have the same keys with other dependencies, since Dask fuses tasks
    depending on the rest of the graph: https://github.com/dask/dask/issues/9888. Without a
    client, Dask's current client is used, if there is one.
    """
    if client is None:
        try:
            client = distributed.get_client()
        except ValueError:
            return
    if client.status == "running" and not client.asynchronous:
        client.sync(asyncio.sleep, 0)
