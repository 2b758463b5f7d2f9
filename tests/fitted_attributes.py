"""Comparison of the fitted attributes of two models."""

import numpy as np


def assert_equal_attributes(a, b, *, but=frozenset()):
    """All but the seconds of the epochs are equal, to the bit."""
    names = {name for name in vars(a) if name.endswith("_")} - but
    assert names == {name for name in vars(b) if name.endswith("_")} - but
    for name in sorted(names - {"history_"}):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name), err_msg=name)
    for name in a.history_.keys() - {"seconds"}:
        np.testing.assert_array_equal(a.history_[name], b.history_[name], err_msg=name)
    assert len(a.history_["seconds"]) == len(b.history_["seconds"])
