"""The client of a fit: which it is, whether it can be waited for, and from where."""

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
    """Leave the thread of the task that this is called in to others, while it waits.

    They may be those it waits for, and a worker with one thread would never begin them.
    """
    try:
        distributed.get_worker()
    except ValueError:
        return nullcontext()
    return distributed.worker_client()


def send_releases(client: distributed.Client | None) -> None:
    """Have the scheduler hear of what was released before it hears of what comes next.

    A release becomes a message in a later turn of the client's event loop. What is then
    computed may have the same keys and other dependencies, as Dask fuses tasks otherwise in
    other company: https://github.com/dask/dask/issues/9888. Without a client it is that
    by which Dask computes, if there is one.
    """
    if client is None:
        try:
            client = distributed.get_client()
        except ValueError:
            return
    if client.status == "running" and not client.asynchronous:
        client.sync(asyncio.sleep, 0)
