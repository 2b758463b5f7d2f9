import math

import numpy as np
import pytest

from skfcnn.network.embedding import (
    DEVIATION,
    N_COSINES,
    N_EMBEDDED,
    Embedding,
    EmbeddingParameters,
)

LAYER = Embedding(300, tuple(range(300)))


def drawn():
    """Return the parameters of embeddings of 300 columns."""
    parameters = EmbeddingParameters(*map(np.zeros, LAYER.shapes()))
    LAYER.draw(parameters, np.random.RandomState(0))
    return parameters


def test_initial_values_follow_the_paper():
    """Normal frequencies; phases in [-pi, pi]; weights and bias within 1 / sqrt(16)."""
    frequency, phase, weights, bias = drawn()
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


def test_passes_write_arrays_of_the_given_dtype():
    gradient = EmbeddingParameters(
        *(np.zeros(shape, np.float32) for shape in LAYER.shapes())
    )
    buffers = LAYER.buffers(5, np.float32, gradient, None)
    outputs = LAYER.outputs(5, np.float32)
    arrays = [*outputs, *buffers[:6], *buffers.gradient]
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}
    np.testing.assert_array_equal(buffers.x[:, 1], 1.0)
