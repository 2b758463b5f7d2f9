"""Long vectors block by block, so that a block stays in the cache from pass to pass."""

from collections.abc import Callable

import numpy as np

# Of 2^14 to 2^18 numbers, steps of Adam took least time with 2^15 and 2^16.
BLOCK = 2**16


def each_block(function: Callable, *vectors: np.ndarray) -> None:
    """Call the function with every block of the vectors, which are equally long."""
    length = len(vectors[0])
    if length <= BLOCK:
        function(*vectors)
        return
    for start in range(0, length, BLOCK):
        function(*[vector[start : start + BLOCK] for vector in vectors])
