"""Parity with MLPClassifier: the same parameters and seed give the same fitted model.

First the configurations in which the two are to agree in everything, with the warnings
and what is printed. Then DIVERGENCES, where they differ on purpose, with a test for each:
it shows that nothing else differs.
"""

import pickle
import re
from functools import cache, partial
from itertools import product
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
import scipy.sparse
import sklearn
from numpy.testing import assert_allclose, assert_array_equal
from parity_reference import (
    WORSE,
    AveragesLossByWeight,
    GivesOneClassOneColumn,
    KeepsTheBest,
    LeavesOutZeroBatches,
    ScoresAnyLabels,
    Stratifies,
    TakesPartOfTheClasses,
    TakesTheTrueLogLoss,
    assert_parity,
    assert_same_arrays,
    corrected,
    train,
)
from scipy.special import expit
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.utils.fixes import parse_version

from skfcnn import FullyConnectedClassifier
from skfcnn.training.objective import Objective
from skfcnn.training.optimizers import Adam

LOADERS = {
    "binary": load_breast_cancer,
    "multiclass": load_wine,
    "multilabel": load_digits,
    "digits": load_digits,
}
TARGETS = ("binary", "multiclass", "multilabel")
FORMATS = {
    "dense": np.asarray,
    "csr": scipy.sparse.csr_array,
    "csc": scipy.sparse.csc_array,
}
# A quarter of the rows has no weight. 120 rows in batches of 32: the last one is short.
WEIGHTS = np.arange(120) % 4 / 2.0


@cache
def load(target):
    """Return 120 scaled rows of real data, their classes mixed."""
    X, y = LOADERS[target](return_X_y=True)
    rows = np.random.RandomState(0).permutation(len(y))[:120]
    X, y = X[rows], y[rows]
    # Adam moves the weights of a constant input by the penalty alone, to and fro across
    # zero, which amplifies rounding errors without bound: digits has such pixels.
    X = StandardScaler().fit_transform(X[:, X.std(axis=0) > 0.0])
    if target == "multilabel":  # of a digit: is it even, is it large, is it a prime
        y = np.column_stack([y % 2 == 0, y > 4, np.isin(y, [2, 3, 5, 7])]).astype(int)
    return X, y


def make_pair(*corrections, **params):
    """Return ours in float64 and the reference, both with these parameters."""
    ours = FullyConnectedClassifier(**params, dtype="float64")
    return ours, corrected(*corrections)(**params)


def train_alike(pair, *args, **kwargs):
    """Train both; their output and their warnings must be the same."""
    (printed, warned), (expected_print, expected_warnings) = (
        train(model, *args, **kwargs) for model in pair
    )
    assert warned == expected_warnings
    assert printed == expected_print


def clip_acts(params, *args, **kwargs):
    """Return whether MLPClassifier clips a loss on the way (see DIVERGENCES)."""
    reference = corrected(TakesTheTrueLogLoss)(**params)
    train(reference, *args, **kwargs)
    return reference.clip_acted


def check_parity(params, target, X, y, weights=None, **steps):
    """Train both and compare them; only DIVERGENCES with an effect are corrected."""
    corrections = []
    if params["solver"] == "lbfgs":
        # A line search may try points where rows are judged so wrong that the clip acts.
        if clip_acts(params, X, y, weights, **steps):
            corrections.append(TakesTheTrueLogLoss)
    else:
        if weights is not None:
            corrections.append(AveragesLossByWeight)
        if params.get("early_stopping"):
            corrections += [KeepsTheBest] + [Stratifies] * (target == "multiclass")
    pair = make_pair(*corrections, **params)
    train_alike(pair, X, y, weights, **steps)
    assert_parity(*pair, X, y)


# ----- every solver, activation, target, format; with and without weights and stopping

SGD = {"solver": "sgd", "learning_rate_init": 0.05, "max_iter": 20}
ADAM = {"solver": "adam", "learning_rate_init": 0.01, "max_iter": 20}
STOPPING = {"early_stopping": True, "validation_fraction": 0.2, "n_iter_no_change": 3}
SOLVERS = {
    "sgd": SGD,
    "adam": ADAM,
    "lbfgs": {"solver": "lbfgs", "max_iter": 20},
    "sgd_stopping": SGD | STOPPING,
    "adam_stopping": ADAM | STOPPING,
}
ACTIVATIONS = ("identity", "logistic", "tanh", "relu")
WEIGHTINGS = {"unweighted": None, "weighted": WEIGHTS}
COMMON = {"hidden_layer_sizes": (8, 5), "batch_size": 32, "random_state": 7}


def make_cases(*choices):
    """Return the product of the choices, with readable ids."""
    return [pytest.param(*case, id="-".join(case)) for case in product(*choices)]


# MLPClassifier, fitted to the same rows in another order, comes out 1.4e-5 apart after 29
# iterations and 1.3e-4 after 30.
ILL_CONDITIONED = ("lbfgs", "logistic", "multilabel", "unweighted")

GRID = make_cases(SOLVERS, ACTIVATIONS, TARGETS, FORMATS, WEIGHTINGS)


@pytest.mark.grid(60)
@pytest.mark.parametrize(("solver", "activation", "target", "form", "weighting"), GRID)
def test_grid(solver, activation, target, form, weighting):
    X, y = load(target)
    longest = 30 if solver == "lbfgs" else 50
    if (solver, activation, target, weighting) == ILL_CONDITIONED:
        longest = 28
    params = COMMON | SOLVERS[solver] | {"activation": activation, "max_iter": longest}
    check_parity(params, target, FORMATS[form](X), y, WEIGHTINGS[weighting])


def test_lbfgs_reaches_the_clip_in_few_configurations():
    cases = list(product(ACTIVATIONS, TARGETS))
    clipped = [
        clip_acts(COMMON | SOLVERS["lbfgs"] | {"activation": activation}, *load(target))
        for activation, target in cases
    ]
    assert sum(clipped) <= len(cases) / 4


# ----- every other parameter, up to 50 epochs

SIZES = [{"hidden_layer_sizes": sizes} for sizes in [(), 7, (20,), [16, 8], (8, 8, 8)]]
ALPHAS = [{"alpha": alpha} for alpha in [0, 1, 10.0]]
STOCHASTIC = [
    *SIZES,
    *ALPHAS,
    *({"batch_size": size} for size in ["auto", 33, 120, 500]),
    {"batch_size": 1, "learning_rate_init": 0.001, "max_iter": 10},
    *({"tol": 0.05, "n_iter_no_change": patience} for patience in [1, 5, np.inf]),
    {"tol": 0, "n_iter_no_change": 1},
    {"shuffle": False},
    {"random_state": 123},
    {"max_iter": 1},
    *({"early_stopping": True, "validation_fraction": part} for part in [0.1, 0.5]),
    {"early_stopping": True, "tol": 0, "n_iter_no_change": 1, "shuffle": False},
    {"early_stopping": True, "batch_size": 119, "verbose": True},
    {"verbose": True, "tol": 0.05, "n_iter_no_change": 1},
    {"verbose": True, "tol": 0.05, "n_iter_no_change": 1, "early_stopping": True},
]
ADAPTIVE = {"learning_rate": "adaptive", "tol": 0.05}
PARAMETERS = {
    "sgd": [
        *STOCHASTIC,
        *({"momentum": momentum} for momentum in [0, 0.5]),
        {"momentum": 1, "learning_rate_init": 0.001},
        *({"momentum": momentum, "nesterovs_momentum": False} for momentum in [0.5, 0.9]),
        *({"learning_rate": "invscaling", "power_t": power} for power in [0.0, 0.1, 0.5]),
        {"learning_rate": "invscaling", "early_stopping": True},
        ADAPTIVE | {"n_iter_no_change": 9, "verbose": True},
        ADAPTIVE | {"n_iter_no_change": 9, "verbose": True, "early_stopping": True},
        ADAPTIVE | {"n_iter_no_change": 1},  # till the rate is too small
    ],
    "adam": [
        *STOCHASTIC,
        *({"beta_1": beta} for beta in [0, 0.5, 0.99]),
        *({"beta_2": beta} for beta in [0.9, 0.99, 0.9999]),
        *({"epsilon": epsilon} for epsilon in [1e-5, 0.1]),
        ADAPTIVE | {"n_iter_no_change": 1},  # which is for sgd only
    ],
    "lbfgs": [
        *SIZES,
        *ALPHAS,
        *({"max_fun": number} for number in [1, 5, 20]),
        *({"max_iter": number} for number in [1, 5]),
        *({"tol": tol} for tol in [0, 0.1]),
        {"random_state": 123},
        {"early_stopping": True},  # which is for sgd and adam only
    ],
}


def params_id(params):
    return ",".join(f"{name}={value}" for name, value in params.items()).replace(" ", "")


VARIATIONS = [
    pytest.param(solver, params, target, id=f"{solver}-{params_id(params)}-{target}")
    for solver in PARAMETERS
    for params in PARAMETERS[solver]
    for target in TARGETS
]


@pytest.mark.grid(20)
@pytest.mark.parametrize(("solver", "params", "target"), VARIATIONS)
def test_parameters(solver, params, target):
    longest = {"max_iter": 30 if solver == "lbfgs" else 50}
    check_parity(COMMON | SOLVERS[solver] | longest | params, target, *load(target))


# ----- warm start and partial_fit, one after the other

WHOLE, FIRST, SECOND = slice(None), slice(0, 50), slice(50, None)
FIT, FIT_FIRST, FIT_SECOND = (("fit", rows) for rows in (WHOLE, FIRST, SECOND))
PART, PART_FIRST, PART_SECOND = (("partial_fit", rows) for rows in (WHOLE, FIRST, SECOND))
SHORT = {"max_iter": 4, "tol": 0.05, "n_iter_no_change": 2}
WARM = {"warm_start": True} | SHORT


def put(**params):
    return "set_params", params


SEQUENCES = {
    "fit-fit": (SHORT, [FIT, FIT]),
    "warm": (WARM, [FIT, FIT, FIT]),
    "warm-rows": (WARM, [FIT, FIT_FIRST, FIT_SECOND]),
    "warm-parameters": (
        WARM,
        [FIT, put(learning_rate_init=0.002, alpha=1.0, batch_size=20, random_state=1), FIT],
    ),
    "warm-activation": (WARM, [FIT, put(activation="tanh"), FIT]),
    "warm-solvers": (WARM, [FIT, put(solver="sgd"), FIT, put(solver="adam"), FIT]),
    "warm-stopping": (WARM | STOPPING, [FIT, FIT, FIT]),
    "partial": ({}, [PART] * 3),
    "partial-batches": ({}, [PART_FIRST, PART_SECOND] * 3),
    "partial-plateau": ({"tol": 0.5, "n_iter_no_change": 1, "verbose": True}, [PART] * 5),
    "partial-parameters": (
        {},  # the solver under way keeps its rate and momentum, but takes the new alpha
        [
            PART,
            put(learning_rate_init=0.9, momentum=0.1, beta_1=0.1, alpha=1.0),
            PART,
            PART,
        ],
    ),
    "partial-solvers": (
        {},
        [PART, put(solver="sgd"), PART, put(solver="adam"), PART],
    ),
    "partial-fit": (SHORT, [PART, FIT, PART, PART_FIRST]),
    "partial-warm": (WARM, [PART, FIT, PART, FIT]),
    "invscaling": (
        WARM | {"learning_rate": "invscaling", "power_t": 0.3},
        [FIT, PART, FIT_FIRST, FIT, PART],
    ),
    "adaptive": (
        WARM | {"learning_rate": "adaptive", "verbose": True, "tol": 0.5},
        [FIT, PART, PART, PART, FIT, FIT],
    ),
}
SEQUENCE_CASES = make_cases(SEQUENCES, ("sgd", "adam"), TARGETS, WEIGHTINGS)
SEQUENCE_CASES += make_cases(("warm", "warm-rows"), ("lbfgs",), TARGETS, WEIGHTINGS)
SPARSE_SEQUENCES = ("warm-rows", "warm-stopping", "partial-batches", "partial-fit")
SPARSE_CASES = make_cases(SPARSE_SEQUENCES, ("sgd", "adam"), ACTIVATIONS, TARGETS)


@pytest.mark.grid(20)
@pytest.mark.parametrize(("sequence", "solver", "activation", "target"), SPARSE_CASES)
def test_sequences_of_sparse_rows(sequence, solver, activation, target):
    params, steps = SEQUENCES[sequence]
    X, y = load(target)
    params = COMMON | SOLVERS[solver] | params | {"activation": activation}
    check_parity(params, target, FORMATS["csr"](X), y, steps=steps)


@pytest.mark.grid(20)
@pytest.mark.parametrize(("sequence", "solver", "target", "weighting"), SEQUENCE_CASES)
def test_sequences(sequence, solver, target, weighting):
    params, steps = SEQUENCES[sequence]
    params = COMMON | SOLVERS[solver] | params
    if weighting == "weighted":  # the reference prints its loss before it is corrected
        params |= {"verbose": False}
    check_parity(params, target, *load(target), WEIGHTINGS[weighting], steps=steps)


@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_partial_fit_gets_classes_one_by_one(solver):
    X, y = load("multiclass")
    order = np.argsort(y, kind="stable")
    steps = [("partial_fit", slice(start, start + 20)) for start in range(0, 120, 20)]
    check_parity(COMMON | SOLVERS[solver], "multiclass", X[order], y[order], steps=steps)


def test_one_random_state_for_two_fits():
    X, y = load("binary")
    pair = make_pair(KeepsTheBest, **COMMON | SOLVERS["adam_stopping"])
    for model in pair:
        model.set_params(random_state=np.random.RandomState(3))
    train_alike(pair, X, y, steps=[FIT, FIT])
    assert_parity(*pair, X, y)


def test_coefs_set_between_fits():
    X, y = load("multiclass")
    pair = make_pair(**COMMON | SGD | WARM)
    train_alike(pair, X, y)
    for model in pair:
        model.coefs_ = [0.5 * coef for coef in model.coefs_]
    train_alike(pair, X, y)
    assert_parity(*pair, X, y)


def test_learning_rate_too_small_is_printed():
    params = COMMON | SGD | ADAPTIVE | {"n_iter_no_change": 1, "max_iter": 60}
    check_parity(params | {"verbose": True}, "binary", *load("binary"))


@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_partial_fit_with_another_activation(solver):
    steps = [PART, PART, put(activation="tanh"), PART]
    check_parity(COMMON | SOLVERS[solver], "binary", *load("binary"), steps=steps)


# ----- labels of every kind

LABELS = {
    "strings": ("multiclass", lambda y: np.array(["a", "b", "c"])[y]),
    "objects": ("multiclass", lambda y: np.array(["a", "b", "c"], object)[y]),
    "floats": ("multiclass", lambda y: 2.0 * y),
    "one_hot": ("multiclass", lambda y: np.eye(3, dtype=int)[y]),
    "column": ("multiclass", lambda y: y[:, None]),
    "bool": ("binary", lambda y: y == 1),
    "negative": ("binary", lambda y: 2 * y - 1),
    "bool_labels": ("multilabel", lambda y: y == 1),
    "constant_label": ("multilabel", lambda y: y * [1, 0, 1]),
    "ten_digits": ("digits", lambda y: y),
}
LABEL_CASES = make_cases(LABELS, ("adam", "lbfgs"))


@pytest.mark.grid(4)
@pytest.mark.parametrize(("labels", "solver"), LABEL_CASES)
def test_labels(labels, solver):
    target, convert = LABELS[labels]
    X, y = load(target)
    check_parity(COMMON | SOLVERS[solver], target, X, convert(y))


# Asking labels for NaN fails on strings and sparse matrices: scikit-learn #33760, #33774.
ISNAN_MENDED = parse_version(sklearn.__version__) >= parse_version("1.9")


@pytest.mark.parametrize("solver", ["adam", "adam_stopping"])
def test_sparse_labels(solver):
    X, y = load("multilabel")
    corrections = [] if ISNAN_MENDED else [ScoresAnyLabels]
    pair = make_pair(*corrections, **COMMON | SOLVERS[solver])
    train_alike(pair, X, scipy.sparse.csr_array(y))
    predicted, expected = (model.predict(X) for model in pair)
    assert type(predicted) is type(expected)
    assert (predicted != expected).nnz == 0
    assert_same_arrays(*(model.coefs_ for model in pair), rtol=1e-7)


def test_number_of_configurations():
    cases = GRID + VARIATIONS + SEQUENCE_CASES + LABEL_CASES
    assert len({case.id for case in cases}) == len(cases) >= 200


# ----- where the two differ on purpose

DIVERGENCES = {
    "zero_weight_batch": "MLPClassifier divides by its weight, zero; ours leaves it out",
    "weighted_loss": "MLPClassifier averages batches by their size, ours by their weight",
    "log_loss_clip": "MLPClassifier lets no row cost more than -log(2.2e-16) = 36.04",
    "stratified_hold_out": "MLPClassifier stratifies two classes only, as not documented",
    "early_stopping_strings": "MLPClassifier of scikit-learn 1.7 asks whether 'a' is NaN",
    "warm_start_keeps_the_best": "MLPClassifier trains on in the arrays of the best epoch",
    "warm_start_early_stopping": "MLPClassifier fails where early_stopping is switched",
    "warm_start_layer_sizes": "MLPClassifier leaves new hidden_layer_sizes aside or fails",
    "warm_start_loss": "MLPClassifier has one loss, and one kind of batches, to watch",
    "partial_fit_warm_start": "MLPClassifier wants every class in every batch then",
    "one_class": "MLPClassifier gives two columns for one class, unsure of it",
    "class_0": "MLPClassifier takes 1 - p for its probability, which rounds to 0",
    "log_proba": "MLPClassifier takes the logarithm of probabilities that round to 0",
    "lbfgs_history": "MLPClassifier tells nothing of the iterations of L-BFGS",
    "lbfgs_float32": "MLPClassifier turns to float64 on float32 data",
    "float32_rows": "MLPClassifier answers in float64 where it was fitted in it",
    "interrupt": "MLPClassifier has no model when L-BFGS is interrupted, and no loss_ "
    "before the first epoch",
    "non_finite": "MLPClassifier trains on, and answers, with NaN; ours ends",
    "exploded_loss": "MLPClassifier trains on with any loss that is finite; ours ends",
    "worse_than_guessing": "MLPClassifier says nothing of it; ours warns",
    "negative_weights": "MLPClassifier takes them; ours raises",
    "label_values": "MLPClassifier takes -1 and 1 for labels that apply, both",
    "labels_in_a_list": "MLPClassifier converts 1 and NaN to strings, like the others",
    "coefs": "MLPClassifier takes coefs_ of any shape, or with a NaN",
    "failed_fit": "MLPClassifier is left half fitted",
    "classes_of_labels": "MLPClassifier has more classes than labels, if told so",
    "pickle": "MLPClassifier pickles its optimizer, twice the size of the model",
}


def test_every_divergence_has_a_test():
    tests = {name for name in globals() if name.startswith("test_divergence_")}
    assert tests == {f"test_divergence_{name}" for name in DIVERGENCES}


def test_every_divergence_is_in_the_guide():
    guide = Path(__file__).parent.parent / "docs" / "coming_from_mlpclassifier.md"
    _, _, section = guide.read_text().partition("## What differs")
    assert set(re.findall(r"^\| `(\w+)` \|", section, re.M)) == set(DIVERGENCES)


@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_divergence_zero_weight_batch(solver):
    X, y = load("multiclass")
    weights = (np.arange(120) % 60 >= 20).astype(float)
    params = COMMON | SOLVERS[solver] | {"batch_size": 20, "shuffle": False}
    with pytest.raises(ZeroDivisionError):
        MLPClassifier(**params).fit(X, y, weights)
    pair = make_pair(LeavesOutZeroBatches, AveragesLossByWeight, **params)
    train_alike(pair, X, y, weights)
    assert_parity(*pair, X, y)


@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_divergence_weighted_loss(solver):
    X, y = load("multiclass")
    params = COMMON | SOLVERS[solver] | {"n_iter_no_change": np.inf}
    ours, plain = pair = make_pair(**params)  # with the loss corrected: test_grid
    train_alike(pair, X, y, WEIGHTS)
    assert ours.n_iter_ == plain.n_iter_
    assert_same_arrays(ours.coefs_, plain.coefs_, rtol=1e-7)
    assert_same_arrays(ours.intercepts_, plain.intercepts_, rtol=1e-7)
    assert np.abs(np.divide(ours.loss_curve_, plain.loss_curve_) - 1.0).max() > 1e-3
    # With a rate that moves nothing, the loss of an epoch is that of all rows.
    ours.set_params(learning_rate_init=1e-12, max_iter=1, alpha=0)
    train(ours, X, y, WEIGHTS)
    expected = log_loss(y, ours.predict_proba(X), sample_weight=WEIGHTS)
    assert_allclose(ours.loss_, expected, rtol=1e-9)  # the rate is not zero


@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
@pytest.mark.parametrize("target", TARGETS)
def test_divergence_log_loss_clip(solver, target):
    X, y = load(target)
    X = 100.0 * X  # so that raw outputs are large from the start
    params = COMMON | SOLVERS[solver] | {"max_iter": 5, "random_state": 3}
    pair = make_pair(TakesTheTrueLogLoss, **params)
    train_alike(pair, X, y)
    assert pair[1].clip_acted
    assert_parity(*pair, X, y)
    if solver != "lbfgs":  # of which the line search looks at the loss
        plain = MLPClassifier(**params)
        train(plain, X, y)
        assert_same_arrays(pair[0].coefs_, plain.coefs_, rtol=1e-7)
        assert plain.loss_curve_[0] < pair[0].loss_curve_[0]


@pytest.mark.parametrize("solver", ["sgd_stopping", "adam_stopping"])
def test_divergence_stratified_hold_out(solver):
    X, y = load("multiclass")
    params = COMMON | SOLVERS[solver]
    ours, plain = make_pair(**params)  # with the split corrected: test_grid
    train(ours, X, y)
    train(plain, X, y)
    assert np.abs(ours.coefs_[0] - plain.coefs_[0]).max() > 1e-3
    # A class of one row cannot be on both sides: the split is MLPClassifier's, and said so.
    y = np.where(np.arange(120) == 5, 3, y)
    ours, plain = pair = make_pair(**params)
    (_, warned), (_, expected) = (train(model, X, y) for model in pair)
    assert "not stratified by class" in warned.pop(0)[1]
    assert warned == expected
    assert_parity(ours, plain, X, y)


@pytest.mark.parametrize("target", ["binary", "multiclass"])
def test_divergence_early_stopping_strings(target):
    X, y = load(target)
    y = np.array(["a", "b", "c"])[y]
    params = COMMON | SOLVERS["adam_stopping"]
    if ISNAN_MENDED:
        check_parity(params, target, X, y)
        return
    with pytest.raises(TypeError, match="isnan"):
        MLPClassifier(**params).fit(X, y)
    pair = make_pair(ScoresAnyLabels, Stratifies, **params)
    train_alike(pair, X, y)
    assert_parity(*pair, X, y)


def test_divergence_warm_start_keeps_the_best():
    X, y = load("binary")
    params = COMMON | SOLVERS["adam_stopping"] | {"warm_start": True, "max_iter": 3}
    pair = make_pair(KeepsTheBest, **params)
    train_alike(pair, X, y, steps=[FIT] * 4)
    assert_parity(*pair, X, y)
    plain = MLPClassifier(**params)
    train(plain, X, y)
    assert_same_arrays(plain.coefs_, plain._best_coefs, rtol=0)
    assert all(map(np.shares_memory, plain.coefs_, plain._best_coefs))
    train(plain, X, y, steps=[FIT] * 3)
    assert np.abs(pair[0].coefs_[0] - plain.coefs_[0]).max() > 1e-3


@pytest.mark.parametrize("first", [True, False])
def test_divergence_warm_start_early_stopping(first):
    X, y = load("binary")
    steps = [put(early_stopping=first), FIT, put(early_stopping=not first), FIT]
    params = COMMON | ADAM | {"warm_start": True, "max_iter": 3}
    ours, plain = make_pair(**params)
    with pytest.raises((TypeError, AttributeError)):
        train(plain, X, y, steps=steps)
    train(ours, X, y, steps=steps)
    # Early stopping restarts and everything else continues, as if attributes were reset.
    reference = MLPClassifier(**params)
    train(reference, X, y, steps=steps[:2])
    reference.validation_scores_ = []
    reference.best_validation_score_ = -np.inf
    reference.best_loss_ = np.inf
    reference._no_improvement_count = 0
    train(reference, X, y, steps=steps[2:])
    if first:
        reference.validation_scores_ = reference.best_validation_score_ = None
    else:
        reference.best_loss_ = None
    ours.validation_scores_ = reference.validation_scores_ and ours.validation_scores_
    assert_parity(ours, reference, X, y)


def test_divergence_warm_start_layer_sizes():
    X, y = load("binary")
    steps = [FIT, put(hidden_layer_sizes=(8, 3)), FIT]
    ours, plain = make_pair(**COMMON | ADAM | {"warm_start": True})
    with pytest.raises(ValueError, match="hidden_layer_sizes"):
        train(ours, X, y, steps=steps)
    train(plain, X, y, steps=steps)
    assert plain.coefs_[1].shape == (8, 5)


@pytest.mark.parametrize("first", [{"loss": "squared_error"}, {"solver": "lbfgs"}])
def test_divergence_warm_start_loss(first):
    """The best loss so far was another quantity, and smaller: training would stop."""
    X, y = load("multiclass")
    params = COMMON | ADAM | {"shuffle": False, "max_iter": 10, "n_iter_no_change": 2}
    model = FullyConnectedClassifier(**params, warm_start=True)
    train(model.set_params(**first), X, y)
    weights, best = (list(model.coefs_), list(model.intercepts_)), model.best_loss_
    anew = FullyConnectedClassifier(**params, alpha=10.0)
    anew.fit = partial(anew.fit, coefs_init=weights[0], intercepts_init=weights[1])
    train(anew, X, y)
    train(model.set_params(loss="log_loss", solver="adam", alpha=10.0), X, y)
    assert model.best_loss_ == anew.best_loss_ > best
    assert model.loss_curve_[-10:] == anew.loss_curve_


def test_divergence_label_values():
    X, y = load("multilabel")
    ours, plain = make_pair(**COMMON | ADAM)
    train(plain, X, 2 * y - 1)
    assert plain.predict(X).all()
    with pytest.raises(ValueError, match=r"1 where a label applies.*got \[-1  1\]"):
        ours.fit(X, 2 * y - 1)


@pytest.mark.parametrize("other", [1, np.nan])
def test_divergence_labels_in_a_list(other):
    X, _ = load("binary")
    y = ["a", other] * (len(X) // 2)
    ours, plain = make_pair(**COMMON | ADAM)
    train(plain, X[: len(y)], y)
    assert plain.classes_.tolist() == sorted(["a", str(other)])
    with pytest.raises((TypeError, ValueError), match=r"not both|missing label"):
        ours.fit(X[: len(y)], y)


@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_divergence_partial_fit_warm_start(solver):
    X, y = load("multiclass")
    order = np.argsort(y, kind="stable")
    X, y = X[order], y[order]
    params = COMMON | SOLVERS[solver] | {"warm_start": True}
    steps = [PART_FIRST, PART_SECOND, PART]
    with pytest.raises(ValueError, match="same classes"):
        train(MLPClassifier(**params), X, y, steps=steps)
    pair = make_pair(TakesPartOfTheClasses, **params)
    train_alike(pair, X, y, steps=steps)
    assert_parity(*pair, X, y)


@pytest.mark.parametrize("solver", SOLVERS)
def test_divergence_one_class(solver):
    X, _ = load("binary")
    y = np.full(120, 4)
    pair = make_pair(GivesOneClassOneColumn, **COMMON | SOLVERS[solver])
    train_alike(pair, X, y)
    assert_parity(*pair, X, y)
    assert_array_equal(pair[0].predict_proba(X), np.ones((120, 1)))
    plain = MLPClassifier(**COMMON | SOLVERS[solver])
    train(plain, X, y)
    assert plain.predict_proba(X).shape == (120, 2)


def saturated(target):
    """Return ours and MLPClassifier with raw outputs beyond all rounding, and X."""
    X, y = load(target)
    pair = make_pair(**COMMON | ADAM | {"hidden_layer_sizes": ()})
    train_alike(pair, X, y)
    for model in pair:
        model.coefs_ = [60.0 * coef for coef in model.coefs_]
    return *pair, X


def test_divergence_class_0():
    ours, plain, X = saturated("binary")
    z = (X @ plain.coefs_[0] + plain.intercepts_[0])[:, 0]
    p, expected = ours.predict_proba(X), plain.predict_proba(X)
    assert_allclose(p, expected, rtol=1e-7, atol=1e-15)  # as in assert_parity
    assert (expected[:, 0] == 0.0).any()
    assert (expected[:, 1] == 1.0).any()
    assert p.min() > 0.0
    assert p.max() < 1.0
    # Probabilities below the normal numbers are given as the smallest of them.
    exact = np.column_stack([expit(-z), expit(z)])
    assert_allclose(p, exact, rtol=1e-7, atol=np.finfo(np.float64).tiny)


@pytest.mark.parametrize("target", ["binary", "digits", "multilabel"])
def test_divergence_log_proba(target):
    ours, plain, X = saturated(target)
    ours.coefs_ = plain.coefs_ = [20.0 * coef for coef in plain.coefs_]
    with np.errstate(divide="ignore"):
        expected = plain.predict_log_proba(X)
    log_p = ours.predict_log_proba(X)
    assert np.isneginf(expected).any()
    assert np.isfinite(log_p).all()
    # Up to where probabilities leave the normal numbers, or 1 - p loses its digits.
    shown = expected > (-10.0 if target == "binary" else -700.0)
    assert_allclose(log_p[shown], expected[shown], rtol=1e-7, atol=1e-11)
    assert (log_p[~shown] < -9.9).all()


@pytest.mark.parametrize("target", TARGETS)
def test_divergence_lbfgs_history(target, capsys):
    X, y = load(target)
    params = COMMON | SOLVERS["lbfgs"] | {"activation": "tanh", "warm_start": True}
    ours, plain = make_pair(**params | {"max_iter": 6})
    train(plain.set_params(verbose=True), X, y)
    assert capsys.readouterr().out == ""
    assert not hasattr(plain, "loss_curve_")
    assert not hasattr(plain, "best_loss_")
    printed, _ = train(ours.set_params(verbose=True), X, y)
    assert_parity(ours, plain, X, y)
    assert ours.best_loss_ == ours.loss_ == min(ours.loss_curve_)
    assert [line.split(", ")[0] for line in printed.splitlines()] == [
        f"Iteration {number}" for number in range(1, 7)
    ]
    for max_iter, loss in enumerate(ours.loss_curve_, start=1):
        shorter = MLPClassifier(**params | {"max_iter": max_iter})
        train(shorter, X, y)
        assert_allclose(loss, shorter.loss_, rtol=1e-5)
    # Another solver continues with a loss over other batches, so the best loss is reset.
    # MLPClassifier fails, unless given a history.
    steps = [put(solver="adam", verbose=False), FIT]
    with pytest.raises(AttributeError, match="loss_curve_"):
        train(plain, X, y, steps=steps)
    reference = MLPClassifier(**params | {"max_iter": 6})
    train(reference, X, y)
    reference.loss_curve_, reference.best_loss_ = [*ours.loss_curve_], np.inf
    reference._no_improvement_count = 0
    reference.validation_scores_ = reference.best_validation_score_ = None
    train_alike((ours, reference), X, y, steps=steps)
    assert_parity(ours, reference, X, y)


def test_divergence_lbfgs_float32():
    X, y = load("multiclass")
    X = X.astype(np.float32)
    params = COMMON | SOLVERS["lbfgs"] | {"activation": "tanh"}
    plain = MLPClassifier(**params)
    train(plain, X, y)
    assert plain.coefs_[0].dtype == np.float64
    # In float64 from the first draw on, the two agree on this X as on every other.
    ours, reference = make_pair(**params)
    train(ours, X, y)
    train(reference, X.astype(np.float64), y)
    assert_parity(ours, reference, X, y)
    # In float32, the first iterations agree to within what float32 rounds.
    ours = FullyConnectedClassifier(**params | {"max_iter": 3})
    reference.set_params(max_iter=3)
    train(ours, X, y)
    train(reference, X.astype(np.float64), y)
    assert ours.coefs_[0].dtype == ours.predict_proba(X).dtype == np.float32
    assert_same_arrays(ours.coefs_, reference.coefs_, rtol=1e-4)


def test_divergence_float32_rows():
    X, y = load("multiclass")
    pair = make_pair(**COMMON, max_iter=20)
    for fitted, asked in product([np.float32, np.float64], repeat=2):
        train_alike(pair, X.astype(fitted), y)
        ours, theirs = (model.predict_proba(X.astype(asked)).dtype for model in pair)
        assert ours == asked
        assert theirs == np.result_type(fitted, asked)


class Interrupting(np.random.RandomState):
    """Raises KeyboardInterrupt instead of one shuffle more than `n_shuffles`."""

    def __init__(self, seed, n_shuffles):
        super().__init__(seed)
        self.left = n_shuffles

    def shuffle(self, x):  # which permutation calls, too
        if self.left == 0:
            raise KeyboardInterrupt
        self.left -= 1
        super().shuffle(x)


def interrupted_step(optimizer, theta, gradient, learning_rate):
    theta -= learning_rate * gradient
    raise KeyboardInterrupt


def test_divergence_interrupt():
    X, y = load("multilabel")
    # Between two epochs, both keep what they have (here a plain split is one shuffle).
    for solver in ("sgd", "adam", "sgd_stopping", "adam_stopping"):
        pair = make_pair(**COMMON | SOLVERS[solver])
        n_shuffles = 3 + ("stopping" in solver)
        for model in pair:
            model.set_params(random_state=Interrupting(3, n_shuffles))
        train_alike(pair, X, y)
        assert pair[0].n_iter_ == 3
        assert_parity(*pair, X, y)
    # Before the first epoch, both keep the first weights; of ours, the loss is not known.
    ours, plain = pair = make_pair(**COMMON | ADAM)
    for model in pair:
        model.set_params(random_state=Interrupting(3, 0))
    train_alike(pair, X, y)
    assert ours.n_iter_ == plain.n_iter_ == 0
    assert np.isnan(ours.loss_)
    assert not hasattr(plain, "loss_")
    assert_same_arrays(ours.coefs_, plain.coefs_, rtol=0)
    # In the first epoch of a warm start, the best epoch of before.
    ours, _ = make_pair(**COMMON | SOLVERS["adam_stopping"], warm_start=True)
    train(ours, X, y)
    expected, best = ours.predict_proba(X), ours.best_validation_score_
    with mock.patch.object(Adam, "step", interrupted_step):
        _, warned = train(ours, X, y)
    assert warned == [(UserWarning, "Training interrupted by user.")]
    assert_array_equal(ours.predict_proba(X), expected)
    assert ours.best_validation_score_ == best
    # Within L-BFGS, ours keeps the last iteration: as if it had been the last allowed.
    ours, plain = make_pair(**COMMON | SOLVERS["lbfgs"] | {"activation": "tanh"})
    evaluate, calls = Objective.value_and_gradient, []

    def interrupted(*args):
        calls.append(args)
        if len(calls) == 12:
            raise KeyboardInterrupt
        return evaluate(*args)

    with mock.patch.object(Objective, "value_and_gradient", interrupted):
        _, warned = train(ours, X, y)
    assert warned == [(UserWarning, "Training interrupted by user.")]
    assert 5 < ours.n_iter_ < 12
    train(plain.set_params(max_iter=ours.n_iter_), X, y)
    assert_parity(ours, plain, X, y)
    with mock.patch.object(MLPClassifier, "_backprop", side_effect=KeyboardInterrupt):
        with pytest.raises(KeyboardInterrupt):
            plain.fit(X, y)


@pytest.mark.filterwarnings(f"ignore:.*{WORSE}")
def test_divergence_exploded_loss():
    X, y = load("binary")
    params = COMMON | {"activation": "identity", "solver": "sgd", "learning_rate_init": 0.5}
    ours, plain = make_pair(TakesTheTrueLogLoss, **params | {"early_stopping": True})
    with pytest.warns(ConvergenceWarning, match="exploded .* were kept") as warned:
        ours.fit(X, y)
    epoch = int(re.search(r"exploded in epoch (\d+):", str(warned[0].message))[1])
    assert epoch > 1  # up to there they agree
    train(plain, X, y)
    assert plain.loss_curve_[epoch - 1] > 1e6 * max(1.0, *plain.loss_curve_[: epoch - 1])
    corrections = (TakesTheTrueLogLoss, KeepsTheBest)
    reference = corrected(*corrections)(**plain.get_params() | {"max_iter": epoch - 1})
    train(reference, X, y)
    assert_parity(ours, reference, X, y)
    with pytest.raises(ValueError, match="exploded in epoch .*learning_rate_init"):
        ours.set_params(early_stopping=False).fit(X, y)


def test_divergence_worse_than_guessing():
    X, y = load("multiclass")
    params = COMMON | {"solver": "sgd", "learning_rate_init": 1e-9, "max_iter": 20}
    ours, plain = make_pair(**params)
    train_alike((ours, plain), X, y)
    assert_parity(ours, plain, X, y)
    counts = np.bincount(y)
    guessing = -np.sum(counts * np.log(counts / len(y))) / len(y)
    assert ours.loss_ > 1.01 * guessing
    with pytest.warns(ConvergenceWarning) as warned:
        ours.fit(X, y)
    (text,) = [str(w.message) for w in warned if WORSE in str(w.message)]
    assert f"that of the best constant prediction is {guessing:.4g}" in text


def test_divergence_non_finite():
    X, y = load("binary")
    params = COMMON | {"activation": "identity", "solver": "sgd", "early_stopping": True}
    ours, plain = make_pair(TakesTheTrueLogLoss, **params | {"learning_rate_init": 1e6})
    train(plain, X, y)
    assert np.isnan(plain.loss_curve_[1])
    with pytest.raises(ValueError, match="exploded in epoch 1"):
        ours.fit(X, y)
    with pytest.raises(ValueError, match="non-finite parameter weights in epoch 1"):
        ours.set_params(learning_rate_init=1e20).fit(X, y)
    # Predictions of rows that overflow in the second layer.
    ours, plain = make_pair(**COMMON | ADAM)
    train_alike((ours, plain), X, y)
    for model in (ours, plain):
        model.coefs_ = [1e3 * coef for coef in model.coefs_]
    with np.errstate(over="ignore", invalid="ignore"):
        assert np.isnan(plain.predict_proba(1e306 * X)).any()
    with pytest.raises(ValueError, match="overflow in float64"):
        ours.predict_proba(1e306 * X)


def test_divergence_negative_weights():
    X, y = load("binary")
    weights = np.where(np.arange(120) == 7, -0.1, 1.0)
    ours, plain = make_pair(**COMMON | ADAM)
    train(plain, X, y, weights)
    with pytest.raises(ValueError, match="Negative"):
        ours.fit(X, y, weights)


def test_divergence_coefs():
    X, y = load("binary")
    ours, plain = make_pair(**COMMON | ADAM)
    train_alike((ours, plain), X, y)
    expected = ours.predict_proba(X)
    for wrong in ([np.ones((3, 8))] * 3, [np.nan * coef for coef in plain.coefs_]):
        plain.coefs_ = wrong
        with pytest.raises(ValueError, match="coefs_"):
            ours.coefs_ = wrong
    assert_array_equal(ours.predict_proba(X), expected)
    plain.coefs_ = wrong
    assert np.isnan(plain.predict_proba(X)).all()


def test_divergence_failed_fit():
    X, y = load("binary")
    ours, plain = make_pair(**COMMON | ADAM)
    train_alike((ours, plain), X, y)
    expected = ours.predict_proba(X)
    for model in (ours, plain):
        with pytest.raises(ValueError, match="single class|classes|validation"):
            model.set_params(early_stopping=True, validation_fraction=0.001).fit(X, y)
    assert_array_equal(ours.predict_proba(X), expected)
    assert np.abs(plain.predict_proba(X) - expected).max() > 1e-3


@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_divergence_pickle(solver):
    X, y = load("binary")
    pair = make_pair(**COMMON | SOLVERS[solver])
    train_alike(pair, X, y)
    # Large enough that only parameters count: theirs come with two moments, or one.
    large = COMMON | SOLVERS[solver] | {"hidden_layer_sizes": (300,), "max_iter": 1}
    for model, most in zip(make_pair(**large), (1.3, np.inf), strict=True):
        train(model, X, y)
        n_bytes = sum(array.nbytes for array in [*model.coefs_, *model.intercepts_])
        assert n_bytes < len(pickle.dumps(model)) < most * n_bytes + 10_000
    assert len(pickle.dumps(model)) > (2.9 if solver == "sgd" else 3.9) * n_bytes
    ours, reference = pair = [pickle.loads(pickle.dumps(model)) for model in pair]
    del reference._optimizer  # which goes with the pickle, and would go on
    train_alike(pair, X, y, steps=[PART])
    assert_parity(ours, reference, X, y)


def test_divergence_classes_of_labels():
    X, y = load("multilabel")
    ours, plain = make_pair(**COMMON | ADAM)
    plain.partial_fit(X, y, classes=np.arange(5))
    assert len(plain.classes_) == 5
    assert plain.predict_proba(X).shape == (120, 3)
    with pytest.raises(ValueError, match=r"\[0 1 2\].*\[0 1 2 3 4\].*np.arange\(3\)"):
        ours.partial_fit(X, y, classes=np.arange(5))
