"""Let nothing hold a page back, and nothing move what is painted.

`finish` calls this for every page: its colors are settled before the first paint, no style sheet
waits for another, and its scripts run once the page is there.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlparse

from bs4 import BeautifulSoup

# The theme settles what "auto" means when the page is there: too late, for it moves then. This
# follows the theme's own script, which reads what the reader chose.
SETTLE = (
    "(page => { if (page.mode === 'auto') page.theme ="
    " matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'; })"
    "(document.documentElement.dataset)"
)
SETTLED_AFTER = "dataset.theme = localStorage"
# Where there is room for a line to break elsewhere, the text's font comes with the style sheets. A
# browser that reads a page from a disk forbids such a link, and needs none.
FONT = (
    "if (location.protocol !== 'file:') document.head.append(Object.assign("
    "document.createElement('link'), {rel: 'preload', as: 'font', type: 'font/woff2',"
    " crossOrigin: '', media: '(min-width: 60rem)',"
    " href: document.documentElement.dataset.content_root +"
    " '_static/fonts/source-serif-4-latin-wght-normal.woff2'}))"
)
OPTIONS = "documentation_options.js"  # which scripts in the page itself add to
IMPORT = (
    "styles/theme.css",
    "basic.css",
)  # a sheet that does nothing but import another


def mend(soup: BeautifulSoup, folder: Path) -> None:
    """Settle the colors of a page, which lies in a folder, and put off what can wait."""
    for script in soup.select("head script:not([src])"):
        if SETTLED_AFTER in script.get_text():
            settle = soup.new_tag("script")
            settle.string = f"{SETTLE};{FONT}"
            script.insert_after(settle)
            soup.select("html")[0]["data-theme"] = "light"  # where no script runs
    for sheet in soup.select("link[rel=stylesheet]"):
        sheet["href"] = str(sheet["href"]).replace(*IMPORT)
        if "print.css" in sheet["href"]:
            sheet["media"] = "print"
    for script in soup.select("script[src]"):
        path = urlparse(str(script["src"])).path
        if path.endswith(OPTIONS):
            script.string = (folder / path).read_text("utf-8")
            del script["src"]
        else:
            script["defer"] = ""
