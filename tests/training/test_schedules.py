import pytest

from skfcnn.training.schedules import SCHEDULES, Adaptive, Constant, InverseScaling


def test_constant():
    schedule = Constant(0.1)
    schedule.end_epoch(100)
    assert schedule.rate == 0.1
    assert not schedule.try_further()


def test_inverse_scaling_falls_with_the_rows_seen():
    schedule = InverseScaling(0.1, power_t=0.5)
    assert schedule.rate == 0.1
    for epoch in (1, 2, 3):
        schedule.end_epoch(100)
        assert schedule.rate == pytest.approx(0.1 / (100 * epoch + 1) ** 0.5)
    assert not schedule.try_further()


def test_inverse_scaling_starts_anew_in_a_warm_start_and_then_counts_on():
    schedule = InverseScaling(0.1, power_t=0.25, rows_seen=300)
    assert schedule.rate == 0.1
    schedule.end_epoch(100)
    assert schedule.rate == pytest.approx(0.1 / 401**0.25)


def test_adaptive_divides_by_five_on_a_plateau_until_the_rate_is_tiny():
    schedule = Adaptive(1e-4)
    schedule.end_epoch(100)
    assert schedule.rate == 1e-4
    rates = []
    while schedule.try_further():
        rates.append(schedule.rate)
    assert rates == pytest.approx([2e-5, 4e-6, 8e-7])


@pytest.mark.parametrize("name", SCHEDULES)
def test_each_begins_with_the_initial_rate(name):
    settings = {"power_t": 0.5} if name == "invscaling" else {}
    assert SCHEDULES[name](learning_rate_init=0.3, **settings).rate == 0.3
