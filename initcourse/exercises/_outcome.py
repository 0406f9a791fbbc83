"""What a check can find, and how it says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["correct", "not yet", "not attempted"]


class ExerciseError(AssertionError):
    """An answer that is not correct, where `INITCOURSE_STRICT=1` asks for correct ones."""


class NotAttempted(Exception):  # noqa: N818 (an outcome, not an error)
    """The answer is still the stub."""


class NotYet(Exception):  # noqa: N818
    """The answer is wrong, and the message says what to look at."""


class Misconception(Exception):  # noqa: N818
    """The answer is wrong in a way that the exercise knows by name.

    `seen` is what happened in this case, in a sentence that follows the hint; in front of what a
    wrong guess would have meant.
    """

    def __init__(self, name: str, seen: str = "") -> None:
        super().__init__(name)
        self.name, self.seen = name, seen


class TimeUp(BaseException):
    """Thrown into an answer that takes too long; the message says what it took."""


STOPS = (KeyboardInterrupt, TimeUp)
"""What passes through every check: the learner pressed stop, or the time is up."""


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
