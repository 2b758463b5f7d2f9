"""The lesson to play with has the numbers of the library and of the course."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from lesson_numbers import E_OF_J, found_by, numbers_of_the_library, passes_of

pytestmark = pytest.mark.site

COURSE = json.loads((Path(__file__).parents[1] / "data/gender_course.json").read_text())
PAGES = ["lesson.html", "zh/lesson.html"]
MOST_BYTES = 60_000
EXACT = {"rtol": 1e-9, "atol": 1e-9}
MISTAKES = ["sign", "slope", "transposed", "updated", "sum"]


@pytest.fixture
def lesson(page, address):
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{address}/lesson.html")
    page.wait_for_function("window.lesson")
    yield page
    assert page.wrong == []
    assert_fits(page)


# Tables, formulas and fields that are cut off on the right.
CUT_OFF = """() => [...document.querySelectorAll(
        '[id^=lesson-] :is(table, pre, .formula, .port, .unit, .bar > *)')]
    .filter(e => e.offsetWidth && e.getBoundingClientRect().right > innerWidth)
    .map(e => e.textContent)"""


def assert_fits(page):
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0
    assert page.evaluate(CUT_OFF) == []


def state_of(page):
    return page.evaluate("lesson.state()")


def field(page, name):
    return page.locator(f'#lesson-stage input[data-q="{name}"]')


def type_random_weights(page, rng):
    for name in state_of(page)["names"]:
        field(page, name).fill(repr(float(rng.uniform(-1, 1))))
    page.evaluate("document.activeElement.blur()")


def click(page, act):
    page.locator(f"[data-act={act}]").first.click()


def assert_same_numbers(page):
    state = state_of(page)
    expected, values = numbers_of_the_library(state), state["values"]
    for name, number in expected.items():
        np.testing.assert_allclose(values[name], number, **EXACT, err_msg=name)
    assert abs(values["fd"] - expected["bp"]) < 1e-7
    assert_matrices(state)
    assert_shown(page, expected | {name: values[name] for name in ("fd", "rel")})


def assert_matrices(state):
    weights = np.eye(4)[state["who"]] if state["rows"] == "one" else None
    passes = passes_of(state, weights)
    hidden, output = passes.layers
    factor = E_OF_J / (4 if state["rows"] == "one" else 1)
    rows = [state["who"]] if state["rows"] == "one" else slice(None)
    expected = {
        "z1": hidden.z[rows],
        "a1": hidden.a[rows],
        "z2": output.z[rows],
        "y": passes.predictions[rows],
        "d2": output.delta[rows] * factor,
        "d1": hidden.delta[rows] * factor,
        "dW2": output.gradient["weights"] * factor,
        "db2": output.gradient["bias"][None] * factor,
        "dW1": hidden.gradient["weights"] * factor,
        "db1": hidden.gradient["bias"][None] * factor,
    }
    assert state["matrices"].keys() == expected.keys()
    for name, matrix in expected.items():
        np.testing.assert_allclose(state["matrices"][name], matrix, **EXACT, err_msg=name)


SHOWN = """() => [...document.querySelectorAll('article b[data-q]')].map(
    e => [e.dataset.q, +e.dataset.d || 6, e.textContent])"""
FIELDS = """() => [...document.querySelectorAll('article input[data-q]')].map(
    e => [e.dataset.q, 3, e.value])"""


def assert_shown(page, expected):
    """Every number on the page is the expected one, rounded."""
    shown = page.evaluate(SHOWN) + page.evaluate(FIELDS)
    assert len(shown) > 30
    for name, digits, text in shown:
        number = float(text.strip("()").replace("−", "-"))
        if "e" in text or digits > 4:
            rounding = 0.051 if digits <= 4 else 0.51 * 10.0 ** (1 - min(digits, 6))
            allowed = abs(expected[name]) * rounding
        else:
            allowed = max(5.1e-4, abs(expected[name]) * 0.51 * 10.0 ** (1 - digits))
        assert abs(number - expected[name]) <= allowed + 1e-15, (name, text)


@pytest.mark.parametrize("n_more", [-1, 0, 2])
def test_every_number_is_that_of_the_library(lesson, n_more):
    rng = np.random.default_rng(5 + n_more)
    for _ in range(abs(n_more)):
        click(lesson, "add" if n_more > 0 else "remove")
    for who in (0, 2):
        type_random_weights(lesson, rng)
        lesson.locator(f"input[name=who][value='{who}']").check()
        field(lesson, "x1").fill(repr(float(rng.uniform(-2, 2))))
        lesson.locator("[data-act=hand]").select_option("w5b" if who else "w32")
        assert_same_numbers(lesson)
    lesson.locator("[data-act=rows]").select_option("all")
    field(lesson, "label").fill("1")
    assert state_of(lesson)["people"][2][2] == 1
    assert_same_numbers(lesson)


def test_each_step_shows_its_formula_and_lights_up_its_place(lesson):
    type_random_weights(lesson, np.random.default_rng(0))
    now = lesson.locator("[data-text=now]")
    seen = []
    for act, phase, n in [("fwd", "fwd", 7), ("back-step", "back", 13)]:
        for _ in range(n):
            click(lesson, act)
            state = state_of(lesson)
            step = state["steps"][state["step"]]
            assert step["phase"] == phase
            lit = f".net [data-id].{phase}"
            ids = lesson.evaluate(
                f"[...document.querySelectorAll('{lit}')].map(e => e.dataset.id)"
            )
            assert set(ids) and set(ids) <= set(step["lit"])
            result = now.locator(".result b").first
            assert result.get_attribute("data-q") == step["q"]
            seen.append(step["q"])
            assert_shown(lesson, state["values"])
    assert len(set(seen)) == 20
    assert lesson.locator("[data-act=back-step]").is_disabled()
    assert_same_numbers(lesson)


def test_the_chain_rule_of_a_weight_is_its_gradient_factor_by_factor(lesson):
    for name, n_factors in [("w31", 5), ("w4b", 5), ("w54", 3), ("w5b", 3)]:
        field(lesson, name).focus()
        chips = lesson.locator("[data-text=now] .chip")
        assert chips.count() == n_factors
        values = state_of(lesson)["values"]
        names = [
            chip.get_attribute("data-q") for chip in chips.locator("b:last-child").all()
        ]
        product = np.prod([values[q] if q else 1 for q in names])
        assert product == pytest.approx(values["g:" + name], rel=1e-12)
        assert lesson.locator("[data-text=now] .shared").count() == 1 + (n_factors == 5)


def test_a_hidden_unit_adds_formulas_and_no_line(lesson):
    scalar, vector = (lesson.locator(f"[data-text={x}] > li") for x in ("scalar", "vector"))
    assert (scalar.count(), vector.count()) == (9, 10)
    code = vector.locator("pre").all_inner_texts()
    before = vector.locator(".shapes").all_inner_texts()
    lesson.locator("#lesson-forms [data-act=add]").click()
    assert (scalar.count(), vector.count()) == (13, 10)
    assert vector.locator("pre").all_inner_texts() == code
    assert vector.locator(".shapes").all_inner_texts() != before


CASES = {
    "asymmetric_init_zero_mean_inputs": ("0", True),
    "constant_init_raw_inputs": ("1", False),
}


@pytest.mark.parametrize("case", CASES)
def test_training_has_the_losses_of_the_course(lesson, case):
    preset, zero_mean = CASES[case]
    expected = COURSE[case]
    lesson.locator("[data-act=zero]").set_checked(zero_mean)
    lesson.locator("[data-act=preset]").select_option(preset)
    click(lesson, "one")
    assert state_of(lesson)["next"] == 1
    click(lesson, "back")
    click(lesson, "epoch")
    assert state_of(lesson)["epoch"] == 1
    click(lesson, "back")
    click(lesson, "thousand")
    state = state_of(lesson)
    assert state["epoch"] == 1000
    np.testing.assert_allclose(state["losses"][1::10], expected["losses"], **EXACT)
    weights = [state["values"][name] for name in state["names"]]
    final = expected["final_hidden"] + expected["final_output"]
    np.testing.assert_allclose(weights, final, **EXACT)
    outputs = [inference["output"] for inference in expected["inference"]]
    values = state["values"]
    np.testing.assert_allclose([values["new0"], values["new1"]], outputs, **EXACT)
    people = lesson.locator("[data-text=people]").inner_text()
    assert people.count("female") == int(zero_mean)
    saturated = lesson.locator("[data-text=heat] small").count()
    assert saturated >= 7 if zero_mean else saturated == 8


@pytest.mark.parametrize("n_hidden", [2, 3])
def test_each_mistake_is_found_by_the_checks_that_the_page_names(lesson, n_hidden):
    if n_hidden == 3:
        click(lesson, "add")
    type_random_weights(lesson, np.random.default_rng(1))
    state = state_of(lesson)
    assert all(state["checks"][""].values())
    for mistake in MISTAKES:
        lesson.locator(f"input[name=mistake][value={mistake}]").check()
        lesson.wait_for_timeout(300)
        named = lesson.locator("[data-caught]").get_attribute("data-caught").split(",")
        assert set(named) == found_by(state, mistake), mistake
        marks = lesson.locator("#lesson-break tr:has(.fail)")
        marked = [row.get_attribute("data-check") for row in marks.all()]
        assert set(marked) == set(named)
    named_last = lesson.locator("[data-caught] strong").inner_text()
    assert named_last == "Found by: duplicated data and finite differences."


def test_finite_differences_follow_h_and_the_weight_in_hand(lesson):
    right = state_of(lesson)["values"]["rel"]
    assert right < 1e-8
    lesson.locator("[data-act=h]").fill("1")
    coarse = state_of(lesson)["values"]["rel"]
    lesson.locator("[data-act=h]").fill("12")
    rounded = state_of(lesson)["values"]["rel"]
    assert min(coarse, rounded) > 100 * right


def test_training_without_the_derivative_ends_lower_as_an_answer_says(lesson):
    lesson.locator("input[name=mistake][value=slope]").check()
    text = lesson.locator("[data-caught]").inner_text()
    right, wrong = map(float, re.findall(r"E = ([\d.]+)", text))
    assert right == pytest.approx(0.00654522, rel=1e-4)
    assert wrong < right


def test_a_question_is_answered_before_the_answer_is_shown(lesson):
    boxes = lesson.locator(".lesson-question")
    assert boxes.count() == 6
    for box in boxes.all():
        button, answer = box.locator("button"), box.locator("p")
        assert button.is_disabled() and not answer.is_visible()
        box.locator("input").last.check()
        button.click()
        assert answer.is_visible()
        live = lesson.locator("[aria-live=polite]").inner_text()
        assert live.strip() == answer.text_content().strip()


def test_everything_works_with_the_keyboard(lesson):
    field(lesson, "w31").focus()
    lesson.keyboard.press("ArrowUp")
    assert state_of(lesson)["values"]["w31"] == pytest.approx(0.11)
    lesson.keyboard.press("Shift+ArrowDown")
    assert state_of(lesson)["values"]["w31"] == pytest.approx(0.01)
    lesson.keyboard.press("Control+a")
    lesson.keyboard.type("-1.5")
    assert state_of(lesson)["values"]["w31"] == -1.5
    field(lesson, "label").focus()
    lesson.keyboard.press("ArrowDown")
    assert state_of(lesson)["people"][0][2] == 0
    lesson.locator("[data-act=fwd]").focus()
    lesson.keyboard.press("Enter")
    lesson.keyboard.press("ArrowRight")
    assert state_of(lesson)["step"] == 1
    assert "2" in lesson.locator("[aria-live=polite]").inner_text()
    lesson.keyboard.press("ArrowLeft")
    assert state_of(lesson)["steps"][state_of(lesson)["step"]]["phase"] == "back"


NAMELESS = """() => [...document.querySelectorAll(
        '[id^=lesson-] :is(button, input, select), .lesson-question :is(button, input)')]
    .filter(e => !(e.getAttribute('aria-label') || e.textContent.trim()
                   && e.tagName !== 'SELECT' || e.labels?.[0]?.textContent.trim()))
    .map(e => e.outerHTML)"""


@pytest.mark.parametrize("path", PAGES)
def test_page_is_light_and_named_in_both_languages(page, address, path):
    page.goto(f"{address}/{path}")
    page.wait_for_function("window.lesson")
    assert page.evaluate(NAMELESS) == []
    assert "undefined" not in page.locator("article").inner_text()
    assert page.locator("article").get_attribute("lang") == (
        "en" if path == PAGES[0] else "zh-CN"
    )
    files = [url for url in page.requested if "/_static/lesson/" in url]
    assert len(files) == 8
    sizes = [len(page.request.get(url).body()) for url in files]
    assert sum(sizes) <= MOST_BYTES
    for _ in range(4):
        click(page, "add")
    assert page.locator("[data-act=add]").first.is_disabled()
    page.emulate_media(reduced_motion="reduce")
    click(page, "thousand")
    page.locator("[data-act=rows]").select_option("all")
    assert_fits(page)
    assert page.wrong == []


def test_a_number_is_dragged_with_the_mouse(lesson):
    field(lesson, "w42").scroll_into_view_if_needed()
    box = field(lesson, "w42").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    lesson.mouse.move(x, y)
    assert state_of(lesson)["values"]["hand"] == "w42"  # under the mouse
    lesson.mouse.down()
    lesson.mouse.move(x + 30, y, steps=5)
    lesson.mouse.up()
    assert state_of(lesson)["values"]["w42"] == pytest.approx(0.8)
    assert state_of(lesson)["hand"] == "w42"


def test_the_network_stays_in_sight_on_a_wide_page(lesson):
    lesson.locator("#lesson-train").scroll_into_view_if_needed()
    top = lesson.locator(".stays").bounding_box()["y"]
    assert 0 < top < 200 or lesson.viewport_size["width"] < 1100
    lesson.locator("#lesson-break").scroll_into_view_if_needed()
    forms = lesson.locator("#lesson-forms").bounding_box()["y"]
    box = lesson.locator(".stays").bounding_box()
    assert box["y"] + box["height"] <= forms


def test_a_finger_takes_a_weight_in_hand(browser, address):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.goto(f"{address}/lesson.html")
    field(page, "w54").tap()
    assert state_of(page)["hand"] == "w54"
    assert page.locator(".port[data-id=w54].fwd").count() == 1
    page.locator("[data-act=fwd]").tap()
    assert state_of(page)["step"] == 0
    context.close()
