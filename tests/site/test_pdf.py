"""On paper: nothing is cut off, nothing is missing, and the cheat sheet is one page."""

import re

import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader

from conftest import CHAPTER
from tools import pdf, toc

CHAPTERS = toc.chapter_pages()
PAPER_WIDTH = 665  # CSS pixels: A4 less the margins of print.css, 210 - 2 * 17 mm at 96 / 25.4


def words(text):
    """The letters of a text; the font draws ʼ and ’ alike, and a PDF tells the first, a letter."""
    return re.sub(r"[\Wʼ]+", "", text)


def title_of(path):
    """The words of a page's title."""
    heading = BeautifulSoup(path.read_text("utf-8"), "html.parser").select_one("article h1")
    heading.select_one(".headerlink").decompose()
    return words(heading.get_text())


def printed(page, path, paper="A4"):
    page.pdf(path=path, format=paper, print_background=True)
    return PdfReader(path)


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_the_cheat_sheet_is_one_page_of_legible_type(fresh, tmp_path, paper):
    page = fresh("book/reference/cheatsheet.html")
    sheet = printed(page, tmp_path / "sheet.pdf", paper)
    assert len(sheet.pages) == 1
    text = words(sheet.pages[0].extract_text())
    for heading in page.locator("article h2").all_inner_texts():
        assert words(heading) in text
    page.emulate_media(media="print")
    smallest = page.evaluate(
        "() => Math.min(...[...document.querySelectorAll('article td, article li, article p')]"
        ".filter(e => e.checkVisibility()).map(e => parseFloat(getComputedStyle(e).fontSize)))"
    )
    assert smallest * 72 / 96 >= 7.5


@pytest.fixture(scope="module")
def paper(browser, book, tmp_path_factory):
    """The whole book, printed once."""
    path = tmp_path_factory.mktemp("paper") / "book.pdf"
    pdf.write(browser, book, path)
    return PdfReader(path)


@pytest.fixture(scope="module")
def begins(paper):
    """On which sheet each part of the book begins, by the words of its title."""
    parts = [item for item in paper.outline if not isinstance(item, list)]
    return {words(item.title): paper.get_destination_page_number(item) for item in parts}


def headings_of(page):
    """The words of an article's headings, in their order."""
    found = page.eval_on_selector_all(
        "article h1, article h2, article h3",
        "all => all.map(e => e.textContent.replace(/#$/, ''))",
    )
    return [words(heading) for heading in found]


def is_whole(sheets, headings):
    """Whether the sheets show all headings in their order, and none is empty."""
    text = words("".join(sheets))
    position = 0
    for heading in headings:
        position = text.find(heading, position)
        assert position >= 0, heading
    assert all(len(sheet) > 20 for sheet in sheets), "an empty page"


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_of_the_printed_book_is_whole(fresh, paper, begins, name):
    page = fresh(f"{name}.html")
    headings = headings_of(page)
    first = begins[headings[0]]
    end = min([number for number in begins.values() if number > first], default=len(paper.pages))
    is_whole([sheet.extract_text() for sheet in paper.pages[first:end]], headings)


@pytest.mark.parametrize("name", toc.pages())
def test_nothing_reaches_beyond_the_paper(fresh, name):
    page = fresh(f"{name}.html")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": PAPER_WIDTH, "height": 1000})
    cut = page.evaluate(
        """width => [...document.querySelectorAll(
            "p, pre, img, table, tr, td, mjx-container, h2")].filter(e => e.closest("article"))
            .filter(e => e.checkVisibility() && e.getBoundingClientRect().right > width + 1)
            .map(e => e.outerHTML.slice(0, 150))""",
        PAPER_WIDTH,
    )
    assert cut == []


def test_a_page_that_its_reader_prints_is_the_article_alone(fresh, tmp_path):
    page = fresh(f"{CHAPTER.page}.html", "desktop dark")
    headings = headings_of(page)
    sidebar = page.locator(".bd-sidebar-primary .caption-text").first.inner_text()
    sheets = [s.extract_text() for s in printed(page, tmp_path / "chapter.pdf").pages]
    is_whole(sheets, headings)
    assert words(sidebar) + headings[0] not in words("".join(sheets))


def test_a_dark_page_is_printed_light_and_dark_again_after(fresh):
    page = fresh(f"{CHAPTER.page}.html", "desktop dark")
    themes = page.evaluate(
        """() => {
            const seen = [];
            for (const name of ["beforeprint", "afterprint"]) {
                dispatchEvent(new Event(name));
                seen.push(document.documentElement.dataset.theme);
            }
            return seen;
        }"""
    )
    assert themes == ["light", "dark"]


def test_the_whole_book_is_one_pdf_with_every_page_in_its_outline(book, paper, begins):
    titles = [title_of(book / f"{page}.html") for page in toc.pages()]
    assert list(begins) == [titles[0], "Contents", *titles[1:]]
    assert paper.metadata.title == "Weight Initialization, Executed"
    sheets = paper.pages[begins["Contents"] : begins[titles[1]]]
    contents = "\n".join(sheet.extract_text() for sheet in sheets)
    for title in titles:  # which may run over two lines
        assert re.search(r"[\Wʼ]*".join(title) + rf"\W*{begins[title] + 1}\b", contents), title
    links = [
        str(note.get_object()["/A"]["/URI"])
        for sheet in paper.pages
        for note in sheet.get("/Annots", [])
        if "/URI" in note.get_object().get("/A", {})
    ]
    assert links
    assert [link for link in links if not link.startswith("http")] == []
