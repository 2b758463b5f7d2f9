"""Copy buttons copy code, and neither prompts nor what the code prints."""

import pytest

pytestmark = pytest.mark.site


@pytest.fixture
def window(browser, address):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    yield context.new_page()
    context.close()


def copied(window, block):
    block.hover()
    block.locator("button.copybtn").click()
    return window.evaluate("navigator.clipboard.readText()")


def test_a_recipe_is_copied_as_it_is_and_its_output_has_no_button(window, address):
    window.goto(f"{address}/recipes/evaluation.html")
    code = window.locator("div.highlight-python").first
    text = copied(window, code)
    assert text.strip() == code.locator("pre").inner_text().strip()
    compile(text, "copied", "exec")
    assert text.startswith("from sklearn.datasets import")
    assert window.locator("div.highlight-text").count() > 3
    assert window.locator("div.highlight-text button.copybtn").count() == 0


def test_examples_of_docstrings_are_copied_without_prompts_and_output(window, address):
    window.goto(f"{address}/api/skfcnn.FullyConnectedClassifier.html")
    text = copied(window, window.locator("div.doctest").first)
    assert ">>>" not in text
    compile(text, "copied", "exec")
