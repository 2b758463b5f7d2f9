"""Passes over long vectors, block by block, so that a block stays in the cache."""

from collections.abc import Callable

import numpy as np

# Steps of Adam were fastest with 2^15 and 2^16, among sizes from 2^14 to 2^18.
BLOCK = 2**16


def each_block(function: Callable, *vectors: np.ndarray) -> None:
    """Call the function with each block of the vectors, which have the same length."""
    length = len(vectors[0])
    if length <= BLOCK:
        function(*vectors)
        return
    for start in range(0, length, BLOCK):
        function(*[vector[start : start + BLOCK] for vector in vectors])
