"""How many bytes a visit loads, and that nothing among them is idle."""

from importlib.metadata import distribution
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest

from conftest import visit
from tools import toc

CHAPTERS = toc.chapter_pages()


@pytest.fixture(scope="module", params=["book/intro", *CHAPTERS])
def loaded(request, browser, book):
    """A page opened with an empty cache: its name, and the bytes of each file that it loads."""
    seen = visit(browser, (book / f"{request.param}.html").as_uri())
    seen.page.wait_for_load_state("networkidle")  # until it asks for nothing more
    seen.page.context.close()
    paths = {Path(unquote(urlparse(address).path)) for address in seen.requests}
    files = [path for path in paths if path.is_file()]
    return request.param, {path.relative_to(book).as_posix(): path.stat().st_size for path in files}


def shipped(package, name):
    """Bytes of a file that an installed package carries."""
    found = [file for file in distribution(package).files if file.name == name]
    return max(Path(str(file.locate())).stat().st_size for file in found)


@pytest.mark.parametrize("loaded", CHAPTERS, indirect=True, scope="module")
def test_what_belongs_to_one_chapter_weighs_at_most_700_kb(loaded):
    page, files = loaded
    own = {name: size for name, size in files.items() if "_static" not in name}
    assert f"{page}.html" in own
    # its formulas among them, which no script typesets any more: up to 230 kB
    assert sum(own.values()) <= 700_000, own


def test_a_first_visit_weighs_less_than_two_scripts_of_a_default_book(loaded):
    # MathJax's bundle, which a default page takes from a CDN, and the theme's script of icons.
    bundle = shipped("sphinx-mathjax-offline", "tex-mml-chtml.js")
    icons = shipped("pydata-sphinx-theme", "fontawesome.js")
    assert sum(loaded[1].values()) < bundle + icons


def test_nothing_is_loaded_that_the_page_does_not_use(loaded):
    idle = ("thebe", "fontawesome.js", "sphinx-design", "searchindex", "menu.js", "sre")
    assert not [name for name in loaded[1] for part in idle if part in name]
