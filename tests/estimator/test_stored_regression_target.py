"""The state of a regression target: what is invalid is refused by name."""

import numpy as np
import pytest

from skfcnn.estimator.stored_regression_target import check_state

STATE = {
    "n_outputs": 3,
    "is_vector": False,
    "out_activation": "exp",
    "levels": None,
    "is_scaled": True,
    "scale": {"mean": np.zeros(3), "deviation": np.ones(3)},
}


def test_valid_states_are_accepted():
    check_state(STATE)
    check_state(STATE | {"levels": [0.9, 0.5, 0.1], "is_scaled": False, "scale": None})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_outputs": 0}, "n_outputs is 0"),
        ({"n_outputs": "3"}, "n_outputs is '3'"),
        ({"is_vector": True}, "is_vector is True, but n_outputs is 3"),
        ({"is_vector": True, "n_outputs": 2}, "is_vector is True, but n_outputs is 2"),
        ({"is_vector": 1}, "is_vector is 1"),
        ({"levels": [0.5]}, r"n_outputs is 3, levels are \[0.5\]"),
        ({"levels": [0.5, 0.7, 1.0]}, r"levels are \[0.5, 0.7, 1.0\]"),
        ({"levels": [0.0, 0.7, 0.9]}, r"levels are \[0.0"),
        ({"levels": [0.5, 0.7, "a"]}, "level is 'a'"),
        ({"levels": "abc"}, "levels is 'abc'"),
        ({"out_activation": "softmax"}, "out_activation is 'softmax'"),
        ({"out_activation": 1}, "out_activation is 1"),
        ({"is_scaled": 1}, "is_scaled is 1"),
        ({"is_scaled": False}, "is_scaled is False, scale is {'mean'"),
        ({"scale": None}, "is_scaled is True, scale is None"),
    ],
)
def test_invalid_states_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        check_state(STATE | changes)
