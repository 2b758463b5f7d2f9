"""As many threads of the BLAS as a step has work for.

A product of two small matrices takes less time than to hand it to a second thread. So
while a fit runs, the BLAS has one thread for every WORK products of a step, and at most
what it had before. That limit is the process's, and the fits of several threads share it.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from threadpoolctl import ThreadpoolController

# Products of a weight and an input, in one step, that are worth a thread: 0.1 ms or less.
WORK = 2**22


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

    def enter(self, n_products: int) -> None:
        with self.lock:
            if self.n_fits == 0:
                numpys, scipys = self.controllers
                available = min((blas["num_threads"] for blas in numpys.info()), default=1)
                n = max(1, min(available, n_products // WORK))
                self.limits = numpys.limit(limits=n), scipys.limit(limits=1)
            self.n_fits += 1

    def exit(self) -> None:
        with self.lock:
            self.n_fits -= 1
            if self.n_fits == 0:
                for limit in self.limits:
                    limit.restore_original_limits()


_limit = _Limit()


@contextmanager
def threads_for(n_products: int) -> Iterator[None]:
    """Limit the BLAS to the threads that a fit of so many products per step is worth."""
    _limit.enter(n_products)
    try:
        yield
    finally:
        _limit.exit()
