"""Every page of the documentation, opened in a browser, on a desk and on a telephone."""

import importlib.util
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.site

PICTURES_MISSING = "[...document.images].filter(i => !i.naturalWidth).map(i => i.src)"
# Formulas that are still as they were written, or that could not be read.
UNRENDERED = """
    [...document.querySelectorAll('.math')].filter(e => !e.querySelector('mjx-container'))
        .concat([...document.querySelectorAll('mjx-merror, [data-mjx-error]')])
        .map(e => e.textContent)
"""
LEFT_OVER = r"""
    [...document.querySelectorAll('article :is(p, li, td, h1, h2)')]
        .filter(e => !e.closest('pre, .highlight'))
        .map(e => { const c = e.cloneNode(true);
                    c.querySelectorAll('code, pre, mjx-container').forEach(x => x.remove());
                    return c.textContent; })
        .filter(text => /\$\$|\\frac|\\delta|\]\(\S+\.\w+|\*\*|\{\w*include\}/.test(text))
"""
# What sticks out on the right; a page that scrolls sideways cannot be read on a telephone.
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Words that are cut off, apart from the links to titles that appear under the mouse.
CUT_OFF = """
    document.querySelectorAll('.headerlink').forEach(e => e.remove()),
    [...document.querySelectorAll('article :is(h1, h2, h3, dt, dd, p, li, code)')]
        .filter(e => !e.closest('table, pre, .sk-top-container'))
        .filter(e => e.getBoundingClientRect().right > innerWidth)
        .concat([...document.querySelectorAll('.prev-next-title')]
            .filter(e => e.scrollWidth > e.clientWidth))
        .map(e => e.textContent)
"""


# Tables that are wider than their place.
WIDE_TABLES = """
    [...document.querySelectorAll('.pst-scrollable-table-container')]
        .filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent)
"""


def settle(page):
    """Wait until pictures are there and formulas set."""
    page.wait_for_load_state("load")
    page.evaluate("document.querySelectorAll('img').forEach(i => { i.loading = 'eager'; })")
    page.evaluate("Promise.all([...document.images].map(i => i.decode().catch(() => 0)))")
    page.evaluate("window.MathJax ? MathJax.startup.promise : 0")


def elsewhere(page, home):
    """What was asked of others."""
    return [url for url in page.requested if not url.startswith((home, "data:"))]


def pages_in(built):
    paths = [path.relative_to(built).as_posix() for path in sorted(built.rglob("*.html"))]
    return [path for path in paths if not path.startswith("_static/")]


def test_every_page_is_whole(page, address, built):
    paths = pages_in(built)
    assert len(paths) > 60
    for path in paths:
        page.wrong.clear()
        page.goto(f"{address}/{path}")
        settle(page)
        assert page.wrong == [], path
        assert page.evaluate(PICTURES_MISSING) == [], path
        assert page.evaluate(UNRENDERED) == [], path
        assert page.evaluate(LEFT_OVER) == [], path
        assert page.evaluate(TOO_WIDE) <= 0, path
        assert page.evaluate(CUT_OFF) == [], path
        assert page.evaluate(WIDE_TABLES) == [], path
    assert elsewhere(page, address) == []


def test_links_lead_to_pages_and_to_places_in_them(page, address, built):
    targets = {}
    for path in pages_in(built):
        page.goto(f"{address}/{path}", wait_until="domcontentloaded")
        anchors = "[...document.querySelectorAll('a[href]')].map(a => a.href)"
        for url in page.evaluate(anchors):
            if url.startswith(address):
                targets.setdefault(url, path)
    assert len(targets) > 500
    for url, where in targets.items():
        file, _, anchor = url.removeprefix(address).partition("#")
        target = built / (file.partition("?")[0].lstrip("/") or "index.html")
        assert target.is_file(), (where, url)
        if anchor:
            assert f'id="{anchor}"' in target.read_text("utf-8"), (where, url)


def test_the_lesson_has_its_formulas_and_figures(page, address):
    for path in ["backpropagation.html", "zh/backpropagation.html"]:
        page.goto(f"{address}/{path}")
        settle(page)
        assert page.locator("mjx-container").count() > 100
        assert page.locator("article img").count() == 6
        answer = page.locator("details").first
        assert not answer.locator("p").first.is_visible()
        answer.locator("summary").click()
        assert answer.locator("p").first.is_visible()


def test_every_example_has_its_picture_and_is_a_notebook_too(page, address, built):
    page.goto(f"{address}/examples.html")
    names = [path.stem for path in (built.parent.parent / "examples").glob("plot_*.py")]
    assert page.locator(".sphx-glr-thumbcontainer").count() == len(names) >= 6
    for name in names:
        page.goto(f"{address}/auto_examples/{name}.html")
        settle(page)
        assert page.locator("article img[class*=sphx-glr]").count() >= 1, name
        notebook = page.locator("a[href$='.ipynb']").first.get_attribute("href")
        assert notebook.endswith(f"{name}.ipynb")


def test_the_way_from_the_start_page(page, address):
    page.goto(address)
    small = page.viewport_size["width"] < 960
    if small:
        page.locator("button.primary-toggle").click()
    navigation = page.locator(
        "dialog[open], #pst-primary-sidebar-modal" if small else "header"
    )
    navigation.get_by_role("link", name="User guide", exact=True).first.click()
    page.wait_for_url("**/user_guide.html")
    assert page.locator("h1").inner_text().startswith("User guide")
    assert page.wrong == []


SECTIONS = [
    "Install",
    "User guide",
    "Examples",
    "Learn backpropagation",
    "API",
    "Development",
]


def test_the_navigation_has_six_sections_and_no_menu(page, address):
    page.goto(address)
    if page.viewport_size["width"] > 960:
        links = page.locator(".navbar-header-items .navbar-nav .nav-item")
        assert [link.inner_text() for link in links.all()] == SECTIONS
        assert page.get_by_text("More", exact=True).count() == 0


LANGUAGE = "document.documentElement.lang"
NEIGHBOURS = "[...document.querySelectorAll('.prev-next-area a')].map(a => a.pathname)"


@pytest.mark.parametrize("name", ["learn", "backpropagation", "lesson"])
def test_the_language_switch_leads_to_the_translation_and_back(page, address, name):
    page.goto(f"{address}/{name}.html")
    assert page.evaluate(LANGUAGE) == "en"
    switch = "document.querySelector('.navbar-item a[hreflang]').click()"
    page.evaluate(switch)
    page.wait_for_url(f"**/zh/{name}.html")
    assert page.evaluate(LANGUAGE) == "zh-CN"
    assert all(path.startswith("/zh/") for path in page.evaluate(NEIGHBOURS))
    page.evaluate(switch)
    page.wait_for_url(f"{address}/{name}.html")
    assert not any(path.startswith("/zh/") for path in page.evaluate(NEIGHBOURS))


AROUND = """() => ['header', 'footer', '.bd-breadcrumbs', '.page-toc', '.prev-next-area']
    .flatMap(place => [...document.querySelectorAll(place)].map(e => e.innerText))"""


@pytest.mark.parametrize("name", ["learn", "backpropagation", "lesson"])
def test_around_a_chinese_page_only_names_are_in_english(page, address, name):
    page.goto(f"{address}/zh/{name}.html")
    words = set(re.findall(r"[A-Za-z]{2,}", " ".join(page.evaluate(AROUND))))
    assert words <= {"skfcnn", "API", "Ctrl", "English", "BSD", "Clause"}


@pytest.mark.parametrize(
    "word, found", [("dropout", "user_guide"), ("FullyConnectedClassifier", "api/")]
)
def test_search_finds(page, address, word, found):
    page.goto(address)
    page.keyboard.press("Control+k")
    page.locator(
        "dialog input[type=search], .search-button__search-container input"
    ).first.fill(word)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=*")
    page.get_by_text("Search finished, found").wait_for()
    results = page.locator("ul.search li a")
    links = [a.get_attribute("href") for a in results.all()]
    assert any(found in link for link in links), links
    results.first.click()
    page.wait_for_load_state("load")
    assert word.lower() in page.locator("article").inner_text().lower()
    assert page.wrong == []


def test_pages_can_be_read_from_the_disk(page, built):
    """Without a server, and without anything from elsewhere."""
    page.goto((built / "backpropagation.html").as_uri())
    settle(page)
    assert page.evaluate(UNRENDERED) == []
    page.goto((built / "search.html").as_uri() + "?q=dropout")
    page.locator("ul.search li a").first.wait_for()
    assert elsewhere(page, "file:") == []


# Not ours: lists of references by docutils, and diagrams of pipelines by scikit-learn.
RUN = """
    axe.run({exclude: ['.citation-list', '.sk-top-container']}).then(found =>
        found.violations.filter(v => ['serious', 'critical'].includes(v.impact))
            .map(v => [v.id, v.nodes.map(n => n.target.join(' '))]))
"""
# Pages that are made alike: one of each kind is enough.
ALIKE = {
    "api/": "api/skfcnn.FullyConnectedClassifier.html",
    "_modules/": "_modules/skfcnn/network/linear.html",
}


@pytest.fixture(scope="session")
def axe():
    package = importlib.util.find_spec("axe_playwright_python")
    assert package, 'Install axe-core: pip install -e ".[docs]"'
    return (Path(package.origin).parent / "axe.min.js").read_text("utf-8")


def kinds_of_pages(built):
    for path in pages_in(built):
        kind = next((kind for kind in ALIKE if path.startswith(kind)), None)
        if kind is None or path == ALIKE[kind]:
            yield path


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_no_serious_violation(page, address, built, axe, mode):
    choose = (
        f"localStorage.setItem('mode', '{mode}'); localStorage.setItem('theme', '{mode}')"
    )
    page.add_init_script(choose)
    found = {}
    for path in kinds_of_pages(built):
        page.goto(f"{address}/{path}")
        settle(page)
        page.evaluate(axe)
        if violations := page.evaluate(RUN):
            found[path] = violations
    assert found == {}
