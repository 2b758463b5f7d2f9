"""The matrix products of an epoch and nothing else: what no implementation can be below."""

from itertools import pairwise

import numpy as np


def products(n, d, n_classes, hidden, batch, *, dtype=np.float32):
    """Return a function that computes the products of one epoch, with preallocated arrays.

    For every layer and batch: x W, x^T delta, and above the first layer delta W^T.
    """
    rng = np.random.default_rng(0)
    sizes = (d, *hidden, n_classes)

    def drawn(*shape):
        return rng.standard_normal(shape).astype(dtype)

    weights = [drawn(*pair) for pair in pairwise(sizes)]
    gradients = [np.empty_like(W) for W in weights]
    outputs, deltas = ([drawn(batch, size) for size in sizes] for _ in range(2))
    layers = range(len(weights))

    def epoch():
        for start in range(0, n, batch):
            m = min(batch, n - start)
            for i in layers:
                np.matmul(outputs[i][:m], weights[i], out=outputs[i + 1][:m])
            for i in reversed(layers):
                np.matmul(outputs[i][:m].T, deltas[i + 1][:m], out=gradients[i])
                if i > 0:
                    np.matmul(deltas[i + 1][:m], weights[i].T, out=deltas[i][:m])

    return epoch
