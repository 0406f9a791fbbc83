"""Add what depends on where the book is published, from the environment.

BOOK_URL             address of the built book: canonical links, link previews with a card for
                     each page, the site map
BOOK_REPOSITORY_URL  address of its repository: buttons to edit, to report, to download a
                     notebook, to open it on Binder and, for a repository on GitHub, on Colab
BOOK_JUPYTERHUB_URL  address of a JupyterHub with nbgitpuller: a button to open a notebook there

Without them the book has no such button, so that a fork needs no edit and no link is dead. The
page for addresses that do not exist and robots.txt are always there.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

BINDER = "https://mybinder.org"
CARD = "book/_static/card.png"  # drawn by tools/card.py
COLAB = "https://colab.research.google.com"

# A server shows this page at any depth, so that it carries all it needs and names its way home.
NOT_FOUND = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>No such page: {title}</title>
<link rel="icon" href="data:,">
<style>
html {{ background: #fff; color: #1d2733; }}
a {{ color: #00624a; }}
a:focus-visible {{ outline: 3px solid; outline-offset: 2px; }}
@media (prefers-color-scheme: dark) {{
  html {{ background: #14181e; color: #e8edf3; }}
  a {{ color: #5fd3ad; }}
}}
body {{
  font: 1.1rem/1.6 system-ui, sans-serif;
  margin: 18vh auto;
  max-width: 34rem;
  padding: 0 1rem;
}}
h1 {{ font-family: Georgia, serif; line-height: 1.2; }}
</style>
</head>
<body>
<main>
<h1>This signal has died out</h1>
<p>There is no page at this address. The chapter may have moved, or the link may have lost a
letter on its way.</p>
<p><a href="{home}">Go to the beginning of the book</a></p>
</main>
</body>
</html>
"""


def _address(name: str) -> str:
    """Return an address from the environment, without a slash at its end, or an empty text."""
    value = os.environ.get(name, "").strip().rstrip("/")
    if value and (
        urlparse(value).scheme not in ("http", "https") or not urlparse(value).netloc
    ):
        raise ValueError(
            f"{name} must be an address like https://example.org/book, got {value!r}"
        )
    return value


def add_addresses(app: Sphinx, config: Config) -> None:
    """Turn the variables into settings of the theme and of opengraph."""
    if book := _address("BOOK_URL"):
        config.html_baseurl = f"{book}/"
        config.ogp_site_url = f"{book}/"
        config.sitemap_url_scheme = (
            "{link}"  # the book has one version and one language
        )
        config.ogp_social_cards = {
            "enable": True,
            "image": CARD,
            "image_mini": CARD,
            "line_color": "#009e73",
        }
    if repository := _address("BOOK_REPOSITORY_URL"):
        options = config.html_theme_options
        options["repository_url"] = repository
        options["repository_branch"] = "main"
        options["path_to_docs"] = ""
        options["use_repository_button"] = True
        options["use_issues_button"] = True
        options["use_edit_page_button"] = True
        options["use_download_button"] = True
        on_github = urlparse(repository).netloc == "github.com"
        options["launch_buttons"] = {
            "notebook_interface": "jupyterlab",
            "binderhub_url": BINDER,
            "colab_url": COLAB if on_github else "",
            "jupyterhub_url": _address("BOOK_JUPYTERHUB_URL"),
        }


def add_pages(app: Sphinx, error: Exception | None) -> None:
    """Write what a web server and a crawler ask for."""
    if error or app.builder.name != "html":
        return
    book = _address("BOOK_URL")
    site = Path(app.outdir)
    home = f"{urlparse(book).path}/" if book else "index.html"
    page = NOT_FOUND.format(
        title=app.config.html_title or app.config.project, home=home
    )
    (site / "404.html").write_text(page, "utf-8")
    site_map = f"Sitemap: {book}/sitemap.xml\n" if book else ""
    (site / "robots.txt").write_text(f"User-agent: *\nAllow: /\n{site_map}", "utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    if _address("BOOK_URL"):
        app.setup_extension("sphinx_sitemap")
    app.connect("config-inited", add_addresses)
    app.connect("build-finished", add_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
