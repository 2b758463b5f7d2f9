import math

import numpy as np
import pytest

from skfcnn.network.architecture import N_COSINES, N_EMBEDDED, Architecture
from skfcnn.network.embedding import DEVIATION, draw_embedding
from skfcnn.network.network import Network


def drawn(dtype=float):
    """Return the parameters of embeddings of 300 columns, and their layer."""
    architecture = Architecture((300, 1), (), embedded=tuple(range(300)))
    n = sum(math.prod(s) for group in architecture.shapes().values() for s in group)
    network = Network(architecture, theta=np.zeros(n, dtype))
    layer = network.layers[0]
    draw_embedding(layer.parameters, np.random.RandomState(0))
    return layer.parameters, layer


def test_first_values_are_those_of_the_paper():
    """Normal frequencies; phases of a whole turn; weights and bias within 1 / sqrt(16)."""
    frequency, phase, weights, bias = drawn()[0]
    assert frequency.shape == phase.shape == (300, N_COSINES)
    # 4800 draws: a deviation errs by 1 %.
    assert frequency.std() == pytest.approx(DEVIATION, rel=0.05)
    assert abs(frequency.mean()) < 0.06 * DEVIATION
    bounds = {math.pi: phase, 1.0 / math.sqrt(N_COSINES): weights}
    for bound, values in bounds.items():
        assert np.abs(values).max() <= bound
        assert values.min() == pytest.approx(-bound, rel=0.01)
        assert values.max() == pytest.approx(bound, rel=0.01)
        assert len(np.unique(values)) == values.size  # each is drawn for itself
    assert np.abs(bias).max() <= 1.0 / math.sqrt(N_COSINES)
    assert bias.min() < -0.2 and bias.max() > 0.2
    assert len(np.unique(bias)) == bias.size == 300 * N_EMBEDDED
    assert len(np.unique(frequency)) == frequency.size


def test_all_that_passes_write_is_of_the_dtype_of_the_parameters():
    parameters, layer = drawn(np.float32)
    gradient = Network(
        Architecture((300, 1), (), embedded=tuple(range(300))),
        theta=np.zeros(300 * (2 * 16 + 48 + 3) + 1201, np.float32),
    )
    buffers = layer.buffers(5, iter([gradient.layers[0].parameters]))
    outputs = layer.outputs(5)
    arrays = [*outputs, *buffers[:5], *buffers.gradient, buffers.ones]
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}
    np.testing.assert_array_equal(buffers.ones, 1.0)
