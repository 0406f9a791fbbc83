"""The book's exercises with their checks: one module a chapter.

A chapter imports its own: ``from initcourse.exercises import xavier as check``, and asks
``check.xavier_limit(my_limit)``, or ``check.xavier_limit.hint()``.
"""

from importlib import import_module
from pkgutil import iter_modules

from ._exercise import Exercise, exercise, outcomes
from ._outcome import ExerciseError, Outcome

EXERCISES: dict[str, Exercise] = {
    name: value
    for module in iter_modules(__path__)
    if not module.name.startswith("_")
    for name, value in vars(import_module(f"{__name__}.{module.name}")).items()
    if isinstance(value, Exercise)
}
"""Every exercise of the course by its name, those of a chapter in their order."""

__all__ = ["EXERCISES", "Exercise", "ExerciseError", "Outcome", "exercise", "outcomes"]
