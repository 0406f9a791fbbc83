"""Keep on one line what is one quantity: a number and its percent sign, its error, its power of ten.

`finish` calls this once the ledger has read the claims: it changes spaces and the minus of an
exponent, nothing else.
"""

from __future__ import annotations

import re

from bs4 import BeautifulSoup
from bs4.element import NavigableString

# Not where spaces are read by a program, or drawn.
ELSEWHERE = ("pre", "code", "script", "style", "svg", "math", "textarea")
SPACE = re.compile(r"(?<=\d) (?=%)|^ (?=%)| (?=± )|(?<=±) ")
MINUS = re.compile(r"(?<=\de)-(?=\d)")


def mend(soup: BeautifulSoup) -> None:
    """Set spaces, and signs of exponents, that do not break in the text of a page."""
    for text in soup.find_all(string=re.compile(f"{SPACE.pattern}|{MINUS.pattern}")):
        if type(text) is NavigableString and not text.find_parent(ELSEWHERE):
            whole = SPACE.sub("\N{NO-BREAK SPACE}", text)
            text.replace_with(MINUS.sub("\N{MINUS SIGN}", whole))
