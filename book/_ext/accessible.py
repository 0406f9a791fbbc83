"""Mend what the theme and the extensions leave unreadable to a screen reader.

Each mend names the rule of WCAG, or of axe-core, that the page would break without it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bs4 import BeautifulSoup

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def mend(page: str) -> str:
    """Return a page with its labels, roles and names mended."""
    soup = BeautifulSoup(page, "html.parser")
    # label-content-name-mismatch: a label that says other than what is seen; the text will do
    for tag in soup.select(
        "summary[aria-label], button.search-button-field[aria-label]"
    ):
        del tag["aria-label"]
    # A hidden bar of the theme has a first copy of these buttons, and its scripts drive that copy.
    for tag in soup.select("#pst-header .sidebar-toggle"):
        tag.decompose()
    # aria-deprecated-role: the entries of a list are list items
    for tag in soup.select('.citation-list [role="doc-biblioentry"]'):
        tag["role"] = "listitem"
    return str(soup)


def finish(app: Sphinx, error: Exception | None) -> None:
    """Mend every page."""
    if error or app.builder.name != "html":
        return
    for path in sorted(Path(app.outdir).rglob("*.html")):
        if "_static" not in path.parts:
            path.write_text(mend(path.read_text("utf-8")), "utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
