"""Take from every page the scripts and styles it does not use.

The theme and the extensions hang their files on every page, whether or not anything on it needs
them. This runs after the build: it drops what a page has no use for, shortens the icon font to
the icons that occur, and removes the files that no page asks for any more.
"""

from __future__ import annotations

import re
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any

from bs4 import BeautifulSoup
from fontTools import subset

if TYPE_CHECKING:
    from sphinx.application import Sphinx

# Part of an address: what a page must have, as a selector, to need that file. None: no page does.
NEEDED_FOR: dict[str, str | None] = {
    "scripts/fontawesome.js": None,  # the icon font draws the same icons
    "sphinx-thebe": None,
    "sphinx-design": '[class*="sd-"]',
    "design-tabs": ".sd-tab-set",
    "togglebutton": ".toggle, .admonition.dropdown",
    "copybutton": "div.highlight pre",
    "clipboard": "div.highlight pre",
    "mystnb": ".cell",
    "exercise.css": ".exercise, .solution",
    "proof.css": ".proof",
    "mathjax/": ".math",
    "from_disk.js": "#search-results",
    "searchtools.js": "#search-results",
    "language_data.js": "#search-results",
    "searchindex.js": "#search-results",
}
INLINE = re.compile(r"THEBE_JS_URL")  # scripts in the page itself that nothing uses
ICONS = {
    "fa-solid": "fa-solid-900",
    "fa-regular": "fa-regular-400",
    "fa-brands": "fa-brands-400",
}
ESCAPED = re.compile(
    r'"\\([ef][0-9a-f]{3})"'
)  # a character for private use, as a style sheet
LITERAL = re.compile('"([\ue000-\uf8ff])"')  # has it when it is an icon's
GLYPH = re.compile(r'((?:\.fa-[a-z0-9-]+:before,?)+)\{content:"\\([0-9a-f]+)"\}')


def lighten(page: str) -> str:
    """Return a page without the files that it does not use, and without repetitions."""
    soup = BeautifulSoup(page, "html.parser")
    for tag in soup.select("script[src], link[href]"):
        address = tag.get("src") or tag["href"]
        for part, selector in NEEDED_FOR.items():
            if part in address and (selector is None or not soup.select_one(selector)):
                tag.decompose()
                break
    for tag in soup.select('meta[property="og:url"]:not([content^="http"])'):
        tag.decompose()  # says nothing without the address of the book
    seen = set()
    for tag in soup.select("head script:not([src]), head meta[name=viewport]"):
        text = tag.get_text() or str(tag["name"])
        if text in seen or INLINE.search(text):
            tag.decompose()
        seen.add(text)
    return str(soup)


def icons_of(pages: list[str]) -> dict[str, set[str]]:
    """Collect, for each style of icon, the names of the icons that occur."""
    found: dict[str, set[str]] = {style: set() for style in ICONS}
    for page in pages:
        for tag in BeautifulSoup(page, "html.parser").select('[class*="fa-"]'):
            names = set(tag["class"])
            for style in names & set(ICONS):
                found[style] |= names
    return found


def shorten_font(path: Path, characters: set[int]) -> None:
    """Keep only these characters of a font."""
    options = subset.Options()
    options.flavor = "woff2"
    font = subset.load_font(str(path), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=characters)
    cutter.subset(font)
    subset.save_font(font, str(path), options)


def finish(app: Sphinx, error: Exception | None) -> None:
    """Lighten every page and the site."""
    if error or app.builder.name != "html":
        return
    site = Path(app.outdir)
    pages = []
    for path in sorted(site.rglob("*.html")):
        if "_static" in path.parts:
            continue
        page = lighten(path.read_text("utf-8"))
        path.write_text(page, "utf-8")
        pages.append(page)

    static = site / "_static"
    sheets = "".join(path.read_text("utf-8") for path in static.rglob("*.css"))
    by_name = {
        name: int(code, 16)
        for names, code in GLYPH.findall(sheets)
        for name in re.findall(r"fa-[a-z0-9-]+", names)
    }
    by_style = {int(code, 16) for code in ESCAPED.findall(GLYPH.sub("", sheets))}
    by_style |= set(map(ord, LITERAL.findall(sheets)))
    for style, names in icons_of(pages).items():
        characters = by_style | {by_name[name] for name in names if name in by_name}
        shorten_font(
            static / f"vendor/fontawesome/webfonts/{ICONS[style]}.woff2", characters
        )
    for pattern in (
        "**/*.map",
        "**/*.ttf",
        "scripts/fontawesome.js",
        "sphinx-thebe.*",
        "locales",
    ):
        for path in static.glob(pattern):
            rmtree(path) if path.is_dir() else path.unlink()


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension, to run after those that copy files."""
    app.connect("build-finished", finish, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
