"""Drop from the style sheets the rules that no page can need.

The theme brings the rules of all that its users might build. `finish` calls this once all pages are
there. A rule goes if it asks for a class or a name that occurs in no page and in no script. As what
is left differs from build to build, the address of each sheet says which it is.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from bs4 import BeautifulSoup

COMMENT = re.compile(r"/\*.*?\*/", re.S)
BRACE = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|[{}]', re.S)
NESTED = ("@media", "@supports")  # rules that hold rules
NOT_ASKED = re.compile(
    r"\[[^]]*\]|\([^()]*\)"
)  # of a selector: attributes, and what is in :not()
ASKED = re.compile(r"[.#]((?:[\w-]|\\.)+)")
COMMA = re.compile(r",(?![^(]*\))")  # between two selectors
WORD = re.compile(r"[\w-]+")


def rules(sheet: str) -> Iterator[tuple[str, str]]:
    """Take a style sheet apart: what stands before each pair of braces and what within, the rest."""
    depth = begin = opened = 0
    for found in BRACE.finditer(sheet):
        if found[0] == "{":
            opened = opened if depth else found.start()
            depth += 1
        elif found[0] == "}":
            depth -= 1
            if depth == 0:
                yield sheet[begin:opened], sheet[opened + 1 : found.start()]
                begin = found.end()
    yield f"{sheet[begin:].strip().rstrip(';')};", ""


def needed(selector: str, words: set[str]) -> bool:
    """Tell whether something could match a selector, of which these words are all names."""
    shorter = NOT_ASKED.sub("", selector)
    if shorter != selector:
        return needed(shorter, words)
    return all(name.replace("\\", "") in words for name in ASKED.findall(selector))


def prune(sheet: str, words: set[str]) -> str:
    """Return a style sheet without the rules that nothing can match."""
    kept = []
    for before, body in rules(COMMENT.sub("", sheet)):
        statements, _, head = before.strip().rpartition(";")  # such as @import
        head, within = head.strip(), body.strip()
        if head.startswith(NESTED):
            within = prune(body, words)
        elif not head.startswith("@"):
            head = ",".join(one for one in COMMA.split(head) if needed(one, words))
        kept.append(f"{statements};" if statements else "")
        kept.append(f"{head}{{{within}}}" if head and within else "")
    return "".join(kept)


def names(soup: BeautifulSoup) -> set[str]:
    """Collect the names and classes of a page, and the words of the scripts within."""
    found = {str(tag["id"]) for tag in soup.select("[id]")}
    for tag in soup.select("[class]"):
        classes = tag["class"]
        found.update(classes.split() if isinstance(classes, str) else classes)
    for tag in soup.select("script:not([src])"):
        found.update(WORD.findall(tag.get_text()))
    return found


def stamp(static: Path, soups: Iterable[BeautifulSoup]) -> None:
    """Give the addresses of the style sheets a number that changes with what they say."""
    for soup in soups:
        for link in soup.select("link[rel=stylesheet]"):
            address = str(link["href"]).partition("?")[0]
            path = static / address.rpartition("_static/")[2]
            link["href"] = f"{address}?v={zlib.crc32(path.read_bytes()):08x}"


def mend(static: Path, soups: Iterable[BeautifulSoup]) -> None:
    """Prune the style sheets of a site."""
    words = {"print-page"}.union(*map(names, soups))  # tools/pdf.py has such pages
    for path in static.rglob("*.js"):
        words.update(WORD.findall(path.read_text("utf-8")))
    for path in static.rglob("*.css"):
        path.write_text(prune(path.read_text("utf-8"), words), "utf-8")
