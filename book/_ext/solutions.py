"""Keep worked solutions out of the way: a reader who goes on comes to the next chapter.

Where a class must not see them yet they are left out:

BOOK_SOLUTIONS=hidden    build without the pages of solutions and without the links to them
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

FOLDER = "book/solutions/"
LINK = re.compile(r'\[([^]["\n]*)\]\((?:\.\./)?solutions/[^)]*\)')
POINTERS = ("Solution", "Discussion")  # links that are nothing but a link


def without_solutions(node: dict[str, Any]) -> dict[str, Any]:
    """Return the table of contents, or a part of it, without the pages of solutions."""
    shorter = dict(node)
    for below in {"parts", "chapters", "sections"} & node.keys():
        shown = (c for c in node[below] if not c.get("file", "").startswith(FOLDER))
        shorter[below] = [without_solutions(child) for child in shown]
        if not shorter[below]:
            del shorter[below]
    return shorter


def without_links(app: Sphinx, document: str, source: list[str]) -> None:
    """Take the links to solutions out of a page."""
    source[0] = LINK.sub(lambda link: "" if link[1] in POINTERS else link[1], source[0])


def shorten(app: Sphinx, config: Config) -> None:
    """Build from a table of contents without solutions."""
    contents = yaml.safe_load(Path(app.srcdir, "_toc.yml").read_text("utf-8"))
    shorter = Path(app.doctreedir) / "_toc.yml"
    shorter.parent.mkdir(parents=True, exist_ok=True)
    shorter.write_text(
        yaml.safe_dump(without_solutions(contents), sort_keys=False), "utf-8"
    )
    config.external_toc_path = str(shorter)


def step_over(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Lead from a page to the ones before and behind it that hold no solutions."""
    builder: Any = (
        app.builder
    )  # one of HTML: it knows what stands before and behind a page
    if page.startswith(FOLDER) or page not in builder.relations:
        return
    for side, place in (("prev", 1), ("next", 2)):
        other = builder.relations[page][place]
        while other and other.startswith(FOLDER):
            other = builder.relations[other][place]
        context[side] = other and {
            "link": builder.get_relative_uri(page, other),
            "title": builder.render_partial(app.env.titles[other])["title"],
        }


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension; it hides the solutions if it is asked to."""
    app.connect("html-page-context", step_over)
    if os.environ.get("BOOK_SOLUTIONS") == "hidden":
        app.connect("config-inited", shorten)
        app.connect("source-read", without_links)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
