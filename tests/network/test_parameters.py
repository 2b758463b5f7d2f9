import copy
import pickle

import numpy as np
import pytest

from skfcnn.network.architecture import fully_connected
from skfcnn.network.parameters import (
    Parameters,
    ParameterViews,
    count_parameters,
)

SIZES = (3, 4, 2)
ARCHITECTURE = fully_connected(SIZES, ("relu",))


def test_weights_precede_biases_as_in_scikit_learn():
    theta = np.arange(count_parameters(ARCHITECTURE), dtype=float)
    first, second = Parameters(theta, ARCHITECTURE).linear
    packed = [first.weights, second.weights, first.bias, second.bias]
    np.testing.assert_array_equal(np.concatenate([a.ravel() for a in packed]), theta)
    assert [a.shape for a in packed] == [(3, 4), (4, 2), (4,), (2,)]


def test_the_parts_are_views():
    theta = np.zeros(count_parameters(ARCHITECTURE))
    for layer in Parameters(theta, ARCHITECTURE).linear:
        layer.weights[...] = 1.0
        layer.bias[...] = 2.0
    np.testing.assert_array_equal(theta, [1.0] * 20 + [2.0] * 6)


@pytest.fixture
def views():
    theta = np.zeros(count_parameters(ARCHITECTURE))
    return ParameterViews("coefs_", Parameters(theta, ARCHITECTURE).groups["weights"])


def test_assigning_an_item_writes_into_theta(views):
    second = views[1]
    views[1] = np.ones((4, 2))
    views[-1][0, 0] = 5.0
    assert second[0, 0] == 5.0
    assert second[1, 1] == 1.0


def test_assigning_a_slice_writes_into_theta(views):
    views[:] = [np.full((3, 4), 2), np.full((4, 2), 3)]
    assert views[0].dtype == float
    assert (views[0] == 2).all()
    assert (views[1] == 3).all()


@pytest.mark.parametrize(
    ("index", "value", "message"),
    [
        (0, np.ones((4, 3)), r"coefs_\[0\] has shape \(3, 4\); got .* \(4, 3\)"),
        (0, 1.0, r"coefs_\[0\] has shape \(3, 4\); got .* \(\)"),
        (1, np.full((4, 2), np.nan), r"coefs_\[1\] must be finite numbers of float64"),
        (1, np.full((4, 2), "a"), r"coefs_\[1\] must be finite numbers of float64; got"),
        (
            slice(None),
            [np.ones((3, 4))],
            "coefs_: expected 2 arrays, one per layer; got 1",
        ),
    ],
)
def test_invalid_values_are_refused_and_nothing_is_written(views, index, value, message):
    with pytest.raises(ValueError, match=message):
        views[index] = value
    assert not any(view.any() for view in views)


def test_whole_slice_is_checked_before_writing(views):
    with pytest.raises(ValueError, match=r"coefs_\[1\]"):
        views[:] = [np.ones((3, 4)), np.ones((2, 4))]
    assert not views[0].any()


def test_an_index_past_the_end_is_an_index_error(views):
    with pytest.raises(IndexError):
        views[2] = np.ones((4, 2))


@pytest.mark.parametrize(
    "change",
    [
        lambda views: views.append(np.ones(2)),
        lambda views: views.clear(),
        lambda views: views.__delitem__(0),
        lambda views: views.__iadd__([1]),
        lambda views: views.reverse(),
    ],
)
def test_length_and_order_are_fixed(views, change):
    message = (
        r"^The length of coefs_ is fixed by the network\. Assign to its items, or make a "
        r"copy: list\(\.\.\.\)\.$"
    )
    with pytest.raises(TypeError, match=message):
        change(views)
    assert len(views) == 2


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))]
)
def test_a_copy_is_a_plain_list(views, duplicate):
    other = duplicate(views)
    assert type(other) is list
    other[0] += 1.0
    assert not views[0].any()
