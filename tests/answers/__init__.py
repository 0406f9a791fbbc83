"""Answers that learners might give, in one module a chapter, beside that of its exercises.

A module holds `RIGHT`, two right answers or more for each exercise; `WRONG`, one for each
misconception; `OTHER`, what is wrong in a way of its own and told where, not why; and `SUBTLE`,
wrong answers that come close to a right one: a check has accepted them, or would if it were a
little wider. `DIAGNOSES` holds, for each exercise that asks for one, how its table is drawn from a
seed, and a rule that names the faults from the table.
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
DIAGNOSES = {}  # exercise: (seed -> table, table -> answer)
for module in MODULES.values():
    RIGHT |= module.RIGHT
    WRONG |= module.WRONG
    OTHER |= module.OTHER
    SUBTLE |= module.SUBTLE
    DIAGNOSES |= module.DIAGNOSES
