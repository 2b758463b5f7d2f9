"""Search finds the page that is meant, for words that people type."""

import re

import pytest

pytestmark = pytest.mark.site

# What is typed, and pages of which one is among the first results. A name that ends with a
# slash stands for all pages of this folder.
GUIDE = ("user_guide", "guide/")
WORDS = {
    "accuracy": ("presets", "benchmarks", "recipes/"),
    "activation": (*GUIDE, "names", "api/", "inspection"),
    "backpropagation": ("backpropagation", "lesson"),
    "baseline": ("recipes/evaluation",),
    "batch size": ("recipes/tuning", *GUIDE),
    "calibrated": ("recipes/classification", *GUIDE),
    "callbacks": (*GUIDE, "api/"),
    "categorical": ("recipes/tables", *GUIDE),
    "class weight": ("recipes/classification", "recipes/tables", *GUIDE),
    "confusion matrix": ("recipes/evaluation",),
    "convergencewarning": ("recipes/training",),
    "CSV": ("recipes/tables",),
    "dask": ("scaling", "integrations", "api/"),
    "dates": ("recipes/tables", *GUIDE),
    "dropout": (*GUIDE, "recipes/training"),
    "early stopping": ("recipes/training", *GUIDE),
    "gpu": ("recipes/choosing",),
    "gradient check": ("inspection", "api/"),
    "gridsearchcv": ("recipes/tuning",),
    "halving": ("recipes/tuning",),
    "hidden layer sizes": ("recipes/tuning",),
    "images": ("recipes/choosing",),
    "imbalanced": ("recipes/classification",),
    "learning rate": ("recipes/tuning", *GUIDE),
    "logistic regression": ("recipes/classification",),
    "loss curve": ("recipes/evaluation", "api/"),
    "missing values": ("recipes/tables", *GUIDE),
    "MLPClassifier": ("coming_from_mlpclassifier",),
    "multilabel": ("recipes/classification",),
    "onnx": ("onnx", "recipes/deployment"),
    "optuna": ("recipes/tuning", "integrations"),
    "outliers": ("recipes/regression",),
    "overfitting": ("recipes/training",),
    "partial_fit": ("recipes/training", *GUIDE),
    "permutation importance": ("recipes/evaluation",),
    "pickle": (*GUIDE, "recipes/deployment"),
    "poisson": ("recipes/regression",),
    "prediction interval": ("recipes/regression",),
    "progress bar": ("recipes/training",),
    "pytorch": ("names", "recipes/choosing", "speed"),
    "quantile": ("recipes/regression", *GUIDE, "api/", "auto_examples/"),
    "reproducible": ("recipes/training", "reliability"),
    "save model": ("recipes/deployment", *GUIDE),
    "shap": ("recipes/evaluation", "integrations"),
    "threshold": ("recipes/classification",),
    "time series": ("recipes/evaluation", *GUIDE),
    "trees": ("recipes/choosing", *GUIDE),
}
# Pages, each counted once.
FIRST = 5

ENDED = re.compile("Search finished, found|Your search did not match")
RESULTS = """
    [...document.querySelectorAll('ul.search > li > a')].map(a => a.getAttribute('href'))
"""


@pytest.fixture(scope="module")
def search_page(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def test_there_are_forty_words_or_more():
    assert len(WORDS) >= 40


@pytest.mark.parametrize("typed", WORDS)
def test_search_finds_the_page_that_is_meant(search_page, address, typed):
    search_page.goto(f"{address}/search.html?q={typed.replace(' ', '+')}")
    search_page.get_by_text(ENDED).wait_for()
    links = search_page.evaluate(RESULTS)
    found = [*dict.fromkeys(link.partition(".html")[0] for link in links)][:FIRST]
    assert any(is_meant(page, name) for page in found for name in WORDS[typed]), found


def is_meant(page, name):
    return page.startswith(name) if name.endswith("/") else page == name
