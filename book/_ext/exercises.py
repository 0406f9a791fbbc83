"""Fold the hints and the solution of each exercise out below it, on its own page.

The hints are those that the package gives one by one. The solution is the text and the code of the
page of solutions; its claims stay there, where the ledger has them. Where solutions are hidden
there is no such page, and hints alone. What the checks say of an answer that nobody has given yet
is taken away.
"""

from __future__ import annotations

import copy
import re
from posixpath import dirname, join, normpath

import fold
from bs4 import BeautifulSoup, Tag

from initcourse.exercises import EXERCISES, Exercise

LABELS = {f"ex-{name.replace('_', '-')}": found for name, found in EXERCISES.items()}
ASKED = re.compile(r"check\.\w+\(\w+\)\s*$")  # a cell that asks for a verdict
POINTER = re.compile(r"/?solutions/[^/]*\.html#")


def mend(page: BeautifulSoup, worked: BeautifulSoup | None, address: str) -> None:
    """Give a page of exercises its hints and the solutions of another page, at an address."""
    exercises = page.select("div.exercise")
    for exercise in exercises:
        place = _last_cell(exercise)
        hints = LABELS.get(str(exercise["id"]))
        folds = _hints(page, hints) if hints else []
        link = exercise.find("a", href=POINTER)
        if isinstance(link, Tag) and worked is not None:
            folds.append(_solution(page, worked, link, address))
        for found in reversed(folds):
            place.insert_after(found)
    if exercises:
        for cell in page.select("div.cell"):
            source, output = cell.select_one("pre"), cell.select_one("div.cell_output")
            if source and output and ASKED.match(source.get_text()):
                output.decompose()


def _last_cell(exercise: Tag) -> Tag:
    """Return the last of the cells that follow an exercise: its stub, and the check."""
    last, following = exercise, exercise.find_next_sibling()
    while following is not None and "cell" in (following.get("class") or ()):
        last, following = following, following.find_next_sibling()
    return last


def _hints(page: BeautifulSoup, exercise: Exercise) -> list[Tag]:
    folds = []
    for number, hint in enumerate(exercise.hints, 1):
        hinted = fold.empty(page, f"Hint {number}", "help")
        text = page.new_tag("p")
        text.string = hint
        hinted.append(text)
        folds.append(hinted)
    return folds


def _solution(
    page: BeautifulSoup, worked: BeautifulSoup, link: Tag, address: str
) -> Tag:
    """Return the fold with what the page of solutions says, and a link to it."""
    label = str(link["href"]).partition("#")[2]
    section = worked.find(id=label)
    assert isinstance(section, Tag), label
    found = section if section.name == "section" else section.find_parent("section")
    content = found.select_one("#solution-content") if found else None
    assert content is not None, label
    solution = fold.empty(page, link.get_text(), "help")
    for part in copy.copy(content).find_all(recursive=False):
        if part.select_one("div.claim") is None:
            solution.append(part)
    for tag in solution.select("[id]"):
        del tag["id"]
    for tag in solution.select("a[href], img[src]"):
        name = "href" if tag.name == "a" else "src"
        if "://" not in str(tag[name]) and not str(tag[name]).startswith("#"):
            tag[name] = normpath(join(dirname(address), str(tag[name])))
    more = page.new_tag("p")
    pointer = page.new_tag("a", href=str(link["href"]))
    pointer.string = "With its checks, on the page of solutions"
    more.append(pointer)
    solution.append(more)
    paragraph = link.find_parent("p")
    assert paragraph is not None
    paragraph.decompose()
    return solution
