"""Put the figures into their pages, in the colors and the type of the page.

Matplotlib's SVG files become part of the page: black is the color of the text, white that of the
ground, and each of the book's colors a variable that custom.css sets for light and for dark. The
alternative text stays the figure's name. Numbers are as long as the eye needs.
"""

from __future__ import annotations

import re
import zlib
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
    "#6a3d9a": "var(--figure-root)",
    "#b8336a": "var(--figure-fixup)",
    "#7a7a00": "var(--figure-rezero)",
    "#4b5fc4": "var(--figure-layer)",
    "#b35900": "var(--figure-batch)",
}
COLOR = re.compile("|".join(VARIABLES))
# Of the style: the page's own font, and what is so anyway.
IDLE = re.compile(
    r"\s*font-family: [^;\"]*;?|;? *stroke-linejoin: miter|;? *stroke-linecap: butt"
)
UNSEEN = re.compile(r"<metadata>.*?</metadata>|<!--.*?-->|<style.*?</style>", re.S)
NAMES = re.compile(r'(\bid="|href="#|url\(#)')
SPACE = re.compile(r"\s*\n\s*")
BETWEEN = re.compile(
    r"> <(?=/?(?:g|path|use|defs|clipPath|rect)\b)"
)  # not within a text
ASKED_FOR = re.compile(r'(?:href="#|url\(#)([^")]*)')
WIDTH = 7.2 * 72  # of a wide figure, in points: it is as wide as the text
NARROW = (
    5.0 * 72
)  # up to here a figure is one for a phone: of a wide page it fills less
SHARE = 0.72  # of the text's width, for one of 4.5 inches
DECIMAL = re.compile(r"-?\d+\.\d+")
PART = re.compile(r"([A-Za-z])([^A-Za-z]*)")
POINTS = {
    "M": 1,
    "L": 1,
    "Q": 2,
    "C": 3,
}  # of a part of an outline; the last one is its end


def inline(text: str, image: Tag, number: int) -> Tag:
    """Return the figure of an SVG file, in place of an image: the page's `number`-th."""
    text = UNSEEN.sub("", text[text.index("<svg") :]).replace("xlink:href", "href")
    text = COLOR.sub(lambda found: VARIABLES[found[0]], IDLE.sub("", text))
    text = NAMES.sub(rf"\1f{number}-", BETWEEN.sub("><", SPACE.sub(" ", text)))
    (svg,) = BeautifulSoup(text.strip(), "html.parser").contents
    assert isinstance(svg, Tag)
    box = str(svg["viewbox"])
    points = float(box.split()[2])
    single = points <= NARROW
    width = SHARE * points / (4.5 * 72) if single else points / WIDTH
    classes = ["picture", *(["single"] * single), *(image.get("class") or ())]
    svg.attrs = {
        "class": " ".join(classes),
        "role": "img",
        "aria-label": image["alt"],
        "style": f"--share: {width:.1%}",
        "viewbox": box,
    }
    return svg


def short(value: float) -> str:
    """Write a number of points in as few characters as can be."""
    text = re.sub(r"^(-?)0\.", r"\1.", f"{value:.2f}".rstrip("0").rstrip("."))
    return "0" if text in ("", "-", "-0") else text


def outline(path: str) -> str:
    """Write an outline in steps from point to point, tenths of a point: a seventh of a pixel."""
    x, y, begin, last = 0.0, 0.0, (0.0, 0.0), ""
    steps: list[str] = []
    before: list[str] = []
    for command, numbers in PART.findall(path):
        at = [round(float(value), 1) for value in numbers.split()]
        found: list[str] = []
        if command == "z":
            x, y = begin
        while at:
            points, at = at[: 2 * POINTS[command]], at[2 * POINTS[command] :]
            places = [x, y] * POINTS[command]
            found += [short(a - b) for a, b in zip(points, places, strict=True)]
            x, y = points[-2:]
        if command == "M":
            begin = x, y
        if command == last == "L" and (straight := onward(before, found)):
            steps[-1], found = " ".join(straight), straight
        else:
            steps.append(" " if command == last == "L" else command.lower())
            steps.append(" ".join(found))
        last, before = command, found
    return "".join(steps).replace(" -", "-")


def onward(first: list[str], second: list[str]) -> list[str]:
    """Join two steps that go the same way along an axis into one; else return nothing."""
    (a, b), (c, d) = map(float, first), map(float, second)
    along = (b == d == 0 and a * c >= 0) or (a == c == 0 and b * d >= 0)
    return [short(a + c), short(b + d)] if along else []


def shorten(svg: Tag, asked: set[str]) -> None:
    """Shorten the numbers and styles of a figure; of its names keep those that are asked for."""
    for tag in svg.find_all(True):
        if "id" in tag.attrs and tag["id"] not in asked:
            del tag["id"]
        for name in {"x", "y", "transform"} & set(tag.attrs):
            tag[name] = DECIMAL.sub(
                lambda found: short(float(found[0])), str(tag[name])
            )
        if str(tag.get("transform")).startswith("rotate(-0 ") and "x" in tag.attrs:
            del tag["transform"]
        if "style" in tag.attrs:
            tag["style"] = (
                str(tag["style"]).replace(": ", ":").replace("; ", ";").strip("; ")
            )
        if "d" in tag.attrs:
            tag["d"] = outline(str(tag["d"]))
    for group in svg.select("g"):
        if not group.attrs:
            group.unwrap()


def share(soup: BeautifulSoup) -> None:
    """Write each style of the page's lines and marks once, as a class, and give parts short names.

    The rule is that class alone: it holds for parts that are used again, too. Text keeps its style,
    for custom.css has rules for it.
    """
    if soup.head is None:
        return
    styles: dict[str, str] = {}
    names: dict[str, str] = {}
    for tag in soup.select("svg.picture :is(path, use, rect)[style]"):
        style = str(tag["style"])
        if "clip-path" in tag.attrs and "--figure-grid" in style:
            del tag["clip-path"]  # a grid ends where its axes do
        styles[style] = (
            f"k{zlib.crc32(style.encode()) >> 8:06x}"  # the same in every page
        )
        tag["class"] = styles[style]
        del tag["style"]
    for tag in soup.select("svg.picture [id]"):
        number = str(tag["id"]).partition("-")[0]
        tag["id"] = names.setdefault(str(tag["id"]), f"{number}-{len(names)}")
    for tag in soup.select("svg.picture use"):
        tag["href"] = f"#{names[str(tag['href']).removeprefix('#')]}"
    for tag in soup.select("svg.picture [clip-path]"):
        (name,) = ASKED_FOR.findall(str(tag["clip-path"]))
        tag["clip-path"] = f"url(#{names[name]})"
    for tag in soup.select("svg :is(path, use, rect, circle, line)"):
        tag.can_be_empty_element = True  # "/>" in place of a closing tag
    if styles:
        sheet = soup.new_tag("style")
        sheet.string = "".join(f".{name}{{{style}}}" for style, name in styles.items())
        soup.head.append(sheet)


def mend(soup: BeautifulSoup, folder: Path) -> None:
    """Put the SVG figures that cells of a page show into the page, and shorten those of claims."""
    for mark in soup.select(".claim-picture svg [d]"):
        mark["d"] = outline(str(mark["d"]))
    images = soup.select("article .cell_output img[src$='.svg']")
    for number, image in enumerate(images, 1):
        path = folder / str(image["src"])
        figure = inline(path.read_text("utf-8"), image, number)
        image.replace_with(figure)
        fits = "single" in str(figure["class"])
        lab = figure.find_parent(class_=re.compile(r"^tag_lab-"))
        kept = lab and len(figure.select('g[id*="axes_"]')) > 2  # by play.css
        narrow = None if fits or kept else stack.narrow(figure)
        asked = set(ASKED_FOR.findall(f"{figure}{narrow}"))
        shorten(figure, asked)
        if narrow is not None:
            figure["class"] = f"{figure['class']} wide"
            figure.insert_after(narrow)
    share(soup)
