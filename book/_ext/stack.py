"""Stack the panels of a figure, two or three beside each other, for a narrow screen.

Beside the figure stands a second drawing that uses the parts of the first, one below the other:
title, panels, legend. custom.css shows the one or the other; a reader of screens meets the first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from bs4 import BeautifulSoup, Tag

LETTER = 0.52  # width of a letter, in its size: about that of the page's type
GAP = 8.0  # between the parts, in the figure's points
SIZE = re.compile(r"font-size: ([\d.]+)px")
NUMBER = re.compile(r"-?\d+\.?\d*")
TEXT = "text[style][transform]"  # not the parts of a formula


@dataclass(frozen=True)
class Box:
    """What a text covers."""

    left: float
    right: float
    top: float
    bottom: float


def narrow(svg: Tag) -> Tag | None:
    """Return the stacked drawing of a figure of panels side by side, or nothing."""
    panels = svg.select('g[id*="axes_"]')
    lefts = [_patch(panel)[0] for panel in panels]
    if len(panels) not in (2, 3) or any(a >= b - GAP for a, b in pairwise(lefts)):
        return None
    texts = [_boxes(panel) for panel in panels]
    cuts = [
        min([left, *(box.left for box in boxes)]) - GAP / 2
        for left, boxes in zip(lefts, texts, strict=True)
    ]
    cuts[0] = 0.0
    whole = float(str(svg["viewbox"]).split()[2])
    width = max(b - a for a, b in pairwise([*cuts, whole]))
    parts, y = [], GAP
    for line in _lines(svg, width):
        y += 11
        parts.append(
            f'<text x="2" y="{y:.1f}" style="font-weight: 700; font-size: 11px">{line}</text>'
        )
        y += 3
    for panel, boxes, left in zip(panels, texts, cuts, strict=True):
        top = min([_patch(panel)[1], *(box.top for box in boxes)])
        bottom = max([_patch(panel)[2], *(box.bottom for box in boxes)])
        parts.append(_use(panel, -left, y + GAP - top))
        y += bottom - top + 2 * GAP
    x = 0.0
    for entry in _entries(svg):
        left, right = _span(entry)
        if x and x + right - left > width:
            x, y = 0.0, y + 14
        middle = _box(entry[-1].select(TEXT)[0])
        parts += [_use(part, x - left, y + 10 - middle.bottom) for part in entry]
        x += right - left + GAP
    height = y + (16 if x else 0)
    drawing = (
        f'<svg class="picture stacked" aria-hidden="true" viewbox="0 0 {width:.1f} '
        f'{height:.1f}">{"".join(parts)}</svg>'
    )
    return BeautifulSoup(drawing, "html.parser").select_one("svg")


def _use(part: Tag, x: float, y: float) -> str:
    return f'<use href="#{part["id"]}" transform="translate({x:.1f} {y:.1f})"></use>'


def _numbers(text: object) -> list[float]:
    return [float(number) for number in NUMBER.findall(str(text))]


def _patch(panel: Tag) -> tuple[float, float, float]:
    """Return left, top and bottom of the ground that the axes draw first."""
    (ground,) = panel.select('g[id*="patch_"] > path')[:1]
    numbers = _numbers(ground["d"])
    return min(numbers[::2]), min(numbers[1::2]), max(numbers[1::2])


def _boxes(panel: Tag) -> list[Box]:
    """Return what the texts of a panel cover, and its formulas, which are placed as a group."""
    found = [_box(text) for text in panel.select(TEXT)]
    for formula in panel.select('g[transform^="translate"] > text:has(tspan)'):
        assert formula.parent is not None
        x, y = _numbers(formula.parent["transform"])[:2]
        right = x + float(str(formula.select("tspan")[-1]["x"])) + 6
        found.append(Box(x, right, y - 10, y + 3))
    return found


def _box(text: Tag) -> Box:
    size = float((SIZE.search(str(text["style"])) or ["", "10"])[1])
    *turned, x, y = _numbers(text["transform"])  # "rotate(90 x y)" or "translate(x y)"
    turn = any(turned)
    length = LETTER * size * len(text.get_text())
    start = str(text["style"]).split("text-anchor: ")[-1]
    before = {"middle": 0.5, "end": 1.0}.get(start.split(";")[0], 0.0) * length
    if turn:
        return Box(x - size, x + size / 3, y - length + before, y + before)
    return Box(x - before, x - before + length, y - size, y + size / 3)


def _lines(svg: Tag, width: float) -> list[str]:
    """Break the title of the whole figure into lines."""
    lines: list[str] = []
    for text in svg.select('g[id*="figure_1"] > g[id*="text_"] > text'):
        for word in text.get_text().split():
            if lines and LETTER * 11 * len(f"{lines[-1]} {word}") < width:
                lines[-1] += f" {word}"
            else:
                lines.append(word)
    return [line.replace("&", "&amp;").replace("<", "&lt;") for line in lines]


def _entries(svg: Tag) -> list[list[Tag]]:
    """Return the parts of each entry of the legend: its marks, and its text last."""
    entries: list[list[Tag]] = [[]]
    for part in svg.select('g[id*="legend_"] > g[id]'):
        entries[-1].append(part)
        if part.select(TEXT):
            entries.append([])
    return [entry for entry in entries[:-1] if len(entry) > 1]


def _span(entry: list[Tag]) -> tuple[float, float]:
    marks = [
        number
        for part in entry[:-1]
        for path in part.select("path[d]")
        if not path.find_parent("defs")
        for number in _numbers(path["d"])[::2]
    ]
    text = _box(entry[-1].select(TEXT)[0])
    return min([*marks, text.left - 22]), text.right
