"""The built book: every page is there, whole, readable by all, and asks no other host for anything.

These tests look at `_build/html`; they fail if it is missing or older than a source.
"""

import json
import re
from functools import cache
from pathlib import Path
from urllib.parse import urlparse

import pytest
from bs4 import BeautifulSoup

from tools import toc, words

HTML = toc.ROOT / "_build" / "html"
PAGES = toc.pages()
LEDGER = "book/reference/claims"
BUILD_FIRST = "build the book first: make book"
RAW_MARKUP = re.compile(r":::+\s*\{|```\{|\{(prf:)?(ref|numref|cite:[pt]|cite|eq|doc)\}`|^%%", re.M)
HASH_PATH = re.compile(r"[0-9a-f]{16,}|\.(png|svg)$")

each_page = pytest.mark.parametrize("page", PAGES)


def built(page: str) -> Path:
    return HTML / f"{page}.html"


@cache
def soup(page: str) -> BeautifulSoup:
    path = built(page)
    if not path.is_file():
        pytest.fail(f"{path} is missing; {BUILD_FIRST}")
    return BeautifulSoup(path.read_text("utf-8"), "html.parser")


def content(page: str):
    return soup(page).select_one("article")


def test_the_build_is_newer_than_every_source():
    pages = [built(page) for page in PAGES]
    missing = [path.name for path in pages if not path.is_file()]
    assert not missing, BUILD_FIRST
    oldest = min(path.stat().st_mtime for path in pages)
    files = [toc.ROOT / "_config.yml", toc.ROOT / "_toc.yml"]
    for folder in ("book", "initcourse"):
        files += [path for path in toc.files_in(toc.ROOT / folder) if path.suffix != ".pyc"]
    newer = [str(path.relative_to(toc.ROOT)) for path in files if path.stat().st_mtime > oldest]
    assert not newer, f"the built pages are stale; {BUILD_FIRST}"


@each_page
def test_a_page_has_one_title_and_a_text(page):
    assert len(content(page).find_all("h1")) == 1
    assert len(content(page).get_text().split()) >= 20


@each_page
def test_a_page_shows_no_traceback(page):
    text = content(page).get_text()
    assert "Traceback (most recent call last)" not in re.sub(
        r">>>.*?(?=\n\n)", "", text, flags=re.S
    )
    assert content(page).select(".output.traceback, .cell_output .stderr") == []


@each_page
def test_a_page_shows_no_progress_bar(page):
    assert not re.search(r"\d+%\|.*\| \d+/\d+ \[", content(page).get_text())


@each_page
def test_a_page_shows_no_raw_markup(page):
    article = BeautifulSoup(str(content(page)), "html.parser")
    for code in article.select("pre, code, script, style"):
        code.decompose()
    assert RAW_MARKUP.findall(article.get_text()) == []


@each_page
def test_every_image_says_what_it_shows(page):
    images = [image.get("alt", "") for image in content(page).find_all("img")]
    figures = [figure["aria-label"] for figure in content(page).select("svg.picture:not(.stacked)")]
    for alt in images + figures:
        assert len(alt) >= 20, alt
        assert not HASH_PATH.search(alt), alt


@pytest.mark.parametrize("page", toc.chapter_pages())
def test_the_figures_of_a_chapter_stand_in_the_page_itself(page):
    names = [tag["id"] for tag in content(page).select("svg.picture [id]")]
    assert len(content(page).select("figure svg.picture")) >= 3
    assert content(page).select("figure img") == []
    assert len(names) == len(set(names))


@each_page
def test_a_page_asks_no_other_host_for_anything(page):
    tags = soup(page)
    asked = [tag.get("src") for tag in tags.select("script[src], img[src], iframe[src]")]
    asked += [
        tag.get("href")
        for tag in tags.select("link[href]")
        if {"stylesheet", "preload", "preconnect", "modulepreload", "icon"} & set(tag["rel"])
    ]
    assert [address for address in asked if urlparse(address).netloc] == []


@each_page
def test_every_local_file_that_a_page_asks_for_exists(page):
    tags = soup(page)
    asked = [tag["src"] for tag in tags.select("script[src], img[src]")]
    asked += [tag["href"] for tag in tags.select("link[href][rel~=stylesheet]")]
    for address in asked:
        path = urlparse(address).path
        if path and not address.startswith("data:"):
            assert (built(page).parent / path).is_file(), address


@each_page
def test_every_link_within_the_book_leads_somewhere(page):
    for link in content(page).select("a[href]"):
        address = urlparse(link["href"])
        if address.scheme or address.netloc or link["href"] == "#":
            continue
        path = (built(page).parent / address.path).resolve() if address.path else built(page)
        assert path.is_file(), link["href"]
        if address.fragment and path.suffix == ".html" and path.is_relative_to(HTML.resolve()):
            target = soup(path.relative_to(HTML.resolve()).with_suffix("").as_posix())
            assert target.find(id=address.fragment), link["href"]


@each_page
def test_every_claim_of_the_code_is_a_line_of_the_page_and_a_row_of_the_ledger(page):
    """A claim in a loop is several lines; a cell that was hidden would be none."""
    lines = content(page).select("div.claim")
    if page != LEDGER:
        assert len(lines) >= len(words.claims_of(toc.source(page)))
    rows = soup(LEDGER).select("table#ledger tbody a")
    assert len(lines) - (page == LEDGER) == sum(
        link["href"].startswith(f"../../{page}.html#") for link in rows
    )


def test_the_front_page_says_how_many_claims_the_ledger_has():
    rows = soup(LEDGER).select("table#ledger tbody tr")
    assert f"{len(rows):,} claims were checked in this build" in content(PAGES[0]).get_text()
    entries = json.loads((HTML / "claims.json").read_text("utf-8"))
    assert len(entries) == len(rows) > 100


@each_page
def test_a_page_has_a_description_for_link_previews(page):
    description = soup(page).select_one('meta[property="og:description"]')
    assert description is not None
    assert len(description["content"]) >= 20


def test_the_front_page_leads_to_the_book():
    index = (HTML / "index.html").read_text("utf-8")
    assert f'url={PAGES[0]}.html"' in index


def test_solutions_stand_under_their_chapters_in_the_menu_without_a_number():
    menu = soup(PAGES[0]).select_one("nav.bd-links")
    for chapter in toc.chapters():
        entry = menu.find("a", href=re.compile(f"{chapter.stem}.html$")).find_parent("li")
        assert entry.select_one("a").get_text().strip().startswith(f"{chapter.number}. ")
        (worked,) = entry.select("details a")
        assert worked["href"].endswith(f"solutions/{chapter.stem}.html")
        assert worked.get_text().strip().startswith("Solutions")
    captions = [caption.get_text().strip() for caption in menu.select(".caption")]
    assert (captions[0], captions[-1]) == ("The course", "For teachers and maintainers")


@each_page
def test_a_word_that_is_explained_leads_to_the_glossary_and_none_to_itself(page):
    glossary = "book/reference/glossary"
    links = content(page).select("a.term")
    if page == glossary:
        assert links == []
    for link in links:
        name = urlparse(link["href"]).fragment
        assert soup(glossary).find(id=name), link["href"]
        assert content(page).find(id=f"tip-{name}"), link["href"]


@each_page
def test_every_formula_is_typeset_and_no_script_is_needed_for_it(page):
    formulas = soup(page).select(".math")
    for formula in formulas:
        assert len(formula.select("mjx-container > mjx-math")) == 1
        assert len(formula.select("mjx-container > mjx-assistive-mml > math")) == 1
    article = BeautifulSoup(str(content(page)), "html.parser")
    for code in article.select("pre, code, script"):
        code.decompose()
    assert re.findall(r"\\\(|\\\[|\$\$", article.get_text()) == []
    assert "mathjax" not in " ".join(map(str, soup(page).select("script"))).lower()
    sheets = [tag["href"] for tag in soup(page).select("link[rel=stylesheet]")]
    assert any("mathematics.css" in address for address in sheets) is bool(formulas)
