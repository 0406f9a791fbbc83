"""Add what depends on where the book is published, from the environment.

BOOK_URL             address of the built book: canonical links and link previews
BOOK_REPOSITORY_URL  address of its repository: source, edit and issue buttons

Without them the book has no such button, so that a fork needs no edit and no link is dead.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config


def add_addresses(app: Sphinx, config: Config) -> None:
    """Turn the two variables into settings of the theme and of opengraph."""
    if book := os.environ.get("BOOK_URL", "").rstrip("/"):
        config.html_baseurl = f"{book}/"
        config.ogp_site_url = f"{book}/"
    if repository := os.environ.get("BOOK_REPOSITORY_URL", "").rstrip("/"):
        options = config.html_theme_options
        options["repository_url"] = repository
        options["repository_branch"] = "main"
        options["path_to_docs"] = ""
        options["use_repository_button"] = True
        options["use_issues_button"] = True
        options["use_edit_page_button"] = True


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("config-inited", add_addresses)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
