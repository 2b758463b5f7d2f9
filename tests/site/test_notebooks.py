"""The examples as notebooks, and what a notebook shows of a classifier."""

import importlib
from pathlib import Path

import pytest

pytestmark = pytest.mark.site

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = sorted(path.stem for path in EXAMPLES.glob("plot_*.py"))


@pytest.fixture(scope="session")
def nbformat():
    return importlib.import_module("nbformat")  # of the extra "docs"


def outputs(notebook):
    """Run the cells of a notebook, and return all that they show, by kind."""
    from nbclient import NotebookClient

    client = NotebookClient(
        notebook, timeout=300, resources={"metadata": {"path": EXAMPLES}}
    )
    client.execute()
    shown = [out for cell in notebook.cells for out in cell.get("outputs", [])]
    return [out["data"] for out in shown if "data" in out]


@pytest.mark.parametrize("name", NAMES)
def test_every_example_runs_as_a_notebook(built, nbformat, name):
    folder = built.parent / "auto_examples"
    shown = outputs(nbformat.read(folder / f"{name}.ipynb", as_version=4))
    assert any("image/png" in data for data in shown)


CELLS = [
    """
from sklearn.callback import ProgressBar
from sklearn.datasets import load_iris
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from skfcnn import FullyConnectedClassifier
from skfcnn.inspection import check_gradient, trace
X, y = load_iris(return_X_y=True, as_frame=True)
model = FullyConnectedClassifier((5,), max_iter=20, random_state=0)
""",
    "model.set_callbacks(ProgressBar()).fit(X, y)",
    "make_pipeline(StandardScaler(), model)",
    "check_gradient(model, X, y)",
    "trace(model, X, y)",
]


def test_a_notebook_shows_classifier_progress_report_and_trace(nbformat):
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells)
    pages = [data.get("text/html", "") for data in outputs(notebook)]
    classifier, pipeline, report, passes = pages[-4:]
    assert "max_iter" in classifier and "sepal length" in classifier
    assert "StandardScaler" in pipeline
    assert "The gradient is right." in report and "<table" in report
    assert "<svg" in passes and "z = x W + b" in passes
    progress = str(notebook.metadata.widgets)  # rich draws by ipywidgets
    assert "FullyConnectedClassifier - fit" in progress and "100%" in progress
