"""Numbers as the target of an ensemble."""

import numpy as np
import pytest
from sklearn.metrics import d2_absolute_error_score, r2_score

from skfcnn import TabularRegressor
from skfcnn.tabular.folds import Fold
from skfcnn.tabular.number_values import (
    NumberValues,
    checked_numbers,
    part_of_each,
)

RNG = np.random.default_rng(0)
Y = RNG.lognormal(size=200)
PAIRS = np.column_stack([Y, 3.0 - Y])


def target(y=Y, **params):
    return NumberValues.of(y, TabularRegressor(**params))


@pytest.mark.parametrize(
    ("loss", "score"),
    [("squared_error", r2_score), ("absolute_error", d2_absolute_error_score)],
)
def test_mean_of_the_row_scores_is_the_share_of_the_loss_that_is_saved(loss, score):
    predicted = Y + 0.3 * RNG.standard_normal(200)
    scores = target(loss=loss).row_scores(predicted[:, None], Y)
    assert scores.mean() == pytest.approx(score(Y, predicted))


@pytest.mark.parametrize("y", [Y, PAIRS], ids=["one", "two"])
def test_numbers_keep_their_form(y):
    values = target(y)
    assert values.n_outputs == (1 if y.ndim == 1 else 2)
    np.testing.assert_array_equal(values.encode(y.tolist()), y)
    np.testing.assert_array_equal(values.decode(y.reshape(200, -1)), y)
    assert values.encode(y).dtype == np.float64
    with pytest.raises(ValueError, match="fitted with"):
        values.encode(PAIRS if y.ndim == 1 else Y)


def test_a_column_is_a_vector():
    assert checked_numbers(Y[:, None]).shape == (200,)


@pytest.mark.parametrize(
    ("y", "error", "message"),
    [
        (None, ValueError, "requires y to be passed"),
        (np.array(["a", "b"]), TypeError, "got text: a"),
        (np.array(["2020-01-01"], "M8[D]"), TypeError, "must hold numbers"),
        ([1.0, np.nan], ValueError, "y contains NaN.* in row 1. Drop"),
        ([1.0, np.inf], ValueError, "y contains infinity"),
    ],
    ids=str,
)
def test_other_values_are_refused(y, error, message):
    with pytest.raises(error, match=message):
        checked_numbers(y)


def test_numbers_out_of_the_range_of_a_loss_are_refused():
    with pytest.raises(ValueError, match="loss='gamma' is defined for targets > 0"):
        target(Y - 1.0, loss="gamma")


def test_weights_of_a_known_mixture_are_found():
    one, other = RNG.standard_normal((2, 20_000, 1))
    y = (0.8 * one + 0.2 * other)[:, 0] + 0.1 * RNG.standard_normal(20_000)
    found = target(y).ensemble_weights([one, other], y, np.ones(20_000))
    assert found == pytest.approx([0.8, 0.2], abs=0.01)


def test_weights_are_never_negative_and_a_bad_family_gets_none():
    good = Y[:, None] + 0.01 * RNG.standard_normal((200, 1))
    found = target().ensemble_weights([good, -good], Y, np.ones(200))
    assert found[0] > 0.95 and found[1] >= 0.0
    assert found.sum() == pytest.approx(1.0)


def test_the_better_of_two_good_families_gets_most_of_the_weight():
    """Both save nearly all of the loss of a constant; one errs ten times as much."""
    noise = RNG.standard_normal((200, 1))
    good, better = Y[:, None] + 1e-2 * noise, Y[:, None] - 1e-3 * noise[::-1]
    found = target().ensemble_weights([good, better], Y, np.ones(200))
    assert found[1] > 0.95


@pytest.mark.parametrize("loss", ["squared_error", "absolute_error", "poisson"])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_no_other_weights_are_better(loss, scale):
    """Families of very different quality, compared with all weights in steps of 1 %."""
    rng = np.random.default_rng(1)
    noise = 1.0 + scale * np.array([[0.01], [0.02], [1.0]]) * rng.uniform(size=(3, 200))
    predicted, values = [*(Y * noise)[:, :, None]], target(loss=loss)
    found = values.ensemble_weights(predicted, Y, np.ones(200))

    def mean_loss(mix):
        return values._losses(np.tensordot(mix, np.array(predicted), axes=1), Y).mean()

    steps = np.linspace(0.0, 1.0, 101)
    others = [np.array([a, b, 1 - a - b]) for a in steps for b in steps if a + b <= 1]
    # The prior of 10 rows next to 200 changes the loss by a few per cent.
    assert mean_loss(found) <= 1.1 * min(map(mean_loss, others))


def test_with_few_rows_or_none_weights_are_about_equal():
    predicted = [Y[:3, None], Y[:3, None] + 0.1]
    values = target()
    few = values.ensemble_weights(predicted, Y[:3], np.ones(3))
    assert few == pytest.approx([0.5, 0.5], abs=0.01)
    none = values.ensemble_weights([each[:0] for each in predicted], Y[:0], np.ones(0))
    assert none.tolist() == [0.5, 0.5]


def test_rows_of_weight_zero_do_not_count():
    predicted, weights = [Y[:, None], Y[::-1, None]], np.repeat([1.0, 0.0], 100)
    with_zeros = target().ensemble_weights(predicted, Y, weights)
    half = [each[:100] for each in predicted]
    without = target().ensemble_weights(half, Y[:100], np.ones(100))
    # The prior counts all rows, of any weight.
    np.testing.assert_allclose(with_zeros, without, atol=0.05)


def test_scores_are_relative_to_the_best_constant_of_the_weighted_rows():
    weights = np.repeat([0.0, 1.0], [5, 195])
    y = np.where(weights > 0.0, Y, 1e6)
    values = NumberValues.of(y, TabularRegressor(), weights)
    assert values.constant_loss * values.scale.deviation[0] ** 2 == pytest.approx(
        0.5 * Y[5:].var()
    )


@pytest.mark.parametrize("factor", [1e-3, 1e3])
def test_scores_and_weights_do_not_depend_on_the_unit_of_y(factor):
    """`huber_delta` is in standard deviations of y, as in the networks."""
    predicted = [Y[:, None] + RNG.standard_cauchy((200, 1)) for _ in range(2)]
    one, other = target(loss="huber"), target(factor * Y, loss="huber")
    scores = other.row_scores(factor * predicted[0], factor * Y)
    np.testing.assert_allclose(scores, one.row_scores(predicted[0], Y), atol=1e-9)
    in_units = [factor * each for each in predicted]
    np.testing.assert_allclose(
        other.ensemble_weights(in_units, factor * Y, np.ones(200)),
        one.ensemble_weights(predicted, Y, np.ones(200)),
        atol=1e-6,
    )


def test_each_of_several_outputs_counts_the_same_in_any_unit():
    predicted = PAIRS + RNG.standard_normal((200, 2))
    in_units = np.array([1.0, 1e3])
    score = target(in_units * PAIRS).row_scores(in_units * predicted, in_units * PAIRS)
    assert score.mean() == pytest.approx(r2_score(PAIRS, predicted))


def test_parameters_of_the_loss_are_checked_first():
    with pytest.raises(ValueError, match="The 'huber_delta' parameter"):
        target(loss="huber", network_params={"huber_delta": -1.0})


def test_quantiles_of_a_row_are_in_order():
    values = target(loss="quantile", quantile=[0.9, 0.1])
    crossing = np.array([[1.0, 2.0], [1.5, 1.25]])
    assert values.calibrated(crossing, 1.0).tolist() == [[2.0, 1.0], [1.5, 1.25]]
    assert values.n_outputs == 2


def test_a_constant_y_has_scores():
    values = target(np.full(5, 2.0))
    assert values.row_scores(np.full((5, 1), 2.0), np.full(5, 2.0)).tolist() == [1.0] * 5


def test_parts_are_whole_folds_where_they_differ():
    rows = np.arange(8)
    folds = [Fold(rows, rows[2 * k : 2 * k + 2]) for k in range(4)]
    assert part_of_each(rows, folds).tolist() == [0, 0, 1, 1, 2, 2, 0, 0]
    same = [Fold(rows, rows)] * 3
    assert part_of_each(rows, same).tolist() == [0, 1, 2, 0, 1, 2, 0, 1]


def test_predictions_are_clipped_to_the_range_that_was_seen():
    weights = np.where(Y < 2.0, 1.0, 0.0)
    seen = Y[weights > 0.0]
    values = NumberValues.of(Y, TabularRegressor(clip=True), weights)
    predicted = np.array([[-1.0], [1.0], [2.5]])
    clipped = values.calibrated(predicted, 1.0)[:, 0]
    assert clipped.tolist() == [seen.min(), 1.0, seen.max()]
    np.testing.assert_array_equal(target().calibrated(predicted, 1.0), predicted)
    pairs = target(PAIRS, clip=True).calibrated(np.array([[-9.0, 9.0]]), 1.0)
    assert pairs.tolist() == [[PAIRS[:, 0].min(), PAIRS[:, 1].max()]]
