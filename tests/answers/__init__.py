"""Answers that learners might give, in one module a chapter, beside that of its exercises.

A module holds `RIGHT`, two right answers or more for each exercise; `WRONG`, one for each
misconception; `OTHER`, what is wrong in a way of its own and told where, not why; and `SUBTLE`,
wrong answers that come close to a right one: a check has accepted them, or would if it were a
little wider.
"""

from importlib import import_module
from pkgutil import iter_modules

MODULES = {
    module.name: import_module(f"{__name__}.{module.name}")
    for module in iter_modules(__path__)
    if not module.name.startswith("_")
}

RIGHT = {}  # exercise: [answer, answer]
WRONG = {}  # (exercise, misconception): answer
OTHER = {}  # (exercise, part of what is said): answer
SUBTLE = {}  # (exercise, idea): answer
for module in MODULES.values():
    RIGHT |= module.RIGHT
    WRONG |= module.WRONG
    OTHER |= module.OTHER
    SUBTLE |= module.SUBTLE
