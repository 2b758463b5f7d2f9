"""Sphinx's configuration: `python -m sphinx -W -b html docs docs/_build`."""

import re
import textwrap
import warnings
from pathlib import Path

import mathjax
from numpydoc.docscrape_sphinx import SphinxDocString
from sphinx_gallery.sorting import ExplicitOrder

import skfcnn

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
exclude_patterns = ["_build", "zh/notation.md", "auto_examples/index.rst"]
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

# ----- Gallery, in the groups and the order of examples.md
DOCS = Path(__file__).parent.resolve()
LISTED = re.findall(r"examples/(\w+\.py)", (DOCS / "examples.md").read_text("utf-8"))
IN_ORDER = [str(DOCS.parent / "examples" / name) for name in LISTED]
sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "backreferences_dir": "auto_examples/backreferences",
    "minigallery_sort_order": ExplicitOrder(IN_ORDER),
    "within_subsection_order": "FileNameSortKey",
    "abort_on_example_error": True,
    "download_all_examples": False,
    "min_reported_time": 60,
    "show_memory": False,
    "write_computation_times": False,  # a page that loads scripts from elsewhere
}


def warning_of_an_example(message, category, *_):
    """Return a warning without the path on this machine, in lines that fit."""
    lines = f"{category.__name__}: {message}".splitlines()
    return (
        "\n".join(textwrap.fill(each, 100, subsequent_indent="  ") for each in lines) + "\n"
    )


warnings.formatwarning = warning_of_an_example

# ----- Look
html_theme = "pydata_sphinx_theme"
html_title = "skfcnn"
html_logo = html_favicon = "_static/logo.svg"
html_context = {"default_mode": "auto"}
html_css_files = ["skfcnn.css"]
html_js_files = ["tables.js", "subpages.js"]
html_show_sourcelink = False
html_theme_options = {
    "navbar_align": "left",
    "navbar_end": ["language-switch", "theme-switcher"],
    "logo": {"text": "skfcnn"},
    "header_links_before_dropdown": 6,
    "secondary_sidebar_items": {"**": ["page-toc"], "index": [], "speed": []},
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_prev_next": True,
}
# Pages that need their whole width.
html_sidebars = dict.fromkeys(["index", "install", "lesson", "speed", "zh/*"], [])

# ----- Languages
CHINESE = ["zh/learn", "zh/backpropagation", "zh/lesson"]  # in the order of reading
# What the theme says on these pages.
CHINESE_WORDS = {
    "Install": "安装",
    "User guide": "用户指南",
    "Examples": "示例",
    "Learn backpropagation": "学习反向传播",
    "Development": "开发",
    "Search": "搜索",
    "On this page": "本页内容",
    "previous": "上一页",
    "previous page": "上一页",
    "next": "下一页",
    "next page": "下一页",
    "Back to top": "回到顶部",
    "Skip to main content": "跳到正文",
    "Breadcrumb": "页面路径",
    "Home": "首页",
    "Site navigation": "网站导航",
    "Color mode": "颜色模式",
    "Light": "浅色",
    "Dark": "深色",
    "System Settings": "跟随系统",
    "Version warning": "版本提示",
    "© Copyright %(copyright)s.": "© %(copyright)s",
}


def pages_of_files(app, docname, source):
    """Let links to files lead to the pages that are made of them; say what is Python."""
    text = source[0].replace("(../examples/GALLERY_HEADER.rst)", "(examples.md)")
    text = re.sub(r"\(\.\./examples/(\w+)\.py\)", r"(auto_examples/\1.rst)", text)
    text = re.sub(r"(\{literalinclude\} \S+\.py\n)", r"\1:language: python\n", text)
    text = re.sub(r"\(\.\./\.\./examples/(\w+)\.py\)", r"(../auto_examples/\1.rst)", text)
    source[0] = text.replace("(../benchmarks/README.md", "(benchmarks.md")


def without_fields(app, what, name, obj, skip, options):
    """Leave out the fields of a NamedTuple, of which Python says that they have numbers."""
    return skip or type(obj).__name__ == "_tuplegetter"


def with_own_description(process):
    """Describe an attribute by the docstring of its class, not of its property."""

    def processed(self, param, desc, fake_autosummary):
        return process(self, param, desc, fake_autosummary)[0], desc

    return processed


def languages(app, page, template, context, doctree):
    """Set the language of a page, the link to its translation, and its neighbours."""
    pathto, is_chinese = context["pathto"], page in CHINESE
    context["language"] = "zh-CN" if is_chinese else "en"
    english = page.removeprefix("zh/")
    other = english if is_chinese else f"zh/{page}"
    context["is_translated"] = is_chinese or other in CHINESE
    context["other_language"] = {
        "link": pathto(other if context["is_translated"] else "zh/learn"),
        "code": "en" if is_chinese else "zh-CN",
        "name": "English" if is_chinese else "中文",
    }
    if is_chinese:
        title = app.env.titles["zh/learn"].astext()
        context["parents"] = [{"link": pathto("zh/learn"), "title": title}]
        context["parents"] *= page != "zh/learn"
        place = CHINESE.index(page)
        for name, at in [("prev", place - 1), ("next", place + 1)]:
            context[name] = None
            if 0 <= at < len(CHINESE):
                title = app.env.titles[CHINESE[at]].astext()
                context[name] = {"link": pathto(CHINESE[at]), "title": title}


def speak_chinese(app, page, template, context, doctree):
    """Translate what the theme says on a page, and let its navigation stay in Chinese."""
    if page not in CHINESE:
        return
    pathto, english_header = context["pathto"], context["generate_header_nav_html"]

    def chinese_header(**options):
        html = english_header(**options)
        html = re.sub(
            r'<li class="nav-item ">(\s*<a [^>]*href=)"' + re.escape(pathto("learn")),
            rf'<li class="nav-item current active">\1"{pathto("zh/learn")}',
            html,
        )
        return re.sub(
            r">\s*(\w[\w ]*?)\s*<", lambda m: f">{CHINESE_WORDS.get(m[1], m[1])}<", html
        )

    context["generate_header_nav_html"] = chinese_header
    context["gettext"] = lambda words: CHINESE_WORDS.get(words, words)  # also {% trans %}
    context["theme_search_bar_text"] = "搜索文档"
    context["copyright"] = "skfcnn 开发者；BSD 3-Clause 许可证"
    context["body"] = context["body"].replace("Link to this heading", "本节链接")


def setup(app):
    """Change the sources on their way into Sphinx."""
    SphinxDocString._process_param = with_own_description(SphinxDocString._process_param)
    app.connect("source-read", pages_of_files)
    app.connect("autodoc-skip-member", without_fields)
    app.connect("html-page-context", languages)
    app.connect("html-page-context", speak_chinese, priority=900)  # after the theme
