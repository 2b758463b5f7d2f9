"""The same networks in PyTorch, as fast as its eager mode trains them on data in memory.

PyTorch is imported where it is used, so that only its own worker loads it.
"""

import os
from importlib.util import find_spec
from itertools import pairwise

from clock import timed
from shapes import make_data

INSTALLED = find_spec("torch") is not None

ALPHA = 1e-4


def make_network(d, hidden, n_outputs):
    """Return Linear and ReLU layers, computed with as many threads as NumPy has."""
    import torch
    from torch import nn

    if "OMP_NUM_THREADS" in os.environ:
        torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    layers = []
    for n_in, n_out in pairwise((d, *hidden)):
        layers += [nn.Linear(n_in, n_out), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear((d, *hidden)[-1], n_outputs))


def make_fit(shape, epochs):
    """Return what times a fit; the conversion to float32 tensors is not part of it."""
    import torch
    from torch.nn import functional

    X, y = make_data(shape.n, shape.d, shape.n_classes)
    X, y = torch.from_numpy(X).float(), torch.from_numpy(y)
    n_outputs, cost = shape.n_classes, functional.cross_entropy
    if shape.n_classes == 2:
        n_outputs, cost = 1, functional.binary_cross_entropy_with_logits
        y = y.float().unsqueeze(1)

    def fit():
        network = make_network(shape.d, shape.hidden, n_outputs)
        optimizer = torch.optim.Adam(
            network.parameters(), lr=1e-3, weight_decay=ALPHA / shape.batch, fused=True
        )
        for _ in range(epochs):
            for rows in torch.randperm(shape.n).split(shape.batch):
                optimizer.zero_grad()
                loss = cost(network(X.index_select(0, rows)), y.index_select(0, rows))
                loss.backward()
                optimizer.step()
            loss.item()

    return timed(fit, epochs)


def make_predict(X, hidden, n_classes, calls):
    """Return what times probabilities of a NumPy array, given back as a NumPy array."""
    import torch

    network = make_network(X.shape[1], hidden, n_classes)

    def predict():
        with torch.inference_mode():
            for _ in range(calls):
                network(torch.from_numpy(X).float()).softmax(dim=1).numpy()

    return timed(predict, calls)
