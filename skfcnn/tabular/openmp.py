"""The number of OpenMP threads of boosted trees, by the size of the table.

For a small table, synchronizing threads takes longer than building the trees: while another
process was busy, two threads took up to a hundred times as long as one. In OpenMP, the
number of threads is a setting of the calling thread. It is restored afterwards.
"""

from contextlib import AbstractContextManager
from functools import cache

from threadpoolctl import ThreadpoolController

# Numbers of a table up to which one thread is used.
FEW = 500_000


def threads_for_trees(X) -> AbstractContextManager:
    """Return a context in which trees use one thread if the table is small."""
    return _openmp().limit(limits=1 if X.size <= FEW else None)


@cache
def _openmp() -> ThreadpoolController:
    """Return the OpenMP libraries; to find them takes longer than to set their threads."""
    return ThreadpoolController().select(user_api="openmp")
