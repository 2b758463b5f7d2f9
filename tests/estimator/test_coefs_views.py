"""coefs_ and intercepts_ are views: what is written to them takes effect."""

import numpy as np
import pytest
from small_network import SETTINGS, by_hand

from skfcnn import FullyConnectedClassifier

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def write_in_place(coefs, new):
    for array, values in zip(coefs, new, strict=True):
        array[...] = values


def assign_items(coefs, new):
    for layer, values in enumerate(new):
        coefs[layer] = values


def assign_slice(coefs, new):
    coefs[0:1], coefs[-1:] = new[:1], new[1:]


@pytest.mark.parametrize("change", [write_in_place, assign_items, assign_slice])
def test_changed_parameters_take_effect(wine, model, change):
    X, _ = wine
    new_coefs = [-array[::-1].copy() for array in model.coefs_]
    new_intercepts = [array[::-1] + 1.0 for array in model.intercepts_]
    change(model.coefs_, new_coefs)
    change(model.intercepts_, new_intercepts)
    wanted = by_hand(new_coefs, new_intercepts, X)
    # The same products in float64, in another order perhaps.
    np.testing.assert_allclose(model.predict_proba(X), wanted, rtol=0, atol=1e-14)


def test_assigning_the_whole_list_takes_effect(wine, model):
    X, _ = wine
    new = [np.ones((13, 8)), np.arange(24.0).reshape(8, 3)]
    model.coefs_ = new
    model.intercepts_ = [np.zeros(8), [3.0, 2.0, 1.0]]
    wanted = by_hand(new, model.intercepts_, X)
    np.testing.assert_allclose(model.predict_proba(X), wanted, rtol=0, atol=1e-14)
    new[0][...] = 7.0  # an assignment copies
    np.testing.assert_array_equal(model.coefs_[0], np.ones((13, 8)))


def test_assigned_views_are_copied_first(wine):
    """As in NumPy, where a[:] = a[::-1] reverses a."""
    X, y = wine
    model = FullyConnectedClassifier((3, 3), max_iter=3, random_state=0).fit(X, y)
    wanted = [array.copy() for array in model.intercepts_[::-1]]
    model.intercepts_ = model.intercepts_[::-1]
    for got, array in zip(model.intercepts_, wanted, strict=True):
        np.testing.assert_array_equal(got, array)


def test_arithmetic_in_place_takes_effect(wine, model):
    X, _ = wine
    coefs = [array.copy() for array in model.coefs_]
    model.coefs_[0] *= 2.0
    model.intercepts_[1] += [1.0, 0.0, -1.0]
    wanted = by_hand([2.0 * coefs[0], coefs[1]], model.intercepts_, X)
    np.testing.assert_allclose(model.predict_proba(X), wanted, rtol=0, atol=1e-14)


REFUSED = {
    "a matrix for a vector": (
        lambda m: m.intercepts_.__setitem__(0, np.ones((1, 8))),
        "shape",
    ),
    "transposed": (
        lambda m: m.coefs_.__setitem__(0, np.ones((8, 13))),
        r"\(13, 8\).*\(8, 13\)",
    ),
    "a number": (lambda m: m.coefs_.__setitem__(0, 1.0), "shape"),
    "NaN": (
        lambda m: m.coefs_.__setitem__(1, np.full((8, 3), np.nan)),
        "finite numbers.*NaN",
    ),
    "infinity": (lambda m: m.intercepts_.__setitem__(1, [0, 0, np.inf]), "finite numbers"),
    "words": (
        lambda m: m.intercepts_.__setitem__(1, ["a", "b", "c"]),
        "finite numbers.*U1",
    ),
    "complex": (
        lambda m: m.intercepts_.__setitem__(1, [1j, 0, 0]),
        "finite numbers.*complex",
    ),
    "too few layers": (
        lambda m: setattr(m, "coefs_", [np.ones((13, 8))]),
        "2 arrays.*got 1",
    ),
    "too many layers": (lambda m: setattr(m, "coefs_", [*m.coefs_, 1]), "2 arrays.*got 3"),
    "second of two wrong": (
        lambda m: setattr(m, "coefs_", [np.ones((13, 8)), np.ones((8, 4))]),
        r"coefs_\[1\] has shape \(8, 3\)",
    ),
    "append": (lambda m: m.coefs_.append(np.ones((3, 3))), "length of coefs_"),
    "extend": (lambda m: m.intercepts_.extend([1]), "length of intercepts_"),
    "insert": (lambda m: m.coefs_.insert(0, np.ones((3, 3))), "length of coefs_"),
    "del": (lambda m: m.coefs_.__delitem__(0), "length of coefs_"),
    "pop": (lambda m: m.coefs_.pop(), "length of coefs_"),
    "clear": (lambda m: m.coefs_.clear(), "length of coefs_"),
    "reverse": (lambda m: m.coefs_.reverse(), "length of coefs_"),
    "plus": (lambda m: m.coefs_.__iadd__([1]), "length of coefs_"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_invalid_assignment_is_refused_and_changes_nothing(wine, model, what):
    change, message = REFUSED[what]
    before = model.predict_proba(wine[0])
    with pytest.raises((ValueError, TypeError), match=message):
        change(model)
    np.testing.assert_array_equal(model.predict_proba(wine[0]), before)


def test_number_too_large_for_float32_is_refused(wine):
    model = FullyConnectedClassifier(**SETTINGS, dtype="float32").fit(*wine)
    before = model.predict_proba(wine[0])
    with pytest.raises(ValueError, match="finite"):
        model.intercepts_[1] = [1e300, 0.0, 0.0]
    np.testing.assert_array_equal(model.predict_proba(wine[0]), before)


def test_unfitted_classifier_has_no_parameters():
    for name in ("coefs_", "intercepts_"):
        with pytest.raises(AttributeError, match=f"{name} does not exist.*coefs_init"):
            getattr(FullyConnectedClassifier(), name)
        assert not hasattr(FullyConnectedClassifier(), name)
