"""Every page, on a desktop and on a phone, light and dark: whole, at home, readable by all."""

import re
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest

from conftest import KINDS, RULES_OF_STYLE, once, violations, visits

FILE_NAME = re.compile(r"[0-9a-f]{16,}|\.(png|svg)$|^(image|figure|plot)$", re.I)


def test_the_colors_are_those_the_reader_asks_for(seen):
    background = seen.page.evaluate(
        "() => [document.body, document.documentElement]"
        ".map(e => getComputedStyle(e).backgroundColor).find(c => c !== 'rgba(0, 0, 0, 0)')"
    )
    light = sum(int(part) for part in re.findall(r"\d+", background)[:3]) > 3 * 128
    assert light is (seen.scheme == "light")


@once
def test_all_mathematics_is_typeset(seen):
    left, errors = seen.page.evaluate(
        """() => [
            [...document.querySelectorAll("article .math")]
                .filter(e => !e.querySelector("mjx-container")).map(e => e.textContent),
            [...document.querySelectorAll("mjx-merror, [data-mjx-error]")].map(e => e.textContent),
        ]"""
    )
    assert left == []
    assert errors == []


@once
def test_every_figure_is_there_and_says_what_it_shows(seen):
    images = seen.page.evaluate(
        "() => [...document.images].map(i => [i.alt, i.complete && i.naturalWidth > 0])"
    )
    figures = seen.page.evaluate(
        "() => [...document.querySelectorAll('svg.picture:not([aria-hidden])')]"
        ".map(e => [e.getAttribute('aria-label'), e.clientHeight > 100])"
    )
    for alt, there in images + figures:
        assert there, alt
        assert not FILE_NAME.search(alt), alt
    for alt, _ in figures:
        assert len(alt) >= 40, alt


def test_the_page_does_not_scroll_sideways(seen):
    page, window = seen.page.evaluate(
        "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert page <= window


def test_nothing_is_cut_off_that_cannot_be_scrolled_to(seen):
    cut = seen.page.evaluate(
        """() => {
            const edge = document.documentElement.clientWidth;
            const scrolls = e => ["auto", "scroll"].includes(getComputedStyle(e).overflowX)
                && e.scrollWidth > e.clientWidth;
            const reached = e => e && (scrolls(e) || reached(e.parentElement));
            return [...document.querySelectorAll(
                "article :is(mjx-container, img, svg, table, pre, code, p, li, button)")]
                .filter(e => e.checkVisibility() && e.getBoundingClientRect().right > edge)
                .filter(e => !reached(e)).map(e => e.outerHTML.slice(0, 200));
        }"""
    )
    assert cut == []


@once
def test_every_link_and_anchor_leads_somewhere(seen):
    ids = {}
    for address in seen.page.evaluate("() => [...document.links].map(a => a.href)"):
        url = urlparse(address)
        if url.scheme != "file":
            assert url.scheme in ("http", "https"), address
            continue
        path = Path(unquote(url.path))
        assert path.is_file(), address
        if url.fragment and path.suffix == ".html":
            if path not in ids:
                ids[path] = set(re.findall(r'\bid="([^"]+)"', path.read_text("utf-8")))
            assert unquote(url.fragment) in ids[path] or url.fragment in ids[path], address


def test_axe_finds_no_violation_of_wcag(seen):
    """All rules on a page's first visit; on its second those that look at the style."""
    found, rules = violations(seen.page, None if seen.whole else RULES_OF_STYLE)
    assert found == []
    assert rules >= (50 if seen.whole else len(RULES_OF_STYLE))


# One page of each kind is walked by the Tab key, on a desktop and on a phone. What the order of the
# stops is follows from the page's text, for no page gives another (see below): of all other pages
# it is asked that each stop takes the focus, and shows it.
WALKS = [(page, mode) for page in KINDS for mode in ("desktop light", "phone dark")]

# What can be reached: every visible link, button, field and box that scrolls. Of the buttons of a
# radio group the chosen one; arrows lead to the others.
STOPS = """() => {
    const all = document.querySelectorAll(
        "a[href], button, input, select, summary, [tabindex]:not([tabindex='-1'])");
    return [...all].filter(e => e.checkVisibility({visibilityProperty: true}) && !e.disabled
        && e.tabIndex >= 0 && e.getClientRects().length > 0 && (e.type !== "radio" || e.checked));
}"""
NUMBER_STOPS = f"() => ({STOPS})().map((e, i) => e.dataset.stop = i)"


RECORD_FOCUS = """() => {
    window.focused = [];
    document.addEventListener("focusin", ({target: e}) => {
        const s = getComputedStyle(e);
        if (e.dataset.stop) window.focused.push([e.dataset.stop, s.outlineStyle !== "none"
            && parseFloat(s.outlineWidth) >= 2, e.outerHTML.slice(0, 120)]);
    });
}"""


def walk(page):
    """Press Tab until it comes round: the stops reached, and those whose focus is not seen."""
    page.evaluate(RECORD_FOCUS)
    for _ in range(100):
        for _ in range(25):
            page.keyboard.press("Tab")
        focused = page.evaluate("focused")
        reached = {stop for stop, _, _ in focused}
        if len(reached) < len(focused):
            break
    return reached, [html for _, visible, html in focused if not visible]


@pytest.mark.parametrize("seen", visits(WALKS), indirect=True, scope="module")
def test_the_tab_key_reaches_everything_and_shows_where_it_is(seen):
    stops = [str(stop) for stop in seen.page.evaluate(NUMBER_STOPS)]
    reached, unseen = walk(seen.page)
    missed = seen.page.evaluate(
        "missed => missed.map(i => document.querySelector(`[data-stop='${i}']`).outerHTML)",
        sorted(set(stops) - reached),
    )
    assert stops
    assert missed == []
    assert unseen == []


FOCUS = f"""() => {{
    const unseen = [];
    for (const e of ({STOPS})()) {{
        e.focus();
        const s = getComputedStyle(e);
        const seen = s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2;
        if (document.activeElement !== e || !seen) unseen.push(e.outerHTML.slice(0, 120));
    }}
    return unseen;
}}"""


@once
def test_every_stop_takes_the_focus_and_shows_it(seen):
    seen.page.keyboard.press("Tab")  # as a reader who uses keys: then the focus is shown
    assert seen.page.evaluate(FOCUS) == []
    orders = seen.page.evaluate("[...document.querySelectorAll('[tabindex]')].map(e => e.tabIndex)")
    assert set(orders) <= {0, -1}


# The last two tests, so that they see what a page does late.


def test_loading_causes_no_error(seen):
    assert seen.errors == []
    assert seen.failed == []


def test_nothing_is_asked_of_another_host(seen):
    assert seen.requests
    foreign = [url for url in seen.requests if urlparse(url).scheme not in ("file", "data", "blob")]
    assert foreign == []
