"""Bad input gets a clear error and changes nothing.

Every case is one call that has to fail: of `fit`, of `fit` as a warm start, of
`partial_fit`, or of a prediction. The call changes neither the estimator nor the arrays
that it gets.
"""

import copy
import pickle
import re
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.preprocessing import StandardScaler

from skfcnn import FullyConnectedClassifier, FullyConnectedRegressor

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:The rows held out for early stopping"),
]

X, Y = load_iris(return_X_y=True)
X = StandardScaler().fit_transform(X)
BINARY = (Y > 0).astype(int)
LABELS = np.column_stack([Y > 0, Y < 2, Y == 1]).astype(int)
ONES = np.ones(len(Y))

SETTINGS = {"hidden_layer_sizes": (5,), "max_iter": 4, "random_state": 0}
# The ways to train; a second fit with warm_start=True continues from the first.
FIT, WARM_START, PARTIAL_FIT = "fit", "warm start", "partial_fit"
ALL = (FIT, WARM_START, PARTIAL_FIT)
GOING_ON = (WARM_START, PARTIAL_FIT)


class Case(NamedTuple):
    """A call that has to fail, and the message of its error."""

    message: str
    X: object = X
    y: object = Y
    params: dict = {}
    given: dict = {}  # further arguments of fit or partial_fit
    routes: tuple = ALL
    first: object = Y  # the labels of a model that was fitted before


def put(array, value):
    """Return a copy of the array with this value in the middle of it."""
    array = array.astype(float)
    array.flat[array.size // 2] = value
    return array


def weights(message, value):
    return Case(message, given={"sample_weight": value})


def start(message, **given):
    return Case(message, given=given, routes=(FIT, WARM_START))


def hold_out(message, **rest):
    params = {"early_stopping": True} | rest.pop("params", {})
    return Case(message, params=params, routes=(FIT, WARM_START), **rest)


GOOD_COEFS = [np.full((4, 5), 0.1), np.full((5, 3), 0.2)]
GOOD_INTERCEPTS = [np.zeros(5), np.zeros(3)]

CASES = {
    # X
    "NaN in X": Case("Input X contains NaN", X=put(X, np.nan)),
    "infinity in X": Case("Input X contains infinity", X=put(X, np.inf)),
    "NaN in a sparse X": Case("contains NaN", X=scipy.sparse.csr_matrix(put(X, np.nan))),
    "words in X": Case("could not convert string.*word", X=np.full((150, 4), "word")),
    "one-dimensional X": Case("Expected 2D array, got 1D array", X=X[:, 0]),
    "three-dimensional X": Case("dim 3.*dim <= 2", X=X[:, :, None]),
    "no rows": Case(r"0 sample\(s\).*minimum of 1", X=X[:0], y=Y[:0]),
    "no columns": Case(r"0 feature\(s\).*minimum of 1", X=X[:, :0]),
    "complex X": Case("Complex data not supported", X=X * 1j),
    "ragged X": Case("inhomogeneous shape", X=[[1.0, 2.0], [3.0]], y=[0, 1]),
    "fewer labels than rows": Case(r"inconsistent.*samples: \[150, 149\]", y=Y[:-1]),
    "other number of features": Case(
        "X has 3 features, but .* expecting 4 features", X=X[:, :3], routes=GOING_ON
    ),
    # y
    "no y": Case("requires y to be passed", y=None),
    "continuous y": Case("Unknown label type", y=Y + X[:, 0]),
    "NaN in y": Case("Input y contains NaN", y=put(Y, np.nan)),
    "infinity in y": Case("Input y contains infinity", y=put(Y, np.inf)),
    "NA in y": Case(
        "Input y contains NaN", y=pd.Series(Y).astype("Int64").where(Y > 0, pd.NA)
    ),
    "two outputs of three classes": Case("[Mm]ultioutput", y=np.column_stack([Y, Y])),
    "y of three dimensions": Case("dim 3|dim. 3|3D|(150, 3, 1)", y=LABELS[:, :, None]),
    # classes
    "unseen class": Case(
        r"classes not in .*\[0 1 2\].*'y' has \[0 1 2 7\]",
        y=np.where(np.arange(150) == 9, 7, Y),
        routes=(PARTIAL_FIT,),
    ),
    "words for numbers": Case("classes.*'0' '1' '2'", y=Y.astype(str), routes=GOING_ON),
    "other classes": Case(
        r"same classes .*got \[0 1 2\].*has \[1 2 3\]", y=Y + 1, routes=(WARM_START,)
    ),
    "one class less": Case(
        r"same classes .*got \[0 1 2\].*has \[0 1\]", y=BINARY, routes=(WARM_START,)
    ),
    "other list of classes": Case(
        r"classes=\[0, 1, 2, 3\].*not the same.*\[0, 1, 2\]",
        given={"classes": [0, 1, 2, 3]},
        routes=(PARTIAL_FIT,),
    ),
    "several labels for one": Case(
        "one label per row.*'multilabel-indicator'", y=LABELS, routes=GOING_ON
    ),
    "one label for several": Case(
        "several labels per row.*'multiclass'", y=Y, first=LABELS, routes=GOING_ON
    ),
    "one label of two for several": Case(
        "several labels per row.*'binary'",
        y=BINARY,
        first=LABELS[:, :2],
        routes=GOING_ON,
    ),
    "labels that are not 0 and 1": Case(
        r"1 where a label applies and 0.*got \[-1  1\]", y=2 * LABELS - 1, first=LABELS
    ),
    "fewer labels per row": Case(
        r"\[0 1 2\].*\[0 1\]|3 labels per row; got a y of 2",
        y=LABELS[:, :2],
        first=LABELS,
        routes=GOING_ON,
    ),
    # sample_weight
    "too few weights": weights(r"sample_weight.*\(3,\).*\(150,\)", np.ones(3)),
    "NaN in the weights": weights("sample_weight contains NaN", put(ONES, np.nan)),
    "infinite weight": weights("sample_weight contains infinity", put(ONES, np.inf)),
    "negative weight": weights("Negative values.*sample_weight", put(ONES, -1.0)),
    "weights all zero": weights("[Ss]ample weights.*at least one non-zero", 0.0 * ONES),
    "weights in a matrix": weights("[Ss]ample weights must be 1D", ONES[:, None]),
    "weights beyond all numbers": weights("sum within the range.*inf", 1e307 * ONES),
    "weights below all numbers": weights("sum within the range", 1e-320 * ONES),
    "words for weights": weights("could not convert string.*heavy", ["heavy"] * 150),
    # initial parameters
    "too few initial weights": start("coefs_init.*2 arrays.*got 1", coefs_init=[ONES]),
    "too many initial biases": start(
        "intercepts_init.*2 arrays.*got 3", intercepts_init=[*GOOD_INTERCEPTS, ONES]
    ),
    "transposed initial weights": start(
        r"coefs_init\[0\].*\(4, 5\).*\(5, 4\)", coefs_init=[a.T for a in GOOD_COEFS]
    ),
    "initial biases of wrong length": start(
        r"intercepts_init\[1\].*\(3,\).*\(4,\)", intercepts_init=[np.ones(5), np.ones(4)]
    ),
    "NaN in initial weights": start(
        r"coefs_init\[0\].*finite", coefs_init=[put(GOOD_COEFS[0], np.nan), GOOD_COEFS[1]]
    ),
    "infinite initial bias": start(
        r"intercepts_init\[0\].*finite", intercepts_init=[[0, 0, 0, np.inf, 0], np.zeros(3)]
    ),
    "words for initial weights": start(r"coefs_init\[0\].*shape", coefs_init=["a", "b"]),
    "a number for initial weights": start("coefs_init", coefs_init=5),
    "good initial weights with bad biases": start(
        r"intercepts_init\[0\]", coefs_init=GOOD_COEFS, intercepts_init=[ONES, np.zeros(3)]
    ),
    # early stopping
    "partial_fit with early stopping": Case(
        "partial_fit does not support early_stopping=True.*or call fit",
        params={"early_stopping": True},
        routes=(PARTIAL_FIT,),
    ),
    "one row held out": hold_out(
        "validation set is too small.*validation_fraction",
        params={"validation_fraction": 0.005},
    ),
    "one row held out of two classes": hold_out(
        "validation_fraction", y=BINARY, first=BINARY, params={"validation_fraction": 0.005}
    ),
    "all held out": hold_out(
        "validation_fraction=0.995 holds out all of the 150 rows",
        params={"validation_fraction": 0.995},
    ),
    "nothing held out": hold_out(
        "validation_fraction", params={"validation_fraction": 0.0}
    ),
    "one row of a class": hold_out(
        "least populated class.*1 member", y=np.arange(150) // 149, first=BINARY
    ),
    "no weight held out": hold_out(
        "weights of the (training|validation) set are all zero.*early_stopping=False",
        given={"sample_weight": np.eye(150)[0]},
    ),
    # layers
    **{
        f"hidden_layer_sizes={sizes!r}": Case(
            "hidden_layer_sizes", params={"hidden_layer_sizes": sizes}
        )
        for sizes in [
            0,
            -1,
            2.5,
            (3, 0),
            (3, -1),
            (2.5,),
            "abc",
            ((3, 4), (2,)),
            None,
            (True,),
        ]
    },
    # a parameter that fit refuses, partial_fit refuses after a first call, too
    **{
        f"{name}={value!r}": Case(f"{name}.*must be.*{value}", params={name: value})
        for name, value in [("activation", "sine"), ("loss", "hinge"), ("dtype", "float16")]
    },
    "other layers": Case(
        r"\(4, 5, 3\).*hidden_layer_sizes=\(7, 6\).*\(4, 7, 6, 3\).*new model",
        params={"hidden_layer_sizes": (7, 6)},
        routes=GOING_ON,
    ),
}

CALLS = [(name, route) for name, case in CASES.items() for route in case.routes]
# A case that is only wrong after an earlier call has no first call.
FIRST_CALLS = [
    (name, route)
    for name, route in CALLS
    if route not in (WARM_START,) and (FIT in CASES[name].routes or name == "unseen class")
]


def untrained(route):
    return FullyConnectedClassifier(**SETTINGS, warm_start=route == WARM_START)


def whole_state(model):
    """Return a pickle of all attributes, with the solver and without the seconds."""
    history = {name: model.history_[name] for name in ("loss", "learning_rate")}
    return pickle.dumps(vars(model) | {"history_": history})


def trained(route, y):
    """Return a model after two epochs by partial_fit, which has a running solver."""
    model = untrained(route)
    classes = np.arange(3) if y is Y else np.arange(2)
    classes = classes if y.ndim == 1 else np.arange(y.shape[1])
    return model.partial_fit(X, y, classes=classes).partial_fit(X, y)


def call(model, route, X, y, **given):
    """Train in the way given by the route."""
    if route == PARTIAL_FIT:
        return model.partial_fit(X, y, **given)
    return model.fit(X, y, **given)


def contents(case):
    """Return a pickle of the arguments; a Series is a list, as pandas caches in it."""
    y = case.y.to_list() if isinstance(case.y, pd.Series) else case.y
    return pickle.dumps((case.X, y, case.given))


def attempt(model, route, case, **more):
    """Make the call that has to fail, and check that its arrays do not change."""
    before = contents(case)
    with pytest.raises((ValueError, TypeError)) as caught:
        call(model, route, case.X, case.y, **case.given, **more)
    assert contents(case) == before
    assert re.search(f"(?s){case.message}", str(caught.value)), str(caught.value)


@pytest.mark.grid(6)
@pytest.mark.parametrize(("name", "route"), FIRST_CALLS)
def test_failed_first_call_leaves_the_model_unfitted(name, route):
    case = CASES[name]
    model = untrained(route).set_params(**case.params)
    before = vars(model).copy()
    more = {"classes": [0, 1, 2]} if route == PARTIAL_FIT else {}
    attempt(model, route, case, **more)
    assert vars(model) == before
    for method in (model.predict, model.predict_proba, model.predict_log_proba):
        with pytest.raises(NotFittedError, match="not fitted yet"):
            method(X)


@pytest.mark.grid(12)
@pytest.mark.parametrize(("name", "route"), CALLS)
def test_failed_call_changes_nothing(name, route):
    case = CASES[name]
    model, twin = trained(route, case.first), trained(route, case.first)
    probabilities, kept = model.predict_proba(X), model.get_params()
    model.set_params(**case.params)
    state = whole_state(model)
    attempt(model, route, case)
    np.testing.assert_array_equal(model.predict_proba(X), probabilities)
    assert model.n_features_in_ == 4
    model.set_params(**kept)
    for each in (model, twin):
        each.partial_fit(X, case.first)
    np.testing.assert_array_equal(model.predict_proba(X), twin.predict_proba(X))
    assert model.loss_curve_ == twin.loss_curve_ and model.t_ == twin.t_
    again = trained(route, case.first).set_params(**case.params)
    assert whole_state(again) == state


PREDICTIONS = ["predict", "predict_proba", "predict_log_proba", "score"]


@pytest.mark.grid(4)
@pytest.mark.parametrize("method", PREDICTIONS)
@pytest.mark.parametrize(
    "name",
    [
        "NaN in X",
        "infinity in X",
        "NaN in a sparse X",
        "words in X",
        "one-dimensional X",
        "three-dimensional X",
        "no rows",
        "other number of features",
    ],
)
def test_prediction_of_bad_rows_is_refused(name, method):
    case, model = CASES[name], trained(FIT, Y)
    words = "dtype='numeric' is not compatible with arrays of bytes/strings"
    message = words if name == "words in X" else case.message
    state, rows = pickle.dumps(vars(model)), pickle.dumps(case.X)
    arguments = (case.X, case.y) if method == "score" else (case.X,)
    with pytest.raises(ValueError, match=f"(?s){message}"):
        getattr(model, method)(*arguments)
    assert pickle.dumps(vars(model)) == state and pickle.dumps(case.X) == rows


@pytest.mark.parametrize("method", PREDICTIONS)
def test_rows_too_large_for_float32_are_refused(method):
    """The rows are infinite in float32, and the predictions would be NaN."""
    model = FullyConnectedClassifier(**SETTINGS, dtype="float32").fit(X, Y)
    arguments = (put(X, 1e200), Y)[: 2 if method == "score" else 1]
    with pytest.raises(ValueError, match="float32"):
        getattr(model, method)(*arguments)


class TestNames:
    frame = pd.DataFrame(X, columns=["a", "b", "c", "d"])
    wrong = {
        "another order": (["d", "c", "b", "a"], "names should match.*order"),
        "an unknown name": (["a", "b", "c", "z"], "names should match.*unseen.*- z"),
        "a name less": (["a", "b", "c"], "names should match.*missing.*- d"),
    }

    @pytest.mark.parametrize("what", wrong)
    @pytest.mark.parametrize("asked", [*GOING_ON, *PREDICTIONS])
    def test_wrong_feature_names_are_refused(self, what, asked):
        names, message = self.wrong[what]
        other = self.frame.iloc[:, : len(names)].set_axis(names, axis=1)
        model = untrained(asked)
        model.partial_fit(self.frame, Y, classes=[0, 1, 2])
        state, twin = pickle.dumps(vars(model)), copy.copy(model)
        with pytest.raises(ValueError, match=f"(?s){message}"):
            if asked in GOING_ON:
                call(model, asked, other, Y)
            elif asked == "score":
                model.score(other, Y)
            else:
                getattr(model, asked)(other)
        assert pickle.dumps(vars(model)) == state
        assert list(twin.feature_names_in_) == list(model.feature_names_in_)


def test_first_partial_fit_needs_the_classes():
    model = untrained(PARTIAL_FIT)
    before = vars(model).copy()
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        model.partial_fit(X, Y)
    assert vars(model) == before
    with pytest.raises(NotFittedError):
        model.predict(X)


def test_lbfgs_has_no_partial_fit():
    model = FullyConnectedClassifier(**SETTINGS, solver="lbfgs").fit(X, Y)
    state = pickle.dumps(vars(model))
    assert not hasattr(model, "partial_fit")
    with pytest.raises(AttributeError) as caught:
        model.partial_fit(X, Y)
    assert "lbfgs is not stochastic. Use solver='adam'" in str(caught.value.__cause__)
    assert pickle.dumps(vars(model)) == state


# ----- The numbers of a regressor

NUMBERS = 100.0 + 9.0 * X[:, 0]
SEVERAL = np.column_stack([NUMBERS, -NUMBERS])
DAYS = np.datetime64("2020-01-01") + np.arange(150)


def objects(value):
    """Return the numbers as objects, one of them replaced by this value."""
    array = NUMBERS.astype(object)
    array[7] = value
    return array


NOT_NUMBERS = {
    "no y": ("requires y to be passed|y_val must be passed", None),
    "NaN": ("Input y contains NaN", put(NUMBERS, np.nan)),
    "NaN in a matrix": ("Input y contains NaN", put(SEVERAL, np.nan)),
    "infinity": ("Input y contains infinity", put(NUMBERS, -np.inf)),
    "None": ("Input y contains NaN", objects(None)),
    "NA": ("Input y contains NaN", pd.Series(NUMBERS, dtype="Float64").where(Y > 0)),
    "beyond float64": ("Input y contains infinity", NUMBERS * np.longdouble("1e308")),
    "words": ("y must hold numbers; got text: word", np.full(150, "word")),
    "a word": ("y must hold numbers; got text: word", objects("word")),
    "numbers as words": (
        "y must hold numbers; got text: .*to_numeric",
        NUMBERS.astype(str),
    ),
    "bytes": ("y must hold numbers; got text: b'1'", np.full(150, b"1")),
    "complex": ("Complex data not supported", NUMBERS * 1j),
    "dates": ("y must hold numbers; got dates: 2020-01-01", DAYS),
    "dates of pandas": ("y must hold numbers; got dates: 2020-01-01", pd.Series(DAYS)),
    "a date": ("y must hold numbers; got dates: 1970-01-01", objects(pd.Timestamp(0))),
    "spans": ("y must hold numbers; got durations: 0 days.* for seconds", DAYS - DAYS[0]),
    "a sparse column": ("y is sparse; .*toarray", scipy.sparse.csr_array(SEVERAL[:, :1])),
    "a sparse matrix": ("y is sparse; .*toarray", scipy.sparse.csc_matrix(SEVERAL)),
    "a sparse vector": ("y is sparse; .*toarray", scipy.sparse.coo_array(NUMBERS)),
    "three dimensions": ("array with dim 3", SEVERAL[:, :, None]),
    "no columns": (r"0 feature\(s\)", SEVERAL[:, :0]),
    "no rows": ("minimum of 1", NUMBERS[:0]),
    "another length": (r"inconsistent.*\[150, 149\]", NUMBERS[:-1]),
    "a number": ("at least 1 dimension|Expected 1D", 3.0),
    "ragged lists": ("inhomogeneous shape", [[1.0, 2.0]] * 149 + [[1.0]]),
    "a sum that overflows": ("y has values whose sum overflows", np.full(150, 1e308)),
}
OTHER_COLUMNS = {
    "more columns": (NUMBERS, "1 numbers per row; got a y of 2", SEVERAL),
    "fewer columns": (SEVERAL, "2 numbers per row; got a y of 1", NUMBERS),
}
CALLS_OF_REGRESSORS = [
    *(
        (route, NUMBERS, message, y)
        for message, y in NOT_NUMBERS.values()
        for route in ALL
        if not ("whose sum" in message and route in GOING_ON)  # they keep the scale
    ),
    *((route, *case) for case in OTHER_COLUMNS.values() for route in GOING_ON),
]


def regressor(route):
    return FullyConnectedRegressor(**SETTINGS, warm_start=route == WARM_START)


@pytest.mark.grid(8)
@pytest.mark.filterwarnings("ignore:.*[cC]omplex")
@pytest.mark.parametrize(("route", "first", "message", "y"), CALLS_OF_REGRESSORS)
def test_numbers_that_are_refused_change_nothing(route, first, message, y):
    model, twin = (regressor(route).partial_fit(X, first) for _ in range(2))
    state, scale = whole_state(model), model._target.scale
    with pytest.raises((ValueError, TypeError), match=f"(?s){message}"):
        call(model, route, X, y)
    assert whole_state(model) == state and model._target.scale is scale
    for each in (model, twin):
        each.partial_fit(X, first)
    np.testing.assert_array_equal(model._network.theta, twin._network.theta)


@pytest.mark.parametrize("name", NOT_NUMBERS)
def test_numbers_that_are_refused_leave_a_new_regressor_unfitted(name):
    message, y = NOT_NUMBERS[name]
    for route in (FIT, PARTIAL_FIT):
        model = regressor(route)
        before = vars(model).copy()
        with pytest.raises((ValueError, TypeError), match=f"(?s){message}"):
            call(model, route, X, y)
        assert vars(model) == before


@pytest.mark.parametrize("name", [*NOT_NUMBERS][:-1])  # but a sum that overflows
def test_numbers_to_validate_and_score_on_are_refused_too(name):
    message, y = NOT_NUMBERS[name]
    with pytest.raises((ValueError, TypeError), match=f"(?s){message}"):
        regressor(FIT).fit(X, NUMBERS, X_val=X, y_val=y)
    model = regressor(FIT).fit(X, NUMBERS)
    # What scikit-learn says there is of "samples" and dimensions.
    words = f"(?s){message}|samples: |1 dimension|numbers per"
    with pytest.raises((ValueError, TypeError), match=words):
        model.score(X, y)


@pytest.mark.parametrize("case", OTHER_COLUMNS)
def test_score_of_other_columns_is_refused(case):
    first, message, y = OTHER_COLUMNS[case]
    model = regressor(FIT).fit(X, first)
    with pytest.raises(ValueError, match=message):
        model.score(X, y)
    assert model.score(X, first) == model.score(X, first.tolist())


@pytest.mark.parametrize(
    "y",
    [
        NUMBERS.tolist(),
        NUMBERS.astype(object),
        NUMBERS.round().astype(np.uint8),
        NUMBERS.astype(np.float16),
        NUMBERS.astype(np.longdouble),
        NUMBERS > 100.0,
        pd.Series(NUMBERS, dtype="Float64"),
        pd.Series(NUMBERS).astype("category"),
        pd.DataFrame(SEVERAL),
        np.asfortranarray(SEVERAL),
        SEVERAL[::-1][::-1],
    ],
    ids=range(11),
)
def test_numbers_of_any_type_are_learned_as_float64(y):
    before = np.array(y, copy=True)
    learned = regressor(FIT).fit(X, y)._network.theta
    expected = regressor(FIT).fit(X, np.asarray(y, float).copy())._network.theta
    np.testing.assert_array_equal(learned, expected)
    np.testing.assert_array_equal(np.asarray(y), before)
