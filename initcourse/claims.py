"""The claim: a sentence and the evidence that was computed for it.

A chapter says what is true with `claim`, beside what an assertion of `initcourse.testing` found. In
a notebook and on a page of the book it is one quiet line: a mark, the sentence, what was measured
and a small picture of it. In a terminal it is text. The build collects the claims of all pages in a
ledger.
"""

from __future__ import annotations

import html
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import _arguments
from .testing import Comparison, Difference, Evidence, Z, with_error

KINDS = ("statistical", "ordered", "digits", "exact", "recorded")
"""The forms of evidence, the strongest test first; a claim is called after its first."""

_MARKS = {  # the sign in text, what is read aloud, and the path in a square of 16
    "held": ("✓", "holds", "M2 9l4 4L14 3"),
    "exact": ("=", "exact", "M2 5h12M2 11h12"),
    "recorded": ("◷", "recorded", "M8 1a7 7 0 1 0 .01 0M8 4v4l3 2"),
}
_MARK_OF = {"statistical": "held", "ordered": "held", "digits": "exact"}  # the others: their own
_WIDTH, _HEIGHT = 190, 26  # of the small picture
_MOST_DOTS = 40
_LOW, _HIGH = "#009e73", "#d55e00"


def claim(sentence: str, *evidence: Evidence, recorded: str = "", note: str = "") -> None:
    """Claim a sentence, for which the arguments after it have found evidence.

    The assertions of `initcourse.testing` return evidence and raise where there is none, so that a
    claim that is shown holds. A sentence has to be as strong as its evidence, and no stronger.

    Parameters
    ----------
    sentence : str
        What is claimed, in words; **bold**, `code` and $mathematics$ are set.
    *evidence : Evidence
        What the assertions found, at least one.
    recorded : str
        Where the evidence was measured, if not in this run: a library's version and a date.
    note : str
        What else a reader needs to judge the evidence: the learning rates that were tried, say.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> from initcourse import testing
    >>> draws = np.random.default_rng(0).standard_normal(100_000)
    >>> claim("ReLU keeps **half** of the mean square of a symmetric number.",
    ...       testing.assert_mean(np.maximum(draws, 0) ** 2, 0.5))
    ✓ ReLU keeps half of the mean square of a symmetric number.
      theory 0.5, measured ... ± 0.00... (100,000 draws)
    """
    shown = Claim(sentence, evidence, recorded, note)
    shell = sys.modules.get("IPython")
    if shell is not None and shell.get_ipython() is not None:
        from IPython.display import display

        display(shown)
    else:
        print(shown)


@dataclass(frozen=True, repr=False)
class Claim:
    """A sentence and its evidence, shown as text or as HTML; see `claim`.

    Attributes
    ----------
    sentence : str
        What is claimed.
    evidence : tuple of Evidence
        What was found.
    recorded : str
        Where it was measured, if not in this run.
    note : str
        What else a reader needs to judge it.
    """

    sentence: str
    evidence: tuple[Evidence, ...]
    recorded: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse a claim without a sentence or without evidence."""
        for name in ("sentence", "recorded", "note"):
            _arguments.instance(name, getattr(self, name), str)
        if not self.sentence.strip():
            raise ValueError(f"sentence must say something, got {self.sentence!r}")
        if not self.evidence:
            raise ValueError("evidence must be given: what an assertion of testing returned")
        for found in self.evidence:
            _arguments.instance("evidence", found, Evidence)

    @property
    def kind(self) -> str:
        """The strongest kind of its evidence, or "recorded"."""
        if self.recorded:
            return "recorded"
        return min((found.kind for found in self.evidence), key=KINDS.index)

    @property
    def name(self) -> str:
        """The beginning of the sentence as the name of its place on a page."""
        words = re.sub(r"[^a-z0-9]+", "-", _plain(self.sentence).lower()).strip("-")
        return f"claim-{words[:72].rstrip('-')}"

    @property
    def lines(self) -> list[str]:
        """The evidence in words, a line each, then where it was recorded, then the note."""
        where = [f"recorded with {self.recorded}"] if self.recorded else []
        why = [self.note] if self.note else []
        return [*dict.fromkeys(_minus(_words(found)) for found in self.evidence), *where, *why]

    @property
    def z(self) -> list[list[float]]:
        """The z of every number that was compared with theory, a list for each such evidence."""
        compared = [found for found in self.evidence if isinstance(found, Comparison)]
        return [[round(float(z), 3) for z in found.z.flat] for found in compared]

    @property
    def _mark(self) -> tuple[str, str, str]:
        return _MARKS[_MARK_OF.get(self.kind, self.kind)]

    def __repr__(self) -> str:
        """Show the claim as text."""
        return "\n  ".join([f"{self._mark[0]} {_plain(self.sentence)}", *self.lines])

    def _repr_html_(self) -> str:
        entry = {"sentence": _plain(self.sentence), "kind": self.kind, "evidence": self.lines}
        data = json.dumps({**entry, "z": self.z}, ensure_ascii=False)
        evidence = "".join(
            f'<span style="display:block">{html.escape(line.split(", printed")[0])}</span>'
            for line in self.lines  # what is printed stands in the sentence
        )
        pictures = "".join(_picture(found) for found in self.evidence)
        return (
            f'<div class="claim {self.kind}" id="{self.name}" data-claim="{html.escape(data)}" '
            f'style="display:flex;flex-wrap:wrap;gap:.2em 1em;align-items:center">'
            f'<span class="claim-mark">{_drawn(*self._mark[1:])}</span>'
            f'<div class="claim-text" style="flex:1 1 18em">'
            f'<p class="claim-sentence" style="margin:0">{_markup(self.sentence)}</p>'
            f'<p class="claim-evidence" style="margin:0;font-size:.85em">{evidence}</p></div>'
            f'<div class="claim-picture" style="width:{_WIDTH}px">{pictures}</div></div>'
        )


def _minus(text: str) -> str:
    """Set the minus signs of numbers."""
    return re.sub(r"(?<![\w)])-(?=\d)", "−", text)


def _plain(sentence: str) -> str:
    """Take the marks of bold, code and mathematics out of a sentence."""
    return re.sub(r"\*\*|[`$]", "", sentence)


def _markup(sentence: str) -> str:
    """Set a sentence in HTML: bold, code and mathematics."""
    text = html.escape(sentence, quote=False)
    text = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", text)
    text = re.sub(r"`(.+?)`", r"<code>\1</code>", text)
    return re.sub(r"\$(.+?)\$", r'<span class="math notranslate nohighlight">\\(\1\\)</span>', text)


def _words(found: Evidence) -> str:
    """Say the evidence in one line for a reader."""
    if isinstance(found, Comparison):
        worst = found.worst
        numbers = (
            f"theory {found.expected.flat[worst]:.4g}, measured "
            f"{with_error(found.measured.flat[worst], found.standard_error.flat[worst])}"
        )
        if found.z.size > 1:
            numbers = f"{found.z.size} numbers; the furthest: {numbers}"
        return f"{numbers} ({found.draws:,} draws{' each' if found.z.size > 1 else ''})"
    if isinstance(found, Difference):
        sides = []
        for side, draws in zip((found.smaller, found.larger), found.draws, strict=True):
            sides.append(with_error(*side) if draws > 1 else f"{side[0]:.4g} ({found.bound})")
        counts = " and ".join(f"{count:,}" for count in found.draws if count > 1)
        return f"{sides[0]} is below {sides[1]} ({counts} draws)"
    return str(found)


def _drawn(label: str, path: str) -> str:
    """Draw a mark."""
    return (
        f'<svg viewBox="0 0 16 16" width="16" height="16" role="img" aria-label="{label}">'
        f'<path d="{path}" fill="none" stroke="{_LOW}" stroke-width="2"/></svg>'
    )


def _picture(found: Evidence) -> str:
    """Draw the evidence on a line of numbers, if it has any."""
    if isinstance(found, Comparison):
        return _scatter(found)
    if isinstance(found, Difference):
        return _sides(found)
    return ""


def _scatter(found: Comparison) -> str:
    """Draw how far, in standard errors, each number lies from theory: the tick in the middle."""
    limit = max(found.allowed, Z)
    z = found.z.reshape(-1)
    if not np.isfinite(z).all():  # exact numbers: nothing scatters
        return ""

    def x(value: float) -> float:
        return _WIDTH / 2 + (_WIDTH / 2 - 4) * value / limit  # the line ends at the limit

    others = np.delete(z, found.worst)
    others = others[:: max(1, len(others) // _MOST_DOTS)]
    ends = [_line(x(end), 8, x(end), 16, 1) for end in (-limit, limit)]
    shapes = [*ends, _line(x(0), 4, x(0), 20, 2)]
    if others.size:  # dots, as lines of no length
        dots = "".join(f"M{x(value):.1f} 12L{x(value):.1f} 12" for value in others)
        shapes += [
            f'<path d="{dots}" stroke="{_LOW}" stroke-width="5" stroke-linecap="round" '
            f'opacity=".35"/>'
        ]
    shapes += [_dot(x(z[found.worst]), 4.5, _LOW)]
    if z.size == 1:
        shapes.insert(0, _bar(x(z[0] - 1), x(z[0] + 1), _LOW))
    what = "the number measured" if z.size == 1 else "the furthest of the numbers measured"
    far = f"{abs(z[found.worst]):.1f}"
    return _svg(shapes, f"{what} lies {far} standard errors from theory, of {limit:.1f} allowed")


def _sides(found: Difference) -> str:
    """Draw both means with their errors on one line."""
    means, errors = np.transpose([found.smaller, found.larger])
    low, high = (means - errors).min(), (means + errors).max()

    def x(value: float) -> float:
        return float(_WIDTH * (0.08 + 0.84 * (value - low) / (high - low)))

    shapes = []
    sides = zip(means, errors, found.draws, (_LOW, _HIGH), strict=True)
    for mean, error, draws, color in sides:
        if draws > 1:
            shapes += [_bar(x(mean - error), x(mean + error), color), _dot(x(mean), 4.5, color)]
        else:
            shapes += [_line(x(mean), 4, x(mean), 20, 2)]
    return _svg(shapes, f"{means[0]:.3g} to the left of {means[1]:.3g}")


def _svg(shapes: Sequence[str], label: str) -> str:
    axis = f'<path d="M4 12L{_WIDTH - 4} 12" stroke="currentColor" opacity="0.6"/>'
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" role="img" '
        f'aria-label="{html.escape(label)}">{axis}{"".join(shapes)}</svg>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, width: float) -> str:
    line = f"M{x1:.1f} {y1}L{x2:.1f} {y2}"
    return f'<path d="{line}" stroke="currentColor" stroke-width="{width}"/>'


def _bar(x1: float, x2: float, color: str) -> str:
    return f'<path d="M{x1:.1f} 12L{x2:.1f} 12" stroke="{color}" stroke-width="5" opacity=".35"/>'


def _dot(x: float, radius: float, color: str) -> str:
    return f'<circle cx="{x:.1f}" cy="12" r="{radius}" fill="{color}"/>'


def read(page: str) -> list[dict[str, Any]]:
    """Collect the claims that stand in the HTML of a page or of a notebook's output.

    Parameters
    ----------
    page : str
        HTML.

    Returns
    -------
    list of dict
        For each claim its place (``id``), ``sentence``, ``kind``, ``evidence`` (lines of text) and
        ``z`` (for each comparison with theory, a list).

    Examples
    --------
    >>> from initcourse import testing
    >>> shown = Claim("Two and two are four.", (testing.assert_equal(2 + 2, 4),))
    >>> [found["sentence"] for found in read(shown._repr_html_())]
    ['Two and two are four.']
    """
    pattern = re.compile(r'<div class="claim [a-z]+" id="([^"]*)" data-claim="([^"]*)"')
    return [
        {"id": found[1], **json.loads(html.unescape(found[2]))} for found in pattern.finditer(page)
    ]


def distances(entries: Sequence[dict[str, Any]]) -> list[float]:
    """Collect one z of each claim that compares a measurement of this run with theory.

    The numbers of one claim come from the same networks, so that they are no independent evidence
    on chance: the first of them stands for all, whatever it is. What is recorded is the same in
    every run and does not count.

    Parameters
    ----------
    entries : sequence of dict
        Claims as `read` returns them.

    Returns
    -------
    list of float
        Under true claims, draws from a standard normal law; infinite where nothing scatters.

    Examples
    --------
    >>> distances([{"kind": "statistical", "z": [[0.3, -1.2], [2.0]]}, {"kind": "exact", "z": []}])
    [0.3]
    """
    return [e["z"][0][0] for e in entries if e["z"] and e["kind"] != "recorded"]
