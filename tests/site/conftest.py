"""Visit the built book in a real browser.

The book is copied to another folder and opened from there as files: what these tests see works
without a network and without a server. Chromium or Chrome must be on the machine; the folder
`_build/axe` must hold axe-core (`make test-site` sees to both).
"""

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tools import toc
from tools.browser import PATIENCE, NoBrowserError, launch, new_page

BUILD = toc.ROOT / "_build"
AXE = BUILD / "axe/node_modules/axe-core/axe.min.js"
EXTRA_PAGES = ("genindex", "prf-prf", "py-modindex", "search", "404")
PAGES = (*toc.pages(), *EXTRA_PAGES)
CHAPTER = next(chapter for chapter in toc.chapters() if chapter.name == "he")

# One page of each kind: chapter, solutions, the lab, the chooser, landing page, tables, API,
# search, and the page for lost readers, which has a style of its own.
KINDS = (
    CHAPTER.page,
    f"book/solutions/{CHAPTER.stem}",
    "book/lab",
    "book/choose",
    "book/intro",
    "book/reference/frameworks",
    "book/reference/api",
    "search",
    "404",
)

# Each page is seen at both widths and in both schemes, for the width decides what fits and the
# scheme what can be read. A fault that needs both is one of the style sheets, which all pages of
# a kind share: one page of each kind is seen in all four modes.
VISITS = [
    *((page, "desktop light") for page in PAGES),
    *((page, "phone dark") for page in PAGES),
    *((page, mode) for page in KINDS for mode in ("desktop dark", "phone light")),
]
# The rules of WCAG that look at style sheets; the others look at the document, which is the same in
# every mode but for the theme's menus, and those are seen on one page of each kind.
RULES_OF_STYLE = ("color-contrast", "link-in-text-block", "scrollable-region-focusable")
RULES_OF_STYLE += ("target-size",)
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")

# On a phone a block is laid out when it comes near. Most tests look at all of them at once.
NEAR = "section > * { content-visibility: visible !important; }"

expect.set_options(timeout=PATIENCE)


def visits(chosen: list[tuple[str, str]]) -> list[Any]:
    """Name visits by page and mode."""
    return [pytest.param(visit, id="-".join(visit)) for visit in chosen]


# For tests of what is the same in every mode: a page's first visit alone.
once = pytest.mark.parametrize("seen", visits(VISITS[: len(PAGES)]), indirect=True, scope="module")


def pytest_collection_modifyitems(items):
    """Begin with the book on paper: who came to it last would be alone with it for minutes."""
    items.sort(key=lambda item: item.path.name != "test_pdf.py")


@pytest.fixture(scope="session")
def book(tmp_path_factory):
    """The built book, in a folder that it has never seen."""
    if not (BUILD / "html/index.html").is_file():
        pytest.fail("build the book first: make book")
    return Path(shutil.copytree(BUILD / "html", tmp_path_factory.mktemp("a train") / "book"))


@pytest.fixture(scope="session")
def browser():
    """A headless browser of this machine."""
    with sync_playwright() as playwright:
        try:
            found = launch(playwright)
        except NoBrowserError as error:
            pytest.fail(str(error)) if os.environ.get("CI") else pytest.skip(str(error))
        yield found
        found.close()


@dataclass
class Visit:
    """A page in one mode, and what happened while it loaded."""

    page: Page
    scheme: str
    whole: bool = True  # whether what is the same in every mode is to be looked at as well
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def visit(browser: Browser, address: str, mode: str = "desktop light") -> Visit:
    """Open a page and wait until it is loaded, its fonts too."""
    screen, scheme = mode.split()
    size = {"width": 1280, "height": 900} if screen == "desktop" else {"width": 360, "height": 780}
    page = new_page(browser, viewport=size, color_scheme=scheme)
    seen = Visit(page, scheme)
    page.on(
        "console", lambda m: seen.errors.append(m.text) if m.type in ("error", "warning") else 0
    )
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on("request", lambda request: seen.requests.append(request.url))
    page.on("requestfailed", lambda request: seen.failed.append(request.url))
    page.goto(address)
    page.evaluate("() => document.fonts.ready.then(() => null)")
    page.add_style_tag(content=NEAR)
    page.evaluate("dispatchEvent(new Event('resize'))")
    page.evaluate("() => document.fonts.ready.then(() => null)")  # what is far has its own
    return seen


@pytest.fixture(scope="module", params=visits(VISITS))
def seen(request, browser, book):
    """Each page in the modes of its visits, opened once for all tests of a module."""
    page, mode = request.param
    opened = visit(browser, (book / f"{page}.html").as_uri(), mode)
    opened.whole = mode == "desktop light" or page in KINDS
    yield opened
    opened.page.context.close()


@pytest.fixture
def fresh(browser, book):
    """Open a page of the book for one test alone."""
    opened: list[Page] = []

    def open_page(page: str, mode: str = "desktop light") -> Page:
        path, _, query = page.partition("?")
        opened.append(visit(browser, f"{(book / path).as_uri()}?{query}", mode).page)
        return opened[-1]

    yield open_page
    for page in opened:
        page.context.close()


def violations(page: Page, rules: tuple[str, ...] | None = None) -> tuple[list[str], int]:
    """Run axe-core: what violates WCAG 2.2 A and AA, and how many rules were looked at."""
    if not AXE.is_file():
        pytest.fail(f"{AXE} is missing: run make test-site")
    page.evaluate(AXE.read_text("utf-8"))
    result = page.evaluate(
        "([type, values]) => axe.run(document, {runOnly: {type, values},"
        " resultTypes: ['violations'],"  # of what passes, no list of every place
        " preload: false})",  # of style sheets, which a page from a disk may not read
        ["rule", list(rules)] if rules else ["tag", list(WCAG)],
    )
    found = [
        f"{rule['id']}: {node['target']} {node['html'][:200]}: {node['failureSummary'][:300]}"
        for rule in result["violations"]
        for node in rule["nodes"]
    ]
    kinds = ("passes", "violations", "incomplete", "inapplicable")
    return found, len({rule["id"] for kind in kinds for rule in result[kind]})
