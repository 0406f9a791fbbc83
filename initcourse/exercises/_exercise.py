"""What every exercise has in common: outcomes, hints, and calls of code that cannot be trusted.

A check is a function that takes a learner's answer. It returns if the answer is right, and raises
`Misconception`, `NotYet` or `NotAttempted` if not. Anything else that happens, an exception, an
endless loop, is turned into one calm sentence.
"""

from __future__ import annotations

import contextlib
import ctypes
import dis
import itertools
import math
import os
import sys
import textwrap
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .._arguments import shown

LIMIT = 1.5
"""How many seconds a check may take."""

WIDTH = 76
"""How many columns a printed sentence takes: what fits into a page of the book."""

SEEDS = 20
"""Under how many seeds a learner's test must pass on code that is right."""

State = Literal["correct", "not yet", "not attempted"]
Check = Callable[..., None]
Subject = Callable[[int], Callable[..., Any]]

_solved: dict[str, State] = {}
_unseeded = itertools.count(2**32)  # a generator of its own for every call without rng


class ExerciseError(AssertionError):
    """An answer that is not correct, where `INITCOURSE_STRICT=1` asks for correct ones."""


class NotAttempted(Exception):  # noqa: N818 (an outcome, not an error)
    """The answer is still the stub."""


class NotYet(Exception):  # noqa: N818
    """The answer is wrong, and the message says what to look at."""


class Misconception(Exception):  # noqa: N818
    """The answer is wrong in a way that the exercise knows by name."""


class _TimeUp(BaseException):
    """Thrown into a check that takes too long; nothing that a learner writes should catch it."""


@dataclass(frozen=True)
class Outcome:
    """What a check found.

    Attributes
    ----------
    state : {"correct", "not yet", "not attempted"}
    message : str
        One sentence or two for the learner.
    misconception : str or None
        The name of the misconception that was recognized.
    """

    state: State
    message: str
    misconception: str | None = None


@dataclass(frozen=True, eq=False)
class Exercise:
    """An exercise with its check: call it with your answer.

    Attributes
    ----------
    name : str
        As in ``check.name(answer)``.
    chapter : str
        The name of the chapter's notebook, without its suffix.
    title : str
        What the book calls it.
    level : {"a", "b", "c"}
        One line, a function, or a test that finds a bug.
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
    chapter: str
    title: str
    level: str
    section: str
    hints: tuple[str, ...] = field(repr=False)
    misconceptions: Mapping[str, str] = field(repr=False)
    moral: str = field(repr=False)
    check: Check = field(repr=False)
    _shown: list[str] = field(default_factory=list, repr=False)

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
        _solved[self.name] = outcome.state
        text = f"{outcome.state.capitalize()}. {outcome.message}"
        if os.environ.get("INITCOURSE_STRICT") == "1" and outcome.state != "correct":
            raise ExerciseError(f"{self.name}: {text}")
        print(textwrap.fill(text, WIDTH))

    def judge(self, answer: object) -> Outcome:
        """Return the outcome for an answer without printing it."""
        if sys.platform == "emscripten":  # a kernel in a browser has no threads
            return self._verdict(answer)
        verdict: list[Outcome] = []

        def run() -> None:
            with contextlib.suppress(_TimeUp):
                verdict.append(self._verdict(answer))

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        thread.join(LIMIT)
        _stop(thread)
        return verdict[0] if verdict else _too_slow()

    def _verdict(self, answer: object) -> Outcome:
        try:
            with np.errstate(all="ignore"):
                if is_stub(answer):
                    raise NotAttempted
                self.check(answer)
        except NotAttempted:
            return Outcome(
                "not attempted", f"Replace the stub, or ask check.{self.name}.hint() for a hint."
            )
        except Misconception as error:
            name = str(error)
            return Outcome("not yet", self.misconceptions[name], name)
        except NotYet as error:
            return Outcome("not yet", str(error))
        except _TimeUp:
            raise
        except BaseException as error:
            return Outcome("not yet", f"Your answer could not be examined: {described(error)}.")
        return Outcome("correct", self.moral)

    def hint(self) -> None:
        """Print the next hint; the last one names the section to read again."""
        hints = (*self.hints, f"Read again the section “{self.section}” of this chapter.")
        number = min(len(self._shown), len(hints) - 1)
        self._shown.append(hints[number])
        print(textwrap.fill(f"Hint {number + 1} of {len(hints)}: {hints[number]}", WIDTH))


def exercise(
    *,
    chapter: str,
    title: str,
    level: Literal["a", "b", "c"],
    section: str,
    hints: Sequence[str],
    misconceptions: Mapping[str, str],
    moral: str,
) -> Callable[[Check], Exercise]:
    """Make an `Exercise` of the function that checks it."""

    def decorate(check: Check) -> Exercise:
        return Exercise(
            check.__name__,
            chapter,
            title,
            level,
            section,
            tuple(hints),
            dict(misconceptions),
            moral,
            check,
        )

    return decorate


def states() -> dict[str, State]:
    """Return what this kernel's checks found last, by the name of the exercise."""
    return dict(_solved)


# --- calling a learner's code -----------------------------------------------------------------


def call(function: object, *arguments: Any) -> Any:
    """Call a learner's function and return its result, or raise `NotYet` with the reason."""
    if not callable(function):
        raise NotYet(
            f"Hand over the function itself, not a result: got an object of type "
            f"{type(function).__name__}."
        )
    untouched = [_frozen(argument) for argument in arguments]
    try:
        result = function(*arguments)
    except _TimeUp:
        raise
    except BaseException as error:
        raise NotYet(f"Called with {_listed(untouched)}, it raised {described(error)}.") from error
    if any(not _same(a, b) for a, b in zip(untouched, arguments, strict=True)):
        raise NotYet("It changes the array it is given. Work on a copy, and return a new array.")
    if result is ...:
        raise NotAttempted
    if result is None:
        raise NotYet(f"Called with {_listed(untouched)}, it returned None. Is a return missing?")
    return result


def number(value: object, where: str) -> float:
    """Return a learner's result as a finite float, or raise `NotYet`; `where` says whose it is."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(
        value, (int, float, np.integer, np.floating, np.ndarray)
    ):
        raise NotYet(f"A number is wanted{where}, and this is of type {type(value).__name__}.")
    if isinstance(value, np.ndarray) and (value.shape != () or value.dtype.kind not in "fiu"):
        raise NotYet(f"One number is wanted{where}, and this is an array of shape {value.shape}.")
    try:
        result = float(value)
    except OverflowError:
        result = math.inf
    if not math.isfinite(result):
        raise NotYet(f"A finite number is wanted{where}, and this is {result}.")
    return result


def array(value: object, shape: tuple[int, ...], where: str) -> NDArray[np.float64]:
    """Return a learner's result as a finite array of that shape, or raise `NotYet`."""
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiu":
        raise NotYet(f"An array of numbers is wanted{where}, not a {type(value).__name__}.")
    if value.shape != shape:
        raise NotYet(f"An array of shape {shape} is wanted{where}, and this has {value.shape}.")
    result = np.array(value, dtype=np.float64)
    if not np.isfinite(result).all():
        raise NotYet(f"Finite numbers are wanted{where}, and this array holds NaN or infinity.")
    return result


def compare_numbers(
    answer: object,
    cases: Sequence[tuple[Any, ...]],
    right: Callable[..., float],
    wrong: Mapping[str, Callable[..., float]],
    *,
    rtol: float = 1e-6,
) -> None:
    """Return if a learner's function agrees with `right` on every case.

    Raises `Misconception` with the name of the wrong formula that it agrees with instead, or
    `NotYet` with a case that it gets wrong.
    """
    found = [number(call(answer, *case), f" for {_listed(case)}") for case in cases]

    def deviations(formula: Callable[..., float]) -> list[float]:
        return [_deviation(value, formula(*case)) for value, case in zip(found, cases, strict=True)]

    verdicts = [deviation <= rtol for deviation in deviations(right)]
    if all(verdicts):
        return
    known = {name: max(deviations(formula)) for name, formula in wrong.items()}
    nearest = min(known, key=known.__getitem__)
    if known[nearest] <= rtol:
        raise Misconception(nearest)
    case, value = cases[verdicts.index(False)], found[verdicts.index(False)]
    raise NotYet(f"For {_listed(case)} it returns {value:.6g}, and that is not right.")


# --- tests that a learner writes --------------------------------------------------------------


def passes(test: object, subject: Callable[..., Any]) -> bool:
    """Tell whether a learner's test passes on a subject: it returns, and raises no AssertionError.

    Any other exception is not a verdict, and neither is a returned True or False.
    """
    if not callable(test):
        raise NotYet("Hand over the test function itself: it takes what it tests as its argument.")
    try:
        result = test(subject)
    except AssertionError:
        return False
    except _TimeUp:
        raise
    except BaseException as error:
        raise NotYet(f"Your test itself went wrong: it raised {described(error)}.") from error
    if result is not None:
        raise NotYet(
            "A test speaks by raising AssertionError, not by returning something: "
            "write assert in front of your condition."
        )
    return True


def compare_test(
    test: object,
    *,
    right: Mapping[str, Subject],
    bug: Subject,
    wrong: Mapping[str, Subject],
    lures: Mapping[str, Subject] | None = None,
) -> None:
    """Return if a learner's test passes on all that is right and fails on all that is wrong.

    Every subject is made anew from a seed of its own, so that a fixed seed in the test does not
    hide a tolerance that is too tight. Raises `Misconception`: one of `TEST_MISCONCEPTIONS`; the
    name of something right that is refused; the name of something wrong that goes unnoticed; or,
    where the bug goes unnoticed, the first of the `lures` that does not.
    """
    notices = not passes(test, bug(SEEDS))
    for number, (name, make) in enumerate(right.items()):
        verdicts = [passes(test, make(seed)) for seed in range(SEEDS if number == 0 else 5)]
        if not any(verdicts):
            known = "fails-everything" if notices else "upside-down"
            raise Misconception(name if number else known)
        if not all(verdicts):
            raise Misconception("false-alarm")
    if not notices:
        for name, make in (lures or {}).items():
            if not passes(test, make(SEEDS)):
                raise Misconception(name)
        raise Misconception("passes-everything")
    for name, make in wrong.items():
        if passes(test, make(SEEDS)):
            raise Misconception(name)


TEST_MISCONCEPTIONS = {
    "passes-everything": "Your test passes on the bug. Which number does the bug change? Assert "
    "what that number should be.",
    "fails-everything": "Your test fails on the repaired code too. Print what it measures there.",
    "upside-down": "Your test passes on the bug and fails on the repair: it asserts the very "
    "mistake it should find.",
    "false-alarm": "Your test fails on the repaired code under some seeds. A sample scatters: "
    "derive the tolerance from the standard error, or let initcourse.testing do it.",
}
"""The hints that every exercise with `compare_test` needs."""


def seeded(seed: int, rng: object) -> np.random.Generator:
    """Return the generator of a subject: from its own seed and from what the test hands over."""
    if isinstance(rng, np.random.Generator):
        return np.random.default_rng([seed, int(rng.integers(2**31))])
    given = int(number(rng, " for rng")) if rng is not None else next(_unseeded)
    return np.random.default_rng([seed, abs(given)])


# --- small helpers ----------------------------------------------------------------------------


def is_stub(answer: object) -> bool:
    """Tell whether an answer is None, ..., or a function whose body does nothing."""
    if answer is None or answer is ...:
        return True
    if not isinstance(answer, FunctionType):
        return False
    idle = {"RESUME", "NOP", "POP_TOP", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE"}
    code = list(dis.get_instructions(answer))
    loaded = [step.argval for step in code if "CONST" in step.opname]
    return all(step.opname in idle for step in code) and all(
        value is None or value is ... for value in loaded
    )


def described(error: BaseException) -> str:
    """Return an exception as one short line."""
    try:
        text = " ".join(str(error).split())
    except BaseException:
        text = ""
    text = text if len(text) <= 160 else f"{text[:160]}…"
    name = type(error).__name__
    return f"{name} ({text})" if text else name


def _deviation(value: float, expected: float) -> float:
    """Return the distance relative to the expected value, but to 1e-6 at least."""
    return abs(value - expected) / max(abs(expected), 1e-6)


def _too_slow() -> Outcome:
    return Outcome(
        "not yet", f"It did not finish within {LIMIT:g} seconds. Does a loop end? Try it by hand."
    )


def _stop(thread: threading.Thread) -> None:
    """Throw `_TimeUp` into a thread until it gives up, or leave it behind.

    Not under a debugger or coverage: there Python 3.11 hangs while an exception waits for a
    thread that sleeps.
    """
    for _ in range(0 if sys.gettrace() else 10):
        if not thread.is_alive() or thread.ident is None:
            return
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(thread.ident), ctypes.py_object(_TimeUp)
        )
        thread.join(0.02)


def _frozen(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def _same(before: Any, after: Any) -> bool:
    if isinstance(before, np.ndarray):
        return np.array_equal(before, after)
    return True


def _listed(arguments: Sequence[Any]) -> str:
    return ", ".join(
        f"an array of shape {a.shape}" if isinstance(a, np.ndarray) else shown(a) for a in arguments
    )
