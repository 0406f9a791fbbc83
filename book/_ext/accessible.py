"""Mend what the theme and the extensions leave unreadable to a screen reader.

Each mend names the rule of WCAG, or of axe-core, that the page would break without it. `finish`
applies them to every page.
"""

from __future__ import annotations

from bs4 import BeautifulSoup


def mend(soup: BeautifulSoup) -> None:
    """Mend the labels, roles and names of a page."""
    # label-content-name-mismatch: a label that says other than what is seen; the text will do
    for tag in soup.select(
        "summary[aria-label], button.search-button-field[aria-label]"
    ):
        del tag["aria-label"]
    # summary-name: the arrow beside a page of the menu that has pages below it
    for tag in soup.select("summary:has(> .toctree-toggle)"):
        entry = tag.find_previous("a")
        tag["aria-label"] = (
            f"Below {entry.get_text().strip() if entry else 'this page'}"
        )
    # A hidden bar of the theme has a first copy of these buttons, and its scripts drive that copy.
    for tag in soup.select("#pst-header .sidebar-toggle"):
        tag.decompose()
    # aria-deprecated-role: the entries of a list are list items
    for tag in soup.select('.citation-list [role="doc-biblioentry"]'):
        tag["role"] = "listitem"
