"""Give the small labs their places: a figure whose cell is tagged `lab-NAME` gets knobs below it.

The figure that the notebook drew stays: it is what a page without JavaScript and paper show. The
scripts in _static/play draw the lab NAME in its place.
"""

from __future__ import annotations

import re

from bs4 import BeautifulSoup

TAG = re.compile(r"tag_lab-(\w+)")  # MyST-NB's class of such a cell
SCRIPTS = (
    *("lab/model.js", "lab/chart.js"),
    *("play/models.js", "play/paper.js", "play/labs.js", "play/play.js"),
)


def mend(soup: BeautifulSoup, up: str) -> None:
    """Mark the figures of a page that are labs; `up` leads from the page to the site."""
    found = False
    for figure in soup.select("div.cell[class*=tag_lab-] figure"):
        cell = figure.find_parent("div", class_=TAG)
        caption = figure.select_one("figcaption")
        assert cell is not None
        assert caption is not None
        (name,) = TAG.findall(" ".join(cell["class"]))
        figure["data-lab"] = name
        caption.insert_before(soup.new_tag("div", attrs={"class": "play"}))
        found = True
    if not found or soup.head is None:
        return
    static = f"{up}_static"
    sheet = {"rel": "stylesheet", "href": f"{static}/play/play.css"}
    soup.head.append(soup.new_tag("link", attrs=sheet))
    for script in SCRIPTS:
        attributes = {"defer": "", "src": f"{static}/{script}"}
        soup.head.append(soup.new_tag("script", attrs=attributes))
