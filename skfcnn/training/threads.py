"""As many threads as a step has work for: in the BLAS, and for long passes over vectors.

A product of two small matrices takes less time than to hand it to a second thread. So
while a fit runs, the BLAS has one thread for every WORK products of a step, and at most
what it had before. That limit is the process's, and the fits of several threads share it.
"""

import contextvars
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import numpy as np
from threadpoolctl import ThreadpoolController

# Products of a weight and an input, in one step, that are worth a thread: some 0.1 ms.
WORK = 2**22

# Numbers of a vector that are passed over together: they stay in the cache in between.
BLOCK = 2**16


class Threads:
    """Threads that share out passes over long vectors; the caller's is one of them.

    Used as a context: at its end the others are gone. What NumPy ignores in the caller's
    thread (numpy.errstate), it ignores in all.
    """

    def __init__(self, n: int) -> None:
        self.n = n
        self._pool = ThreadPoolExecutor(n - 1) if n > 1 else None

    def each_block(self, function: Callable, *vectors: np.ndarray) -> None:
        """Call the function with every block of the vectors, which are equally long."""
        length = len(vectors[0])
        if length <= BLOCK:
            function(*vectors)
            return
        starts = range(0, length, BLOCK)
        n = min(self.n, len(starts))

        def run(first):
            for start in starts[first::n]:
                function(*(vector[start : start + BLOCK] for vector in vectors))

        others = [
            self._pool.submit(contextvars.copy_context().run, run, first)
            for first in range(1, n)
        ]
        try:
            run(0)
        finally:
            for other in others:
                other.result()

    def __enter__(self) -> "Threads":
        return self

    def __exit__(self, *exception) -> None:
        if self._pool:
            self._pool.shutdown()


ONE = Threads(1)


def _is_scipys(path: str) -> bool:
    """Tell whether this BLAS came with SciPy (scipy.libs/, on a Mac scipy/.dylibs/)."""
    folder = Path(path).parent
    return folder.name == "scipy.libs" or folder.parent.name == "scipy"


class _Limit:
    """The limit on the BLAS's threads, from the first fit that begins to the last end.

    NumPy and SciPy from PyPI have a BLAS each, whose threads wait for work by taking the
    cores from the other's: L-BFGS on two threads took four times as long as on one. The
    products are NumPy's, so SciPy's BLAS gets one thread.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.n_fits = 0

    @cached_property
    def controllers(self) -> tuple[ThreadpoolController, ThreadpoolController]:
        blas = ThreadpoolController().select(user_api="blas")
        paths = [library["filepath"] for library in blas.info()]
        scipys = [path for path in paths if _is_scipys(path)]
        numpys = [path for path in paths if path not in scipys]
        return blas.select(filepath=numpys), blas.select(filepath=scipys)

    def enter(self, n_products: int) -> int:
        """Return how many threads there are for a fit of so many products per step."""
        with self.lock:
            numpys, scipys = self.controllers
            if self.n_fits == 0:
                self.available = min((b["num_threads"] for b in numpys.info()), default=1)
            n = max(1, min(self.available, n_products // WORK))
            if self.n_fits == 0:
                self.limits = numpys.limit(limits=n), scipys.limit(limits=1)
            self.n_fits += 1
        return n

    def exit(self) -> None:
        with self.lock:
            self.n_fits -= 1
            if self.n_fits == 0:
                for limit in self.limits:
                    limit.restore_original_limits()


_limit = _Limit()


@contextmanager
def threads_for(n_products: int) -> Iterator[Threads]:
    """Limit the BLAS to the threads that a fit of so many products per step is worth.

    Yields as many threads for other passes.
    """
    n = _limit.enter(n_products)
    try:
        with Threads(n) as threads:
            yield threads
    finally:
        _limit.exit()
