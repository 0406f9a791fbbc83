"""Words of the glossary, where they are used: by pointer, by keyboard, by touch."""

import pytest
from playwright.sync_api import expect

from conftest import CHAPTER, visit
from tools.browser import new_page


@pytest.fixture
def page(browser, book):
    seen = visit(browser, (book / f"{CHAPTER.page}.html").as_uri())
    yield seen.page
    assert seen.errors == []
    seen.page.context.close()


def first(page):
    """The first link to the glossary, and what it shows."""
    link = page.locator("a.term").filter(visible=True).first
    return link, page.locator(f"#{link.get_attribute('aria-describedby')}")


def test_a_pointer_shows_the_meaning_and_may_move_onto_it(page):
    link, tip = first(page)
    assert not tip.is_visible()
    link.hover()
    assert tip.is_visible()
    assert tip.get_attribute("role") == "tooltip"
    near, shown = link.bounding_box(), tip.bounding_box()
    assert abs(shown["y"] - near["y"]) < shown["height"] + 60
    tip.hover()
    assert tip.is_visible()
    page.mouse.move(5, 5)
    expect(tip).not_to_be_visible()


def test_the_keyboard_shows_it_and_escape_hides_it(page):
    link, tip = first(page)
    link.focus()
    assert tip.is_visible()
    page.keyboard.press("Escape")
    assert not tip.is_visible()
    assert link.evaluate("e => e === document.activeElement")
    page.keyboard.press("Enter")
    page.wait_for_url("**/glossary.html#term-*")


def test_it_stays_beside_its_word_while_the_page_scrolls(page):
    link, tip = first(page)
    link.focus()
    before = tip.bounding_box()["y"] - link.bounding_box()["y"]
    page.mouse.wheel(0, 60)
    page.wait_for_timeout(300)
    assert tip.is_visible()
    assert abs(tip.bounding_box()["y"] - link.bounding_box()["y"] - before) < 2


def test_nothing_moves_and_nothing_leaves_the_window(page):
    height = "document.documentElement.scrollHeight"
    for link in page.locator("a.term").filter(visible=True).all()[:12]:
        link.scroll_into_view_if_needed()
        page.wait_for_timeout(300)  # for labs nearby that come to life
        before = page.evaluate(height)
        link.hover()
        assert page.evaluate(height) == before
        box = page.locator(f"#{link.get_attribute('aria-describedby')}").bounding_box()
        assert 0 <= box["x"] <= box["x"] + box["width"] <= page.viewport_size["width"]
        assert 0 <= box["y"] <= box["y"] + box["height"] <= page.viewport_size["height"]


def test_a_tap_shows_and_a_second_tap_follows(browser, book):
    context = new_page(browser, viewport={"width": 390, "height": 844}, has_touch=True)
    context.goto((book / f"{CHAPTER.page}.html").as_uri())
    link, tip = first(context)
    link.tap()
    assert tip.is_visible()
    link.tap()
    context.wait_for_url("**/glossary.html#term-*")
    context.context.close()


def test_a_meaning_reads_as_in_the_glossary(browser, book, page):
    links = page.locator("a.term").filter(visible=True).all()
    tips = [page.locator(f"#{link.get_attribute('aria-describedby')}") for link in links]
    link, tip = next(
        pair for pair in zip(links, tips, strict=True) if not pair[1].locator(".math").count()
    )
    glossary = visit(browser, (book / "book/reference/glossary.html").as_uri()).page
    name = link.get_attribute("href").partition("#")[2]
    definition = glossary.locator(f"dt#{name} + dd").inner_text()
    link.hover()
    assert tip.inner_text().split() == definition.split()
    glossary.context.close()


def test_on_paper_a_term_is_plain_text(page):
    link, tip = first(page)
    link.focus()
    page.emulate_media(media="print")
    assert not tip.is_visible()
    assert "none" in link.evaluate("e => getComputedStyle(e).textDecorationLine")
