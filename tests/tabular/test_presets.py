"""The networks of a value of effort, and their parameters."""

import numpy as np
import pytest

from skfcnn.tabular.presets import (
    ALL_EPOCHS_ROWS,
    EFFORTS,
    FEW_ROWS,
    MAX_NUMERIC,
    families,
    network_params,
)


@pytest.mark.parametrize(
    ("n_numeric", "n_families"), [(0, 3), (1, 4), (MAX_NUMERIC, 4), (MAX_NUMERIC + 1, 3)]
)
def test_no_family_is_duplicated_with_no_or_too_many_numeric_columns(n_numeric, n_families):
    found = families(EFFORTS["best"], n_numeric, {}, is_continuous=False)
    assert len(found) == n_families
    assert any(family.splines for family in found) == (n_families == 4)


def test_families_that_parameters_make_equal_are_merged():
    others = {"hidden_layer_sizes": [8], "activation": "tanh", "numeric_embedding": None}
    found = families(EFFORTS["best"], 3, others, is_continuous=False)
    assert [family.splines for family in found] == [False, True]


@pytest.mark.parametrize("effort", EFFORTS)
def test_only_the_best_regression_has_more_epochs(effort):
    classes, numbers = (
        families(EFFORTS[effort], 3, {}, is_continuous=value) for value in (False, True)
    )
    factor = 2 if effort == "best" else 1
    assert [factor * a.max_iter for a in classes] == [b.max_iter for b in numbers]
    assert {a.max_iter for a in classes} == {48 if effort == "best" else 32}


def test_the_given_number_of_epochs_is_that_of_all_networks():
    found = families(EFFORTS["best"], 3, {"max_iter": 7}, is_continuous=True)
    assert {family.max_iter for family in found} == {7}


@pytest.mark.parametrize(
    ("n_rows", "max_iter", "epochs", "patience"),
    [
        (ALL_EPOCHS_ROWS + 1, 32, 32, 10),
        (ALL_EPOCHS_ROWS + 1, 96, 96, 30),
        (ALL_EPOCHS_ROWS + 1, 1, 1, 1),
        (ALL_EPOCHS_ROWS, 32, 32, np.inf),
        (FEW_ROWS, 32, 64, np.inf),
    ],
)
def test_networks_stop_after_a_share_of_their_epochs(n_rows, max_iter, epochs, patience):
    (family,) = families(
        EFFORTS["balanced"], 3, {"max_iter": max_iter}, is_continuous=False
    )
    params = network_params(family, n_rows, {})
    assert params["max_iter"] == epochs
    assert params["n_iter_no_change"] == patience
    assert network_params(family, n_rows, {"n_iter_no_change": 3})["n_iter_no_change"] == 3
