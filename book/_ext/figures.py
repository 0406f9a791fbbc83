"""Put the figures into their pages, in the colors and the type of the page.

Matplotlib's SVG files become part of the page: black is the color of the text, white that of the
ground, and each of the book's colors a variable that custom.css sets for light and for dark. The
alternative text stays the figure's name.
"""

from __future__ import annotations

import re
from pathlib import Path

import stack
from bs4 import BeautifulSoup, Tag

# A color of `initcourse.plots` and the variable that takes its place.
VARIABLES = {
    "#000000": "currentColor",
    "#ffffff": "var(--pst-color-background)",
    "#1a1a1a": "var(--figure-theory)",
    "#e3e3e3": "var(--figure-grid)",
    "#767676": "var(--figure-zero)",
    "#56b4e9": "var(--figure-too-small)",
    "#cc3311": "var(--figure-too-large)",
    "#0072b2": "var(--figure-lecun)",
    "#e69f00": "var(--figure-xavier)",
    "#009e73": "var(--figure-he)",
    "#cc79a7": "var(--figure-orthogonal)",
    "#8c5a2b": "var(--figure-default)",
}
COLOR = re.compile("|".join(VARIABLES))
FONT = re.compile(r"\s*font-family: [^;\"]*;?")
UNSEEN = re.compile(r"<metadata>.*?</metadata>|<!--.*?-->|<style.*?</style>", re.S)
NAMES = re.compile(r'(\bid="|href="#|url\(#)')
SPACE = re.compile(r"\s*\n\s*")


def inline(text: str, image: Tag, number: int) -> Tag:
    """Return the figure of an SVG file, in place of an image: the page's `number`-th."""
    text = UNSEEN.sub("", text[text.index("<svg") :])
    text = COLOR.sub(lambda found: VARIABLES[found[0]], FONT.sub("", text))
    text = NAMES.sub(rf"\1f{number}-", SPACE.sub(" ", text))
    (svg,) = BeautifulSoup(text.strip(), "html.parser").contents
    assert isinstance(svg, Tag)
    for picture in svg.select("image[id]"):
        del picture["id"]  # equal pictures have equal names, and nothing refers to them
    box = str(svg["viewbox"])
    svg.attrs = {
        "class": " ".join(["picture", *(image.get("class") or ())]),
        "role": "img",
        "aria-label": image["alt"],
        "viewbox": box,
    }
    return svg


def mend(soup: BeautifulSoup, folder: Path) -> None:
    """Put the SVG figures that cells of a page show into the page, which lies in a folder."""
    images = soup.select("article .cell_output img[src$='.svg']")
    for number, image in enumerate(images, 1):
        path = folder / str(image["src"])
        figure = inline(path.read_text("utf-8"), image, number)
        image.replace_with(figure)
        if (narrow := stack.narrow(figure)) is not None:
            figure["class"] = f"{figure['class']} wide"
            figure.insert_after(narrow)
