"""Checked time: one clock for everything that runs, replaced in tests.

What a newcomer would get wrong: `now` is for people and for the record, `monotonic` is for
measuring. A computer's wall clock may be set back while Cordon runs; `now` then stands still until
it has caught up, so that no entry is ever dated before the one that it follows.
"""

import asyncio
import ctypes
import sys
import time
from dataclasses import dataclass
from typing import Final, Protocol

_UNSYNCHRONISED: Final = 0x0040
"""`STA_UNSYNC` of `adjtimex(2)`: nothing keeps the clock right."""
_ASKED_EVERY_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """What is known about the clock that dates a record."""

    source: str
    """Where its time comes from, in words."""
    error_ms: int | None
    """By how much it may be wrong at most, as the system says; None where nobody says."""
    behind_ms: int = 0
    """By how much the computer's clock was set back since Cordon started and has not caught up."""


class Clock(Protocol):
    """Where services get the time from, and where they wait."""

    def now(self) -> int:
        """Milliseconds since 1970, UTC; never less than it said before."""

    def monotonic(self) -> float:
        """Seconds since some fixed moment; for measuring spans."""

    async def sleep(self, seconds: float) -> None:
        """Waits so many seconds; nothing or less only lets others run."""


class SystemClock:
    """The computer's own clock."""

    def __init__(self) -> None:
        self._latest = 0
        self._facts: ClockFacts | None = None
        self._asked_at = 0.0

    def now(self) -> int:
        """Milliseconds since 1970, UTC; never less than it said before."""
        self._latest = max(self._latest, time.time_ns() // 1_000_000)
        return self._latest

    def monotonic(self) -> float:
        """Seconds since some fixed moment; for measuring spans."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Waits so many seconds; nothing or less only lets others run."""
        await asyncio.sleep(max(0.0, seconds))

    def facts(self) -> ClockFacts:
        """What is known about this clock now; the system is asked once a minute."""
        if self._facts is None or time.monotonic() - self._asked_at > _ASKED_EVERY_S:
            self._facts, self._asked_at = _ask_system(), time.monotonic()
        behind = max(0, self._latest - time.time_ns() // 1_000_000)
        return ClockFacts(self._facts.source, self._facts.error_ms, behind)


def facts_of(clock: Clock) -> ClockFacts:
    """What is known about any clock; one that keeps no account of itself is said to be unknown."""
    ask = getattr(clock, "facts", None)
    found = ask() if ask is not None else None
    return (
        found if isinstance(found, ClockFacts) else ClockFacts("A clock that says nothing of itself.", None)
    )


class _Timex(ctypes.Structure):
    """The beginning of `struct timex`, and room for the rest of it."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 512),
    )


def _ask_system() -> ClockFacts:
    """What the operating system says about its clock.

    Linux knows whether something keeps it right, and its greatest error (adjtimex with no mode only reads).
    Source: https://man7.org/linux/man-pages/man2/adjtimex.2.html
    """
    own = "This computer's clock"
    if not sys.platform.startswith("linux"):
        return ClockFacts(f"{own}; the system does not say how well it is kept.", None)
    try:
        timex = _Timex()
        if ctypes.CDLL(None).adjtimex(ctypes.byref(timex)) < 0:
            return ClockFacts(f"{own}; the system does not say how well it is kept.", None)
    except (OSError, AttributeError):
        return ClockFacts(f"{own}; the system does not say how well it is kept.", None)
    if timex.status & _UNSYNCHRONISED:
        return ClockFacts(f"{own}; nothing keeps it right.", None)
    return ClockFacts(f"{own}, kept right over the network.", max(1, timex.maxerror // 1000))
