"""The parameter class_weight, for classes and for several labels per row."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import recall_score
from sklearn.utils.class_weight import compute_class_weight
from split_data import fit, load, make_model

from skfcnn.estimator.class_weights import of_one_label, of_several_labels
from skfcnn.training.optimizers import OPTIMIZERS


def make_imbalanced():
    """Breast cancer with a tenth of the benign rows' number of malignant ones (class 0)."""
    X_train, X_test, y_train, y_test = load(load_breast_cancer)
    malignant = np.flatnonzero(y_train == 0)
    rows = np.r_[malignant[:15], np.flatnonzero(y_train == 1)]
    # Two features only: with all thirty, the classes are too easy to separate.
    return X_train[rows, :2], X_test[:, :2], y_train[rows], y_test


@pytest.mark.parametrize("solver", [*OPTIMIZERS, "lbfgs"])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_balanced_weights_raise_minority_recall(solver):
    data = make_imbalanced()
    _, X_test, _, y_test = data
    recalls = []
    for class_weight in (None, "balanced"):
        model = make_model(solver=solver, class_weight=class_weight, max_iter=100)
        model.set_params(learning_rate_init=0.01, hidden_layer_sizes=())
        y = fit(model, data).predict(X_test)
        recalls.append(recall_score(y_test, y, pos_label=0))
    assert recalls[1] > recalls[0] + 0.1


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("names", [None, ["benign", "malignant"]], ids=["int", "str"])
def test_class_weights_equal_sample_weights(cancer, names):
    X, _, y, _ = cancer
    y = y if names is None else np.array(names)[y]
    given = np.random.RandomState(0).uniform(0.0, 2.0, len(y))
    given[:7] = 0.0
    first, second = classes = np.unique(y)
    balanced = compute_class_weight(
        "balanced", classes=classes, y=y[7:], sample_weight=given[7:]
    )
    for class_weight, values in (
        ({first: 3.0}, (3.0, 1.0)),
        ({first: 0.5, second: 2.0}, (0.5, 2.0)),
        ("balanced", balanced),
    ):
        by_class = make_model(class_weight=class_weight).fit(X, y, given)
        by_row = make_model().fit(X, y, given * np.where(y == first, *values))
        np.testing.assert_allclose(by_class.loss_curve_, by_row.loss_curve_, rtol=1e-10)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_class_weights_of_labels_multiply(digits):
    X, _, y, _ = digits
    Y = np.c_[y % 2, y > 4]
    class_weight = [{0: 1.0, 1: 2.0}, {0: 3.0, 1: 1.0}]
    by_class = make_model(class_weight=class_weight).fit(X, Y)
    weights = np.where(y % 2, 2.0, 1.0) * np.where(y > 4, 1.0, 3.0)
    by_row = make_model().fit(X, Y, weights)
    np.testing.assert_allclose(by_class.loss_curve_, by_row.loss_curve_, rtol=1e-10)


@pytest.mark.parametrize(
    ("class_weight", "message"),
    [
        ({"nobody": 2.0}, "weights for .'nobody'., but the labels of y are"),
        ({0: -1.0}, "class_weight has the weight -1.0 for class 0. Weights must be"),
        ({0: 1.0, 1: np.nan}, "class_weight has the weight nan for class 1"),
        ({1: None}, "class_weight has the weight None for class 1"),
        ({1: "heavy"}, "class_weight has the weight 'heavy' for class 1"),
        ({1: [1.0]}, r"class_weight has the weight \[1.0\] for class 1"),
        ({0: 0.0, 1: 0.0}, "times the class weights, must contain at least one non-zero"),
        ({0: np.inf}, "class_weight has the weight inf for class 0"),
        ({0: 1e308, 1: 1e308}, "times the class weights, must have a sum within the range"),
        ("even", "'class_weight' parameter"),
    ],
)
def test_invalid_class_weights_are_refused(cancer, class_weight, message):
    with pytest.raises(ValueError, match=message):
        fit(make_model(class_weight=class_weight), cancer)


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_invalid_class_weights_of_labels_are_refused(bad, digits):
    X, _, y, _ = digits
    class_weight = [{0: 1.0, 1: bad}, {0: bad, 1: bad}]
    with pytest.raises(ValueError, match=r"class_weight\[0\] has the weight"):
        make_model(class_weight=class_weight).fit(X, np.c_[y > 2, y > 4])


def test_partial_fit_accepts_weights_of_classes_absent_from_the_batch(digits):
    X, _, y, _ = digits
    weighted = {0: 1.0, 1: 5.0}
    models = [make_model(class_weight=weighted), make_model()]
    for rows in (y > 0, y == 3):
        weights = np.where(y[rows] == 1, 5.0, 1.0)
        models[0].partial_fit(X[rows], y[rows], classes=np.arange(10))
        models[1].partial_fit(X[rows], y[rows], weights, classes=np.arange(10))
    assert models[0].loss_curve_ == models[1].loss_curve_
    with pytest.raises(ValueError, match="cannot balance"):
        make_model(class_weight="balanced").partial_fit(X, y, classes=np.arange(10))


def make_labels(y):
    return np.c_[y % 2, y > 4, y == 3].astype(int)


def test_partial_fit_accepts_weights_of_labels_absent_from_the_batch(digits):
    X, _, y, _ = digits
    labels, weights = make_labels(y), [{1: 5.0}, {1: 2.0}, {1: 3.0}]
    model = make_model(class_weight=weights).partial_fit(X, labels, classes=[0, 1, 2])
    without = y != 3
    model.partial_fit(X[without], labels[without])
    assert len(model.loss_curve_) == 2


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("kind", ["binary", "multiclass", "labels"])
def test_balanced_weights_ignore_rows_of_weight_zero(digits, kind):
    X, _, y, _ = digits
    y = {"binary": y > 6, "multiclass": y, "labels": make_labels(y)}[kind]
    weights = np.ones(len(X))
    weights[:400] = 0.0
    model = make_model(solver="lbfgs", class_weight="balanced", max_iter=10)
    model.set_params(dtype="float64")
    expected = clone(model).fit(X[400:], y[400:]).predict_proba(X)
    # L-BFGS amplifies the rounding of sums over other rows.
    p = model.fit(X, y, weights).predict_proba(X)
    np.testing.assert_allclose(p, expected, atol=1e-9)


@pytest.mark.parametrize(
    "class_weight", [{1: 2.0}, [{1: 2.0}], [{1: 2.0}] * 4, ["balanced"] * 3]
)
def test_class_weight_of_labels_needs_a_dict_for_each(digits, class_weight):
    X, _, y, _ = digits
    with pytest.raises(ValueError, match="a dict for each of the 3 labels"):
        make_model(class_weight=class_weight).fit(X, make_labels(y))


def test_balanced_weights_give_all_classes_the_same_total():
    y, weights = np.array(["a", "b", "b", "b"]), np.array([1.0, 1.0, 2.0, 0.0])
    of_rows = of_one_label("balanced", np.array(["a", "b"]), y, weights)
    totals = [(weights * of_rows)[y == label].sum() for label in ("a", "b")]
    assert totals == pytest.approx([2.0, 2.0])


def test_default_class_weight_is_one():
    y = np.array([2, 1, 2, 0])
    weights = of_one_label({2: 5.0}, np.arange(3), y, np.ones(4))
    np.testing.assert_array_equal(weights, [5.0, 1.0, 5.0, 1.0])


def test_weights_of_several_labels_are_multiplied():
    labels = np.array([[0, 0], [1, 0], [1, 1]])
    class_weight = [{0: 2.0, 1: 3.0}, {0: 1.0, 1: 7.0}]
    weights = of_several_labels(class_weight, labels, np.ones(3))
    np.testing.assert_array_equal(weights, [2.0, 3.0, 21.0])
