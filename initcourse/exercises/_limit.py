"""A limit on what a learner's code computes, so that an endless loop ends.

The limit counts what the check's own thread computes and not the time that passes, for a machine
may be busy. What an import computes does not count either: the first one of a large library takes
seconds.
"""

from __future__ import annotations

import random
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import TypeVar

from ._outcome import TimeUp

LIMIT = 3.0
"""How many seconds a check may compute: user and system time of its thread."""

TESTS = 10.0
"""How many for a test, which is called dozens of times."""

PATIENCE = 120.0
"""How many seconds may pass, for an answer that computes nothing and waits for ever."""

TICK = 0.1
"""How often, in seconds, the time is looked at, and an answer stopped that catches `TimeUp`."""

T = TypeVar("T")


def within_limits(run: Callable[[], T], limit: float) -> T:
    """Return what a function returns, or throw `TimeUp` into it if it computes longer than that.

    Signals from timers do that, so it needs a platform that has them, and the main thread. On
    Windows, in a browser's kernel and in any other thread there is no limit: whoever waits in vain
    interrupts the kernel. A single call of compiled code is not interrupted.
    """
    if not _can_interrupt():
        return run()
    armed, message = True, ""
    spent, last = 0.0, time.thread_time()  # the timer's own time holds that of other threads

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal message, spent, last
        now = time.thread_time()
        spent, last = spent + (0 if _imports(frame) else now - last), now
        if not armed or (number == signal.SIGPROF and spent < limit):
            return
        if message:  # it was caught: now they come so fast that one hits the except clause itself
            signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-6, 5e-5))
        elif number == signal.SIGPROF:
            message = f"It took more than {limit:g} seconds of computing. Does a loop end?"
        else:
            message = f"It took more than {PATIENCE:g} seconds. What does it wait for?"
        raise TimeUp(message)

    limits = {signal.ITIMER_PROF: TICK, signal.ITIMER_REAL: PATIENCE}
    timers = {timer: signal.getitimer(timer) for timer in limits}
    handlers = {number: signal.getsignal(number) for number in (signal.SIGPROF, signal.SIGALRM)}
    try:
        for number in handlers:
            signal.signal(number, stop)
        for timer, seconds in limits.items():
            signal.setitimer(timer, seconds, TICK)
        return run()
    finally:
        armed = False  # at once: no signal is handled before this line
        for timer in timers:
            signal.setitimer(timer, 0)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for timer, before in timers.items():
            signal.setitimer(timer, *before)


def _imports(frame: FrameType | None) -> bool:
    """Tell whether the learner's code is in an import."""
    while frame is not None and frame.f_code is not within_limits.__code__:
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            return True
        frame = frame.f_back
    return False


def _can_interrupt() -> bool:
    """Tell whether timers raise signals here, and whether their handlers can be put back."""
    return (
        hasattr(signal, "setitimer")
        and threading.current_thread() is threading.main_thread()
        and None not in (signal.getsignal(signal.SIGPROF), signal.getsignal(signal.SIGALRM))
    )
