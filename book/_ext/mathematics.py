"""Typeset the mathematics when the book is built, so that no page waits for it.

MathJax typesets each formula as it would in a browser, in QuickJS, a small engine for JavaScript
that is installed like any package. Beside what is seen stands MathML for screen readers. A page
loads a style sheet and the letters of its formulas; the site has no script for mathematics.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.metadata import files
from pathlib import Path
from shutil import copy
from typing import TYPE_CHECKING, Any

import lean
import quickjs
from bs4 import BeautifulSoup
from bs4.element import NavigableString, PreformattedString, Tag

if TYPE_CHECKING:
    from sphinx.application import Sphinx

SHEET = "mathematics/mathematics.css"
FONTS = "output/chtml/fonts/woff-v2"
EMPTY = "MathJax_Zero"  # has no outlines: browsers refuse it as woff2
SIZE = "110%"  # Computer Modern's letters are lower than those of the text
# What the engine has to offer for MathJax to start, and the components that it loads. A macro that
# is not defined is an error, and an error ends the build.
START = """
var window = globalThis, global = globalThis, setTimeout = call => Promise.resolve().then(call);
var MathJax = {
    loader: {
        load: ["core", "adaptors/liteDOM", "input/tex", "output/chtml", "a11y/assistive-mml"],
        paths: {mathjax: "."},
        require: path => (0, eval)(source(path)),
    },
    tex: {
        packages: {"[-]": ["autoload", "noundefined", "require"]},
        formatError: (tex, error) => { throw Error(error.message); },
    },
    chtml: {fontURL: "."},
    startup: {typeset: false},
};
"""
CALLS = """
var html = node => JSON.stringify(MathJax.startup.adaptor.outerHTML(node));
var typeset = (tex, display) => html(MathJax.tex2chtml(tex, {display}));
var sheet = () => html(MathJax.chtmlStylesheet());
"""
MARKS = re.compile(r"[.,;:!?)]+")
FORMULA = re.compile(r"\s*\\([(\[])(.*)\\[)\]]\s*", re.S)
# What no browser and no screen reader needs, or what the style sheet says once for all.
IDLE = re.compile(
    r' (class="MathJax"|class=" MJX-TEX"|jax="CHTML"|style="position: relative;"|display="inline"'
    r'|unselectable="on"|xmlns="[^"]*"|(data-mjx-)?texclass="[A-Z]*"|data-mjx-[a-z-]*="[^"]*"'
    r'|class="(?!mjx-(?:stretched|tall)\b)mjx-[a-z]+(?: mjx-[a-z]+)?"'
    r'|style="margin-left: 0; margin-right: 0;"'
    r"|(stretchy|fence|movablelimits|scriptlevel|displaystyle|minsize|maxsize|columnalign"
    r'|columnspacing|rowspacing)="[^"]*")'
)
ONCE = {'[jax="CHTML"]': "", ".MJX-TEX {": "mjx-math {"}
NAMES = (
    ("mjx-c(?=[0-9A-F])", "x"),
    (r"\bTEX-", "T"),
)  # of letters and of their fonts: shorter
URL = re.compile(r'url\("\./([^"]*)\.woff"\) format\("woff"\)')
CONTENT = re.compile(r'content: "((?:\\.|[^"\\])*)"')
ESCAPED = re.compile(r"\\([0-9A-F]+) ?")


def mathjax_folder() -> Path:
    """Find MathJax in the installed wheel."""
    for file in files("sphinx-mathjax-offline") or ():
        if file.name == "startup.js":
            return Path(str(file.locate())).parent
    raise FileNotFoundError("sphinx-mathjax-offline is installed without startup.js")


@cache
def engine() -> quickjs.Context:
    """Start MathJax."""
    folder = mathjax_folder()
    context = quickjs.Context()
    context.add_callable("source", lambda path: (folder / path).read_text("utf-8"))
    context.eval(START)
    context.eval((folder / "startup.js").read_text("utf-8"))
    while context.execute_pending_job():  # until all components are there
        pass
    context.eval(CALLS)
    return context


def short(text: str) -> str:
    """Shorten the names of letters, in HTML and in the style sheet."""
    for name, shorter in NAMES:
        text = re.sub(name, shorter, text)
    return text


@cache
def typeset(tex: str, display: bool = False) -> str:
    """Return a formula as HTML; display stands on a line of its own."""
    try:
        found = engine().get("typeset")(tex, display)
    except quickjs.JSException as error:
        raise ValueError(
            f"{tex!r} is no formula: {str(error).splitlines()[0]}"
        ) from error
    return short(IDLE.sub("", json.loads(found)))


def mend(soup: BeautifulSoup) -> None:
    """Typeset the formulas of a page. This comes last: what is typeset is no longer parsed."""
    for place in soup.select(".math"):
        for text in place.find_all(string=FORMULA, recursive=False):
            found = FORMULA.fullmatch(text)
            assert found is not None
            place["class"] = "math notranslate"
            text.replace_with(PreformattedString(typeset(found[2], found[1] == "[")))
            if place.name == "span":
                take_marks(place)


def take_marks(place: Tag) -> None:
    """Take the marks beside a formula into its place, in which no line breaks."""
    before, after = place.previous_sibling, place.next_sibling
    if isinstance(before, NavigableString) and before.endswith("("):
        place.insert(0, "(")
        before.replace_with(before[:-1])
    if isinstance(after, NavigableString) and (marks := MARKS.match(after)):
        place.append(marks[0])
        after.replace_with(after[marks.end() :])


def write(static: Path) -> None:
    """Write the style sheet of all formulas so far, and the fonts with their letters alone."""
    sheet = re.sub("</?style[^>]*>", "", json.loads(engine().eval("sheet()")))
    for name, other in ONCE.items():
        sheet = sheet.replace(name, other)
    sheet += f"mjx-container {{ font-size: {SIZE}; position: relative }}\n"
    target = static / SHEET
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(short(URL.sub(lambda font: source(font[1]), sheet)), "utf-8")
    texts = (
        ESCAPED.sub(lambda code: chr(int(code[1], 16)), found)
        for found in CONTENT.findall(sheet)
    )
    characters = {ord(letter) for text in texts for letter in text}
    for name in URL.findall(sheet):
        path = copy(
            mathjax_folder() / FONTS / f"{name}.woff", target.parent / file_of(name)
        )
        if name != EMPTY:
            lean.shorten_font(Path(path), characters)


def source(font: str) -> str:
    """Write where a font is, for the style sheet."""
    name = file_of(font)
    return f'url("{name}") format("{name.rpartition(".")[2]}")'


def file_of(font: str) -> str:
    """Name the file of a font: the one without outlines has nothing to shorten, and stays."""
    return f"{font}.woff" if font == EMPTY else f"{font}.woff2"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the style sheet: `finish` does the rest."""
    app.add_css_file(SHEET, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
