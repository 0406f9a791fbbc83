"""Fold what a reader may skip: the code behind claims and figures, set-up, and proofs.

A fold stands below what it explains. Code that shows nothing and is followed by folded code joins
it, so that one fold holds all that led to a figure or a claim. Nothing leaves the page: a search
finds it, and paper shows it.
"""

from __future__ import annotations

from bs4 import BeautifulSoup, Tag

CLAIM = "How this was checked"
FIGURE = "Code of this figure"
OUTPUT = "Code of this output"
CODE = "Code"
SETUP = "Set-up"
PROOF = "Proof"
FOLDED = "tag_hide-input"  # MyST-NB's class of such a cell


def mend(soup: BeautifulSoup) -> None:
    """Fold the code and the proofs of a page."""
    for cell in soup.select(f"div.cell.{FOLDED}:has(> details.hide)"):
        fold = cell.select_one("details.hide")
        assert fold is not None
        output = cell.select_one("div.cell_output")
        following = cell.find_next_sibling()
        if output is None and following is not None and _is_folded(following):
            _join(fold, following)
            cell.decompose()
            continue
        for name in fold.select("summary"):
            name.string = _prompt(cell)
        fold["class"] = "fold"
        if output is not None:
            output.insert_after(fold.extract())
    for box in soup.select("div.admonition.fold"):
        title = box.select_one("p.admonition-title")
        assert title is not None
        title.name, box.name = "summary", "details"
        title.attrs, box.attrs = {}, {"class": "fold"}
    for proof in soup.select("div.proof#proof"):
        del proof["id"]  # every proof has the same
        fold = soup.new_tag("details", attrs={"class": "fold"})
        name = soup.new_tag("summary")
        name.string = PROOF
        proof.wrap(fold)
        proof.insert_before(name)


def _is_folded(tag: Tag) -> bool:
    return (
        "cell" in tag["class"] and FOLDED in tag["class"]
        if tag.has_attr("class")
        else False
    )


def _join(fold: Tag, following: Tag) -> None:
    """Put the code of a fold before that of the cell which follows."""
    place = following.select_one("details.hide > summary")
    assert place is not None
    for source in reversed(fold.select("div.cell_input")):
        place.insert_after(source.extract())


def _prompt(cell: Tag) -> str:
    if cell.select_one("div.claim"):
        return CLAIM
    if cell.select_one("figure"):
        return FIGURE
    if cell.select_one("div.cell_output"):
        return OUTPUT
    return SETUP if "tag_parameters" in cell["class"] else CODE
