"""Numbers that a learner guesses before they are measured."""

from __future__ import annotations

from collections.abc import Mapping

from ._judge import number
from ._outcome import Misconception, NotYet

Range = tuple[float, float]
PERCENT = " %"


def compare_guess(
    guess: object,
    measured: float,
    *,
    allowed: float,
    ranges: Mapping[str, Range],
    possible: Range,
    unit: str = "",
) -> str:
    """Return what was guessed and what was measured, if the two are as near as is allowed.

    Raises `Misconception` with the name of the first range that holds a guess which is further
    off; together the ranges hold all that is `possible`, and anything else raises `NotYet`, as
    does what would be right as a share where a percentage is asked for.
    """
    value = guessed(guess, possible)
    share = unit == PERCENT and 0 < value < 1
    if share and abs(100 * value - measured) <= allowed:
        raise NotYet(f"A percentage is wanted: did you mean {100 * value:g}?")
    seen = f"You said {value:g}{unit}; measured: {measured:.3g}{unit}."
    if abs(value - measured) <= allowed:
        return seen
    if share:
        seen = f"A percentage is wanted: if you meant {100 * value:g} %, write that. {seen}"
    raise Misconception(next(name for name, (a, b) in ranges.items() if a <= value <= b), seen)


def guessed(guess: object, possible: Range) -> float:
    """Return a guess as a number that is possible, or raise `NotYet`."""
    value = number(guess, " as a guess")
    low, high = possible
    if not low <= value <= high:
        raise NotYet(
            f"A number from {low:g} to {high:g} is wanted as a guess, and this is {value:g}."
        )
    return value
