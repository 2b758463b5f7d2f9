"""Sphinx's configuration: `python -m sphinx -W -b html docs docs/_build`."""

import re
from pathlib import Path

import mathjax

import skfcnn

DOCS = Path(__file__).parent

project = "skfcnn"
author = "the skfcnn developers"
copyright = "the skfcnn developers; BSD 3-Clause License"
version = release = skfcnn.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build", "zh/notation.md"]
# What scikit-learn says of methods that we inherit refers to its own pages.
suppress_warnings = ["ref.ref", "ref.term"]
templates_path = ["_templates"]

# ----- Pages
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
# Math needs nothing from elsewhere: the glyphs are in this one file.
html_static_path = [
    "_static",
    str(Path(mathjax.__file__).parent / "static/mathjax/es5/tex-svg-full.js"),
]
mathjax_path = "tex-svg-full.js"

# ----- Copy buttons: on code, not on what it prints, and without prompts
WITH_CODE = ".highlight-python, .highlight-Python, .highlight-sh, .highlight-yaml, .doctest"
copybutton_selector = f":is({WITH_CODE}) pre"
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
copybutton_exclude = ".linenos, .gp, .go"

# ----- API
autosummary_generate = True
autodoc_typehints = "none"
default_role = "code"
highlight_language = "none"  # of blocks in docstrings, which are formulas
toc_object_entries_show_parents = "hide"
numpydoc_show_class_members = False

# ----- Gallery
sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "within_subsection_order": "FileNameSortKey",
    "abort_on_example_error": True,
    "download_all_examples": False,
    "min_reported_time": 60,
    "show_memory": False,
    "write_computation_times": False,  # a page that loads scripts from elsewhere
}

# ----- Look
html_theme = "pydata_sphinx_theme"
html_title = "skfcnn"
html_logo = html_favicon = "_static/logo.svg"
html_context = {"default_mode": "auto"}
html_css_files = ["skfcnn.css"]
html_show_sourcelink = False
html_theme_options = {
    "navbar_align": "left",
    "logo": {"text": "skfcnn"},
    "header_links_before_dropdown": 5,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_prev_next": True,
}
# The sidebar shows only the sections of a page, unless it has subpages.
PAGES = [path.relative_to(DOCS).with_suffix("") for path in DOCS.rglob("*.md")]
html_sidebars = {str(page): [] for page in PAGES if page.name != "api"}


def pages_of_files(app, docname, source):
    """Let links to files lead to the pages that are made of them; say what is Python."""
    text = source[0].replace(
        "(../examples/GALLERY_HEADER.rst)", "(auto_examples/index.rst)"
    )
    text = re.sub(r"\(\.\./examples/(\w+)\.py\)", r"(auto_examples/\1.rst)", text)
    text = re.sub(r"(\{literalinclude\} \S+\.py\n)", r"\1:language: python\n", text)
    text = re.sub(r"\(\.\./\.\./examples/(\w+)\.py\)", r"(../auto_examples/\1.rst)", text)
    source[0] = text.replace("(../benchmarks/README.md", "(benchmarks.md")


def without_fields(app, what, name, obj, skip, options):
    """Leave out the fields of a NamedTuple, of which Python says that they have numbers."""
    return skip or type(obj).__name__ == "_tuplegetter"


def setup(app):
    """Change the sources on their way into Sphinx."""
    app.connect("source-read", pages_of_files)
    app.connect("autodoc-skip-member", without_fields)
