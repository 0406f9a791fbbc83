"""Explain the words of the glossary where they are used: a link, and the definition beside it.

The first use of a term in each section becomes a link to the glossary; _static/terms.js shows the
definition, which stands at the end of the page, where a pointer or the keyboard reaches the link.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

TEXT = "p, li:not(:has(p))"  # where words are read
NOT_IN = "a, code, pre, .math, .claim, figure, summary, .proof-title, #exercises, #references"
CASE = re.compile(r"[A-Z]")


def defined(glossary: BeautifulSoup) -> dict[str, Tag]:
    """Return the definition of each term: a paragraph, without its links."""
    found = {}
    for name in glossary.select("dl.glossary dt[id]"):
        following = name.find_next_sibling("dd")
        assert isinstance(following, Tag)
        meaning = copy.copy(following)
        for link in meaning.select("a"):
            link.unwrap()
        for mark in name.select("a"):
            mark.extract()
        found[str(name["id"])] = meaning
        meaning["data-term"] = name.get_text().strip()
    return found


def pattern(term: str) -> str:
    """Match a term and its plural, "fan in, fan out" as two; a name keeps its capital."""
    forms = []
    for form in term.split(", "):
        words = re.escape(form.removesuffix(" of a level").removesuffix("e"))
        ending = "(?:es?|ed|ing|es)?" if form.endswith("e") else "(?:s|es)?"
        forms.append(words if CASE.match(form) else f"(?i:{words})")
        forms[-1] += ending
    return "|".join(forms)


def mend(soup: BeautifulSoup, meanings: Mapping[str, Tag], glossary: str) -> None:
    """Link the terms of a page to the glossary at an address, and put their meanings below."""
    patterns = {name: pattern(str(tag["data-term"])) for name, tag in meanings.items()}
    longest = sorted(patterns, key=lambda name: -len(patterns[name]))
    groups = [f"(?P<t{k}>{patterns[name]})" for k, name in enumerate(longest)]
    words = re.compile(rf"(?<![\w-])(?:{'|'.join(groups)})(?![\w-])")
    skipped = {id(tag) for tag in soup.select(f":is({NOT_IN}), :is({NOT_IN}) *")}
    used: set[str] = set()
    for section in soup.select("article section > section"):
        if len(section.find_parents("section")) > 1:
            continue  # a part of a section
        seen: set[str] = set()
        for tag in section.select(TEXT):
            if id(tag) not in skipped:
                for text in list(tag.find_all(string=True)):
                    if text.parent is not None and id(text.parent) not in skipped:
                        _link(soup, text, words, longest, seen, glossary)
        used |= seen
    article = soup.select_one("article")
    for name in sorted(used):
        tip = soup.new_tag("div", attrs={"class": "term-tip", "id": f"tip-{name}"})
        tip["role"], tip["hidden"] = "tooltip", ""
        for child in list(copy.copy(meanings[name]).children):
            tip.append(child.extract())
        assert article is not None
        article.append(tip)


def _link(
    soup: BeautifulSoup,
    text: NavigableString,
    words: re.Pattern[str],
    names: list[str],
    seen: set[str],
    glossary: str,
) -> None:
    """Link the terms of one piece of text that the section has not linked yet."""
    parts: list[Tag | str] = []
    end = 0
    for match in words.finditer(str(text)):
        name = names[int(str(match.lastgroup)[1:])]
        if name in seen:
            continue
        seen.add(name)
        attributes = {
            "class": "term",
            "href": f"{glossary}#{name}",
            "aria-describedby": f"tip-{name}",
        }
        link = soup.new_tag("a", attrs=attributes)
        link.string = match[0]
        parts += [str(text)[end : match.start()], link]
        end = match.end()
    if parts:
        for part in parts:
            text.insert_before(part)
        text.replace_with(str(text)[end:])
