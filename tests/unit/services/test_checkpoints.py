"""Checkpoints: when they are made, who signs them, who else keeps them, and what happens when that fails."""

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from console.desk.checkpoints import LocalCheckpoints
from console.desk.local import LocalDesk
from console.domain import merkle
from console.domain.audit import Note
from console.domain.checkpoint import check
from console.domain.errors import SecretsUnavailable
from console.services.checkpoints import EVERY_ENTRIES, EVERY_MS, Checkpoints
from console.services.events import Announcement, Events
from console.services.keepers import FolderKeeper
from console.services.keys import Keys
from console.services.vault import StoreVault
from console.store.database import Connection, Database
from tests.fakes.clock import FakeClock

WHO = "r.calder"


@dataclass
class Room:
    """The parts that make checkpoints, on a database of their own."""

    db: Database
    desk: LocalDesk
    clock: FakeClock
    keys: Keys
    checkpoints: Checkpoints
    said: list[Announcement] = field(default_factory=list)

    async def noted(self, count: int = 1) -> None:
        """Has so many entries in the ledger that are about something else."""
        await self.desk.note([Note("noted", WHO, {"n": number}, {}) for number in range(count)], 1)

    async def kinds(self) -> list[str]:
        """What the ledger is about."""
        return [json.loads(entry.leaf)["kind"] for entry in await self.desk.entries(0, 100_000)]

    async def idle(self) -> None:
        """Lets it work until it waits for the clock again, as it always does once it was started."""
        await asyncio.sleep(0)
        async with asyncio.timeout(30):
            while self.checkpoints._works and self.clock.next_alarm is None:
                await self.db.read(_nothing)


def _nothing(_: object) -> None:
    """Asks nothing."""


@contextlib.asynccontextmanager
async def room(
    folder: Path, keeper: Path | None = None, *, passphrase: str | None = "an invented passphrase"
) -> AsyncIterator[Room]:
    """The parts, open; ended in order."""
    db, clock, events = Database(folder / "cordon.db"), FakeClock(), Events()
    db.open()
    keys = Keys(StoreVault(db), passphrase=passphrase, find_keyring=lambda: None)
    await keys.open()
    checkpoints = Checkpoints(
        desk=LocalCheckpoints(db, "Dellin desk 1"),
        keys=keys,
        clock=clock,
        events=events,
        keeper=FolderKeeper(keeper) if keeper else None,
    )
    found = Room(db, LocalDesk(db, "Dellin desk 1"), clock, keys, checkpoints)
    clock.idle = found.idle
    events.listen(found.said.append)
    await checkpoints.open()
    try:
        yield found
    finally:
        await checkpoints.stop()
        db.close()


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await work()

    asyncio.run(whole())


def test_one_is_made_ten_minutes_after_something_was_recorded_and_none_when_nothing_was(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        async with room(tmp_path) as here:
            here.checkpoints.start(at_end=False)
            await here.clock.pass_by(2 * EVERY_MS / 1000)
            assert await here.kinds() == []
            await here.noted()
            await here.clock.pass_by(60)
            assert await here.kinds() == ["noted", "ledger.key", "ledger.checkpoint"]
            await here.noted()
            await here.clock.pass_by(EVERY_MS / 1000 - 61)
            assert (await here.kinds())[3:] == ["noted"]
            await here.clock.pass_by(60)
            assert (await here.kinds())[3:] == ["noted", "ledger.checkpoint"]
            await here.clock.pass_by(4 * EVERY_MS / 1000)
            assert len(await here.kinds()) == 5

    run(story)


def test_many_entries_call_for_one_at_once(tmp_path: Path) -> None:
    async def story() -> None:
        async with room(tmp_path) as here:
            here.checkpoints.start(at_end=False)
            await here.noted(EVERY_ENTRIES - 1)
            await here.clock.pass_by(30)
            assert await here.checkpoints.latest() is None
            await here.noted()
            await here.clock.pass_by(30)
            found = await here.checkpoints.latest()
            assert found is not None
            assert found.size == EVERY_ENTRIES + 2

    run(story)


@pytest.mark.parametrize("at_end", [True, False])
def test_the_end_of_a_shift_makes_one_and_a_command_of_a_moment_none(tmp_path: Path, at_end: bool) -> None:
    async def story() -> None:
        async with room(tmp_path) as here:
            here.checkpoints.start(at_end=at_end)
            await here.noted()
            await here.checkpoints.stop()
            assert (await here.kinds())[-1] == ("ledger.checkpoint" if at_end else "noted")

    run(story)


def test_a_checkpoint_states_the_root_of_everything_up_to_its_own_entry_and_is_signed(tmp_path: Path) -> None:
    async def story() -> None:
        async with room(tmp_path) as here:
            assert not here.checkpoints.public_key
            made = []
            for count in (5, 1, 9):
                await here.noted(count)
                made.append(await here.checkpoints.make("handover", WHO))
            assert made[-1] == await here.checkpoints.latest()
            hashes = await here.checkpoints.leaf_hashes()
            public = here.checkpoints.public_key
            assert public is not None
            for one in made:
                assert one.root == merkle.root(await here.checkpoints.leaf_hashes(one.size))
                assert check(one, public)
                path = merkle.consistency(hashes, one.size, made[-1].size)
                assert merkle.check_consistency(one.size, made[-1].size, path, one.root, made[-1].root)
            last = json.loads((await here.desk.entries(made[-1].size - 1, 1))[0].leaf)
            assert (last["kind"], last["who"], last["facts"]) == (
                "ledger.checkpoint",
                WHO,
                {"why": "handover"},
            )
            assert (await here.checkpoints.verify()).checkpoint == made[-1].text

    run(story)


def test_the_key_is_sealed_and_another_start_signs_with_the_same(tmp_path: Path) -> None:
    public: list[bytes | None] = []

    async def first() -> None:
        async with room(tmp_path) as here:
            await here.checkpoints.make("asked", WHO)
            _, private = await here.checkpoints._signer()
            secret.append(private.private_bytes_raw())
            public.append(here.checkpoints.public_key)

    async def second() -> None:
        async with room(tmp_path) as here:
            assert here.checkpoints.public_key == public[0]
            assert check(await here.checkpoints.make("asked", WHO), public[0] or b"")
            assert (await here.kinds()).count("ledger.key") == 1

    secret: list[bytes] = []
    run(first)
    assert all(secret[0] not in path.read_bytes() for path in tmp_path.iterdir())
    run(second)


def test_without_the_profile_s_key_nothing_is_signed_and_nothing_is_stopped(tmp_path: Path) -> None:
    async def story() -> None:
        async with room(tmp_path, passphrase=None) as here:
            here.checkpoints.start(at_end=True)
            await here.noted()
            await here.clock.pass_by(2 * EVERY_MS / 1000)
            with pytest.raises(SecretsUnavailable):
                await here.checkpoints.make("asked", WHO)
            await here.checkpoints.stop()
            assert await here.kinds() == ["noted"]

    run(story)


def test_a_changed_page_of_the_tree_is_not_signed(tmp_path: Path) -> None:
    def spoil(conn: Connection) -> None:
        conn.execute("DROP TRIGGER checkpoints_keep")
        conn.execute("UPDATE checkpoints SET peaks = randomblob(length(peaks))")

    async def story() -> None:
        async with room(tmp_path) as here:
            await here.noted(7)
            await here.checkpoints.make("asked", WHO)
            await here.db.record(spoil)
            made = await here.checkpoints.make("asked", WHO)
            assert made.root == merkle.root(await here.checkpoints.leaf_hashes())
            await here.db.record(lambda conn: conn.execute("UPDATE checkpoints SET peaks = x'00'"))
            made = await here.checkpoints.make("asked", WHO)
            assert made.root == merkle.root(await here.checkpoints.leaf_hashes())

    run(story)


# keys ---------------------------------------------------------------------------------------------


def test_a_new_key_is_signed_by_the_old_one(tmp_path: Path) -> None:
    async def story() -> None:
        async with room(tmp_path) as here:
            before = await here.checkpoints.make("asked", WHO)
            old = here.checkpoints.public_key
            await here.checkpoints.new_key("The laptop was lent", WHO)
            made = await here.checkpoints.make("asked", WHO)
            assert made.origin == before.origin
            assert here.checkpoints.public_key not in {old, None}
            assert not check(made, old or b"")
            verdict = await here.checkpoints.verify()
            assert verdict.ok, verdict.first_bad

    run(story)


def test_a_lost_key_is_said_and_a_new_one_counts_once_the_second_keeper_has_its_word(tmp_path: Path) -> None:
    lose = "UPDATE ledger_keys SET sealed = zeroblob(60)"

    def spoil(conn: Connection) -> None:
        conn.execute("DROP TRIGGER ledger_keys_keep")
        conn.execute(lose)

    async def story() -> None:
        (tmp_path / "kept").mkdir()
        async with room(tmp_path) as here:
            await here.checkpoints.make("asked", WHO)
            await here.db.record(spoil)
        async with room(tmp_path) as here:
            with pytest.raises(SecretsUnavailable, match="cordon audit new-key"):
                await here.checkpoints.make("asked", WHO)
            await here.checkpoints.new_key("The keyring was emptied", WHO)
            made = await here.checkpoints.make("asked", WHO)
            found = (await here.checkpoints.verify()).first_bad or ""
            assert found.startswith(f"Entry {made.size - 1} (ledger.key) brings a new key")
            mailed = tmp_path / "mailed.txt"
            mailed.write_text(made.text, "utf-8")
            assert (await here.checkpoints.verify([mailed])).ok
        async with room(tmp_path, tmp_path / "kept") as here:
            await here.checkpoints.hand_over()
            assert (await here.checkpoints.verify()).ok

    run(story)


_SEAT = """
import asyncio, sys
from pathlib import Path
from tests.unit.services.test_checkpoints import WHO, room

async def whole():
    async with room(Path(sys.argv[1])) as here:
        print("ready", flush=True)
        sys.stdin.readline()
        for _ in range(10):
            await here.noted(3)
            await here.checkpoints.make("asked", WHO)

asyncio.run(whole())
"""


def test_two_programs_that_state_at_once_have_one_key_and_agree(tmp_path: Path) -> None:
    async def prepare() -> None:
        async with room(tmp_path):
            pass  # so that both find the profile's key

    run(prepare)
    seats = [
        subprocess.Popen(
            [sys.executable, "-c", _SEAT, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[3],
        )
        for _ in range(2)
    ]
    for seat in seats:
        assert seat.stdout is not None
        assert seat.stdout.readline() == "ready\n"
    for seat in seats:
        seat.communicate("go\n", timeout=60)
        assert seat.returncode == 0

    async def look() -> None:
        async with room(tmp_path) as here:
            kinds = await here.kinds()
            assert (kinds.count("ledger.key"), kinds.count("ledger.checkpoint")) == (1, 20)
            verdict = await here.checkpoints.verify()
            assert verdict.ok, verdict.first_bad

    run(look)
