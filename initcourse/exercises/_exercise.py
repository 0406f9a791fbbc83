"""What every exercise has in common: a statement, hints, and a check with its outcomes.

A check is a function that takes a learner's answer. It returns if the answer is right, possibly
what was seen, and raises `Misconception`, `NotYet` or `NotAttempted` if not.
"""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np

from ._judge import described, is_stub
from ._limit import LIMIT, TESTS, within_limits
from ._outcome import (
    STOPS,
    ExerciseError,
    Misconception,
    NotAttempted,
    NotYet,
    Outcome,
    TimeUp,
)

WIDTH = 76
"""How many columns a printed sentence takes: what fits into a page of the book."""

Check = Callable[..., str | None]

Level = Literal["guess", "line", "function", "diagnosis", "test"]
LEVELS: tuple[Level, ...] = get_args(Level)
"""From what takes a minute to what takes twenty: the order within a chapter."""

_found: dict[str, Outcome] = {}


@dataclass(frozen=True, eq=False)
class Exercise:
    """An exercise with its check: call it with your answer.

    Attributes
    ----------
    name : str
        As in ``check.name(answer)``.
    chapter : str
        The name of its chapter, which is that of the module of its check.
    title : str
        What the book calls it.
    level : {"guess", "line", "function", "diagnosis", "test"}
        A guess before a measurement, one line, a function, faults named from their symptoms, or a
        test that finds a bug.
    section : str
        The title of the section that teaches it.
    hints : tuple of str
        From vague to plain; `hint` adds the section.
    misconceptions : dict of str to str
        The hint for each wrong idea that the check knows.
    moral : str
        What to remember, printed with a correct answer.
    """

    name: str
    title: str
    level: Level
    section: str
    hints: tuple[str, ...] = field(repr=False)
    misconceptions: Mapping[str, str] = field(repr=False)
    moral: str = field(repr=False)
    check: Check = field(repr=False)
    _shown: list[str] = field(default_factory=list, repr=False)

    @property
    def chapter(self) -> str:
        """The name of the chapter."""
        return self.check.__module__.rpartition(".")[2]

    def __call__(self, answer: object) -> None:
        """Check an answer and print what was found.

        Parameters
        ----------
        answer : object
            Your answer; anything is taken, and nothing raises.

        Raises
        ------
        ExerciseError
            Only where the environment variable INITCOURSE_STRICT is 1, for anything but a
            correct answer.
        """
        outcome = self.judge(answer)
        _found[self.name] = outcome
        wrong_guess = self.level == "guess" and outcome.misconception is not None
        opening = "A surprise" if wrong_guess else outcome.state.capitalize()
        text = f"{opening}. {outcome.message}"
        if os.environ.get("INITCOURSE_STRICT") == "1" and outcome.state != "correct":
            raise ExerciseError(f"{self.name}: {text}")
        print(textwrap.fill(text, WIDTH))

    def judge(self, answer: object) -> Outcome:
        """Return the outcome for an answer without printing it; see `within_limits`.

        A guess and a diagnosis are no code of the learner's: what is computed is the check's own,
        and that has no limit.
        """
        limit = TESTS if self.level == "test" else LIMIT
        with np.errstate(all="ignore"):
            if self.level in ("guess", "diagnosis"):
                return self._verdict(answer)
            try:
                return within_limits(lambda: self._verdict(answer), limit)
            except TimeUp as late:
                often = " A test is called dozens of times: small sizes will do."
                return Outcome("not yet", str(late) + often * (self.level == "test"))

    def _verdict(self, answer: object) -> Outcome:
        try:
            if is_stub(answer):
                raise NotAttempted
            seen = self.check(answer)
        except NotAttempted:
            return Outcome(
                "not attempted", f"Replace the stub, or ask check.{self.name}.hint() for a hint."
            )
        except Misconception as error:
            said = [self.misconceptions[error.name], error.seen]
            message = " ".join(said[::-1] if self.level == "guess" else said).strip()
            return Outcome("not yet", message, error.name)
        except NotYet as error:
            return Outcome("not yet", str(error))
        except STOPS:
            raise
        except BaseException as error:
            return Outcome("not yet", f"Your answer could not be examined: {described(error)}.")
        return Outcome("correct", f"{seen} {self.moral}" if seen else self.moral)

    def hint(self) -> None:
        """Print the next hint; the last one names the section to read again."""
        hints = (*self.hints, f"Read again the section “{self.section}” of this chapter.")
        number = min(len(self._shown), len(hints) - 1)
        self._shown.append(hints[number])
        print(textwrap.fill(f"Hint {number + 1} of {len(hints)}: {hints[number]}", WIDTH))


def exercise(
    *,
    title: str,
    level: Level,
    section: str,
    hints: Sequence[str],
    misconceptions: Mapping[str, str],
    moral: str,
) -> Callable[[Check], Exercise]:
    """Make an `Exercise` of the function that checks it."""

    def decorate(check: Check) -> Exercise:
        return Exercise(
            check.__name__,
            title,
            level,
            section,
            tuple(hints),
            dict(misconceptions),
            moral,
            check,
        )

    return decorate


def outcomes() -> dict[str, Outcome]:
    """Return what this kernel's checks found last, by the name of the exercise."""
    return dict(_found)
