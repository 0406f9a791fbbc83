"""Find what the prose says in words and no claim says: quantities, and words like *never*.

python -m tools.words [PAGE ...]

Lists, with page and place, every sentence that holds a quantity in words which no claim backs
(these fail the tests), and then, for whoever hunts, every sentence with *only*, *never*, *always*
and their kind. Proofs, theorems, definitions, exercises, quoted words, sentences that cite a source
and code are not prose.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from tools import notebooks, toc

sys.path.insert(0, str(toc.ROOT / "book" / "_ext"))
import citations

QUANTIFIERS = re.compile(
    r"\b(only|never|always|no|none|every|all|any|as well as|exactly|cannot|must)\b", re.IGNORECASE
)
EXEMPT = re.compile(r"(prf:|exercise|glossary|definition|bibliography|raw|eval-rst|code-cell)")

_UNITS = [
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
]
CARDINALS = {word: Fraction(value) for value, word in enumerate(_UNITS, 2)} | {
    word: Fraction(value)
    for word, value in {
        "thirty": 30,
        "forty": 40,
        "fifty": 50,
        "sixty": 60,
        "hundred": 100,
        "thousand": 1000,
        "million": 10**6,
    }.items()
}
PARTS = {
    "third": 3,
    "quarter": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
    "hundredth": 100,
    "thousandth": 1000,
    "millionth": 10**6,
}
_CARDINAL = "|".join(CARDINALS)
_AMOUNT = rf"(?P<amount>\d[\d,]*(?:\.\d+)?|one|a|{_CARDINAL})"
_PART = "|".join(PARTS)

# Each finds a quantity; the groups say which.
_PATTERNS = (
    re.compile(r"\b(?P<half>half|halves|halved)\b"),
    re.compile(r"\b(?P<twice>twice|doubles?|doubled|doubling)\b"),
    re.compile(r"\b(?P<thrice>thrice|triples?|tripled)\b"),
    re.compile(
        rf"\b(?:(?P<count>a|one|{_CARDINAL})\s+)(?P<part>{_PART})s?\b"
        rf"(?!\s+(?:layer|step|chapter|case|row|column|section|time|figure|way|term|rule))"
        rf"|\b(?P<part_of>{_PART})s?\s+of\b"
    ),
    re.compile(r"(?<![\w./^$])(?P<over>\d+)/(?P<under>\d+)(?![\w/])"),
    re.compile(rf"\b{_AMOUNT}\s*(?P<percent>%|percent\b|per cent\b)"),
    re.compile(rf"\b{_AMOUNT}[\s-]+(?P<times>times|fold)\b"),
    re.compile(rf"\b(?P<factor>factors? of)\s+{_AMOUNT}\b"),
    re.compile(rf"\b{_AMOUNT}\s+(?P<orders>orders? of magnitude)\b"),
    re.compile(
        rf"\b(?P<about>about|nearly|almost|roughly|approximately|some|around)\s+{_AMOUNT}\b"
        rf"(?!\s+(?:third|quarter|half))"
    ),
)
_COUNT = re.compile(rf"\b(?:{_CARDINAL})\b")


@dataclass(frozen=True)
class Sentence:
    """A sentence of a page: the page, the line or the cell it stands in, and its text."""

    page: str
    place: str
    text: str

    def __str__(self) -> str:
        """Say it with its place."""
        return f"{self.page}:{self.place}: {self.text}"


@dataclass(frozen=True)
class Quantity:
    """What a text says in words: the words, their value, and whether it is a plain count."""

    words: str
    value: Fraction
    counted: bool = False


def value_of(amount: str) -> Fraction:
    """Return the value of an amount in digits or as a word."""
    if amount in ("a", "one"):
        return Fraction(1)
    return CARDINALS.get(amount) or Fraction(amount.replace(",", ""))


def quantities(text: str) -> list[Quantity]:
    """List the quantities that a text gives in words, but for decimals."""
    low = text.lower()
    found: list[Quantity] = []
    taken = [False] * len(low)
    for pattern in _PATTERNS:
        for match in pattern.finditer(low):
            if any(taken[match.start() : match.end()]):
                continue
            value = _value({k: v for k, v in match.groupdict().items() if v is not None})
            if value is None:
                continue
            taken[match.start() : match.end()] = [True] * (match.end() - match.start())
            found.append(Quantity(text[match.start() : match.end()], value))
    for match in _COUNT.finditer(low):
        if not any(taken[match.start() : match.end()]):
            found.append(Quantity(text[slice(*match.span())], CARDINALS[match[0]], counted=True))
    return found


def _value(groups: dict[str, str]) -> Fraction | None:
    """Return the value of a match by the groups that took part; None if it is no quantity."""
    if "half" in groups:
        return Fraction(1, 2)
    if "twice" in groups:
        return Fraction(2)
    if "thrice" in groups:
        return Fraction(3)
    if "part" in groups:
        return value_of(groups["count"]) / PARTS[groups["part"]]
    if "part_of" in groups:
        return Fraction(1, PARTS[groups["part_of"]])
    if "over" in groups:
        under = int(groups["under"])
        return Fraction(int(groups["over"]), under) if under else None
    value = value_of(groups["amount"])
    if groups["amount"] in ("a", "one"):  # some one, almost a
        return None
    return value / 100 if "percent" in groups else value


# --- pages --------------------------------------------------------------------------------------


def sentences(path: Path) -> Iterator[Sentence]:
    """Yield the sentences of a page's prose, captions, alternative texts and titles of figures."""
    page = path.relative_to(toc.ROOT).as_posix()
    if path.suffix != ".ipynb":
        for line, text in prose(path.read_text("utf-8")):
            yield Sentence(page, str(line), text)
        return
    for cell in notebooks.read(path.read_text("utf-8"))["cells"]:
        if cell["cell_type"] == "markdown":
            texts: Iterable[str] = (text for _, text in prose(cell["source"]))
        else:
            texts = [*_of_figure(cell), *_titles(cell["source"])]
        for text in texts:
            yield Sentence(page, cell["id"], text)


def prose(text: str) -> Iterator[tuple[int, str]]:
    """Yield the sentences of Markdown, each with the line its paragraph begins in."""
    fences: list[tuple[str, bool]] = []  # what closes it, and whether it is exempt
    block: list[str] = []
    begin, skipping = 1, False
    lines = text.splitlines()
    if lines[:1] == ["---"]:  # front matter
        end = lines.index("---", 1)
        lines[: end + 1] = [""] * (end + 1)
    for number, line in enumerate([*lines, ""], 1):
        bare = line.strip()
        opening = re.match(r"(?P<fence>:{3,}|`{3,})\s*\{?(?P<name>[\w:-]*)", bare)
        ends_block = not bare or bool(re.match(r"(#|\||[-*] |\d+\. )", bare)) or bool(opening)
        if bare.startswith("$$"):
            skipping = not skipping if bare.count("$$") == 1 else skipping
            continue
        if skipping:
            continue
        if ends_block and block:
            yield from ((begin, sentence) for sentence in _split(" ".join(block)))
            block = []
        if opening:
            fence, name = opening["fence"], opening["name"]
            if fences and fence.startswith(fences[-1][0]) and not name:
                fences.pop()
            else:
                code = fence.startswith("`") and not name.startswith(("note", "admonition"))
                fences.append((fence, code or EXEMPT.match(name) is not None))
            continue
        if not bare or any(exempt for _, exempt in fences) or bare.startswith((":", ">")):
            continue
        if not block:
            begin = number
        block.append(bare)


def _split(block: str) -> list[str]:
    """Split a paragraph into sentences, but for what others say: quoted words, cited sources."""
    block = citations.roles(block)
    block = re.sub(r"`[^`]*`|\$[^$]*\$|\"[^\"]*\"|“[^”]*”", "…", block)
    block = re.sub(r"\]\([^)]*\)|<[^>\s][^>]*>|https?://\S+|\{(?!cite)[\w:]+\}…", "]", block)
    parts = re.split(r"(?<=[.!?:])[*”\"]{0,3}\s+(?=[^a-z])", block)
    return [part for part in parts if "{cite" not in part]


def _of_figure(cell: notebooks.Cell) -> list[str]:
    settings = cell["metadata"].get("mystnb", {})
    texts = [
        settings.get("image", {}).get("alt", ""),
        settings.get("figure", {}).get("caption", ""),
    ]
    return [sentence for text in texts for sentence in _split(text)]


def _titles(source: str) -> list[str]:
    """Return the titles of figures in a cell's code."""
    return [
        keyword.value.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "title"
        and isinstance(keyword.value, ast.Constant)
        and isinstance(keyword.value.value, str)
    ]


def code_of(path: Path) -> list[str]:
    """Return the code cells of a page."""
    text = path.read_text("utf-8")
    if path.suffix == ".ipynb":
        cells = notebooks.read(text)["cells"]
        return [cell["source"] for cell in cells if cell["cell_type"] == "code"]
    cells = re.findall(r"^```\{code-cell\}.*?\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    options = re.compile(r"\A(---\n.*?^---\n|(:[^\n]*\n)+)", re.DOTALL | re.MULTILINE)
    return [options.sub("", cell) for cell in cells]


def claims_in(tree: ast.AST) -> list[ast.Call]:
    """Return the calls of `claim` in a cell's code."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("claim", "ic.claim")
    ]


def sentence_of(call: ast.Call) -> str:
    """Return the sentence of a claim, as far as it stands in the code."""
    parts = ast.walk(call.args[0]) if call.args else ()
    return "".join(
        part.value
        for part in parts
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    )


def claims_of(path: Path) -> list[str]:
    """Return the sentences that a page claims, as far as they stand in its code."""
    return [sentence_of(call) for source in code_of(path) for call in claims_in(ast.parse(source))]


def unproved(source: str) -> list[tuple[str, str]]:
    """List the bold decimals of a cell's claims that stand nowhere in its evidence, and where.

    What is bold is what is claimed: a sentence that says **4.5** and is held against "more than 3"
    says more than its evidence.
    """
    tree = ast.parse(source)
    calls = claims_in(tree)
    sentences = [sentence_of(call) for call in calls]
    for call in calls:
        call.args = call.args[1:]
        call.keywords = [k for k in call.keywords if k.arg not in ("note", "recorded")]
    evidence = ast.unparse(tree).replace("_", "")
    return [
        (number, sentence)
        for sentence in sentences
        for bold in re.findall(r"\*\*(.+?)\*\*", sentence)
        for number in re.findall(r"(?<![\w.])\d[\d,]*\.\d+", bold)
        if not re.search(rf"(?<![\d.]){re.escape(number.replace(',', ''))}(?!\d)", evidence)
    ]


_DIGITS = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?:e-?\d+)?")


def stated(claims: Iterable[str]) -> set[Fraction]:
    """Collect the values that claims state, in words or in digits."""
    text = "\n".join(claims)
    words = {quantity.value for quantity in quantities(text)}
    return words | {Fraction(number.replace(",", "")) for number in _DIGITS.findall(text)}


def numbers_in(code: Iterable[str]) -> set[Fraction]:
    """Collect the whole numbers that stand in code."""
    return {
        Fraction(node.value)
        for source in code
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and type(node.value) is int
    }


def loose(path: Path, pages: Sequence[Path]) -> list[tuple[Sentence, Quantity]]:
    """List the quantities of a page's prose that no claim states.

    A page with code has to claim them itself, and a count may stand as a number in its code. A page
    without any speaks for the whole book.
    """
    sources = [path] if code_of(path) else list(pages)
    said = stated(claim for source in sources for claim in claims_of(source))
    counted = numbers_in(code for source in sources for code in code_of(source))
    return [
        (sentence, quantity)
        for sentence in sentences(path)
        for quantity in quantities(sentence.text)
        if quantity.value not in said and not (quantity.counted and quantity.value in counted)
    ]


def hunted(path: Path) -> list[Sentence]:
    """List the sentences of a page with a word that leaves no exception."""
    return [s for s in sentences(path) if QUANTIFIERS.search(s.text)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description="List what no claim says.")
    parser.add_argument("pages", nargs="*", type=Path, help="files (default: the whole book)")
    options = parser.parse_args(arguments)
    book = [toc.source(page) for page in toc.pages()]
    chosen = [path.resolve() for path in options.pages] or book
    failed = [found for path in chosen for found in loose(path, book)]
    print(f"# {len(failed)} quantities in words that no claim states\n")
    for sentence, quantity in failed:
        print(f"{sentence.page}:{sentence.place}: [{quantity.words}] {sentence.text}")
    sharp = [sentence for path in chosen for sentence in hunted(path)]
    print(f"\n# {len(sharp)} sentences to hunt in\n")
    print("\n".join(map(str, sharp)))
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
