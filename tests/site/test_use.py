"""What a reader does: search, walk by keyboard, open a solution, change to dark."""

import json
import re
from urllib.parse import urlparse

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import expect

from conftest import CHAPTER, KINDS, NEAR, violations
from initcourse.exercises import EXERCISES
from tools import toc
from tools.browser import new_page, served

FOLDED = (
    "book/intro",
    *(f"book/reference/{name}" for name in ("cheatsheet", "frameworks", "status")),
)


def test_on_a_phone_the_menus_open_and_close_by_finger_and_by_keyboard(fresh):
    page = fresh(f"{CHAPTER.page}.html", "phone light")
    for side in ("primary", "secondary"):
        button = page.locator(f"button.{side}-toggle:visible")
        menu = page.locator(f"dialog#pst-{side}-sidebar-modal")
        for start in (button.click, lambda button=button: button.press("Enter")):
            expect(menu).not_to_be_visible()
            start()
            expect(menu).to_be_visible()
            assert menu.locator("a:visible").count() >= 5
            found, _ = violations(page)
            assert found == []
            page.keyboard.press("Escape")
            expect(menu).not_to_be_visible()


def test_on_a_desktop_the_contents_give_way_and_come_back(fresh):
    page = fresh(f"{CHAPTER.page}.html")
    sidebar = page.locator("#pst-primary-sidebar")
    for is_there in (False, True):
        page.locator("button.primary-toggle:visible").press("Enter")
        (expect(sidebar).to_be_in_viewport if is_there else expect(sidebar).not_to_be_in_viewport)()


def test_a_served_book_searches_and_keeps_the_lab_in_its_address(browser, book):
    with served(book) as address:
        page = new_page(browser)
        asked, errors = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{address}/search.html?q=truncated")
        page.wait_for_selector("#search-results li p.context")  # an excerpt of the page found
        page.goto(f"{address}/book/lab.html")
        page.get_by_role("button", name="He", exact=True).click()
        page.wait_for_url("**/lab.html?init=he")
        page.context.close()
    assert errors == []
    assert {urlparse(url).netloc for url in asked if not url.startswith("blob")} == {
        urlparse(address).netloc
    }


@pytest.mark.parametrize("mode", ["desktop light", "phone light"])
@pytest.mark.parametrize("start", [kind for kind in KINDS if kind != "404"])
def test_search_finds_a_word_from_any_kind_of_page_by_keyboard(fresh, start, mode):
    page = fresh(f"{start}.html", mode)
    page.keyboard.press("Control+k")
    page.keyboard.type("truncated")
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results li")
    page.wait_for_function(
        "() => /found/.test(document.querySelector('#search-results').innerText)"
    )
    found = page.eval_on_selector_all("#search-results li a", "links => links.map(a => a.href)")
    assert any("variance_scaling" in address for address in found)
    assert any("api" in address for address in found)


def test_search_from_a_disk_logs_no_error(fresh):
    page = fresh("search.html?q=truncated")
    errors = []
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    page.reload()
    page.wait_for_selector("#search-results li")
    page.wait_for_timeout(1000)
    assert errors == []


@pytest.mark.parametrize("name", [chapter.stem for chapter in toc.chapters()])
def test_a_solution_stays_hidden_until_it_is_asked_for(fresh, name):
    page = fresh(f"book/solutions/{name}.html")
    solutions = page.locator("article .solution")
    assert solutions.count() >= 5
    for solution in solutions.all():
        content = solution.locator(":scope > :not(.admonition-title)").first
        button = solution.locator("button.toggle-button")
        expect(content).not_to_be_visible()
        for is_open in (True, False):
            button.press("Enter")
            (expect(content).to_be_visible if is_open else expect(content).not_to_be_visible)()
            expect(button).to_have_attribute("aria-expanded", str(is_open).lower())


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


def test_hints_and_solution_of_an_exercise_unfold_below_it(book, fresh):
    for chapter in toc.chapters():
        html = (book / f"{chapter.page}.html").read_text("utf-8")
        folded = "".join(
            fold.get_text() for fold in BeautifulSoup(html, "html.parser").select("details.help")
        )
        worked = json.loads(chapter.solutions.read_text("utf-8"))
        solved = ["".join(c["source"]) for c in worked["cells"] if c["id"].startswith("solve-")]
        assert len(solved) >= 5
        assert [code for code in solved if code not in folded] == []
        hints = [h for e in EXERCISES.values() if e.chapter == chapter.name for h in e.hints]
        assert len(hints) >= 10
        assert [hint for hint in hints if hint not in folded] == []
        assert "Not attempted." not in html
    page = fresh(f"{CHAPTER.page}.html")
    for fold in page.locator("#ex-he-std ~ details.help").all()[:3]:
        text = fold.locator(":not(summary)").first
        assert not text.is_visible()
        fold.locator("summary").focus()
        page.keyboard.press("Enter")
        assert text.is_visible()


def test_dark_and_light_can_be_chosen_by_keyboard_and_are_remembered(fresh):
    page = fresh(f"{CHAPTER.page}.html")
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
    page = fresh(f"{CHAPTER.page}.html", "phone light")
    boxes = page.locator("article [tabindex='0']:visible")
    assert boxes.count() > 0
    for number in range(boxes.count()):
        box = boxes.nth(number)
        assert box.evaluate("e => e.scrollWidth > e.clientWidth")
    first = boxes.first
    first.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("e => e.scrollLeft > 0", arg=first.element_handle())


def test_what_scrolls_is_a_tab_stop_even_if_its_font_comes_late(browser, book):
    """Fonts of what is far are held back until it is laid out in letters that the reader has."""
    with served(book) as address:
        page = new_page(browser, viewport={"width": 360, "height": 780})
        page.goto(f"{address}/{CHAPTER.page}.html")
        held = []
        page.route("**/*.woff2", lambda route: held.append(route))
        page.add_style_tag(content=NEAR)
        page.evaluate("dispatchEvent(new Event('resize'))")
        page.wait_for_timeout(200)
        assert any("source-code-pro" in route.request.url for route in held)
        wide = "e => e.scrollWidth > e.clientWidth"
        boxes = "[...document.querySelectorAll('article pre')].filter(e => e.checkVisibility())"
        before = page.evaluate(f"{boxes}.filter({wide}).length")
        for route in held:
            route.continue_()
        page.evaluate("() => document.fonts.ready.then(() => null)")
        after = page.evaluate(f"{boxes}.filter({wide}).length")
        assert before != after, "the fonts are as wide as each other: nothing is tested"
        stops = page.evaluate(
            f"{boxes}.map(e => [e.getAttribute('tabindex') === '0', ({wide})(e)])"
        )
        assert [stop for stop, scrolls in stops] == [scrolls for stop, scrolls in stops]
        page.context.close()


def test_on_a_phone_a_block_is_laid_out_when_it_comes_near(browser, book):
    page = new_page(browser, viewport={"width": 360, "height": 780})
    address = (book / f"{CHAPTER.page}.html").as_uri()
    page.goto(address)
    near = "e => e.checkVisibility({contentVisibilityAuto: true})"
    blocks = "[...document.querySelectorAll('article section > p > *')]"
    share = page.evaluate(f"{blocks}.filter({near}).length / {blocks}.length")
    assert share < 0.5, "nearly everything was laid out at once"
    far = page.locator("section#exercises pre:visible").filter(has_text=re.compile(".{60}")).last
    assert not far.evaluate(near)
    far.scroll_into_view_if_needed()
    expect(far).to_have_attribute("tabindex", "0")
    page.goto(f"{address}#summary")
    expect(page.locator("section#summary h2")).to_be_in_viewport()
    page.context.close()


def test_whoever_goes_on_comes_to_the_next_chapter_and_not_to_solutions(fresh):
    first, *others = toc.chapters()
    page = fresh(f"{first.page}.html")
    for chapter in others:
        page.locator("a.right-next").click()
        expect(page).to_have_url(re.compile(f"{chapter.page}.html"))
    for chapter in reversed(list(toc.chapters())[:-1]):
        page.locator("a.left-prev").click()
        expect(page).to_have_url(re.compile(f"{chapter.page}.html"))


def test_a_reader_without_scripts_still_has_the_text_and_the_figures(browser, book):
    page = new_page(browser, java_script_enabled=False)
    page.goto((book / f"{CHAPTER.page}.html").as_uri())
    assert page.locator("article h1").inner_text() == f"{CHAPTER.number}. He: ReLU keeps half"
    assert page.locator("article svg.picture").count() >= 2
    assert page.locator("article .math").count() > 50
    page.context.close()


def test_the_ledger_is_chosen_from_and_sorted_by_keyboard(fresh):
    page = fresh("book/reference/claims.html")
    rows = page.locator("#ledger tbody tr")
    total = rows.count()
    shown = page.locator("#ledger tbody tr:visible")
    status = page.locator(".table-bar [role=status]")
    expect(status).to_have_text(f"{total} of {total} claims")
    bar = page.locator(".table-bar")
    bar.get_by_label("kind").select_option("exact")
    chosen = shown.count()
    assert 0 < chosen < total
    expect(status).to_have_text(f"{chosen} of {total} claims")
    bar.get_by_label("page").select_option(index=1)
    assert 0 < shown.count() < chosen
    for name in ("kind", "page"):
        bar.get_by_label(name).select_option("")
    head = page.locator("#ledger thead th", has_text="claim")
    for order, falling in (("ascending", False), ("descending", True)):
        head.locator("button").press("Enter")
        expect(head).to_have_attribute("aria-sort", order)
        first, last = (rows.nth(i).locator("td").nth(1).inner_text() for i in (0, total - 1))
        assert (first.lower() > last.lower()) is falling


def test_the_survey_is_chosen_from_and_sorted_by_number(fresh):
    page = fresh("book/reference/language_models.html")
    rows, shown = (page.locator(f"table.survey tbody tr{kind}") for kind in ("", ":visible"))
    total = rows.count()
    bar = page.locator(".table-bar")
    expect(bar.locator("[role=status]")).to_have_text(f"{total} of {total} models")
    bar.get_by_label("out of a branch").select_option("zero")
    assert 0 < shown.count() < total
    assert all("nanochat" in text or "RWKV" in text for text in shown.all_inner_texts())
    bar.get_by_label("out of a branch").select_option("")
    bar.get_by_label("code against paper").select_option("they part")
    assert 0 < shown.count() < total
    bar.get_by_label("code against paper").select_option("")
    for name in ("d", "reads"):
        head = page.locator("table.survey thead th", has_text=re.compile(f"^{name}$"))
        column = head.evaluate("head => head.cellIndex")
        for order, sign in (("ascending", 1), ("descending", -1)):
            head.locator("button").press("Enter")
            expect(head).to_have_attribute("aria-sort", order)
            cells = rows.locator(f"> :nth-child({column + 1})")
            values = cells.evaluate_all("cells => cells.map(c => c.dataset.value ?? c.innerText)")
            numbers = [sign * float(value) for value in values]
            assert len(set(numbers)) > 5
            assert numbers == sorted(numbers)


def test_the_survey_is_a_plain_table_without_scripts(browser, book):
    page = new_page(browser, java_script_enabled=False)
    page.goto((book / "book/reference/language_models.html").as_uri())
    assert page.locator("table.survey tbody tr:visible").count() >= 15
    assert page.locator(".table-bar, table.survey button").count() == 0
    page.context.close()


def test_a_claim_leads_to_its_row_and_the_row_back(fresh):
    page = fresh("book/intro.html")
    sentence = page.locator(".claim-sentence").first.inner_text()
    page.locator("a.claim-link").first.click()
    page.wait_for_url("**/reference/claims.html#*")
    row = page.locator("#ledger tr:target")
    expect(row).to_be_in_viewport()
    row.locator("a").click()
    page.wait_for_url("**/intro.html#claim-*")
    expect(page.locator(".claim:target .claim-sentence")).to_have_text(sentence)


def test_a_library_is_chosen_once_for_all_tabs_by_keyboard_and_by_pointer(fresh):
    page = fresh("book/reference/frameworks.html")
    tabs = page.locator("article .sd-tab-set")
    first = tabs.first
    names = first.locator("> label").all_inner_texts()
    assert len(names) == 4

    def shown():
        """Count the sets of tabs that show each library."""
        chosen = page.locator("article .sd-tab-set > input:checked + label")
        assert chosen.count() == tabs.count() >= 15
        found = chosen.all_inner_texts()
        return [found.count(name) for name in names]

    everywhere, of_three, of_one = 14, 3, 1  # sets with four tabs, three, and one
    assert shown() == [tabs.count() - 1, 1, 0, 0]  # "like PyTorch" has no tab for PyTorch itself
    first.locator("> input").first.focus()
    page.keyboard.press("ArrowRight")
    assert first.locator("> label").nth(1).evaluate("e => getComputedStyle(e).outlineStyle") == (
        "solid"
    )
    assert shown() == [of_one, everywhere + of_three, 0, 0]
    first.locator("> label").nth(3).click()
    assert shown() == [of_one, 0, 0, everywhere + of_three]
    expect(first.locator("> .sd-tab-content").nth(3)).to_be_visible()


def test_every_tab_is_printed(fresh):
    page = fresh("book/reference/frameworks.html")
    page.emulate_media(media="print")
    contents = page.locator("article .sd-tab-content")
    assert contents.count() > 50
    assert all(content.is_visible() for content in contents.all())
    places = [
        page.locator("article .sd-tab-set").first.locator(f"> {part}").nth(k).bounding_box()["y"]
        for k in range(4)
        for part in ("label", ".sd-tab-content")
    ]
    assert places == sorted(places)


def test_what_a_framework_does_by_itself_is_seen_without_scrolling_far(fresh):
    page = fresh("book/reference/frameworks.html")
    table = page.locator("section#what-your-framework-does-when-you-ask-for-nothing table")
    assert table.bounding_box()["y"] < 900
    assert table.locator("tbody tr").count() >= 6


@pytest.mark.parametrize("name", ["frameworks", "probability"])
def test_no_table_of_a_reference_page_is_wider_than_a_desktop(fresh, name):
    page = fresh(f"book/reference/{name}.html")
    page.set_viewport_size({"width": 1400, "height": 900})
    wide = page.evaluate(
        """() => [...document.querySelectorAll("article :is(table, pre)")]
            .map(e => e.closest(".pst-scrollable-table-container") ?? e)
            .filter(e => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1)
            .map(e => e.innerText.slice(0, 80))"""
    )
    assert wide == []
