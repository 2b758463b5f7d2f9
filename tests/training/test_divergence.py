import numpy as np
import pytest

from skfcnn.training.divergence import Divergence, check_finite, check_not_exploded


@pytest.mark.parametrize(
    ("loss", "theta"),
    [(np.nan, 0.0), (np.inf, 0.0), (-np.inf, 0.0), (1.0, np.nan), (1.0, -np.inf)],
)
def test_non_finite_values_raise(loss, theta):
    message = r"^Solver produced non-finite parameter weights in epoch 3\.$"
    with pytest.raises(Divergence, match=message):
        check_finite(loss, np.array([1.0, theta, 2.0]), "in epoch 3")


def test_finite_values_do_not_raise():
    check_finite(1e308, np.array([1e308, -1e308]), "in epoch 3")


@pytest.mark.parametrize(("first", "limit"), [(0.5, 1e6), (1.0, 1e6), (20.0, 2e7)])
def test_loss_above_a_million_times_the_initial_loss_raises(first, limit):
    check_not_exploded(limit, first, 4)
    with pytest.raises(Divergence, match=r"^The loss has exploded in epoch 4: from .* to"):
        check_not_exploded(1.001 * limit, first, 4)


def test_message_names_the_losses():
    with pytest.raises(
        Divergence, match=r"from 0\.25 with the initial weights to 1\.23e\+07\.$"
    ):
        check_not_exploded(12345678.0, 0.25, 2)
