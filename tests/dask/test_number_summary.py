"""The summary of numbers of partitions: merged, it is that of all rows."""

from types import SimpleNamespace

import numpy as np
import pytest

from skfcnn.dask.number_summary import NumberSummary
from skfcnn.estimator.regression_target import RegressionTarget
from skfcnn.network.moments import merged_moments, moments_of
from skfcnn.training.objective import Data

rng = np.random.RandomState(0)
SMALL = rng.normal(size=(1000, 2)) + [0.0, 3.0]
WEIGHTS = rng.uniform(0.5, 2.0, 1000) * (rng.uniform(size=1000) > 0.3)


def merged(y, weights, n_parts=7):
    cuts = zip(np.array_split(y, n_parts), np.array_split(weights, n_parts), strict=True)
    return NumberSummary.merged([NumberSummary.of(*part) for part in cuts])


def target_for(y, **params):
    given = {"loss": "squared_error", "quantile": 0.5, "scale_target": True}
    return RegressionTarget.create(y, SimpleNamespace(**given | params))


def scales(y, weights, **params):
    """The scale from partitions, and that of one machine."""
    of_parts, of_all = target_for(y, **params), target_for(y, **params)
    merged(y, weights).set_scale(of_parts)
    of_all.set_scale(Data(None, of_all.encode(y), weights), slice(None))
    return of_parts.scale, of_all.scale


@pytest.mark.parametrize("weights", [np.ones(1000), WEIGHTS], ids=["ones", "weights"])
@pytest.mark.parametrize(
    "order", [slice(None), np.argsort(SMALL[:, 0])], ids=["as drawn", "sorted"]
)
@pytest.mark.parametrize(("offset", "factor"), [(0.0, 1.0), (1e9, 1.0), (-3.0, 1e200)])
def test_scale_of_partitions_is_that_of_all_rows(weights, order, offset, factor):
    y = (SMALL * factor + offset)[order]
    ours, theirs = scales(y, weights)
    np.testing.assert_allclose(ours.mean, theirs.mean, rtol=1e-14, atol=1e-14 * factor)
    # The mean of one machine has the rounding of its sum: with 1e9, up to 1e-6.
    np.testing.assert_allclose(ours.deviation, theirs.deviation, rtol=1e-11)


def test_deviation_of_sorted_numbers_far_from_zero_is_exact():
    """The rounded centers of partitions are up to 6e-8 from their means."""
    y = 1e9 + np.sort(SMALL[:, :1], axis=0)
    ours, _ = scales(y, np.ones(1000))
    near = y - 1e9  # without rounding
    assert ours.mean.item() == pytest.approx(1e9 + near.mean(), rel=1e-16)
    by_rounding = ours.mean.item() - 1e9 - near.mean()
    assert ours.deviation.item() == pytest.approx(
        np.hypot(near.std(), by_rounding), rel=1e-13
    )


@pytest.mark.parametrize("loss", ["poisson", "gamma", "tweedie"])
def test_losses_with_the_link_exp_are_scaled_by_the_mean(loss):
    y = np.exp(SMALL)
    ours, theirs = scales(y, WEIGHTS, loss=loss)
    assert ours.mean.tolist() == [0.0, 0.0]
    np.testing.assert_allclose(ours.deviation, theirs.deviation, rtol=1e-14)
    assert scales(y * 0.0, WEIGHTS, loss="poisson")[0].deviation.tolist() == [1.0, 1.0]


def test_every_level_of_quantiles_has_the_scale_of_the_one_column():
    ours, theirs = scales(SMALL[:, 0], WEIGHTS, loss="quantile", quantile=[0.1, 0.9])
    assert ours.mean.shape == ours.deviation.shape == (2,)
    np.testing.assert_allclose(ours.mean, theirs.mean, rtol=1e-13)
    np.testing.assert_allclose(ours.deviation, theirs.deviation, rtol=1e-13)


@pytest.mark.parametrize("value", [0.0, 0.1, 1e9 / 3.0, -1e300])
def test_deviation_of_constant_numbers_counts_as_1(value):
    ours, _ = scales(np.full((1000, 2), value), WEIGHTS + 0.1)
    np.testing.assert_array_equal(ours.mean, [value, value])
    np.testing.assert_array_equal(ours.deviation, [1.0, 1.0])


def test_rows_of_weight_zero_count_for_the_range_only():
    y, weights = np.array([1.0, 1.0, -7.0, 1.0]), np.array([1.0, 2.0, 0.0, 1.0])
    found = merged(y, weights, n_parts=2)
    assert (found.least, found.largest) == (-7.0, 1.0)
    assert found.moments.center.tolist() == [1.0]
    assert found.moments.deviation.tolist() == [0.0]


def test_partitions_of_weight_zero_have_no_moments():
    nothing = NumberSummary.of(np.array([5.0]), np.zeros(1))
    something = NumberSummary.of(np.array([1.0, 3.0]), np.ones(2))
    assert nothing.moments is None
    assert NumberSummary.merged([nothing]).moments is None
    assert NumberSummary.merged([nothing, something]).moments.center.tolist() == [2.0]


def test_moments_of_one_part_are_its_own():
    found = moments_of(SMALL, np.ones(1000))
    again = merged_moments([found])
    np.testing.assert_allclose(again.center, SMALL.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(again.deviation, SMALL.std(axis=0), rtol=1e-14)
    assert (again.reach >= np.abs(SMALL - again.center).max(axis=0) * (1 - 1e-15)).all()


def test_scale_of_an_earlier_fit_is_kept():
    target = target_for(SMALL)
    merged(SMALL, WEIGHTS).set_scale(target)
    scale = target.scale
    merged(SMALL + 1.0, WEIGHTS).set_scale(target)
    assert target.scale is scale


def test_target_may_be_unscaled():
    target = target_for(SMALL, scale_target=False)
    before = target.scale
    merged(SMALL, WEIGHTS).set_scale(target)
    assert target.scale is before


def test_numbers_out_of_the_range_of_the_loss_are_refused():
    params = SimpleNamespace(loss="poisson", quantile=0.5, scale_target=True)
    target = RegressionTarget.create(SMALL, params)
    merged(np.abs(SMALL), WEIGHTS).check_range(target, params)
    with pytest.raises(ValueError, match="loss='poisson' is defined for targets >= 0"):
        merged(SMALL, WEIGHTS).check_range(target, params)


def test_numbers_have_no_class_weights_and_are_of_one_kind():
    found = merged(SMALL, WEIGHTS)
    assert found.class_weight(None) is None
    assert found.check_like(merged(SMALL.astype(int), WEIGHTS), (0, 1)) is None
    assert found.stand_in(SMALL) is SMALL
