"""A classifier does not change its input, whatever the memory layout."""

import warnings

import numpy as np
import pytest
import scipy.sparse
from quick_fit import fitted
from sklearn.datasets import load_iris, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from skfcnn import FullyConnectedClassifier, FullyConnectedRegressor

N, D, PER_ROW = 200, 15, 8
Y = np.random.RandomState(0).randint(3, size=N)


def with_duplicates(form, seed=0):
    """Return a sparse matrix with unsorted indices and many duplicates."""
    rng = np.random.RandomState(seed)
    n_stored = N * PER_ROW
    values, rows = rng.standard_normal(n_stored), np.repeat(np.arange(N), PER_ROW)
    columns = rng.randint(D, size=n_stored)
    if form.__name__[:3] == "coo":
        return form((values, (rows, columns)), (N, D))
    if form.__name__[:3] == "csr":
        return form((values, columns, np.arange(0, n_stored + 1, PER_ROW)), (N, D))
    starts = np.linspace(0, n_stored, D + 1).astype(int)
    return form((values, rng.randint(N, size=n_stored), starts), (N, D))


FORMS = [scipy.sparse.csr_matrix, scipy.sparse.csc_array, scipy.sparse.coo_array]


def summed(X):
    """Return the same matrix with one entry for each place, in order."""
    X = scipy.sparse.csr_array(X.tocoo().toarray())
    assert X.has_canonical_format
    return X


def stored(X):
    """Return copies of the arrays of an object."""
    if not scipy.sparse.issparse(X):
        return [np.array(each) for each in (X if isinstance(X, list) else [X])]
    names = ("data", "indices", "indptr", "row", "col")
    return [getattr(X, name).copy() for name in names if hasattr(X, name)]


@pytest.fixture
def unchanged():
    """Return a function that records input; in the end it must be unchanged."""
    told = []

    def tell(*given):
        told.extend((each, stored(each)) for each in given)
        return given[0] if len(given) == 1 else given

    yield tell
    assert told
    for each, before in told:
        for was, array in zip(before, stored(each), strict=True):
            np.testing.assert_array_equal(was, array)


def large(n_in, n_out, rng):
    return 9.0 * rng.standard_normal((n_in, n_out)), np.zeros(n_out)


FITS = {
    "adam": {},
    "lbfgs": {"solver": "lbfgs"},
    "held out": {"early_stopping": True},
    "data-driven": {"weight_init": "data_driven"},
    "badly scaled": {"learning_rate_init": 1e-6},
    "worse than guessing": {
        "weight_init": large,
        "learning_rate_init": 1e-6,
        "max_iter": 1,
    },
    "diverges": {"solver": "sgd", "learning_rate_init": 1e200},
}


def fit(X, y, weights=None, *, model=None, **given):
    model = FullyConnectedClassifier() if model is None else model
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(X, y, weights, **given)


def make_model(kind=FullyConnectedClassifier, **params):
    return kind(**{"hidden_layer_sizes": (5,), "max_iter": 3, "random_state": 0} | params)


@pytest.mark.grid(4)
@pytest.mark.parametrize("case", FITS)
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_duplicates_are_not_summed_in_the_input(form, case, unchanged):
    X, X_val = unchanged(with_duplicates(form), with_duplicates(form, seed=1))
    weights = unchanged((np.arange(N) % 7 > 0).astype(float))
    model = make_model(**FITS[case])
    given = {"X_val": X_val, "y_val": Y}
    if case == "diverges":
        with pytest.raises(ValueError, match="non-finite|overflow"):
            fit(X, Y, weights, model=model, **given)
        return
    fit(X, Y, weights, model=model, **given)
    model.predict(X)
    model.predict_log_proba(X)
    if case != "lbfgs":
        model.partial_fit(X, Y, weights, **given)


@pytest.mark.parametrize("case", ["adam", "lbfgs", "held out", "worse than guessing"])
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_duplicates_count_as_their_sum(form, case):
    X, texts, models = with_duplicates(form), [], []
    for rows in (X, summed(X)):
        model = make_model(dtype="float64", **FITS[case])
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            models.append(model.fit(rows, Y))
        texts.append([str(each.message) for each in caught])
    assert texts[0] == texts[1] != []
    # Sums in another order, over three epochs.
    for given, expected in zip(models[0].coefs_, models[1].coefs_, strict=True):
        np.testing.assert_allclose(given, expected, rtol=1e-9, atol=1e-12)
    p = models[0].predict_proba(X)
    np.testing.assert_allclose(p, models[1].predict_proba(summed(X)), rtol=1e-9)


def test_duplicates_count_as_in_mlp_classifier():
    X = with_duplicates(scipy.sparse.csr_matrix)
    models = make_model(dtype="float64"), make_model(MLPClassifier)
    ours, theirs = (fit(X, Y, model=model).predict_proba(X) for model in models)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)


def test_labels_weights_and_first_parameters_are_not_changed(unchanged):
    X = np.random.RandomState(0).standard_normal((N, D))
    labels = np.random.RandomState(1).randint(2, size=(N, 3))
    for form in (np.array, *FORMS):
        y = form(labels)
        if scipy.sparse.issparse(y) and y.format == "coo":
            y = form((y.data[::-1], (y.row[::-1], y.col[::-1])), y.shape)
        rows, y = unchanged(X.copy(), y)
        weights, weights_val = unchanged(np.linspace(0.0, 1.0, N), np.ones(N))
        model = make_model(class_weight="balanced")
        coefs, intercepts = unchanged(
            [np.ones((D, 5)), np.ones((5, 3))], [np.ones(5), np.ones(3)]
        )
        first = {"coefs_init": coefs, "intercepts_init": intercepts}
        of_validation = {"X_val": rows, "y_val": y, "sample_weight_val": weights_val}
        fit(rows, y, weights, model=model, **of_validation, **first)
        model.predict(rows)


@pytest.mark.grid(4)
@pytest.mark.parametrize("kind", ["csr_matrix", "csr_array", "csc_matrix", "csc_array"])
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_sparse_fit_equals_dense_fit(kind, solver):
    X, y = load_wine(return_X_y=True)
    X = np.where(np.abs(StandardScaler().fit_transform(X)) > 0.5, X, 0.0) / 100.0
    sparse = getattr(scipy.sparse, kind)(X)
    params = {"solver": solver, "max_iter": 20, "batch_size": 50, "early_stopping": True}
    dense_model, sparse_model = fitted(X, y, **params), fitted(sparse, y, **params)
    # Sums of up to 13 products, added up in another order over 20 iterations.
    for a, b in zip(dense_model.coefs_, sparse_model.coefs_, strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(
        dense_model.predict_proba(sparse), dense_model.predict_proba(X), rtol=1e-11
    )
    np.testing.assert_array_equal(dense_model.predict(sparse), dense_model.predict(X))


def layouts(X):
    """The same numbers, laid out in memory in other ways."""
    wide = np.zeros((2 * X.shape[0], 3 * X.shape[1]), X.dtype)
    wide[::2, ::3] = X
    read_only = X.copy()
    read_only.flags.writeable = False
    swapped = X.astype(X.dtype.newbyteorder())
    return {
        "Fortran": np.asfortranarray(X),
        "strided": wide[::2, ::3],
        "backwards": X[::-1, ::-1].copy()[::-1, ::-1],
        "read-only": read_only,
        "other byte order": swapped,
        "lists": X.tolist(),
    }


# Adam gathers each batch into one layout. L-BFGS works on X as it is, where products are
# added up in another order, and every line search multiplies the difference.
@pytest.mark.parametrize(("solver", "atol"), [("adam", 1e-12), ("lbfgs", 1e-8)])
@pytest.mark.parametrize("layout", layouts(np.zeros((1, 1))))
def test_memory_layout_does_not_matter(layout, solver, atol):
    X, y = load_iris(return_X_y=True)
    other = layouts(X)[layout]
    params = {"solver": solver, "max_iter": 20, "batch_size": 40, "tol": 0.0}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=UserWarning)  # 20 epochs do not converge
        model, same = fitted(X, y, **params), fitted(other, y, **params)
    wanted = model.predict_proba(X)
    np.testing.assert_allclose(model.predict_proba(other), wanted, rtol=0, atol=1e-12)
    np.testing.assert_allclose(same.predict_proba(X), wanted, rtol=0, atol=atol)
    np.testing.assert_array_equal(layouts(X)[layout], other)  # the input is unchanged


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("form", [scipy.sparse.csr_array, scipy.sparse.csc_array])
def test_read_only_sparse_matrix_is_not_written(form):
    X, y = load_iris(return_X_y=True)
    sparse = form(X)
    for array in (sparse.data, sparse.indices, sparse.indptr):
        array.flags.writeable = False
    for solver in ("adam", "lbfgs"):
        model = fitted(sparse, y, solver=solver)
        assert model.predict_proba(sparse).shape == (150, 3)
    np.testing.assert_array_equal(sparse.toarray(), X)


def test_memory_map_is_not_written(tmp_path):
    X, y = load_iris(return_X_y=True)
    np.save(tmp_path / "X.npy", X)
    before = (tmp_path / "X.npy").read_bytes()
    for mode in ("r", "r+", "c"):
        mapped = np.load(tmp_path / "X.npy", mmap_mode=mode)
        model = fitted(mapped, y)
        np.testing.assert_array_equal(
            model.predict_proba(mapped), fitted(X, y).predict_proba(X)
        )
        del mapped
        assert (tmp_path / "X.npy").read_bytes() == before


@pytest.mark.parametrize("loss", ["squared_error", "quantile", "poisson"])
@pytest.mark.parametrize(
    "params", [{}, {"scale_target": False}, {"solver": "lbfgs"}], ids=str
)
def test_numbers_are_not_changed(loss, params, unchanged):
    rng = np.random.RandomState(0)
    X, y = rng.standard_normal((N, 3)), rng.gamma(2.0, size=(N, 2))
    y = y[:, 0] if loss == "quantile" else y
    weights = (np.arange(N) % 7 > 0).astype(float)
    y[0] = 1e30  # of weight zero: replaced in a copy
    X, y, weights = unchanged(X, y, weights)
    model = make_model(FullyConnectedRegressor, loss=loss, **params)
    fit(X, y, weights, model=model, X_val=X[1:], y_val=y[1:])
    model.score(X, y, weights)
    if "solver" not in params:
        model.partial_fit(X, y, weights)
