"""Fold what a reader may skip: the code behind claims and figures, and proofs.

What people get wrong is asked first: the reader says whether it is so, and unfolds the answer. What
was measured is folded below the guess that it answers.

A fold stands below what it explains. Code that shows nothing and is followed by folded code joins
it, so that one fold holds all that led to a figure or a claim. Nothing leaves the page: a search
finds it, and paper shows it.
"""

from __future__ import annotations

from bs4 import BeautifulSoup, Tag
from bs4.element import PageElement

CLAIM = "How this was checked"
FIGURE = "Code of this figure"
OUTPUT = "Code of this output"
CODE = "Code"
MEASURED = "What was measured"
PROOF = "Proof"
VOTE = "Right or wrong?"
WRONG = "section#what-people-get-wrong"
FOLDED = "tag_hide-input"  # MyST-NB's class of such a cell
GUESSED = "tag_hide-output"


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
    for fold in soup.select(f"div.cell.{GUESSED} details.hide"):
        for name in fold.select("summary"):
            name.string = MEASURED
        fold["class"] = "fold"
    for box in soup.select("div.admonition.fold"):
        title = box.select_one("p.admonition-title")
        assert title is not None
        title.name, box.name = "summary", "details"
        title.attrs, box.attrs = {}, {"class": "fold"}
    for proof in soup.select("div.proof#proof"):
        del proof["id"]  # every proof has the same
        fold = empty(soup, PROOF)
        proof.insert_before(fold)
        fold.append(proof.extract())
    for section in soup.select(WRONG):
        for paragraph in section.find_all("p", recursive=False):
            if quote := _quote(paragraph):
                _vote(soup, paragraph, quote)


def empty(soup: BeautifulSoup, name: str, kind: str = "") -> Tag:
    """Make a fold with nothing in it but its name."""
    fold = soup.new_tag("details", attrs={"class": f"fold {kind}".strip()})
    summary = soup.new_tag("summary")
    summary.string = name
    fold.append(summary)
    return fold


def _quote(tag: Tag) -> list[PageElement]:
    """Return what a paragraph begins with, if it is a quotation in bold letters."""
    found: list[PageElement] = []
    for node in tag.contents if tag.name == "p" else ():
        bold = isinstance(node, Tag) and node.name == "strong"
        if not found and not (bold and node.get_text().startswith("“")):
            return []
        found.append(node)
        if bold and "”" in node.get_text():
            return found
    return []


def _vote(soup: BeautifulSoup, paragraph: Tag, quote: list[PageElement]) -> None:
    """Fold a paragraph, and what belongs to it, under the quotation that it begins with."""
    answer, following = [paragraph], paragraph.find_next_sibling()
    while following is not None and not _quote(following):
        answer.append(following)
        following = following.find_next_sibling()
    fold = empty(soup, " ", "vote")
    paragraph.insert_before(fold)
    ask = soup.new_tag("span", attrs={"class": "ask"})
    ask.string = VOTE
    for summary in fold.select("summary"):
        summary.extend([ask])
        for node in reversed(quote):
            summary.insert(0, node.extract())
    fold.extend([tag.extract() for tag in answer])


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
    return OUTPUT if cell.select_one("div.cell_output") else CODE
