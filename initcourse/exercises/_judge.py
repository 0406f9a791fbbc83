"""Calls of a learner's code, which cannot be trusted, and comparisons of what it does.

They return if the answer is right, and raise `Misconception`, `NotYet` or `NotAttempted` if not.
Anything else that happens is turned into one calm sentence. Sentences say what was seen; the name
of what slipped through a learner's test is not the reason why it did.
"""

from __future__ import annotations

import contextlib
import dis
import functools
import inspect
import itertools
import math
import re
import traceback
from collections.abc import Callable, Mapping, Sequence
from types import FunctionType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._arguments import shown
from ._outcome import STOPS, Misconception, NotAttempted, NotYet

SEEDS = 20
"""Under how many seeds a learner's test must pass on code that is right."""

FAULTY = 3
"""Under how many seeds it must fail on each fault."""

NEAR = 1e-2
"""How far off, relative to what is right, numbers may be that are told to be near."""

Maker = Callable[[int], Callable[..., Any]]
"""Makes, from a seed, what a learner's test is tried on."""

PRECEDENCE = (
    "Did you write x ** -1 / 2, or x ** 1 / n? In Python they are (x ** -1) / 2 and x / n, for the "
    "power comes before the division. Put the exponent in parentheses."
)
"""The hint for a likely slip where a formula has a root."""

ROOT = " Is it the root of a negative number? In Python x ** 1 / n is x / n."

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
        domain = isinstance(error, ValueError) and re.search("math domain|negative", str(error))
        root = ROOT if domain else ""
        raise NotYet(
            f"Called with {_listed(untouched)}, it raised {described(error)}.{root}"
        ) from error
    if any(not _same(a, b) for a, b in zip(untouched, arguments, strict=True)):
        raise NotYet("It changes the array it is given. Work on a copy, and return a new array.")
    if result is ...:
        raise NotAttempted
    if result is None:
        raise NotYet(f"Called with {_listed(untouched)}, it returned None. Is a return missing?")
    return result


def number(value: object, where: str) -> float:
    """Return a learner's result as a finite float, or raise `NotYet`; `where` says whose it is."""
    if isinstance(value, np.ndarray) and (value.shape != () or value.dtype.kind not in "fiu"):
        raise NotYet(f"One number is wanted{where}, and this is an array of shape {value.shape}.")
    refusal = f"A number is wanted{where}, and this is of type {type(value).__name__}."
    if isinstance(value, (complex, np.complexfloating)):
        raise NotYet(refusal + ROOT)
    if isinstance(value, tuple) and len(value) in (1, 2):
        comma = "Is there a comma behind it?" if len(value) == 1 else "Decimals take a point."
        raise NotYet(f"{refusal} {comma}")
    if isinstance(value, (bool, np.bool_)) or not hasattr(type(value), "__float__"):
        raise NotYet(refusal)
    try:
        result = float(value)  # type: ignore[arg-type] # an int, a fraction, a decimal, a number of any library
    except OverflowError:
        result = math.inf
    except STOPS:
        raise
    except BaseException as error:
        raise NotYet(refusal) from error
    if not math.isfinite(result):
        root = ROOT if math.isnan(result) else ""
        raise NotYet(f"A finite number is wanted{where}, and this is {result}.{root}")
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


def numbers(value: object, where: str) -> NDArray[np.float64]:
    """Return a learner's result as finite numbers in a row, or raise `NotYet`."""
    if isinstance(value, np.ndarray):
        return array(value, (value.size,), where)
    if not isinstance(value, (list, tuple)):
        raise NotYet(f"A list of numbers is wanted{where}, not a {type(value).__name__}.")
    return np.array([number(each, where) for each in value])


def parts(value: object, names: Sequence[str], kind: str = "numbers") -> list[Any]:
    """Return a learner's result as so many parts, or raise `NotYet`."""
    if isinstance(value, np.ndarray) and value.ndim:
        value = list(value)
    if not isinstance(value, (tuple, list)) or len(value) != len(names):
        count = {2: "Two", 3: "Three"}[len(names)]
        raise NotYet(f"{count} {kind} are wanted: ({', '.join(names)}).")
    return list(value)


def compare_numbers(
    answer: object,
    cases: Sequence[tuple[Any, ...]],
    right: Callable[..., float],
    wrong: Mapping[str, Callable[..., float]],
    *,
    rtol: float = 1e-5,
) -> None:
    """Return if a learner's function agrees with `right` on every case, to six digits unless told.

    Raises `Misconception` with the name of the wrong formula that it agrees with instead, or
    `NotYet` with a case that it gets wrong, one that is not near if there is one; a number that
    is rounded is told so.
    """
    found = [number(call(answer, *case), f" for {_listed(case)}") for case in cases]

    def deviations(formula: Callable[..., float]) -> list[float]:
        return [_deviation(value, formula(*case)) for value, case in zip(found, cases, strict=True)]

    off = deviations(right)
    verdicts = [deviation <= rtol for deviation in off]
    if all(verdicts):
        return
    known = {name: max(deviations(formula)) for name, formula in wrong.items()}
    nearest = min(known, key=known.__getitem__)
    if known[nearest] <= rtol:
        raise Misconception(nearest)
    far = next((k for k, distance in enumerate(off) if distance > NEAR), off.index(max(off)))
    case, value = cases[far], found[far]
    if max(off) <= NEAR:
        raise NotYet(
            f"For {_listed(case)} it returns {value:.8g}: near, and compared to one part in "
            f"{1 / rtol:,.0f}. Do not round, compute in float64, take a formula and no sample."
        )
    elsewhere = f"; for {_listed(cases[verdicts.index(True)])} it is" if any(verdicts) else ""
    raise NotYet(f"For {_listed(case)} it returns {value:.6g}, and that is not right{elsewhere}.")


# --- tests that a learner writes --------------------------------------------------------------


def failure(test: object, subject: Callable[..., Any]) -> str | None:
    """Return what a learner's test says where it fails on a subject, or None if it passes.

    It fails by raising AssertionError. Any other exception is not a verdict, and neither is a
    returned True or False.
    """
    if not callable(test):
        raise NotYet("Hand over the test function itself: it takes what it tests as its argument.")
    try:
        result = test(subject)
    except AssertionError as error:
        return _said(error)
    except (NotYet, *STOPS):  # a subject was called with what it cannot take
        raise
    except BaseException as error:
        raise NotYet(f"Your test itself went wrong: it raised {described(error)}.") from error
    if result is not None:
        raise NotYet(
            "A test speaks by raising AssertionError, not by returning something: "
            "write assert in front of your condition."
        )
    return None


def compare_test(
    test: object,
    *,
    right: Mapping[str, Maker],
    bug: Maker,
    wrong: Mapping[str, Maker],
    exact: Maker | None = None,
    lures: Mapping[str, Maker] | None = None,
) -> None:
    """Return if a learner's test passes on all that is right and fails on all that is wrong.

    Every subject is made anew from a seed of its own, so that a fixed seed in the test does not
    hide a tolerance that is too tight. `exact` is right, too, and scatters in neither its mean nor
    its variance. Raises `Misconception`: one of `TEST_MISCONCEPTIONS`; the name of something right
    that is refused while something else is not; the name of something wrong that goes unnoticed;
    or, where the bug goes unnoticed, the first of the `lures` that does not. A test that refuses
    all that is right and passes something wrong is told what it demands.
    """
    unnoticed = _unnoticed(test, bug)
    said = {
        name: [failure(test, make(seed)) for seed in range(5 if number else SEEDS)]
        for number, (name, make) in enumerate(right.items())
    }
    refused = [name for name, answers in said.items() if None not in answers]
    if len(refused) == len(right):
        stop = _quoted(said[refused[0]][0])
        if unnoticed:
            raise Misconception("upside-down", stop)
        if exact is not None and failure(test, exact(SEEDS)) is None:
            raise Misconception("too-tight", stop)
        for name, make in wrong.items():
            if all(failure(test, make(SEEDS + number)) is None for number in range(FAULTY)):
                demanded = "And it fails on code that is right: so it demands what that one does."
                raise Misconception(name, f"{demanded} {stop}".strip())
        raise Misconception("fails-everything", stop)
    if refused:
        raise Misconception(refused[0], _quoted(said[refused[0]][0]))
    for answers in said.values():
        if failed := [answer for answer in answers if answer is not None]:
            seen = f"Here it failed under {len(failed)} of {len(answers)} seeds."
            raise Misconception("false-alarm", f"{seen} {_quoted(failed[0])}")
    if unnoticed:
        for name, make in (lures or {}).items():
            if failure(test, make(SEEDS)) is not None:
                raise Misconception(name, unnoticed)
        raise Misconception("passes-everything", unnoticed)
    for name, make in wrong.items():
        if seen := _unnoticed(test, make):
            raise Misconception(name, seen)


TEST_MISCONCEPTIONS = {
    "passes-everything": "Your test passes on the bug. Call it with the function above, print what "
    "it compares there, and assert what should be there instead.",
    "fails-everything": "Your test fails on code that is right, whatever the seed. What you write "
    "behind a comma, as in assert condition, number, is quoted here.",
    "upside-down": "Your test passes on the bug and fails on code that is right: it has the two "
    "the wrong way round.",
    "too-tight": "Your test fails on code that is right, whatever the seed, and passes where mean "
    "and variance of the sample are exact. A sample scatters: leave room for its standard error, "
    "or let initcourse.testing do it.",
    "false-alarm": "Your test fails on code that is right under some seeds. A sample scatters: "
    "derive the tolerance from the standard error, or let initcourse.testing do it.",
}
"""The hints that every exercise with `compare_test` needs."""


def _unnoticed(test: object, make: Maker) -> str:
    """Say how a learner's test called a fault that it did not notice; "" if it noticed."""
    calls: list[str] = []
    verdicts = [
        failure(test, _recorded(make(SEEDS + number), calls)) is not None
        for number in range(FAULTY)
    ]
    if all(verdicts):
        return ""
    seeds = f"It was noticed under {sum(verdicts)} of {FAULTY} seeds. " if any(verdicts) else ""
    different = list(dict.fromkeys(calls))
    called = "; ".join(different[:3]) + ("; …" if len(different) > 3 else "")
    return seeds + f"Your test called it with {called}." if called else "Your test never called it."


def _recorded(subject: Callable[..., Any], calls: list[str]) -> Callable[..., Any]:
    """Return the subject, which notes what it is called with, but for the random generator."""
    signature = inspect.signature(subject)

    @functools.wraps(subject)
    def recorded(*arguments: Any, **keywords: Any) -> Any:
        with contextlib.suppress(TypeError):  # what does not fit, the subject itself refuses
            given = signature.bind(*arguments, **keywords).arguments
            given.pop("rng", None)
            calls.append(", ".join(f"{key} {_brief(value)}" for key, value in given.items()))
        return subject(*arguments, **keywords)

    return recorded


def _brief(value: object) -> str:
    """Return an argument as short text: of a dict of arrays the names and shapes."""
    if isinstance(value, dict) and all(isinstance(v, np.ndarray) for v in value.values()):
        return ", ".join(f"{_cut(str(key), 40)} {array.shape}" for key, array in value.items())
    return _short(value) if isinstance(value, np.ndarray) else _cut(shown(value), 60)


def _said(error: AssertionError) -> str:
    """Return the message of a failed assertion, or the line where it stands."""
    if text := _text(error):
        return text
    frames = traceback.extract_tb(error.__traceback__)
    return _cut(frames[-1].line or "") if frames else ""


def _quoted(said: str | None) -> str:
    return f"It stopped at “{said}”." if said else ""


def centered(draws: NDArray[Any], variance: float) -> NDArray[Any]:
    """Return draws of nearly that variance, the smaller half moved so that it is exact.

    The mean is zero then, and a bound on the draws still holds.
    """
    size = np.abs(draws)
    inner = size <= np.median(size)
    moved, rest = draws[inner] - draws[inner].mean(), draws[~inner]
    mean = -rest.sum() / moved.size
    square = (variance * draws.size - (rest**2).sum()) / moved.size - mean**2
    result = draws.copy()
    result[inner] = mean + moved * math.sqrt(max(square, 0.0) / np.mean(moved**2))
    return result


def seeded(seed: int, rng: object) -> np.random.Generator:
    """Return the generator of a subject: from its own seed and from what the test hands over."""
    if rng is None or isinstance(rng, (int, np.integer)):
        given = next(_unseeded) if rng is None else abs(int(rng))
        return np.random.default_rng([seed, given])
    try:
        source = np.random.default_rng(rng)  # type: ignore[arg-type] # a learner's: anything
    except (TypeError, ValueError) as error:
        raise NotYet(f"A seed or a generator is wanted for rng: {described(error)}.") from error
    return np.random.default_rng([seed, int(source.integers(2**31))])


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
    text, name = _text(error), type(error).__name__
    return f"{name} ({text})" if text else name


def _text(error: BaseException) -> str:
    """Return the message of an exception on one short line."""
    try:
        return _cut(re.sub(r"[\w.<>]*<locals>\.", "", str(error)))
    except STOPS:
        raise
    except BaseException:
        return ""


def _cut(text: str, length: int = 160) -> str:
    text = " ".join(text.split())
    return text if len(text) <= length else f"{text[:length]}…"


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
    return ", ".join(_short(a) if isinstance(a, np.ndarray) else shown(a) for a in arguments)


def _short(values: NDArray[Any]) -> str:
    """Return the numbers of a short vector, and the shape of anything longer."""
    if values.ndim == 1 and values.size <= 4:
        return f"[{', '.join(f'{value:.3g}' for value in values)}]"
    return f"an array of shape {values.shape}"
