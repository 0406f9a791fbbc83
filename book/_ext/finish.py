"""Finish the pages once the build is done: what `accessible` mends and what `lean` takes away.

Each page is parsed once and written once.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import accessible
import lean
from bs4 import BeautifulSoup

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def finish(app: Sphinx, error: Exception | None) -> None:
    """Finish every page, then what all of them share."""
    if error or app.builder.name != "html":
        return
    site = Path(app.outdir)
    static = site / "_static"
    icons: set[tuple[str, str]] = set()
    for path in sorted(site.rglob("*.html")):
        if static in path.parents:
            continue
        soup = BeautifulSoup(path.read_text("utf-8"), "html.parser")
        accessible.mend(soup)
        lean.lighten(soup)
        icons |= lean.icons_in(soup)
        path.write_text(str(soup), "utf-8")
    lean.shorten_fonts(static, icons)
    lean.remove_idle(static)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension, to run after those that write files."""
    app.connect("build-finished", finish, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
