"""Calls of a learner's code, which cannot be trusted, and comparisons of what it does.

They return if the answer is right, and raise `Misconception`, `NotYet` or `NotAttempted` if not.
Anything else that happens is turned into one calm sentence.
"""

from __future__ import annotations

import dis
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from types import FunctionType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._arguments import shown
from ._outcome import STOPS, Misconception, NotAttempted, NotYet

SEEDS = 20
"""Under how many seeds a learner's test must pass on code that is right."""

Maker = Callable[[int], Callable[..., Any]]
"""Makes, from a seed, what a learner's test is tried on."""

_unseeded = itertools.count(2**32)  # a generator of its own for every call without rng


# --- what a learner's function returns ---------------------------------------------------------


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
    except STOPS:
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
    except STOPS:
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
    right: Mapping[str, Maker],
    bug: Maker,
    wrong: Mapping[str, Maker],
    lures: Mapping[str, Maker] | None = None,
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
    except STOPS:
        raise
    except BaseException:
        text = ""
    text = text if len(text) <= 160 else f"{text[:160]}…"
    name = type(error).__name__
    return f"{name} ({text})" if text else name


def _deviation(value: float, expected: float) -> float:
    """Return the distance relative to the expected value, but to 1e-6 at least."""
    return abs(value - expected) / max(abs(expected), 1e-6)


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
