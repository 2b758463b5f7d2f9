"""The order of imports is the architecture: nothing imports upwards."""

import ast
from pathlib import Path

import pytest

import skfcnn

PACKAGE = Path(skfcnn.__file__).parent

# Each floor may import from those before it, never from its own or a later one.
FLOORS = [
    {"network.architecture"},
    {"network.parameters", "network.activations", "network.losses", "network.initializers"},
    {"network.layers", "network.dropout", "network.embedding", "network.parametric"},
    {"network.scaling"},
    {"network.network"},
    {"network.drawing"},
    {"training.threads", "training.blocks", "training.rates", "training.divergence"},
    {
        "training.averaging",
        "training.objective",
        "training.optimizers",
        "training.schedules",
        "training.stopping",
    },
    {"training.batches"},
    {"training.minibatch"},
    {"training.lbfgs"},
    {"_likeness", "_scales", "_sklearn", "_version"},
    {"_whole_files"},
    {"preprocessing", "_forms", "_kinds"},
    {"_table"},
    {"_columns"},
    {"_target", "_parameters", "_layers"},
    {"_validation", "_weights"},
    {"_progress", "_advice"},
    {"_solver"},
    {"_fitting", "_prediction", "_tasks"},
    {"_checkpoints"},
    {"_resuming"},
    {"_input", "_endings"},
    {"_learning"},
    {"classifier", "callbacks"},
    {"inspection.axes", "inspection.fitted", "inspection.layout", "inspection.mosaic"},
    {
        "inspection.curves",
        "inspection.diagram",
        "inspection.gradient_norms",
        "inspection.weights",
    },
    {
        "inspection.differences",
        "inspection.problem",
        "inspection.reports",
        "inspection.steps",
    },
    {"inspection.svg", "inspection.texts"},
    {"inspection.pages"},
    {"inspection.gradients", "inspection.tracing"},
    {"inspection"},
    {"_calibration", "_folds", "_mixing", "_recipe", "_time_limit"},
    {"_families"},
    {"tabular"},
    {"onnx.graph"},
    {"onnx.activations", "onnx.categories", "onnx.numeric"},
    {"onnx.layers"},
    {"onnx.classifiers"},
    {"onnx.ensembles", "onnx.tables"},
    {"onnx.registration"},
    {"onnx"},
    {"dask.plan", "dask.chunks", "dask.collections", "dask.tree"},
    {"dask.shard", "dask.rows", "dask.predictions"},
    {"dask.epochs"},
    {"dask.cluster"},
    {"dask.classifier"},
    {"dask"},
    {""},
]
FLOOR_OF = {name: i for i, floor in enumerate(FLOORS) for name in floor}


def module_name(path):
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def imported_modules(path):
    """Absolute names of all modules that a file imports, wherever in the file."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names.add(node.module)
    return names


FILES = [path for path in sorted(PACKAGE.rglob("*.py")) if path.read_text().count("import")]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_only_from_floors_below(path):
    floor = FLOOR_OF[module_name(path)]
    ours = {name for name in imported_modules(path) if name.split(".")[0] == "skfcnn"}
    upwards = {name for name in ours if FLOOR_OF[name.removeprefix("skfcnn.")] >= floor}
    assert upwards == set()


@pytest.mark.parametrize("room", ["network", "training"])
def test_the_engine_does_not_know_scikit_learn(room):
    for path in (PACKAGE / room).glob("*.py"):
        assert not any(name.startswith("sklearn") for name in imported_modules(path)), path


def test_the_engine_calls_one_blas():
    """SciPy's has threads of its own: beside NumPy's, they slowed fits 2 to 9 times."""
    for path in FILES:
        assert not any(name.startswith("scipy.linalg") for name in imported_modules(path))


def test_private_names_of_scikit_learn_are_imported_in_one_file():
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module.startswith("sklearn"):
                private = [alias.name for alias in node.names if alias.name[0] == "_"]
                private += [part for part in node.module.split(".") if part[0] == "_"]
                assert not private or path.name == "_sklearn.py", (path, private)
