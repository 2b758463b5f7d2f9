"""LinearSplines: the values of SplineTransformer, in a fraction of the time."""

import numpy as np
import pytest
from sklearn.preprocessing import SplineTransformer

from skfcnn.tabular.splines import BLOCK, HEIGHT, N_KNOTS, LinearSplines

RNG = np.random.default_rng(0)


def columns_with_equal_quantiles(n):
    x = RNG.normal(size=(n, 6))
    x[:, 1] = np.maximum(x[:, 1], 0.4)  # the first knots are one
    x[:, 2] = np.minimum(x[:, 2], -0.4)  # the last
    x[:, 3] = np.where(RNG.random(n) < 0.6, 0.0, x[:, 3])  # some in the middle
    x[:, 4] = RNG.integers(0, 3, n)
    x[:, 5] = RNG.random(n) < 0.05  # all but the last
    return x.astype(np.float32)


def test_the_values_are_those_of_SplineTransformer():
    x = columns_with_equal_quantiles(200)
    splines = LinearSplines(range(6)).fit(x)
    reference = SplineTransformer(N_KNOTS, 1, knots="quantile", extrapolation="constant")
    reference.fit(x)
    at_knots, far = splines.knots.T.astype(np.float32), np.full((1, 6), 9.0, np.float32)
    new = np.vstack([x, at_knots, np.nextafter(at_knots, far), far, -far])
    got = splines.transform(new)
    assert got.dtype == np.float32
    wanted = np.hstack([HEIGHT * reference.transform(new), new])
    np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-7)


def test_only_the_given_columns_have_splines():
    x = RNG.normal(size=(50, 4)).astype(np.float32)
    got = LinearSplines([3, 1]).fit(x).transform(x)
    assert got.shape == (50, 2 * N_KNOTS + 4)
    wanted = LinearSplines([0, 1]).fit(x[:, [3, 1]]).transform(x[:, [3, 1]])
    np.testing.assert_array_equal(got[:, : 2 * N_KNOTS], wanted[:, : 2 * N_KNOTS])
    np.testing.assert_array_equal(got[:, 2 * N_KNOTS :], x)


@pytest.mark.parametrize("n", [1, BLOCK + 1])
def test_a_row_has_the_same_splines_among_others(n):
    x = columns_with_equal_quantiles(2 * BLOCK)
    splines = LinearSplines(range(6)).fit(x)
    np.testing.assert_array_equal(splines.transform(x[:n]), splines.transform(x)[:n])


def test_knots_are_those_of_repeated_rows():
    rng = np.random.RandomState(0)
    X, counts = rng.standard_normal((200, 2)).astype(np.float32), rng.randint(0, 4, 200)
    found = LinearSplines([0, 1]).fit(X, counts.astype(float))
    expected = LinearSplines([0, 1]).fit(X.repeat(counts, axis=0))
    np.testing.assert_allclose(found.knots, expected.knots, rtol=1e-12)
    equal = LinearSplines([0, 1]).fit(X, np.where(counts > 0, 3.0, 0.0))
    np.testing.assert_array_equal(
        equal.knots, LinearSplines([0, 1]).fit(X[counts > 0]).knots
    )
