"""The rows of a fit, in chunks: the workers that hold them, and their weights."""

import time
from collections.abc import Iterable
from typing import NamedTuple
from uuid import uuid4

import numpy as np
import pandas as pd
from dask import delayed
from distributed import Client, Future, wait
from scipy.sparse import issparse

from skfcnn.dask.chunks import (
    Chunk,
    Survey,
    digest_of_rows,
    encode,
    of_partition,
    read_chunk,
    stack,
    survey,
    weight,
)
from skfcnn.dask.clients import send_releases
from skfcnn.dask.collections import partitions
from skfcnn.dask.summary import Summary

# Seconds between two checks for workers, and seconds to wait for new workers.
POLL_SECONDS, WORKER_TIMEOUT = 0.5, 60.0
# Rows in the sample that is sent to the client.
N_SAMPLE = 5000
# A worker with more than this many times its share of the rows passes chunks to others.
UNEVEN = 1.1


class WorkersLost(Exception):
    """Workers are lost, or other workers cannot reach them."""


def no_workers_for(seconds: float) -> RuntimeError:
    """Return the error for a cluster without workers for this time."""
    return RuntimeError(
        f"The cluster has had no workers for {seconds:.0f} seconds. Start some, and call "
        "fit again."
    )


def gather(client: Client, futures: list[Future]) -> list:
    """Return the results; raise RuntimeError if the cluster stays without workers.

    The futures are released.
    """
    seen = time.monotonic()
    try:
        while True:
            try:
                wait(futures, timeout=POLL_SECONDS)
                return client.gather(futures)
            except TimeoutError:
                now = time.monotonic()
                seen = now if client.nthreads() else seen
                if now - seen > WORKER_TIMEOUT:
                    raise no_workers_for(WORKER_TIMEOUT) from None
    finally:
        release(futures)


def release(futures: Iterable[Future]) -> None:
    """Release futures that are no longer needed.

    Deleting the references is not enough: each wait that timed out leaves an exception that
    refers to them until Python's garbage collection.
    """
    for future in futures:
        future.release()


class Part(NamedTuple):
    """The share of the rows that one worker trains on."""

    address: str
    numbers: list[int]  # of its chunks
    weight: float


class ClusterRows:
    """The rows of a Dask collection, checked, on the workers.

    Parameters
    ----------
    client : Client
    kind : type of Summary
        That of y: labels or numbers.

    Attributes
    ----------
    chunks : list of Future
        The partitions, checked, from `read` to `prepare`.
    surveys : dict of int to Survey
        By the number of the partition; empty partitions are excluded.
    of_y : Summary
        Of the y of all rows, after `read`.
    sample : Chunk
        Some rows of all partitions, in the form that rows in memory have.
    class_weight : dict, list of dict or None
        Factors of the sample weights.
    data : dict of int to Future
        The encoded training data, after `prepare`.
    """

    of_y: Summary
    sample: Chunk

    def __init__(self, client: Client, kind: type[Summary]) -> None:
        self.client = client
        self.kind = kind
        self.name = uuid4().hex[:8]
        self.chunks: list[Future] = []
        self.surveys: dict[int, Survey] = {}
        self.class_weight = None
        self.data: dict[int, Future] = {}

    def __enter__(self) -> "ClusterRows":
        return self

    def __exit__(self, *error) -> None:
        release([*self.chunks, *self.data.values()])
        send_releases(self.client)

    def read(self, X, y, sample_weight) -> None:
        """Have the workers check the partitions of these Dask collections."""
        parts = partitions(X, y, sample_weight)
        read = [delayed(read_chunk)(i, *part) for i, part in enumerate(parts)]
        send_releases(self.client)
        self.chunks = self.client.compute(read)
        n_sample = -(-N_SAMPLE // len(parts))
        surveys = self._of_each(survey, self.chunks, self.kind, n_sample)
        self.surveys = {i: found for i, found in enumerate(surveys) if found.n_rows}
        self._check()
        self.of_y = self.kind.merged([each.of_y for each in self.surveys.values()])
        self.sample = self._sample()

    def _of_each(self, function, futures, *given) -> list:
        """Return the results of a function for each of these futures."""
        name = f"skfcnn-{function.__name__}-{self.name}"
        found = [
            self.client.submit(function, future, *given, key=f"{name}-{i}")
            for i, future in enumerate(futures)
        ]
        return gather(self.client, found)

    def _check(self):
        if not self.surveys:
            raise ValueError("X has no rows.")
        first, *others = self.surveys
        for i in others:
            one, other = self.surveys[first], self.surveys[i]
            if one.names != other.names or one.n_features != other.n_features:
                raise ValueError(
                    "All partitions must have the same features in the same order. "
                    f"Partition {first} has {one.names or one.n_features} features; "
                    f"partition {i}: {other.names or other.n_features}."
                )
            if issparse(one.sample.X) != issparse(other.sample.X):
                raise ValueError(
                    f"One of partitions {first} and {i} is sparse and the other dense. "
                    "Use map_blocks to make all of them sparse, or all dense."
                )
            if one.sample.y.shape[1:] != other.sample.y.shape[1:]:
                raise ValueError(
                    f"Partitions {first} and {i} have different numbers of columns of y. "
                    "Give y the same columns in all partitions."
                )
            one.of_y.check_like(other.of_y, (first, i))

    def _sample(self) -> Chunk:
        (number, *_), X, (names, *_), y, weights = zip(
            *(each.sample for each in self.surveys.values()), strict=True
        )
        rows = stack(X) if names is None else pd.DataFrame(stack(X), columns=names)
        sampled = None if weights[0] is None else stack(weights)
        return Chunk(number, rows, names, stack(y), sampled)

    @property
    def n_rows(self) -> int:
        """Number of rows of all partitions."""
        return sum(chunk.n_rows for chunk in self.surveys.values())

    @property
    def weight(self) -> float:
        """The total sample weight of all rows, without class weights."""
        return sum(each.weight for each in self.surveys.values())

    def check_range(self, target, params) -> None:
        """Raise ValueError for partitions with y out of the range of the loss."""
        for i, found in self.surveys.items():
            with of_partition(i):
                found.of_y.check_range(target, params)

    def weigh_classes(self, class_weight):
        """Set the class weights, computed if "balanced", and return them."""
        self.class_weight = self.of_y.class_weight(class_weight)
        return self.class_weight

    def digests(self) -> dict[str, str]:
        """Return a digest of the prepared rows of each partition."""
        found = self._of_each(digest_of_rows, self.data.values())
        return {
            f"partition {i}": digest for i, digest in zip(self.data, found, strict=True)
        }

    def prepare(self, target, dtype: np.dtype) -> None:
        """Encode the checked rows for training, and release them."""
        self.data = {
            i: self.client.submit(
                encode,
                self.chunks[i],
                target,
                self.class_weight,
                dtype,
                key=f"skfcnn-rows-{self.name}-{i}",
            )
            for i in self.surveys
        }
        release(self.chunks)
        totals = self._of_each(weight, self.data.values())
        self.weights = dict(zip(self.data, totals, strict=True))

    def parts(self) -> list[Part]:
        """Assign the chunks to workers: where they are stored, or more evenly."""
        loads: dict[str, int] = dict.fromkeys(self.client.nthreads(), 0)
        if not loads:
            raise WorkersLost
        held: dict[str, list[int]] = {address: [] for address in loads}
        where = self.client.who_has([*self.data.values()])
        for i, future in self.data.items():
            holders = [each for each in where.get(future.key, ()) if each in loads]
            address = min(holders or loads, key=loads.__getitem__)
            held[address].append(i)
            loads[address] += self.surveys[i].n_rows
        self._even_out(held, loads)
        return [
            Part(address, numbers, sum(self.weights[i] for i in numbers))
            for address, numbers in held.items()
            if numbers
        ]

    def _even_out(self, held, loads):
        """Move chunks from the most to the least loaded worker while this helps."""
        fair = sum(loads.values()) / len(loads)
        while True:
            most, least = (f(loads, key=loads.__getitem__) for f in (max, min))
            gap = loads[most] - loads[least]
            sizes = {i: self.surveys[i].n_rows for i in held[most]}
            fitting = [i for i, size in sizes.items() if size < gap]
            if loads[most] <= UNEVEN * fair or not fitting:
                return
            moved = min(fitting, key=lambda i: abs(gap / 2 - sizes[i]))
            held[most].remove(moved)
            held[least].append(moved)
            loads[most] -= sizes[moved]
            loads[least] += sizes[moved]
