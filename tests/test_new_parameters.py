"""What MLPClassifier does not have, on real data where its effect shows."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.metrics import log_loss, recall_score
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.class_weight import compute_class_weight

from skfcnn import FullyConnectedClassifier
from skfcnn.network.activations import ACTIVATIONS
from skfcnn.training.optimizers import OPTIMIZERS


def load(loader):
    X, y = loader(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0, stratify=y)
    scaler = StandardScaler().fit(X_train)
    return scaler.transform(X_train), scaler.transform(X_test), y_train, y_test


@pytest.fixture(scope="module")
def digits():
    return load(load_digits)


@pytest.fixture(scope="module")
def cancer():
    return load(load_breast_cancer)


def make_model(**params):
    return FullyConnectedClassifier(**{"random_state": 0, "max_iter": 30} | params)


def fit(model, data):
    X_train, _, y_train, _ = data
    return model.fit(X_train, y_train)


# ----- activation


@pytest.mark.grid(5)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_every_activation_learns(digits, activation, dtype):
    _, X_test, _, y_test = digits
    model = make_model(activation=activation, dtype=dtype, hidden_layer_sizes=(50, 30))
    model.set_params(learning_rate_init=0.003)
    assert fit(model, digits).score(X_test, y_test) > 0.93  # 0.1 by guessing


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_an_activation_for_each_layer(digits):
    same = fit(make_model(activation="tanh", hidden_layer_sizes=(20, 10)), digits)
    listed = fit(make_model(activation=["tanh"] * 2, hidden_layer_sizes=(20, 10)), digits)
    mixed = fit(
        make_model(activation=["relu", "tanh"], hidden_layer_sizes=(20, 10)), digits
    )
    assert same.loss_curve_ == listed.loss_curve_ != mixed.loss_curve_


def sine(z):
    return np.sin(z)


def cosine(z):
    return np.cos(z)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_function_of_the_user(digits):
    _, X_test, _, y_test = digits
    model = fit(make_model(activation=(sine, cosine)), digits)
    assert model.score(X_test, y_test) > 0.93
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(X_test), model.predict_proba(X_test))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_tanh_of_the_user_is_tanh(digits):
    pair = (np.tanh, lambda z: 1.0 - np.tanh(z) ** 2)
    ours, theirs = fit(make_model(activation="tanh"), digits), make_model(activation=pair)
    # Slopes by another formula: roundings, that 200 steps make larger.
    np.testing.assert_allclose(fit(theirs, digits).loss_curve_, ours.loss_curve_, rtol=1e-9)


def test_a_wrong_derivative_is_told_before_training(digits):
    with pytest.raises(ValueError, match="derivative given with an activation is"):
        fit(make_model(activation=(np.tanh, np.cosh)), digits)


@pytest.mark.grid(2)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_search_over_activations(cancer):
    X_train, _, y_train, _ = cancer
    grid = {
        "fullyconnectedclassifier__activation": [
            "gelu",
            ["relu", "tanh"],
            (sine, cosine),
        ]
    }
    model = make_pipeline(
        StandardScaler(), make_model(hidden_layer_sizes=(8, 4), max_iter=150)
    )
    search = GridSearchCV(model, grid, cv=3, n_jobs=2).fit(X_train, y_train)
    assert (search.cv_results_["mean_test_score"] > 0.9).all()


# ----- class_weight


def make_imbalanced():
    """Breast cancer with a tenth of the benign rows' number of malignant ones (class 0)."""
    X_train, X_test, y_train, y_test = load(load_breast_cancer)
    malignant = np.flatnonzero(y_train == 0)
    rows = np.r_[malignant[:15], np.flatnonzero(y_train == 1)]
    # Two features only: with all thirty both classes are told apart too easily.
    return X_train[rows, :2], X_test[:, :2], y_train[rows], y_test


@pytest.mark.parametrize("solver", [*OPTIMIZERS, "lbfgs"])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_balanced_weights_raise_the_recall_of_the_minority(solver):
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
def test_class_weights_are_sample_weights(cancer, names):
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
def test_weights_of_labels(digits):
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
        ({"nobody": 2.0}, "not in class_weight"),
        ({0: -1.0}, "class_weight gives class 0 the weight -1.0. Give every class a"),
        ({0: 1.0, 1: np.nan}, "class_weight gives class 1 the weight nan"),
        ({1: None}, "class_weight gives class 1 the weight None"),
        ({1: "heavy"}, "class_weight gives class 1 the weight 'heavy'"),
        ({1: [1.0]}, "class_weight gives class 1 the weight "),
        ({0: 0.0, 1: 0.0}, "those of class_weight, must contain at least one non-zero"),
        ({0: np.inf}, "class_weight gives class 0 the weight inf"),
        ({0: 1e308, 1: 1e308}, "those of class_weight, must have a sum within the range"),
        ("even", "'class_weight' parameter"),
    ],
)
def test_class_weights_that_cannot_be(cancer, class_weight, message):
    with pytest.raises(ValueError, match=message):
        fit(make_model(class_weight=class_weight), cancer)


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_class_weights_of_labels_that_cannot_be(bad, digits):
    X, _, y, _ = digits
    class_weight = [{0: 1.0, 1: bad}, {0: bad, 1: bad}]
    with pytest.raises(ValueError, match=r"class_weight\[0\] gives class 1 the weight"):
        make_model(class_weight=class_weight).fit(X, np.c_[y > 2, y > 4])


def test_partial_fit_takes_weights_of_classes_that_a_batch_may_lack(digits):
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


# ----- dropout


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_dropout_narrows_the_gap_between_training_and_test(cancer):
    X_train, X_test, y_train, y_test = cancer
    X_train, X_test = X_train[:, :8], X_test[:, :8]  # with fewer features there is a gap
    train, test = [], []
    for dropout in (0.0, 0.5):
        model = make_model(hidden_layer_sizes=(200, 200), dropout=dropout, max_iter=300)
        model.set_params(tol=0.0, n_iter_no_change=300, learning_rate_init=0.003)
        model.fit(X_train, y_train)
        train.append(log_loss(y_train, model.predict_proba(X_train)))
        test.append(log_loss(y_test, model.predict_proba(X_test)))
    assert test[1] < 0.8 * test[0]
    assert test[1] - train[1] < 0.8 * (test[0] - train[0])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_dropout_repeats_with_the_random_state(digits, dtype):
    _, X_test, _, _ = digits
    params = {"hidden_layer_sizes": (30, 20), "dropout": 0.3, "max_iter": 5, "dtype": dtype}
    first, same = (fit(make_model(**params), digits) for _ in range(2))
    other = fit(make_model(**params | {"random_state": 1}), digits)
    np.testing.assert_array_equal(first.predict_proba(X_test), same.predict_proba(X_test))
    np.testing.assert_array_equal(first.predict_proba(X_test), first.predict_proba(X_test))
    assert first.loss_curve_ == same.loss_curve_ != other.loss_curve_


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_rate_for_each_layer(digits):
    params = {"hidden_layer_sizes": (30, 20), "max_iter": 5}
    alike = fit(make_model(dropout=0.3, **params), digits)
    listed = fit(make_model(dropout=[0.3, 0.3], **params), digits)
    none = fit(make_model(dropout=[0.0, 0.0], **params), digits)
    plain = fit(make_model(**params), digits)
    assert alike.loss_curve_ == listed.loss_curve_ != none.loss_curve_
    assert none.loss_curve_ == plain.loss_curve_


def test_partial_fit_draws_new_masks_in_every_call(digits):
    X, _, y, _ = digits
    # A tiny rate: the weights stay where they are, so only the masks tell calls apart.
    model = make_model(dropout=0.5, learning_rate_init=1e-12)
    for _ in range(2):
        model.partial_fit(X, y, classes=np.arange(10))
    first, second = model.loss_curve_
    assert abs(first - second) > 1e-6


@pytest.mark.parametrize("dropout", [1.0, -0.1, [0.1, 0.2], ["a"], [1.0]])
def test_dropout_that_cannot_be(digits, dropout):
    with pytest.raises(ValueError, match="dropout"):
        fit(make_model(dropout=dropout), digits)


# ----- label_smoothing


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_smoothing_keeps_probabilities_from_the_ends(digits, cancer, solver):
    for data, n_classes in ((digits, 10), (cancer, 2)):
        X_train, X_test, _, y_test = data
        model = make_model(label_smoothing=0.2, max_iter=300, solver=solver, alpha=0.0)
        model.set_params(learning_rate_init=0.01, n_iter_no_change=300)
        p = fit(model, data).predict_proba(X_train)
        # At the minimum, the most probable class has 1 - 0.2 + 0.2 / n_classes.
        assert np.median(p.max(axis=1)) == pytest.approx(0.8 + 0.2 / n_classes, abs=0.02)
        # With other last bits L-BFGS ends elsewhere: 0.944 and 0.951 were seen of 143 rows.
        assert model.score(X_test, y_test) > 0.93


# ----- solver, weight_decay, clip_norm, schedule


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
def test_clipping_saves_a_fit_that_would_diverge(digits):
    _, X_test, _, y_test = digits
    params = {"solver": "sgd", "learning_rate_init": 1.0, "activation": "relu"}
    params |= {"hidden_layer_sizes": (100, 100), "loss": "log_loss", "max_iter": 20}
    wild = make_model(**params)
    try:
        score = fit(wild, digits).score(X_test, y_test)
    except ValueError as error:
        assert "non-finite" in str(error)
        score = 0.0
    tame = fit(make_model(**params, clip_norm=0.1), digits)
    assert tame.score(X_test, y_test) > max(0.9, score + 0.3)


@pytest.mark.parametrize("solver", [*OPTIMIZERS])
@pytest.mark.parametrize("schedule", ["cosine", "one_cycle", "coslog4", lambda t: 1.0 - t])
def test_a_schedule_is_run_to_its_end(digits, solver, schedule):
    _, X_test, _, y_test = digits
    model = make_model(solver=solver, schedule=schedule, max_iter=15, tol=1.0)
    model.set_params(n_iter_no_change=1, learning_rate_init=0.01)
    fit(model, digits)  # without a ConvergenceWarning: it would be an error
    assert model.n_iter_ == 15
    assert model.score(X_test, y_test) > 0.85


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("solver", [*OPTIMIZERS])
def test_a_schedule_of_ones_changes_nothing(digits, solver):
    plain = fit(make_model(solver=solver, max_iter=5), digits)
    ones = fit(make_model(solver=solver, max_iter=5, schedule=lambda t: 1.0), digits)
    assert plain.loss_curve_ == ones.loss_curve_


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_adaptive_is_that_of_sgd(digits):
    params = {"solver": "sgd", "tol": 0.1, "n_iter_no_change": 1}
    theirs = fit(make_model(learning_rate="adaptive", **params), digits)
    ours = fit(make_model(schedule="adaptive", **params), digits)
    adam = fit(make_model(schedule="adaptive", **params | {"solver": "adam"}), digits)
    assert ours.loss_curve_ == theirs.loss_curve_
    stopped = fit(make_model(**params | {"solver": "adam"}), digits)
    assert adam.n_iter_ > stopped.n_iter_


def test_early_stopping_ends_a_schedule(digits):
    model = make_model(schedule="cosine", early_stopping=True, tol=1.0, n_iter_no_change=2)
    assert fit(model, digits).n_iter_ == 4


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {"solver": "sgd", "learning_rate": "invscaling", "schedule": "cosine"},
            "both say",
        ),
        ({"solver": "lbfgs", "schedule": "cosine"}, "'lbfgs' has no schedule"),
        ({"solver": "lbfgs", "clip_norm": 1.0}, "'lbfgs' has no clip_norm"),
        ({"solver": "lbfgs", "dropout": 0.1}, "'lbfgs' has no dropout"),
        ({"schedule": lambda t: -t}, "must return a number, not negative"),
        ({"schedule": lambda t: "fast"}, "must return a number, not negative"),
        ({"schedule": "linear"}, "'schedule' parameter"),
    ],
)
def test_parameters_that_contradict_each_other(digits, params, message):
    with pytest.raises(ValueError, match=message):
        fit(make_model(**params), digits)


def make_labels(y):
    return np.c_[y % 2, y > 4, y == 3].astype(int)


def test_a_batch_may_lack_a_label_that_has_a_weight(digits):
    X, _, y, _ = digits
    labels, weights = make_labels(y), [{1: 5.0}, {1: 2.0}, {1: 3.0}]
    model = make_model(class_weight=weights).partial_fit(X, labels, classes=[0, 1, 2])
    without = y != 3
    model.partial_fit(X[without], labels[without])
    assert len(model.loss_curve_) == 2


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("kind", ["binary", "multiclass", "labels"])
def test_rows_of_weight_0_do_not_count_in_the_balance(digits, kind):
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
def test_labels_need_a_dict_for_each(digits, class_weight):
    X, _, y, _ = digits
    with pytest.raises(ValueError, match="a dict for each of the 3 labels"):
        make_model(class_weight=class_weight).fit(X, make_labels(y))


def test_a_schedule_that_becomes_negative_is_refused_there(digits):
    schedule = {"schedule": lambda t: -1.0 if 0.55 < t < 0.7 else 1.0}
    with pytest.raises(ValueError, match=r"fraction 0\.[56]\d* of training it returned -1"):
        fit(make_model(**schedule), digits)
