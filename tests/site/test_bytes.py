"""How many bytes a visit loads, and that nothing among them is idle."""

from importlib.metadata import distribution
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest

from conftest import visit
from tools import toc

CHAPTERS = toc.chapter_pages()


def weights(browser, book, page):
    """Open a page with an empty cache: the bytes of each file that it loads."""
    seen = visit(browser, (book / f"{page}.html").as_uri())
    seen.page.context.close()
    paths = {Path(unquote(urlparse(address).path)) for address in seen.requests}
    files = [path for path in paths if path.is_file()]
    return {path.relative_to(book).as_posix(): path.stat().st_size for path in files}


def shipped(package, name):
    """Bytes of a file that an installed package carries."""
    found = [file for file in distribution(package).files if file.name == name]
    return max(Path(str(file.locate())).stat().st_size for file in found)


@pytest.mark.parametrize("page", CHAPTERS)
def test_what_belongs_to_one_chapter_weighs_at_most_500_kb(browser, book, page):
    loaded = weights(browser, book, page)
    own = {name: size for name, size in loaded.items() if "_static" not in name}
    assert f"{page}.html" in own
    assert len(own) >= 3, "a chapter has figures"
    assert sum(own.values()) <= 500_000, own


@pytest.mark.parametrize("page", ["book/intro", *CHAPTERS])
def test_a_first_visit_weighs_less_than_two_scripts_of_a_default_book(browser, book, page):
    # MathJax's bundle, which a default page takes from a CDN, and the theme's script of icons.
    bundle = shipped("sphinx-mathjax-offline", "tex-mml-chtml.js")
    icons = shipped("pydata-sphinx-theme", "fontawesome.js")
    assert sum(weights(browser, book, page).values()) < bundle + icons


def test_nothing_is_loaded_that_the_page_does_not_use(browser, book):
    idle = ("thebe", "fontawesome.js", "sphinx-design", "searchindex", "menu.js", "sre")
    for page in ("book/intro", *CHAPTERS):
        names = weights(browser, book, page)
        assert not [name for name in names for part in idle if part in name]
