"""scikit-learn's common checks, for every solver, loss and dtype."""

from functools import cache

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris, make_regression
from sklearn.utils.estimator_checks import check_estimator, parametrize_with_checks

from skfcnn import FullyConnectedClassifier, FullyConnectedRegressor
from skfcnn.network.losses import CLASS_LOSSES, LOG_LINK, NUMBER_LOSSES
from skfcnn.training.optimizers import OPTIMIZERS

SOLVERS = ["lbfgs", *OPTIMIZERS]

pytestmark = [
    # The checks train for a few iterations only, and on unscaled data.
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    # Some do not apply, and say so: decision_function, which a network does not have.
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning"),
    # A NumPy matrix as input is deprecated by NumPy itself.
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),
]

FLOAT32 = (
    "compares two trainings with a relative tolerance of 1e-7, where one rounding of "
    "float32 is 6e-8"
)
FLOAT32_FAILURES = {
    "check_sample_weight_equivalence_on_dense_data": FLOAT32,
    "check_sample_weight_equivalence_on_sparse_data": FLOAT32,
}


def with_checks(estimators, **options):
    """Call parametrize_with_checks, and name each estimator once, not for each check."""
    mark = parametrize_with_checks(estimators, **options)
    names, cases = mark.args
    return pytest.mark.parametrize(names, [*cases], ids=cache(mark.kwargs["ids"]))


@pytest.mark.slow
def test_check_estimator_without_any_expected_failure():
    results = check_estimator(FullyConnectedClassifier(), expected_failed_checks={})
    statuses = {result["status"] for result in results}
    assert statuses <= {"passed", "skipped"}
    assert sum(result["status"] == "passed" for result in results) > 50


@pytest.mark.grid(120)
@with_checks(
    [
        FullyConnectedClassifier(solver=solver, loss=loss, dtype=dtype)
        for solver in SOLVERS
        for loss in CLASS_LOSSES
        for dtype in ("auto", "float64", "float32")
        # One rounding more or less may exceed the 1e-7 that some checks compare with.
        if dtype != "float32" or solver not in ("nadam", "lion")
    ],
    expected_failed_checks=lambda estimator: (
        FLOAT32_FAILURES if estimator.dtype == "float32" else {}
    ),
)
def test_common_checks(estimator, check):
    compares_rows = check.func.__name__ == "check_methods_subset_invariance"
    if compares_rows and (estimator.dtype, estimator.solver) == ("float32", "lbfgs"):
        rows_agree(estimator)
    else:
        check(estimator)


def rows_agree(estimator):
    """Assert what check_methods_subset_invariance does, up to rounding in float32.

    Its tolerance is 1e-7. After "lbfgs" on unscaled data, outputs of up to 280 are rounded
    to 2e-5, and p (1 - p) is at most 1/4. The BLAS sums one row in another order than many.
    """
    X, y = load_iris(return_X_y=True)
    model = clone(estimator).set_params(random_state=0).fit(X, y)
    one_by_one = np.vstack([model.predict_proba(row[None]) for row in X])
    np.testing.assert_allclose(one_by_one, model.predict_proba(X), atol=5e-6)


@pytest.mark.parametrize("solver", SOLVERS)
def test_float32_fails_for_its_rounding_only(solver):
    """The results that the two checks above compare agree up to rounding in float32."""
    X, y = load_iris(return_X_y=True)
    weights = np.arange(len(y)) % 3
    settings = dict(solver=solver, dtype="float32", random_state=0, batch_size=300)
    settings |= dict(max_iter=5, hidden_layer_sizes=(10,))
    with pytest.warns(UserWarning):
        weighted = FullyConnectedClassifier(**settings).fit(X, y, sample_weight=weights)
        repeated = FullyConnectedClassifier(**settings).fit(
            X.repeat(weights, axis=0), y.repeat(weights)
        )
    # 5 steps of some ten roundings of 6e-8 each; the line search of lbfgs amplifies them.
    np.testing.assert_allclose(
        weighted.predict_proba(X), repeated.predict_proba(X), rtol=1e-4, atol=1e-5
    )


# ----- the regressor


@pytest.mark.slow
def test_check_estimator_of_the_regressor_without_any_expected_failure():
    results = check_estimator(FullyConnectedRegressor(), expected_failed_checks={})
    statuses = {result["status"] for result in results}
    assert statuses <= {"passed", "skipped"}
    assert sum(result["status"] == "passed" for result in results) > 55


NEGATIVE = {
    "check_regressor_multioutput": "fits negative y, although the tag positive_only is set"
}


@pytest.mark.grid(60)
@with_checks(
    [
        *(FullyConnectedRegressor(loss) for loss in NUMBER_LOSSES),
        *(
            FullyConnectedRegressor(loss, solver="lbfgs")
            for loss in NUMBER_LOSSES
            # Rounding decides where a line search along kinks ends.
            if loss != "quantile"
        ),
        FullyConnectedRegressor(scale_target=False, dtype="float64"),
    ],
    expected_failed_checks=lambda estimator: NEGATIVE if estimator.loss in LOG_LINK else {},
)
def test_common_checks_of_the_regressor(estimator, check):
    check(estimator)


@pytest.mark.parametrize("loss", sorted(LOG_LINK))
def test_what_the_check_of_several_outputs_asks_for_holds_for_positive_y(loss):
    X, y = make_regression(n_samples=42, n_targets=5, random_state=0)
    y = 1.0 + np.abs(y)
    predicted = FullyConnectedRegressor(loss).fit(X, y).predict(X)
    assert predicted.dtype == np.float64 and predicted.shape == y.shape
