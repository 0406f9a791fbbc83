"""Finish the pages once the build is done: mended, folded, with their figures, lighter, faster.

Each page is parsed once and written once. The claims of all pages go to the `ledger`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import accessible
import exercises
import figures
import fold
import lean
import ledger
import mathematics
import paint
import sheets
import small_labs
import terms
import unbroken
from bs4 import BeautifulSoup

if TYPE_CHECKING:
    from sphinx.application import Sphinx

GLOSSARY = "book/reference/glossary.html"


def in_order(includes: dict[str, list[str]], page: str) -> list[str]:
    """List a page and those below it in the contents, in the order of the contents."""
    below = (
        found for child in includes.get(page, []) for found in in_order(includes, child)
    )
    return [page, *below]


def finish(app: Sphinx, error: Exception | None) -> None:
    """Finish every page, then what all of them share."""
    if error or app.builder.name != "html":
        return
    site = Path(app.outdir)
    static = site / "_static"
    icons: set[tuple[str, str]] = set()
    found: dict[str, list[ledger.Entry]] = {}
    soups = {
        path: BeautifulSoup(path.read_text("utf-8"), "html.parser")
        for path in sorted(site.rglob("*.html"))
        if static not in path.parents
    }
    for path, soup in soups.items():
        worked = path.parent / "solutions" / path.name
        address = worked.relative_to(path.parent).as_posix()
        exercises.mend(soup, soups.get(worked), address)
    glossary = soups.get(site / GLOSSARY)
    meanings = terms.defined(glossary) if glossary else {}
    for path, soup in soups.items():
        accessible.mend(soup)
        fold.mend(soup)
        figures.mend(soup, path.parent)
        if path.parent == site / "book":
            terms.mend(soup, meanings, GLOSSARY.removeprefix("book/"))
        page = path.relative_to(site).with_suffix("").as_posix()
        small_labs.mend(soup, "../" * page.count("/"))
        found[page] = ledger.mend(soup, page)
        lean.lighten(soup)
        paint.mend(soup, path.parent)
        icons |= lean.icons_in(soup)
    order = in_order(app.env.toctree_includes, app.config.root_doc)
    entries = [entry for page in order for entry in found.get(page, [])]
    ledger.close(site, entries, soups.values())
    sheets.mend(static, soups.values())
    for soup in soups.values():
        unbroken.mend(soup)
        mathematics.mend(soup)
    mathematics.write(static)
    sheets.stamp(static, soups.values())
    for path, soup in soups.items():
        path.write_text(str(soup), "utf-8")
    lean.shorten_fonts(static, icons)
    lean.spare_layout(static)
    lean.remove_idle(site)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension, to run after those that write files."""
    app.connect("build-finished", finish, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
