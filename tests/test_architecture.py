"""The order of imports is the architecture: nothing imports upwards."""

import ast
from functools import cache
from pathlib import Path

import pytest

import skfcnn

PACKAGE = Path(skfcnn.__file__).parent
TESTS = Path(__file__).parent


@cache
def parsed(path):
    """Parse a file once for all tests."""
    return ast.parse(path.read_text())


# Each floor may import from those before it, never from its own or a later one.
FLOORS = [
    {"network.layer", "network.user_code", "network.elementary", "network.moments"},
    {"network.activations", "network.links", "network.initializers"},
    {"network.loss", "network.linear", "network.elementwise", "network.dropout"},
    {"network.class_losses", "network.number_losses"},
    {"network.losses", "network.normalization"},
    {"network.scaling", "network.parametric", "network.embedding"},
    {"network.layers"},
    {"network.architecture", "network.parameters"},
    {"network.network"},
    {"network.drawing"},
    {"training.threads", "training.blocks", "training.param_groups", "training.divergence"},
    {"training.time_limit", "training.lion", "training.nadam"},
    {
        "training.averaging",
        "training.objective",
        "training.optimizers",
        "training.schedules",
        "training.stopping",
    },
    {"training.batches"},
    {"training.minibatch"},
    {"training.lazy"},
    {"training.lbfgs"},
    {
        "estimator.likeness",
        "estimator.onnx_methods",
        "estimator.plain_values",
        "estimator.records",
        "estimator.row_counts",
        "estimator.scales",
        "_sklearn",
        "_version",
    },
    {"_files"},
    {"tabular.text_values", "tabular.user_frames"},
    {
        "tabular.answers_in_text",
        "tabular.dates_in_text",
        "tabular.durations_in_text",
        "tabular.numbers_in_text",
    },
    {"tabular.codes"},
    {"tabular.text_forms"},
    {
        "preprocessing",
        "tabular.cross_fitting",
        "tabular.dataframes",
        "tabular.cells",
        "tabular.column_names",
        "tabular.free_text",
        "tabular.reading_report",
    },
    {"tabular.column_types", "tabular.dates", "tabular.declared_columns"},
    {"tabular.column_profiles", "tabular.text_types"},
    {"tabular.column_kinds"},
    {"tabular.table_reading"},
    {"tabular.reader"},
    {"tabular.column_encoder"},
    {"tabular.encoder"},
    {"tabular.column_summary"},
    {"tabular.described_columns"},
    {"estimator.class_weights", "estimator.constraints"},
    {"estimator.aliases"},
    {"estimator.hidden_activations"},
    {"estimator.labels"},
    {
        "estimator.calls",
        "estimator.loss_functions",
        "estimator.numeric_targets",
        "estimator.quantile_levels",
        "estimator.stored_regression_target",
        "estimator.target_scale",
    },
    {"estimator.targets"},
    {"estimator.construction", "estimator.validation", "estimator.weights"},
    {"estimator.class_target", "estimator.regression_target"},
    {"estimator.data", "estimator.diagnostics", "estimator.history", "estimator.solver"},
    {"estimator.rows", "estimator.training_state"},
    {"estimator.base", "estimator.monitor", "estimator.stored_solver"},
    {"estimator.epoch_tasks", "estimator.stored_model", "estimator.training_run"},
    {"estimator.checkpoints"},
    {"estimator.resuming"},
    {"estimator.fit"},
    {"estimator.classification", "estimator.regression"},
    {"classifier", "regressor", "callbacks"},
    {"inspection.axes", "inspection.fitted", "inspection.layout", "inspection.mosaic"},
    {
        "inspection.curves",
        "inspection.diagram",
        "inspection.gradient_norms",
        "inspection.weights",
    },
    {
        "inspection.differences",
        "inspection.importances",
        "inspection.problem",
        "inspection.reports",
        "inspection.steps",
    },
    {"inspection.svg", "inspection.texts"},
    {"inspection.pages"},
    {"inspection.gradients", "inspection.tracing"},
    {"inspection"},
    {
        "tabular.blending",
        "tabular.conformal",
        "tabular.encoding",
        "tabular.flat_trees",
        "tabular.folds",
        "tabular.given_table",
        "tabular.moved_columns",
        "tabular.network_params",
        "tabular.openmp",
        "tabular.presets",
        "tabular.splines",
        "tabular.targets",
        "tabular.temperature",
        "tabular.time_budget",
    },
    {
        "tabular.class_sets",
        "tabular.counted_rows",
        "tabular.fold_averaging",
        "tabular.intervals",
    },
    {
        "tabular.class_labels",
        "tabular.family",
        "tabular.trained",
        "tabular.held_out",
        "tabular.progress",
        "tabular.drawing",
    },
    {"tabular.importances", "tabular.recording"},
    {"tabular.network_training"},
    {"tabular.member_data"},
    {"tabular.log_link"},
    {"tabular.number_values"},
    {"tabular.families", "tabular.tree_training"},
    {"tabular.randomized_trees", "tabular.trees"},
    {"tabular.tree_families"},
    {"tabular.resuming"},
    {"tabular.members"},
    {"tabular.ensemble"},
    {"tabular.classifier", "tabular.regressor"},
    {"tabular"},
    {"onnx.graph"},
    {"onnx.activations", "onnx.categories", "onnx.labels", "onnx.numeric"},
    {"onnx.layers"},
    {"onnx.classifiers", "onnx.regressors"},
    {"onnx.trees"},
    {"onnx.ensembles", "onnx.tables"},
    {"onnx.registration"},
    {"onnx"},
    {"dask.clients", "dask.plan", "dask.summary", "dask.tree"},
    {"dask.chunks", "dask.collections", "dask.label_summary", "dask.number_summary"},
    {"dask.shard", "dask.rows", "dask.predictions"},
    {"dask.epochs"},
    {"dask.cluster"},
    {"dask.source"},
    {"dask.estimator"},
    {"dask.classifier", "dask.regressor"},
    {"dask"},
    {""},
]
# Imported when skl2onnx calls a model's `onnx_parser`, and only then.
ASKED_FOR = {"estimator.onnx_methods": {"skfcnn.onnx.registration"}}
FLOOR_OF = {name: i for i, floor in enumerate(FLOORS) for name in floor}


def module_name(path):
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def imported_modules(path):
    """Absolute names of all modules that a file imports, anywhere in the file."""
    names = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names.add(node.module)
    return names


FILES = [path for path in sorted(PACKAGE.rglob("*.py")) if path.read_text().count("import")]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_only_from_packages_below(path):
    floor = FLOOR_OF[module_name(path)]
    ours = {name for name in imported_modules(path) if name.split(".")[0] == "skfcnn"}
    upwards = {name for name in ours if FLOOR_OF[name.removeprefix("skfcnn.")] >= floor}
    assert upwards == ASKED_FOR.get(module_name(path), set())


@pytest.mark.parametrize("room", ["network", "training"])
def test_the_engine_does_not_know_scikit_learn(room):
    for path in (PACKAGE / room).glob("*.py"):
        assert not any(name.startswith("sklearn") for name in imported_modules(path)), path


def test_the_engine_calls_one_blas():
    """SciPy's BLAS has its own threads: with both, fits took 2 to 9 times as long."""
    for path in FILES:
        assert not any(name.startswith("scipy.linalg") for name in imported_modules(path))


def test_private_names_of_scikit_learn_are_imported_in_one_file():
    for path in FILES:
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ImportFrom) and node.module.startswith("sklearn"):
                private = [alias.name for alias in node.names if alias.name[0] == "_"]
                private += [part for part in node.module.split(".") if part[0] == "_"]
                assert not private or path.name == "_sklearn.py", (path, private)


def test_nothing_is_unpickled():
    """A pickle is a program, so only the user may load one."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for name in ("pickle.load", "Unpickler", "allow_pickle", "joblib.load"):
            assert name not in path.read_text(), path


# What changes the state of the process, for all of its threads, and where it may be called.
OF_THE_PROCESS = {
    "catch_warnings": set(),
    "simplefilter": set(),
    "filterwarnings": set(),
    "resetwarnings": set(),
    "seterr": set(),
    "seterrcall": set(),
    "set_config": set(),
    "set_option": set(),
    "option_context": set(),
    "rc_context": set(),
    "chdir": set(),
    "chroot": set(),
    "umask": set(),
    "putenv": set(),
    "setlocale": set(),
    "signal": set(),
    "setrecursionlimit": set(),
    "setswitchinterval": set(),
    "seed": set(),
    # By the turns of fits, which restore it.
    "set_num_threads": {"training.threads"},
}


def called_names(path):
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "attr", getattr(node.func, "id", None))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_state_of_the_process_is_not_changed(path):
    """np.errstate and sklearn.config_context are settings of a thread, and allowed."""
    changes = {name for name in called_names(path) if name in OF_THE_PROCESS}
    assert all(module_name(path) in OF_THE_PROCESS[name] for name in changes), changes


def imported_names(path):
    """Yield module and name of each `from module import name` in a file."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module, alias.name) for alias in node.names)


def test_every_module_is_imported_by_a_test():
    """A public name that a package exports counts as its module."""
    passed_on = {
        (f"skfcnn.{module_name(path)}".rstrip("."), name): module
        for path in PACKAGE.rglob("__init__.py")
        for module, name in imported_names(path)
    }
    imported = set()
    for path in TESTS.rglob("*.py"):
        imported |= imported_modules(path)
        for module, name in imported_names(path):
            imported |= {f"{module}.{name}", passed_on.get((module, name))}
    modules = {
        f"skfcnn.{module_name(path)}"
        for path in PACKAGE.rglob("*.py")
        if path.name != "__init__.py"
    }
    assert modules - imported == set(), "give each a test of its own"


@pytest.mark.parametrize("room", ["network", "training", "estimator"])
def test_a_fit_takes_no_lock_of_a_cached_property(room):
    """Before Python 3.12 each has a lock. A child forked while a thread has it waits."""
    for path in (PACKAGE / room).glob("*.py"):
        assert "cached_property" not in path.read_text(), path
