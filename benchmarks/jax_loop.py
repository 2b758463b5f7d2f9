"""The same networks in JAX: an epoch is one compiled function, a scan over the batches.

JAX is imported where it is used, so that only its own worker loads it.
"""

import os
from importlib.util import find_spec
from itertools import pairwise

from clock import timed
from shapes import make_data

INSTALLED = find_spec("jax") is not None

ALPHA = 1e-4
RATE, BETA_1, BETA_2, EPSILON = 1e-3, 0.9, 0.999, 1e-8


def use_threads():
    """Let XLA have as many processors as NumPy has threads: it takes all that it may."""
    n = os.environ.get("OMP_NUM_THREADS")
    if n is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(n)])


def draw(key, d, hidden, n_outputs):
    """Return weights and biases of every layer."""
    import jax

    sizes, layers = (d, *hidden, n_outputs), []
    for n_in, n_out in pairwise(sizes):
        key, part = jax.random.split(key)
        bound = (6.0 / (n_in + n_out)) ** 0.5
        W = jax.random.uniform(part, (n_in, n_out), minval=-bound, maxval=bound)
        layers.append((W, jax.numpy.zeros(n_out)))
    return layers


def mean_loss(layers, X, y):
    """Return the log loss, with the penalty of MLPClassifier."""
    import jax
    from jax import numpy as jnp

    a = X
    for W, b in layers[:-1]:
        a = jax.nn.relu(a @ W + b)
    W, b = layers[-1]
    z = a @ W + b
    if z.shape[1] == 1:
        losses = jax.nn.softplus(z[:, 0]) - y * z[:, 0]
    else:
        losses = jax.nn.logsumexp(z, axis=1) - jnp.take_along_axis(z, y[:, None], 1)[:, 0]
    penalty = sum((W * W).sum() for W, _ in layers)
    return losses.mean() + ALPHA / 2.0 / len(X) * penalty


def make_epoch(shape):
    """Return the function of one epoch: state, key, X, y -> state, mean loss."""
    import jax
    from jax import numpy as jnp

    n_whole = shape.n // shape.batch

    def step(state, X, y):
        layers, m, v, t = state
        loss, g = jax.value_and_grad(mean_loss)(layers, X, y)
        t += 1
        rate = RATE * jnp.sqrt(1.0 - BETA_2**t) / (1.0 - BETA_1**t)
        m = jax.tree.map(lambda m, g: BETA_1 * m + (1.0 - BETA_1) * g, m, g)
        v = jax.tree.map(lambda v, g: BETA_2 * v + (1.0 - BETA_2) * g * g, v, g)
        layers = jax.tree.map(
            lambda p, m, v: p - rate * m / (jnp.sqrt(v) + EPSILON), layers, m, v
        )
        return (layers, m, v, t), loss

    def epoch(state, key, X, y):
        order = jax.random.permutation(key, len(X))
        whole, rest = jnp.split(order, [n_whole * shape.batch])

        def scanned(state, rows):
            return step(state, X[rows], y[rows])

        state, losses = jax.lax.scan(scanned, state, whole.reshape(n_whole, shape.batch))
        total = losses.sum() * shape.batch
        if len(rest):
            state, loss = scanned(state, rest)
            total += loss * len(rest)
        return state, total / len(X)

    return jax.jit(epoch, donate_argnums=0)


def prepare(shape):
    """Return the compiled epoch, the initial state, a key, and the data."""
    use_threads()
    import jax
    from jax import numpy as jnp

    X, y = make_data(shape.n, shape.d, shape.n_classes)
    X, y = jnp.asarray(X, jnp.float32), jnp.asarray(y)
    n_outputs = 1 if shape.n_classes == 2 else shape.n_classes

    def state():
        layers = draw(jax.random.key(0), shape.d, shape.hidden, n_outputs)
        zeros = [jax.tree.map(jnp.zeros_like, layers) for _ in range(2)]
        return layers, *zeros, jnp.zeros((), jnp.int32)

    return make_epoch(shape), state, jax.random.key(1), X, y


def make_fit(shape, epochs):
    """Return what times a fit after compilation; the loss is read once per epoch."""
    import jax

    epoch, initial, key, X, y = prepare(shape)
    float(epoch(initial(), key, X, y)[1])

    def fit():
        state = initial()
        for part in jax.random.split(key, epochs):
            state, loss = epoch(state, part, X, y)
            float(loss)

    return timed(fit, epochs)


def make_compilation(shape):
    """Return what times the compilation, with the epoch that needs it."""
    epoch, initial, key, X, y = prepare(shape)
    return timed(lambda: float(epoch(initial(), key, X, y)[1]))
