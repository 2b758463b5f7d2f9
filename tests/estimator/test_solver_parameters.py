"""Weight decay, clipping, and parameters that a solver does not take."""

import numpy as np
import pytest
from small_network import SETTINGS
from split_data import fit, make_model

from skfcnn import FullyConnectedClassifier


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_adamw_learns_and_decays(digits):
    _, X_test, _, y_test = digits
    free = fit(make_model(solver="adamw", weight_decay=0.0), digits)
    adam = fit(make_model(solver="adam"), digits)
    decayed = fit(make_model(solver="adamw", weight_decay=1.0), digits)
    assert free.loss_curve_ == adam.loss_curve_
    assert decayed.score(X_test, y_test) > 0.93
    sizes = [np.linalg.norm(model.coefs_[0]) for model in (free, decayed)]
    assert sizes[1] < 0.9 * sizes[0]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_max_grad_norm_prevents_divergence(digits):
    _, X_test, _, y_test = digits
    params = {"solver": "sgd", "learning_rate_init": 1.0, "activation": "relu"}
    params |= {"hidden_layer_sizes": (100, 100), "loss": "log_loss", "max_iter": 20}
    wild = make_model(**params)
    try:
        score = fit(wild, digits).score(X_test, y_test)
    except ValueError as error:
        assert "non-finite" in str(error)
        score = 0.0
    tame = fit(make_model(**params, max_grad_norm=0.1), digits)
    assert tame.score(X_test, y_test) > max(0.9, score + 0.3)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {"solver": "sgd", "learning_rate": "invscaling", "schedule": "cosine"},
            "both set the learning rate",
        ),
        ({"solver": "lbfgs", "schedule": "cosine"}, "'lbfgs' has no schedule"),
        ({"solver": "lbfgs", "max_grad_norm": 1.0}, "'lbfgs' has no max_grad_norm"),
        ({"solver": "lbfgs", "dropout": 0.1}, "'lbfgs' has no dropout"),
        ({"schedule": lambda t: -t}, "must return a number >= 0"),
        ({"schedule": lambda t: "fast"}, "must return a number >= 0"),
        ({"schedule": "linear"}, "'schedule' parameter"),
    ],
)
def test_contradictory_parameters_are_refused(digits, params, message):
    with pytest.raises(ValueError, match=message):
        fit(make_model(**params), digits)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_numpy_numbers_are_accepted_as_parameters(wine, solver):
    """MLPClassifier computes in its own precision, not in that of the parameters."""
    numbers = {"alpha": 0.5, "tol": 0.0, "learning_rate_init": 0.125, "momentum": 0.5}
    plain, numpy = (
        FullyConnectedClassifier(**SETTINGS | {"solver": solver, "dtype": "float64"})
        .set_params(**{name: kind(value) for name, value in numbers.items()})
        .fit(*wine)
        for kind in (float, np.float16)
    )
    assert numpy.loss_curve_ == plain.loss_curve_
    assert {type(loss) for loss in numpy.loss_curve_} == {float}
