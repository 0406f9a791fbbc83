"""The book's exercises with their checks: one module a chapter.

A chapter imports its own: ``from initcourse.exercises import xavier as check``, and asks
``check.xavier_limit(my_limit)``, or ``check.xavier_limit.hint()``.
"""

from . import he, lecun, variance_scaling, xavier, zero_init
from ._exercise import Exercise, exercise, states
from ._outcome import ExerciseError, Outcome
from ._progress import table

EXERCISES: dict[str, Exercise] = {
    name: value
    for module in (zero_init, xavier, he, lecun, variance_scaling)
    for name, value in vars(module).items()
    if isinstance(value, Exercise)
}
"""Every exercise of the course by its name, in the order of the chapters."""


def progress() -> None:
    """Print every exercise of the course, and what its check last found in this kernel.

    For notebooks on disk run ``python -m initcourse progress`` in the folder of the book.

    Examples
    --------
    >>> progress()  # doctest: +ELLIPSIS
    chapter              exercise             level  state
    01_zero_init         first_loss           a      ...
    ... are correct.
    """
    print(table(EXERCISES.values(), states()))


__all__ = [
    "EXERCISES",
    "Exercise",
    "ExerciseError",
    "Outcome",
    "exercise",
    "he",
    "lecun",
    "progress",
    "states",
    "variance_scaling",
    "xavier",
    "zero_init",
]
