"""Collect the claims of all pages in a ledger: a table on the page of claims, and a file.

`finish` calls `mend` for every page, and `close` once all pages are seen. A claim that stands twice on a page, under the same name, is an
error, for nothing could lead to the second.
"""

from __future__ import annotations

import html
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from bs4 import BeautifulSoup, Tag

from initcourse import testing
from initcourse.claims import Claim, distances

Entry = dict[str, Any]


def mend(soup: BeautifulSoup, page: str) -> list[Entry]:
    """Link each claim of a page to its row in the ledger; return the claims."""
    claims = soup.select("div.claim")
    entries = [
        {"id": place["id"], **json.loads(str(place["data-claim"]))} for place in claims
    ]
    for name, count in Counter(entry["id"] for entry in entries).items():
        if count > 1:
            raise ValueError(
                f"{page}: {count} claims begin with the same words: {name}"
            )
    title = soup.select_one("h1")
    heading = title.get_text().removesuffix("#") if title else page
    for place, entry in zip(claims, entries, strict=True):
        entry |= {"page": page, "title": heading.strip()}
        link = soup.new_tag("a", href=_row(page, entry), title="its row in the ledger")
        link["class"] = "claim-link"
        link.string = "#"
        place.append(link)
        del place["data-claim"]
        for tag in (
            place,
            *place.select("[style]"),
        ):  # on a page the style sheet does it
            del tag["style"]
    return entries


def _row(page: str, entry: Entry) -> str:
    """Return the address of a claim's row as seen from its page."""
    up = "../" * page.count("/")
    return f"{up}book/reference/claims.html#{_row_id(page, entry)}"


def _row_id(page: str, entry: Entry) -> str:
    return f"{Path(page).parent.name}-{Path(page).stem}-{entry['id']}"


def scatter(entries: list[Entry]) -> Claim:
    """Claim that the z of this build scatter as chance scatters them."""
    z = np.clip(distances(entries), -1e3, 1e3)  # infinite would be no number to compare
    return Claim(
        "The distances between theory and measurement in this build scatter as chance scatters "
        "them: their mean square is **1**.",
        (testing.assert_mean(z**2, 1.0),),
    )


def close(site: Path, entries: list[Entry], soups: Iterable[BeautifulSoup]) -> None:
    """Write the ledger, and fill what waits for it: its table, its size and its own claim."""
    (site / "claims.json").write_text(
        json.dumps(entries, ensure_ascii=False, indent=1) + "\n", "utf-8"
    )
    for soup in soups:
        for place in soup.select(".claims-count"):
            place.string = f"{len(entries):,}"
        for place in soup.select("#ledger"):
            place.replace_with(_parsed(_table(entries)))
        for place in soup.select("#ledger-scatter"):
            shown = _parsed(scatter(entries)._repr_html_())
            del shown["data-claim"]
            place.replace_with(shown)


def _parsed(text: str) -> Tag:
    (tag,) = BeautifulSoup(text, "html.parser").contents
    assert isinstance(tag, Tag)
    return tag


def _table(entries: list[Entry]) -> str:
    rows = []
    for entry in entries:
        page, evidence = entry["page"], html.escape("; ".join(entry["evidence"]))
        # from book/reference/claims.html
        place = f"{'../../' + page}.html#{entry['id']}"
        rows.append(
            f'<tr id="{_row_id(page, entry)}"><td>{html.escape(entry["title"])}</td>'
            f'<td><a href="{place}">{html.escape(entry["sentence"])}</a></td>'
            f"<td>{entry['kind']}</td><td>{evidence}</td></tr>"
        )
    heads = "".join(
        f'<th scope="col">{name}</th>' for name in ("page", "claim", "kind", "evidence")
    )
    return (
        '<div class="pst-scrollable-table-container"><table id="ledger" class="table choosable" '
        f'data-choose="0 2" data-rows="claims"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )
