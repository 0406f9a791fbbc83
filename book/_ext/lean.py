"""Take from every page the scripts and styles it does not use.

The theme and the extensions hang their files on every page, whether or not anything on it needs
them. `finish` calls this after the build: it drops what a page has no use for, shortens the icon
fonts to the icons that occur, and removes the files that no page asks for any more.
"""

from __future__ import annotations

import re
from pathlib import Path
from shutil import rmtree

from bs4 import BeautifulSoup
from fontTools import subset

# Part of an address: what a page must have, as a selector, to need that file. None: no page does.
NEEDED_FOR: dict[str, str | None] = {
    "scripts/fontawesome.js": None,  # the icon font draws the same icons
    "scripts/bootstrap.js": '[data-bs-toggle]:not([data-bs-toggle="tooltip"])',
    "sphinx-thebe": None,
    "sphinx-design": '[class*="sd-"]',
    "design-tabs": ".sd-tab-set",
    "togglebutton": ".toggle, .admonition.dropdown",
    "copybutton": "div.highlight pre",
    "clipboard": "div.highlight pre",
    "mystnb": ".cell",
    "exercise.css": ".exercise, .solution",
    "proof.css": ".proof",
    "tex-mml-chtml.js": None,  # mathematics.py typesets
    "mathematics.css": ".math",
    "from_disk.js": "#search-results",
    "tables.js": "#ledger, table[data-choose]",
    "terms.js": "a.term",
    "searchtools.js": "#search-results",
    "language_data.js": "#search-results",
    "searchindex.js": "#search-results",
}
# The theme's own search for what scrolls lays out every block of a page and every closed fold,
# again after each redraw of a lab. keyboard.js does it for what is seen: this one finds nothing.
SCROLLING = (
    '["pre",".nboutput > .output_area",".cell_output > .output",".jp-RenderedHTMLCommon",'
    '".pst-scrollable-table-container"].join(", ")'
)
# Scripts in the page itself that nothing uses.
INLINE = re.compile(r"THEBE_JS_URL|requestKernel|kernelName|window\.MathJax")
# Of code: names, punctuation, operators and space have the text's color.
UNCOLORED = ("n", "nn", "o", "p", "w")
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


def lighten(soup: BeautifulSoup) -> None:
    """Take from a page the files that it does not use, and repetitions."""
    for tag in soup.select("script[src], link[href]"):
        address = str(tag.get("src") or tag["href"])
        for part, selector in NEEDED_FOR.items():
            if part in address and (selector is None or not soup.select_one(selector)):
                tag.decompose()
                break
    for tag in soup.select("link[rel=preload]"):
        tag.decompose()  # of scripts, which can wait
    for tag in soup.select('meta[property="og:url"]:not([content^="http"])'):
        tag.decompose()  # says nothing without the address of the book
    for tag in soup.select(", ".join(f".highlight span.{name}" for name in UNCOLORED)):
        tag.unwrap()
    seen = set()
    for tag in soup.select("script:not([src]), head meta[name=viewport]"):
        text = tag.get_text() or str(tag["name"])
        if text in seen or INLINE.search(text):
            tag.decompose()
        seen.add(text)


def icons_in(soup: BeautifulSoup) -> set[tuple[str, str]]:
    """Collect the icons of a page: style and name."""
    found = set()
    for tag in soup.select('[class*="fa-"]'):
        names = set(tag["class"])
        found |= {(style, name) for style in names & set(ICONS) for name in names}
    return found


def shorten_font(path: Path, characters: set[int]) -> None:
    """Keep only these characters of a font."""
    options = subset.Options()
    options.flavor = "woff2"
    options.drop_tables += ["FFTM"]  # of a font's editor
    font = subset.load_font(str(path), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=characters)
    cutter.subset(font)
    subset.save_font(font, str(path), options)
    font.close()


def shorten_fonts(static: Path, icons: set[tuple[str, str]]) -> None:
    """Keep only these icons, by style and name, and those that the style sheets draw."""
    sheets = "".join(path.read_text("utf-8") for path in static.rglob("*.css"))
    by_name = {
        name: int(code, 16)
        for names, code in GLYPH.findall(sheets)
        for name in re.findall(r"fa-[a-z0-9-]+", names)
    }
    by_sheet = {int(code, 16) for code in ESCAPED.findall(GLYPH.sub("", sheets))}
    by_sheet |= set(map(ord, LITERAL.findall(sheets)))
    for style, font in ICONS.items():
        characters = {
            by_name[name] for used, name in icons if used == style and name in by_name
        }
        shorten_font(
            static / f"vendor/fontawesome/webfonts/{font}.woff2", characters | by_sheet
        )


def spare_layout(static: Path) -> None:
    """Let the theme's script leave to keyboard.js what scrolls."""
    path = static / "scripts/pydata-sphinx-theme.js"
    text = path.read_text("utf-8")
    if text.count(SCROLLING) != 1:
        raise ValueError(f"{path}: the theme looks for what scrolls in another way now")
    path.write_text(text.replace(SCROLLING, '"none"'), "utf-8")


def remove_idle(site: Path) -> None:
    """Remove the files that no page asks for."""
    for pattern in (
        "_images/*.svg",  # which stand in the pages themselves
        "_static/**/*.map",
        "_static/**/*.ttf",
        "_static/scripts/fontawesome.js",
        "_static/sphinx-thebe.*",
        "_static/locales",
    ):
        for path in site.glob(pattern):
            rmtree(path) if path.is_dir() else path.unlink()
