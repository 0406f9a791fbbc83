"""What a reader does: search, walk by keyboard, open a solution, change to dark."""

import pytest

from conftest import PAGES

CHAPTER, SOLUTIONS = "book/03_he.html", "book/solutions/03_he.html"
FOLDED = (
    "book/intro",
    *(f"book/reference/{name}" for name in ("cheatsheet", "frameworks", "status")),
)

# One page of each kind: chapter, solutions, the lab, landing page, search.
KINDS = ("book/03_he", "book/solutions/03_he", "book/lab", "book/intro", "search")

# What can be reached: every visible link, button, field and box that scrolls.
STOPS = """() => {
    const all = document.querySelectorAll(
        "a[href], button, input, select, summary, [tabindex]:not([tabindex='-1'])");
    return [...all].filter(e => e.checkVisibility({visibilityProperty: true}) && !e.disabled
        && e.tabIndex >= 0 && e.getClientRects().length > 0);
}"""
NUMBER_STOPS = f"() => ({STOPS})().map((e, i) => e.dataset.stop = i)"


def walk(page):
    """Press Tab until it comes round: the stops reached, and those whose focus is not seen."""
    reached, unseen = [], []
    for _ in range(1500):
        page.keyboard.press("Tab")
        stop, visible, html = page.evaluate(
            """() => {
                const e = document.activeElement, s = getComputedStyle(e);
                const p = e.parentElement ? getComputedStyle(e.parentElement) : s;
                return [e.dataset.stop, s.outlineStyle !== "none" || s.boxShadow !== "none"
                    || p.boxShadow !== "none", e.outerHTML.slice(0, 120)];
            }"""
        )
        if stop in reached:
            break
        if stop is None:  # the browser's own frame, between the last stop and the first
            continue
        reached.append(stop)
        if not visible:
            unseen.append(html)
    return reached, unseen


@pytest.mark.parametrize(
    ("page", "mode"),
    [*((page, "desktop light") for page in PAGES), *((page, "phone dark") for page in KINDS)],
)
def test_the_tab_key_reaches_everything_and_shows_where_it_is(fresh, page, mode):
    page = fresh(f"{page}.html", mode)
    stops = [str(stop) for stop in page.evaluate(NUMBER_STOPS)]
    reached, unseen = walk(page)
    missed = page.evaluate(
        "missed => missed.map(i => document.querySelector(`[data-stop='${i}']`).outerHTML)",
        sorted(set(stops) - set(reached)),
    )
    assert stops
    assert missed == []
    assert unseen == []


@pytest.mark.parametrize("width", ["desktop light", "phone light"])
def test_search_finds_a_word_from_any_page_by_keyboard(fresh, width):
    page = fresh(CHAPTER, width)
    page.keyboard.press("Control+k")
    page.keyboard.type("truncated")
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results li")
    page.wait_for_function(
        "() => /found/.test(document.querySelector('#search-results').innerText)"
    )
    found = page.eval_on_selector_all("#search-results li a", "links => links.map(a => a.href)")
    assert any("05_variance_scaling" in address for address in found)
    assert any("api" in address for address in found)


def test_search_from_a_disk_logs_no_error(fresh):
    page = fresh("search.html?q=truncated")
    errors = []
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    page.reload()
    page.wait_for_selector("#search-results li")
    page.wait_for_timeout(1000)
    assert errors == []


def test_a_solution_stays_hidden_until_it_is_asked_for(fresh):
    page = fresh(SOLUTIONS)
    solutions = page.locator("article .solution")
    assert solutions.count() >= 5
    for solution in solutions.all():
        content = solution.locator(":scope > :not(.admonition-title)").first
        button = solution.locator("button.toggle-button")
        for is_open in (True, False):
            assert content.is_visible() is not is_open
            button.focus()
            page.keyboard.press("Enter")
            page.wait_for_timeout(400)  # the theme fades
            assert content.is_visible() is is_open
            assert button.get_attribute("aria-expanded") == str(is_open).lower()


@pytest.mark.parametrize("page", FOLDED)
def test_folded_code_opens_and_closes_by_keyboard(fresh, page):
    page = fresh(f"{page}.html")
    folded = page.locator("article details")
    assert folded.count() >= 1
    for box in folded.all():
        for is_open in (True, False):
            box.locator("summary").focus()
            page.keyboard.press("Enter")
            assert box.evaluate("e => e.open") is is_open
            assert box.locator("pre").first.is_visible() is is_open


def test_a_page_of_exercises_shows_no_solution(fresh):
    from initcourse.exercises import zero_init

    page = fresh("book/01_zero_init.html")
    text = page.locator("article").inner_text()
    assert zero_init.first_loss.moral not in text


def test_dark_and_light_can_be_chosen_by_keyboard_and_are_remembered(fresh):
    page = fresh(CHAPTER)
    button = page.locator("button.theme-switch-button:visible").first
    seen = []
    for _ in range(3):
        button.focus()
        page.keyboard.press("Enter")
        seen.append(page.evaluate("document.documentElement.dataset.theme"))
    assert set(seen) == {"dark", "light"}
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == seen[-1]


def test_a_wide_formula_can_be_scrolled_by_keyboard_on_a_phone(fresh):
    page = fresh(CHAPTER, "phone light")
    boxes = page.locator("article [tabindex='0']")
    assert boxes.count() > 0
    for number in range(boxes.count()):
        box = boxes.nth(number)
        assert box.evaluate("e => e.scrollWidth > e.clientWidth")
    first = boxes.first
    first.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(500)
    assert first.evaluate("e => e.scrollLeft") > 0


def test_a_reader_without_scripts_still_has_the_text_and_the_figures(browser, book):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((book / CHAPTER).as_uri())
    assert page.locator("article h1").inner_text().startswith("He")
    assert page.locator("article img").count() >= 2
    assert page.locator("article .math").count() > 50
    context.close()
