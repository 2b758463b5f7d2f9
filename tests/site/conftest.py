"""The documentation, built, served to this machine alone, and a browser to read it."""

import functools
import shutil
import subprocess
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
BUILT = ROOT / "docs" / "_build"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="session")
def built():
    """The folder of the pages, built again except for unchanged examples."""
    for folder in (BUILT, ROOT / "docs" / "api"):
        shutil.rmtree(folder, ignore_errors=True)
    command = [sys.executable, "-m", "sphinx", "-W", "-q", "-b", "html", "docs", str(BUILT)]
    subprocess.run(command, cwd=ROOT, check=True)
    return BUILT


@pytest.fixture(scope="session")
def address(built):
    handler = functools.partial(Quiet, directory=str(built))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium")
    assert path, "Install Debian's package chromium."
    with sync_playwright() as playwright:
        # Containers have no sandbox of their own to give, and run as root.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(params=[1280, 390])
def page(browser, request):
    """A window as wide as a desk's, or a telephone's, that remembers what went wrong."""
    context = browser.new_context(viewport={"width": request.param, "height": 900})
    page = context.new_page()
    page.wrong = []
    page.requested = set()
    page.on("request", lambda request: page.requested.add(request.url))
    page.on("requestfailed", lambda request: remember_failures(page.wrong, request))
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    page.on("console", lambda said: remember_errors(page.wrong, said))
    page.on("response", lambda response: remember_missing(page.wrong, response))
    yield page
    context.close()


OF_OTHERS = (
    # Sphinx's search looks for places with dots in their names as if the dots were of CSS.
    "Anchored content block not found.",
    # scikit-learn's diagrams look for the parameter next to the button of a list of names.
    "Expected copy-paste icon is missing",
)


def remember_errors(wrong, said):
    if said.type in ("error", "warning") and not said.text.startswith(OF_OTHERS):
        wrong.append(said.text)


def remember_failures(wrong, request):
    if request.failure != "net::ERR_ABORTED":  # by navigation, as for the favicon
        wrong.append(f"{request.failure} {request.url}")


def remember_missing(wrong, response):
    if response.status >= 400:
        wrong.append(f"{response.status} {response.url}")
