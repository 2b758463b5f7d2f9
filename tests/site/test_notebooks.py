"""The examples as notebooks, and what a notebook shows of a classifier."""

import asyncio
import importlib
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

pytestmark = pytest.mark.site

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = sorted(path.stem for path in EXAMPLES.glob("plot_*.py"))
LONGEST = "plot_tabular"
# Two notebooks run at a time, each on one core: trees with more threads are far slower.
ONE_THREAD = os.environ | {"OMP_NUM_THREADS": "1"}


@pytest.fixture(scope="session")
def nbformat():
    return importlib.import_module("nbformat")  # of the extra "docs"


@pytest.fixture(scope="session")
def pool():
    """Threads for the notebooks: the main thread has the event loop of Playwright."""
    with ThreadPoolExecutor(2) as pool:
        yield pool


def outputs(notebook):
    """Run the cells of a notebook, and return all that they print or show."""
    from nbclient import NotebookClient

    client = NotebookClient(
        notebook, timeout=300, resources={"metadata": {"path": EXAMPLES}}
    )
    # `execute` leaves its event loop unclosed.
    asyncio.run(client.async_execute(env=ONE_THREAD))
    return [out for cell in notebook.cells for out in cell.get("outputs", [])]


def data_of(shown):
    """What is shown rather than printed, by kind."""
    return [out["data"] for out in shown if "data" in out]


@pytest.fixture(scope="session")
def shown_by_examples(built, nbformat, pool):
    """What each example shows, once it has run: two at a time, the longest one first."""

    def run(name):
        path = built.parent / "auto_examples" / f"{name}.ipynb"
        return outputs(nbformat.read(path, as_version=4))

    return {name: pool.submit(run, name) for name in sorted(NAMES, key=LONGEST.__ne__)}


@pytest.mark.parametrize("name", NAMES)
def test_every_example_runs_as_a_notebook(shown_by_examples, name):
    shown = shown_by_examples[name].result()
    assert any("image/png" in data for data in data_of(shown))


def test_example_of_a_table_prints_the_scores_of_other_models(shown_by_examples):
    shown = shown_by_examples["plot_tabular"].result()
    printed = "".join(out["text"] for out in shown if out.get("name") == "stdout")
    pattern = r"(\S[\w, ]+?) +(0\.\d+) +(0\.\d+) +[\d.]+$"
    told = re.findall(pattern, printed, re.M)
    losses = {name: float(loss) for name, accuracy, loss in told}
    assert losses.keys() >= {"MLPClassifier", "skfcnn, fast", "skfcnn, balanced"}
    assert max(losses["skfcnn, fast"], losses["skfcnn, balanced"]) < 0.33
    assert losses["skfcnn, balanced"] < losses["MLPClassifier"]


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


def test_a_notebook_shows_classifier_progress_report_and_trace(nbformat, pool):
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells)
    pages = [
        data.get("text/html", "")
        for data in data_of(pool.submit(outputs, notebook).result())
    ]
    classifier, pipeline, report, passes = pages[-4:]
    assert "max_iter" in classifier and "sepal length" in classifier
    assert "StandardScaler" in pipeline
    assert "The gradient is right." in report and "<table" in report
    assert "<svg" in passes and "z = x W + b" in passes
    progress = str(notebook.metadata.widgets)  # rich draws by ipywidgets
    assert "FullyConnectedClassifier - fit" in progress and "100%" in progress
