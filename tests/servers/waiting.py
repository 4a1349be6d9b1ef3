"""Waiting for something another program must do, with a limit.

The easy mistake is a fixed sleep: too short on a slow machine, too long on every other. Here the
question is asked again until the answer is yes, and a test that waits in vain says what for.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event
from typing import TypeVar

T = TypeVar("T")


def until(what: str, ask: Callable[[], T | None], *, within: float = 20.0, every: float = 0.05) -> T:
    """Ask until the answer is true, and give that answer.

    ``what`` names it for the failure; ``within`` and ``every`` are seconds. Raises
    ``AssertionError`` with the last answer when the time is over.
    """
    pause = Event()  # nobody sets it: its wait is a pause that a signal can interrupt
    ends = time.monotonic() + within
    answer: T | None = None
    while time.monotonic() < ends:
        answer = ask()
        if answer:
            return answer
        pause.wait(every)
    raise AssertionError(f"waited {within:g} s in vain for {what}; last answer: {answer!r}")
