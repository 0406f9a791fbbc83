"""What a page looks like is settled before it is painted, and nothing moves afterwards."""

import pytest

from conftest import CHAPTER, KINDS
from tools.benchmarks import pages
from tools.browser import new_page, served

LIGHT, DARK = "light", "dark"
# What the page's colors are when the first part of its body is there.
WATCH = """() => new MutationObserver((_, observer) => {
    if (!document.body) return;
    window.first = document.documentElement.dataset.theme;
    observer.disconnect();
}).observe(document, {childList: true, subtree: true})"""


@pytest.fixture(scope="module")
def address(book):
    with served(book) as address:
        yield address


@pytest.mark.parametrize("scheme", [LIGHT, DARK])
@pytest.mark.parametrize("mode", [None, "auto", LIGHT, DARK])
@pytest.mark.parametrize("before", [LIGHT, DARK])
def test_colors_are_settled_before_the_page_is_there(browser, address, scheme, mode, before):
    """Whatever the machine prefers, the reader chose, and a visit under other light left behind."""
    page = new_page(browser, color_scheme=scheme)
    page.add_init_script(f"({WATCH})()")
    page.goto(f"{address}/{CHAPTER.page}.html")
    if mode:
        values = {"mode": mode, "theme": before if mode == "auto" else mode}
        page.evaluate("values => Object.assign(localStorage, values)", values)
        page.reload()
    expected = scheme if mode in (None, "auto") else mode
    assert page.evaluate("first") == expected
    assert page.evaluate("document.documentElement.dataset.theme") == expected
    page.context.close()


def test_the_button_goes_through_the_modes(browser, address):
    page = new_page(browser, color_scheme=DARK, viewport={"width": 1280, "height": 900})
    page.goto(f"{address}/{CHAPTER.page}.html")
    seen = []
    for _ in range(3):
        page.locator("button.theme-switch-button:visible").click()
        seen.append(page.evaluate("Object.assign({}, document.documentElement.dataset)"))
    assert [(d["mode"], d["theme"]) for d in seen] == [
        *((LIGHT, LIGHT), (DARK, DARK), ("auto", DARK))
    ]
    page.context.close()


def test_without_scripts_a_page_is_whole(browser, address):
    page = new_page(browser, java_script_enabled=False, color_scheme=DARK)
    page.goto(f"{address}/{CHAPTER.page}.html")
    assert page.locator("html[data-theme=light]").count() == 1
    assert page.locator("img.logo__image:visible").count() == 1
    formula = page.locator("article p mjx-container:visible").first
    assert formula.bounding_box()["width"] > 3
    page.context.close()


@pytest.mark.parametrize("name", [name for name in KINDS if name.startswith("book/")])
@pytest.mark.parametrize("profile", [None, {"rate": 1, "kilobytes": 2000, "latency": 20}])
def test_nothing_moves_once_it_is_painted(browser, address, name, profile):
    assert pages.speed(browser, f"{address}/{name}.html", profile)["shift"] < 0.05


@pytest.mark.parametrize("name", [name for name in KINDS if name.startswith("book/")])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_font_that_comes_late_moves_next_to_nothing(browser, address, name, width):
    """Fonts are held back until the page is painted in letters that the reader has."""
    page = new_page(browser, viewport={"width": width, "height": 900})
    held = []
    page.route("**/*.woff2", lambda route: held.append(route))
    page.add_init_script(f"({pages.WATCH})()")
    page.goto(f"{address}/{name}.html", wait_until="commit")
    page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
    page.wait_for_timeout(200)
    assert any("source-serif" in route.request.url for route in held)
    for route in held:
        route.continue_()
    page.unroute("**/*.woff2")
    page.wait_for_function("document.fonts.check('1em \"Source Serif 4\"')")
    page.wait_for_timeout(500)
    assert page.evaluate("measured.shift") < 0.05
    page.context.close()


@pytest.mark.parametrize("mode", ["desktop light", "phone dark"])
def test_mathematics_is_as_large_as_the_text(fresh, mode):
    page = fresh(f"{CHAPTER.page}.html", mode)
    sizes = page.evaluate(
        """() => [...document.querySelectorAll("article mjx-container")].map(e =>
            parseFloat(getComputedStyle(e).fontSize)
            / parseFloat(getComputedStyle(e.parentElement).fontSize))"""
    )
    assert len(sizes) > 100
    assert 1.0 <= min(sizes) <= max(sizes) <= 1.1001


def test_a_screen_reader_reads_the_formula_and_not_its_picture(fresh):
    page = fresh(f"{CHAPTER.page}.html")
    devtools = page.context.new_cdp_session(page)
    tree = devtools.send("Accessibility.getFullAXTree")["nodes"]
    roles = [node.get("role", {}).get("value") for node in tree if not node["ignored"]]
    assert roles.count("MathMLMath") > 100
    assert "MathMLFraction" in roles
