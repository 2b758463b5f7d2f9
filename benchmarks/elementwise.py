"""Nanoseconds per number of everything that is computed number by number.

Numbers are those of a hidden layer of 128 units and 256 rows, which fit the cache; of the
outputs, 10 classes; of an embedding, the 16 cosines of each of 24 columns.
"""

import numpy as np
from clock import timed
from turns import Contestant, Setting

from skfcnn.network.activations import ACTIVATIONS
from skfcnn.network.dropout import Dropout
from skfcnn.network.elementwise import Elementwise
from skfcnn.network.embedding import N_COSINES, Embedding
from skfcnn.network.links import CLASS_LINKS, NUMBER_LINKS
from skfcnn.network.losses import CLASS_LOSSES, LOG_LINK, NUMBER_LOSSES

N_ROWS, N_UNITS, N_CLASSES, N_COLUMNS = 256, 128, 10, 24
# Calls in one measurement, of which the fastest counts.
CALLS = 100
DTYPES = "float32", "float64"


def drawn(n_columns, dtype):
    return 2.0 * np.random.default_rng(0).standard_normal((N_ROWS, n_columns)).astype(dtype)


def labels(dtype):
    return np.eye(N_CLASSES, dtype=dtype)[np.arange(N_ROWS) % N_CLASSES]


def both_passes(layer, parameters, gradient, dtype):
    """Return what computes both passes of a layer; the forward pass may overwrite x."""
    x, delta = drawn(layer.n_in, dtype), np.ones((N_ROWS, layer.n_in), dtype)
    buffers, copy = layer.buffers(N_ROWS, np.dtype(dtype), gradient, delta), x.copy()

    def passes():
        np.copyto(copy, x)
        layer.forward(copy, parameters, buffers)
        layer.backward(copy, parameters, buffers, delta)

    return passes, x.size


def activation(name, dtype):
    return both_passes(Elementwise(N_UNITS, name), (), (), dtype)


def dropout(dtype):
    layer = Dropout(N_UNITS, 0.2, np.random.Generator(np.random.SFC64(0)))
    return both_passes(layer, (), (), dtype)


def link(name, dtype):
    z = drawn(N_CLASSES, dtype)
    p = np.empty_like(z)
    link = (CLASS_LINKS | NUMBER_LINKS)[name]
    return lambda: link.inverse(z, p), z.size


def loss(name, link_name, dtype):
    z, y = drawn(N_CLASSES, dtype), labels(dtype) + (name in LOG_LINK)  # gamma has y > 0
    loss = (CLASS_LOSSES | NUMBER_LOSSES)[name]((CLASS_LINKS | NUMBER_LINKS)[link_name])
    copy, delta = np.empty_like(z), np.empty_like(z)

    def value_and_delta():
        np.copyto(copy, z)
        loss.deltas(copy, y, out=delta)
        loss.values(copy, y)

    return value_and_delta, z.size


def embedding(dtype):
    layer = Embedding(N_COLUMNS, tuple(range(N_COLUMNS)))
    parameters = layer.parameters(*(np.ones(shape, dtype) for shape in layer.shapes()))
    gradient = layer.parameters(*map(np.empty_like, parameters))
    x = drawn(N_COLUMNS, dtype)
    buffers = layer.buffers(N_ROWS, np.dtype(dtype), gradient, None)
    buffers.delta.fill(1.0)

    def passes():
        layer.forward(x, parameters, buffers)
        layer.backward(x, parameters, buffers, None)

    return passes, N_ROWS * N_COLUMNS * N_COSINES


WHAT = {
    **{f"{name}, both passes": (activation, name) for name in ACTIVATIONS},
    "dropout, both passes": (dropout,),
    "embedding, both passes": (embedding,),
    **{f"link {name}": (link, name) for name in CLASS_LINKS | NUMBER_LINKS},
    **{f"{name}, {by}": (loss, name, by) for name in CLASS_LOSSES for by in CLASS_LINKS},
    **{
        f"{name}, {by}": (loss, name, by)
        for name in NUMBER_LOSSES
        for by in (["exp"] if name in LOG_LINK else ["identity"])
    },
}


def make(what, *arguments):
    call, n = what(*arguments)
    once = timed(call)

    def nanoseconds():
        with np.errstate(over="ignore"):
            return 1e9 * min(once() for _ in range(CALLS)) / n

    return nanoseconds


def settings(options):
    return [
        Setting(
            name,
            [Contestant(dtype, make, (*what, dtype)) for dtype in DTYPES],
            options.threads,
            unit="ns",
        )
        for name, what in WHAT.items()
    ]
