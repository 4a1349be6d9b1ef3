"""A seat for a test: a profile with its key in a keyring, and a clock whose hands are moved one by one."""

import asyncio
import functools
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from console.desk.operators import LocalOperators
from console.domain.operators import SignedSeat
from console.services import operators as service
from console.services.events import Announcement, Events
from console.services.keys import Keys
from console.services.operators import Operators, Proof, WrongCode
from console.services.vault import StoreVault
from console.store import audit
from console.store.database import Database
from console.store.verifying import verify
from tests.fakes.clock import START_AT
from tests.unit.services.test_keys import MemoryKeyring

Test = Callable[..., Coroutine[Any, Any, None]]


def on_a_loop(test: Test) -> Callable[..., None]:
    """A test that awaits."""

    @functools.wraps(test)
    def run(*args: object, **kwargs: object) -> None:
        asyncio.run(test(*args, **kwargs))

    return run


RINGS: dict[Path, MemoryKeyring] = {}
"""The keyring of each test's computer."""
SUPERVISOR = Proof("Ines Corran", "overnight")


class WallClock:
    """A clock whose two hands a test moves one by one."""

    def __init__(self) -> None:
        self.wall, self.hand = START_AT, 0.0

    def now(self) -> int:
        """Milliseconds since 1970."""
        return self.wall

    def monotonic(self) -> float:
        """Seconds."""
        return self.hand

    async def sleep(self, seconds: float) -> None:
        """Nobody sleeps here."""
        raise AssertionError(seconds)

    def pass_by(self, seconds: float) -> None:
        """Both hands move."""
        self.hand += seconds
        self.wall += round(seconds * 1000)


@dataclass
class Seat:
    """A seat as a test sees it."""

    operators: Operators
    db: Database
    clock: WallClock
    said: list[Announcement] = field(default_factory=list)

    async def entries(self) -> list[dict[str, Any]]:
        """The ledger, as it can be read."""
        found = await self.db.read(lambda conn: audit.entries(conn, 0, 1000))
        return [json.loads(entry.leaf) for entry in found]

    async def told(self, kind: str) -> list[dict[str, Any]]:
        """Who did it in which role, with the facts, of every entry of a kind."""
        return [
            {"who": entry["who"], "role": entry["role"], **entry["facts"]}
            for entry in await self.entries()
            if entry["kind"] == kind
        ]

    async def wrong(self, name: str, times: int = 1) -> str:
        """Gives a wrong code so often; the last answer."""
        words = ""
        for _ in range(times):
            with pytest.raises(WrongCode) as caught:
                await self.operators.prove(name, "not it")
            words = caught.value.message
        return words


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes are stretched less than in earnest, so that many tests take no time."""
    monkeypatch.setattr(service, "SCRYPT_COST", 2**4)


@asynccontextmanager
async def seat_at(
    folder: Path, clock: WallClock | None = None, *, keyring_is_there: bool = True
) -> AsyncIterator[Seat]:
    """A seat on a profile; the operating system calls its account `ctrlroom`."""
    clock = clock or WallClock()
    ring = RINGS.setdefault(folder, MemoryKeyring())
    with Database(folder / "cordon.db") as db:
        events = Events()
        keys = Keys(StoreVault(db), find_keyring=lambda: ring if keyring_is_there else None)
        await keys.open()
        here = SignedSeat("Dellin desk 1")
        operators = Operators(
            desk=LocalOperators(db, here),
            keys=keys,
            clock=clock,
            events=events,
            seat=here,
            who="ctrlroom",
            account="ctrlroom",
        )
        seat = Seat(operators, db, clock)
        events.listen(seat.said.append)
        await operators.open()
        yield seat
        assert (await db.read(verify)).ok


def no_file_holds(folder: Path, *words: bytes) -> None:
    """None of these words is in any file."""
    for path in folder.iterdir():
        held = path.read_bytes()
        assert not any(word in held for word in words), path.name


async def two(seat: Seat) -> None:
    """A supervisor and an operator, each with a code."""
    await seat.operators.add("Ines Corran", "supervisor", code="overnight")
    await seat.operators.add("R. Calder", "digital", collar="4471", code="chandler", by=SUPERVISOR)
