"""The Sphinx extensions of the book, and the contents reader."""

import json
import sys
from types import SimpleNamespace

import pytest

from tools import toc

sys.path.insert(0, str(toc.ROOT / "book" / "_ext"))

import offline_mathjax
import published
import solutions


def settings(monkeypatch, **environment):
    for name in ("BOOK_URL", "BOOK_REPOSITORY_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    config = SimpleNamespace(html_theme_options={}, html_baseurl="", ogp_site_url="")
    published.add_addresses(None, config)
    return config


def test_without_addresses_there_is_no_button(monkeypatch):
    config = settings(monkeypatch)
    assert config.html_theme_options == {}
    assert config.ogp_site_url == config.html_baseurl == ""


def test_the_address_of_the_book_gives_canonical_links(monkeypatch):
    config = settings(monkeypatch, BOOK_URL="https://example.org/book/")
    assert config.ogp_site_url == config.html_baseurl == "https://example.org/book/"


def test_the_address_of_the_repository_gives_buttons(monkeypatch):
    options = settings(
        monkeypatch, BOOK_REPOSITORY_URL="https://github.com/someone/book"
    ).html_theme_options
    assert options["repository_url"] == "https://github.com/someone/book"
    assert options["use_repository_button"] is True


def handlers(monkeypatch, **environment):
    monkeypatch.delenv("BOOK_SOLUTIONS", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    connected = {}
    solutions.setup(SimpleNamespace(connect=connected.__setitem__))
    return connected


def test_solutions_are_shown_unless_they_are_to_be_hidden(monkeypatch):
    assert handlers(monkeypatch) == {}
    assert handlers(monkeypatch, BOOK_SOLUTIONS="shown") == {}


def test_hidden_solutions_leave_the_contents_and_every_link(monkeypatch, tmp_path):
    connected = handlers(monkeypatch, BOOK_SOLUTIONS="hidden")
    config = SimpleNamespace()
    connected["config-inited"](SimpleNamespace(srcdir=toc.ROOT, doctreedir=tmp_path), config)
    (tmp_path / "book").mkdir()
    shown = set(toc.pages())
    hidden = {page for page in shown if "solutions" in page}
    assert len(hidden) == len(toc.chapters())
    assert set(toc.pages(tmp_path)) == shown - hidden
    assert config.external_toc_path == str(tmp_path / "_toc.yml")
    pages = [*toc.chapters(), toc.ROOT / "book/reference/how-to-use.md"]
    for path in pages:
        source = [path.read_text("utf-8")]
        assert "solutions/01" in source[0] or "](solutions/" in source[0]
        connected["source-read"](None, path.stem, source)
        assert "](solutions/" not in source[0]
        assert "](../solutions/" not in source[0]
        if path.suffix == ".ipynb":
            json.loads(source[0])
    assert "The worked solutions stay folded" in source[0]


def test_mathjax_is_copied_with_its_fonts(tmp_path):
    app = SimpleNamespace(builder=SimpleNamespace(format="html"), outdir=tmp_path)
    offline_mathjax.copy_mathjax(app, None)
    assert (tmp_path / "_static/mathjax/tex-chtml.js").is_file()
    assert list((tmp_path / "_static/mathjax/output/chtml/fonts/woff-v2").glob("*.woff"))


@pytest.mark.parametrize(
    ("builder", "error"), [("html", RuntimeError("failed")), ("text", None)], ids=["failed", "text"]
)
def test_mathjax_is_not_copied_otherwise(tmp_path, builder, error):
    app = SimpleNamespace(builder=SimpleNamespace(format=builder), outdir=tmp_path)
    offline_mathjax.copy_mathjax(app, error)
    assert list(tmp_path.iterdir()) == []


def test_a_page_needs_exactly_one_source(tmp_path):
    with pytest.raises(FileNotFoundError, match="found 0"):
        toc.source("page", tmp_path)
    (tmp_path / "page.md").touch()
    assert toc.source("page", tmp_path) == tmp_path / "page.md"
    (tmp_path / "page.ipynb").touch()
    with pytest.raises(FileNotFoundError, match="found 2"):
        toc.source("page", tmp_path)


def test_the_contents_are_read_in_order_through_all_levels(tmp_path):
    (tmp_path / "_toc.yml").write_text(
        "format: jb-book\nroot: a\nparts:\n- chapters:\n  - file: b\n    sections:\n    - file: c\n"
        "- chapters:\n  - url: https://example.org\n  - file: d\n",
        "utf-8",
    )
    assert toc.pages(tmp_path) == ["a", "b", "c", "d"]
