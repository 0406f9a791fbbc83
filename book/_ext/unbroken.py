"""Keep on one line what is one quantity: a number and its percent sign, an estimate and its error.

`finish` calls this once the ledger has read the claims: it changes spaces that are seen, nothing
else.
"""

from __future__ import annotations

import re

from bs4 import BeautifulSoup
from bs4.element import NavigableString

# Not where spaces are read by a program, or drawn.
ELSEWHERE = ("pre", "code", "script", "style", "svg", "math", "textarea")
SPACE = re.compile(r"(?<=\d) (?=%)|^ (?=%)| (?=± )|(?<=±) ")


def mend(soup: BeautifulSoup) -> None:
    """Set spaces that do not break in the text of a page."""
    for text in soup.find_all(string=SPACE):
        if type(text) is NavigableString and not text.find_parent(ELSEWHERE):
            text.replace_with(SPACE.sub("\N{NO-BREAK SPACE}", text))
