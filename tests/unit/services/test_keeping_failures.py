"""A full disk, a closed folder, a key locked away, a clock set back: one line each, and nothing lost."""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError, KeyringLocked

from console.domain.errors import CordonError, DiskFull, ProfileUnwritable, SecretsUnavailable
from console.domain.ids import ItemId
from console.domain.items import Media
from console.services.clock import SystemClock, facts_of
from console.services.evidence import open_record
from console.services.keys import Keys
from console.services.vault import StoreVault
from tests.fakes.clock import FakeClock
from tests.fakes.keeping import Bench, bench
from tests.unit.store.making import received

URL = "https://pictures.example/1.png"
PICTURE = b"\x89PNG\r\n\x1a\n a picture"


@contextmanager
def closed(rig: Bench, how: str) -> Iterator[None]:
    """A disk without room, or one that cannot be written, for as long as the block runs."""
    connections = [conn for conn in (rig.db._record, rig.db._ingest) if conn is not None]
    for conn in connections:
        pages = conn.execute("PRAGMA page_count").fetchone()[0]
        conn.execute(f"PRAGMA max_page_count = {pages}" if how == "full" else "PRAGMA query_only = ON")
    try:
        yield
    finally:
        for conn in connections:
            conn.execute("PRAGMA max_page_count = 1073741823" if how == "full" else "PRAGMA query_only = OFF")


@pytest.mark.parametrize(("how", "problem"), [("full", DiskFull), ("closed", ProfileUnwritable)])
def test_nothing_is_half_done_on_a_disk_that_takes_nothing(
    tmp_path: Path, how: str, problem: type[CordonError]
) -> None:
    async def check() -> None:
        async with bench(tmp_path / "profile", there={URL: PICTURE}) as rig:
            rows = [
                received(f"p{number}", "words " * 400, media=(Media("picture", URL),)) for number in range(60)
            ]
            await rig.save(*rows)
            await rig.hide(1)
            await rig.keeping.hold("i2", "an inquest", "r.calder")
            wraps = await rig.keep.every_key()
            doings: list[Callable[[], Awaitable[object]]] = [
                lambda: rig.hide(*range(3, 60)),
                lambda: rig.keeping.dispose("i1", "its time is over", "r.calder"),
                lambda: rig.keeping.hold("i3", "long reasons " * 900, "r.calder"),
                lambda: rig.keeping.decide("i1", "long reasons " * 900, "r.calder"),
                lambda: rig.recovery.make(
                    tmp_path / "k.pem", "four words make it", "r.calder", inside=tmp_path / "profile"
                ),
            ]
            before = await rig.kinds()
            with closed(rig, how):
                for doing in doings if how == "closed" else doings[:1] + doings[2:4]:
                    with pytest.raises(problem) as found:
                        await doing()
                    assert "\n" not in found.value.message
                    assert found.value.message.endswith(".")
            assert await rig.kinds() == before
            assert not (tmp_path / "k.pem").exists()
            assert await rig.is_whole() is None
            assert await rig.keep.every_key() == wraps
            assert open_record(rig.keys, await rig.record(1))["item"]["key"] == "i1"
            assert [held.item_id for held in await rig.keeping.holds()] == [2]
            await rig.hide(3)
            await rig.keeping.dispose("i1", "its time is over", "r.calder")
            assert await rig.is_whole() is None

    asyncio.run(check())


class Ring(KeyringBackend):
    """A keyring that can be locked, and emptied."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring gives its base class no types
        self.kept: dict[tuple[str, str], str] = {}
        self.problem: KeyringError | None = None

    def get_password(self, service: str, username: str) -> str | None:
        """What is kept."""
        if self.problem is not None:
            raise self.problem
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keeps it."""
        self.kept[service, username] = password


@pytest.mark.parametrize(
    ("what", "words"), [("locked", "Unlock it"), ("emptied", "no longer holds this profile's key")]
)
def test_with_the_key_locked_away_nothing_is_sealed_or_queued_and_a_person_is_told_what_to_do(
    tmp_path: Path, what: str, words: str
) -> None:
    async def check() -> None:
        ring = Ring()
        async with bench(tmp_path, passphrase=None) as rig:
            rig.keys._find_keyring = lambda: ring
            assert await rig.keys.open()
            await rig.save(received("p1"), received("p2"))
            await rig.hide(1)
        if what == "locked":
            ring.problem = KeyringLocked("the collection is locked")
        else:
            ring.kept.clear()
        async with bench(tmp_path, passphrase=None) as rig:
            rig.keys._find_keyring = lambda: ring
            assert not await rig.keys.open()
            before = await rig.kinds()
            for doing in (
                rig.hide(2),
                rig.keeping.read(await rig.record(1)),
                rig.recovery.make(tmp_path.parent / "k.pem", "four words make it", "x", inside=tmp_path),
            ):
                with pytest.raises(SecretsUnavailable, match=words):
                    await doing
            assert await rig.recovery.wrap_missing("cordon") == 0
            assert await rig.kinds() == before
            assert (await rig.items(1))[0].text, "what is cached can still be read"
            await rig.keeping.hold("i1", "what needs no key goes on", "r.calder")
            assert await rig.is_whole() is None
            if what == "locked":
                ring.problem = None
                assert await rig.keys.open()
                assert open_record(rig.keys, await rig.record(1))
                await rig.hide(2)

    asyncio.run(check())


def test_a_key_that_opens_another_profile_is_not_used(tmp_path: Path) -> None:
    async def check() -> None:
        async with bench(tmp_path / "one") as one, bench(tmp_path / "two") as two:
            await one.save(received("p1"))
            await one.hide(1)
            with pytest.raises(SecretsUnavailable):
                open_record(two.keys, await one.record(1))
            wrong = Keys(StoreVault(one.db), passphrase="another", find_keyring=lambda: None)
            with pytest.raises(SecretsUnavailable):
                await wrong.open()

    asyncio.run(check())


def test_a_clock_that_was_set_back_stands_still_and_the_record_says_by_how_much(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = SystemClock()
    real = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: real)
    first = clock.now()
    assert facts_of(clock).behind_ms == 0
    assert facts_of(clock).source
    monkeypatch.setattr(time, "time_ns", lambda: real - 3_600_000_000_000)
    assert clock.now() == first
    assert facts_of(clock).behind_ms == 3_600_000
    assert facts_of(FakeClock()).error_ms is None, "what is not known is not guessed"


def test_a_computer_that_starts_with_an_earlier_clock_seals_and_disposes_and_the_ledger_is_whole(
    tmp_path: Path,
) -> None:
    async def check() -> None:
        async with bench(tmp_path) as rig:
            await rig.save(received("p1"), received("p2"))
            await rig.hide(1)
        async with bench(tmp_path) as rig:
            rig.clock._start_at -= 2 * 365 * 86_400_000
            await rig.hide(2, category="spam")
            assert await rig.keeping.review() == [], "nothing is over sooner"
            assert await rig.keeping.over() == []
            await rig.keeping.dispose("i1", "its time is over", "r.calder")
            assert await rig.is_whole() is None
            assert open_record(rig.keys, await rig.record(2))["captured_at"] < "2027"

    asyncio.run(check())


def test_an_act_waits_when_the_disk_refuses_its_record_and_goes_when_there_is_room(tmp_path: Path) -> None:
    async def check() -> None:
        async with bench(tmp_path) as rig:
            await rig.save(*(received(f"p{number}", "words " * 400) for number in range(40)))
            with closed(rig, "full"), pytest.raises(DiskFull):
                await rig.hide(*range(1, 41))
            assert await rig.desk.open_acts() == []
            assert await rig.desk.newest_acts(None, 5) == [], "no act without its record"
            assert await rig.keep.records(ItemId(1)) == []
            await rig.hide(*range(1, 41))
            rows = await rig.db.read(_unsealed)
            assert rows == 0

    asyncio.run(check())


def _unsealed(conn: sqlite3.Connection) -> int:
    """How many acts have no sealed record."""
    found = conn.execute(
        "SELECT count(*) FROM acts a LEFT JOIN evidence e ON e.id = a.evidence_id WHERE e.cipher IS NULL"
    ).fetchone()
    return int(found[0])
