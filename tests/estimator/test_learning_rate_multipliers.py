"""The parameter learning_rate_multipliers: a learning rate for each group of parameters."""

import numpy as np
import pytest
from further_layers import ALL, X, Y, make_model

# A dozen epochs are too few for some models: they are worse than guessing.
pytestmark = pytest.mark.filterwarnings("ignore:.*worse than guess")


@pytest.mark.parametrize("group", ["weights", "bias", "scale", "mix", "embedding"])
def test_rate_factor_zero_keeps_the_initial_values_of_a_group(group):
    params = ALL | {"learning_rate_multipliers": {group: 0.0}}
    start = make_model(learning_rate_init=1e-300, **params).fit(X, Y).parameters_
    end = make_model(**params).fit(X, Y).parameters_
    for name in start:
        same = [np.array_equal(*pair) for pair in zip(start[name], end[name], strict=True)]
        assert all(same) == (name == group), name


@pytest.mark.parametrize(
    "factors",
    [
        {"biases": 1.0},
        {"bias": -1.0},
        {"bias": "1/sqrt(n_in)"},
        {"weights": "ntk"},
        {"bias": np.inf},
    ],
)
def test_invalid_learning_rate_multipliers_are_refused(factors):
    with pytest.raises(
        ValueError, match="learning_rate_multipliers.*'weights', 'bias'.*got"
    ):
        make_model(learning_rate_multipliers=factors).fit(X, Y)


def test_lbfgs_refuses_learning_rate_multipliers():
    with pytest.raises(ValueError, match="'lbfgs' has no learning_rate_multipliers"):
        make_model(
            solver="lbfgs", schedule=None, learning_rate_multipliers={"bias": 0.1}
        ).fit(X, Y)
