"""Purging: nothing of what is over is left anywhere in the profile, and what must stay stays."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path

from console.api import Manifest
from console.desk.local import LocalDesk
from console.desk.protocol import Move
from console.domain.acts import ActState, Verb
from console.domain.ids import ItemId
from console.domain.items import Author, Item, ItemKind, ItemState, Media
from console.domain.lanes import Lane, parse_lane
from console.services.events import Events, ItemsChanged
from console.services.hosting import Found, Hosting
from console.services.purging import EVERY_S, FIRST_S, Purging
from console.store import items, lanes, purging
from console.store.database import Connection, Database, reading
from console.store.items import Received, save_batch
from tests.fakes.clock import FakeClock
from tests.fakes.connectors import manifest
from tests.fakes.quiet import Quiet
from tests.unit.desk.making import draft, submission
from tests.unit.store.making import NOW, add_account, hit, received

HOUR = 3_600_000
WORD, HANDLE, NAME, WRITER = "zyzzogeton", "quillfeather.example", "Quilla Featherstone", "did:rare:0451"
PLANTED = Author(WRITER, HANDLE, NAME)
ONE = ItemId(1)


class Manifests(Hosting):
    """Connectors that are declared and never loaded."""

    def __init__(self, made: Mapping[str, Manifest]) -> None:
        super().__init__(bundled=None)
        self._found = {name: Found(each, "test", None) for name, each in made.items()}


class Bench:
    """A profile, the purging over it, and a clock."""

    def __init__(self, database: Database, **facts: object) -> None:
        declared = replace(manifest("replay"), **{"text_life_hours": 24, **facts})  # type: ignore[arg-type]  # named in each test
        self.database = database
        self.clock = FakeClock(NOW)
        self.events = Events()
        self.desk = LocalDesk(database, "Dellin desk 1")
        self.purging = Purging(
            db=database,
            desk=self.desk,
            hosting=Manifests({"replay": declared}),
            events=self.events,
            clock=self.clock,
        )

    async def save(self, *rows: Received) -> None:
        seal = lambda text: text.encode("utf-16")[::-1]  # noqa: E731  # unreadable is all that is asked of it
        await self.database.ingest(lambda conn: save_batch(conn, rows, {}, seal))

    async def item(self, number: int = 1) -> Item:
        (found,) = await self.database.read(lambda conn: items.items(conn, [number]))
        return found

    async def find(self, words: str) -> list[int]:
        lane = parse_lane(words, NOW)
        return list(await self.database.read(lambda conn: lanes.lane_ids(conn, lane)))


def inside(folder: Path, check: Callable[[Bench], Awaitable[None]], **facts: object) -> None:
    async def whole() -> None:
        with Database(folder / "cordon.db") as database:
            await database.record(add_account)
            bench = Bench(database, **facts)
            bench.clock.idle = Quiet(database).idle
            await check(bench)
            await bench.purging.stop()

    asyncio.run(whole())


def planted(remote: str = "p1", **more: object) -> Received:
    return received(
        remote,
        f"a {WORD} for {HANDLE}",
        author=PLANTED,
        raw=json.dumps({"text": f"a {WORD}", "user": {"id": WRITER, "handle": HANDLE}}),
        note=f"at://{WRITER}/1",
        media=(Media("picture", f"https://pictures.example/{WORD}.png", WORD),),
        hits=[hit(text=WORD)],
        **more,  # type: ignore[arg-type]  # handed on
    )


def plain(number: int) -> Received:
    return received(f"plain-{number}", f"item {number} about the road " * 3, at=NOW)


def left_in(folder: Path, *words: str) -> list[str]:
    """The files of a profile that hold one of these words, in any of the ways that text is kept."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            body = path.read_bytes().lower()
            found += [
                f"{path.name}: {word}"
                for word in words
                for coding in ("utf-8", "utf-16-le", "utf-16-be")
                if word.lower().encode(coding) in body
            ]
    return found


def test_a_rare_word_a_handle_and_an_id_are_in_no_file_of_the_profile_afterwards(tmp_path: Path) -> None:
    async def check(bench: Bench) -> None:
        for part in range(12):
            rows = [plain(part * 100 + number) for number in range(100)]
            await bench.save(*rows[:50], planted(f"planted-{part}"), *rows[50:])
        row = planted("planted-3")
        await bench.save(replace(row, arrival=replace(row.arrival, text="edited")))
        await bench.save(planted("message", kind=ItemKind.MESSAGE))
        assert left_in(tmp_path, WORD, HANDLE, WRITER, NAME), "it was planted"
        assert await bench.find(WORD)
        await bench.clock.pass_by(23 * 3_600)
        await bench.save(*(plain(10_000 + number) for number in range(300)))
        await bench.clock.pass_by(3_600)
        purged = await bench.purging.run("a.rowe")
        assert purged.total.texts == 12 * 101 + 1 + 300
        assert purged.is_clean
        assert left_in(tmp_path, WORD, HANDLE, WRITER, NAME, "quilla", "feather") == []
        assert await bench.find(WORD) == []
        (entry,) = [one for one in await bench.desk.entries(0, 10) if b"cache.purged" in one.leaf]
        assert json.loads(entry.leaf)["facts"]["texts"] == purged.total.texts

    inside(tmp_path, check)


def test_the_row_stays_with_its_ids_and_states_and_is_seen(tmp_path: Path) -> None:
    async def check(bench: Bench) -> None:
        await bench.save(planted())
        await bench.database.ingest(lambda conn: items.set_states(conn, {ONE: ItemState.HIDDEN}))
        await bench.clock.pass_by(24 * 3_600)
        await bench.purging.run("a.rowe")
        item = await bench.item()
        assert (item.remote_id, item.state, item.kind) == ("p1", ItemState.HIDDEN, ItemKind.COMMENT)
        assert (item.text, item.media, item.author) == ("", (), Author("", "", ""))
        assert item.purged_at == bench.clock.now()
        assert (await bench.database.read(lanes.rail)).grades == (0, 0, 0, 0, 0)
        await bench.save(planted())
        assert (await bench.item()).text == "", "a network that tells it again does not bring it back"

    inside(tmp_path, check)


def test_what_is_within_its_life_stays(tmp_path: Path) -> None:
    async def check(bench: Bench) -> None:
        await bench.save(planted())
        await bench.clock.pass_by(24 * 3_600 - 1)
        assert (await bench.purging.look()).networks == {}
        assert (await bench.purging.run("a.rowe")).networks == {}
        assert await bench.find(WORD) == [1]
        assert await bench.desk.entries(0, 10) == []

    inside(tmp_path, check)


def test_a_dry_run_says_what_would_go_and_changes_nothing(tmp_path: Path) -> None:
    async def check(bench: Bench) -> None:
        await bench.save(planted("p1"), planted("p2"))
        await bench.desk.submit(submission(draft(2, Verb.HIDE)))
        await bench.clock.pass_by(24 * 3_600)
        wanted = await bench.purging.look()
        assert (wanted.total.texts, wanted.total.names, wanted.total.waiting) == (1, 1, 1)
        assert await bench.find(WORD) == [2, 1]
        done = await bench.purging.run("a.rowe")
        assert done.networks == wanted.networks

    inside(tmp_path, check)


def test_an_item_with_an_act_under_way_waits_until_that_is_settled(tmp_path: Path) -> None:
    async def check(bench: Bench) -> None:
        await bench.save(planted())
        act_id = (await bench.desk.submit(submission(draft(1, Verb.HIDE)))).act_ids[0]
        await bench.clock.pass_by(24 * 3_600)
        await bench.purging.run("a.rowe")
        assert await bench.find(WORD) == [1]
        await bench.desk.move([Move(act_id, ActState.CANCELLED)], "a.rowe", bench.clock.now())
        await bench.purging.run("a.rowe")
        assert await bench.find(WORD) == []

    inside(tmp_path, check)


def test_names_may_have_a_shorter_life_than_words(tmp_path: Path) -> None:
    async def check(bench: Bench) -> None:
        await bench.save(planted(), received("p2", "well said", author=PLANTED))
        await bench.clock.pass_by(2 * 3_600)
        purged = await bench.purging.run("a.rowe")
        assert (purged.total.texts, purged.total.names) == (0, 2)
        assert left_in(tmp_path, NAME, WRITER) == []
        assert await bench.find(WORD) == [1]
        assert await bench.find("feather") == []
        row = planted()
        await bench.save(replace(row, arrival=replace(row.arrival, text=f"another {WORD}")))
        assert (await bench.item()).text == f"another {WORD}"
        assert left_in(tmp_path, NAME, WRITER) == [], "an edit does not bring the author back"
        await bench.clock.pass_by(22 * 3_600)
        await bench.purging.run("a.rowe")
        assert left_in(tmp_path, WORD) == []

    inside(tmp_path, check, profile_life_hours=2)


def test_a_network_that_forgets_what_was_deleted_is_followed_at_once(tmp_path: Path) -> None:
    async def check(bench: Bench) -> None:
        bench.purging.start()
        await bench.save(planted("p1"), planted("p2"))
        await bench.database.ingest(lambda conn: items.set_states(conn, {ONE: ItemState.GONE}))
        bench.events.announce(ItemsChanged((ONE, ItemId(2))))
        await bench.clock.idle()
        await bench.clock.pass_by(1)
        assert (await bench.item(1)).text == ""
        assert (await bench.item(2)).text != ""
        await bench.database.ingest(lambda conn: items.set_states(conn, {ItemId(2): ItemState.DELETED}))
        await bench.purging.run("a.rowe")
        assert left_in(tmp_path, WORD, HANDLE, WRITER, NAME) == []

    inside(tmp_path, check, forgets_deleted=True)


def test_elsewhere_what_was_deleted_at_the_source_keeps_its_life(tmp_path: Path) -> None:
    async def check(bench: Bench) -> None:
        bench.purging.start()
        await bench.save(planted())
        await bench.database.ingest(lambda conn: items.set_states(conn, {ONE: ItemState.GONE}))
        bench.events.announce(ItemsChanged((ONE,)))
        await bench.clock.pass_by(FIRST_S + 1)
        assert await bench.find(WORD) == [1]

    inside(tmp_path, check)


def test_it_runs_by_itself_within_the_hour(tmp_path: Path) -> None:
    async def check(bench: Bench) -> None:
        bench.purging.start()
        await bench.save(planted())
        await bench.clock.pass_by(23 * 3_600)
        assert await bench.find(WORD) == [1]
        await bench.clock.pass_by(EVERY_S + 1)
        await bench.clock.pass_by(EVERY_S)
        assert await bench.find(WORD) == []

    inside(tmp_path, check)


def test_a_reader_in_the_way_leaves_the_log_for_the_next_run(tmp_path: Path) -> None:
    async def check(bench: Bench) -> None:
        await bench.save(planted())
        await bench.clock.pass_by(24 * 3_600)
        conn = reading(bench.database.path)
        conn.execute("BEGIN")
        conn.execute("SELECT count(*) FROM items").fetchone()
        going = asyncio.ensure_future(bench.purging.run("a.rowe"))
        while not going.done():
            await bench.clock.pass_by(1)
        assert not (await going).is_clean
        conn.close()
        assert (await bench.purging.run("a.rowe")).is_clean
        assert left_in(tmp_path, WORD, HANDLE, WRITER, NAME) == []

    inside(tmp_path, check)


def test_items_of_an_account_that_was_removed_and_whose_connector_is_gone_have_a_life_too(
    tmp_path: Path,
) -> None:
    async def check(bench: Bench) -> None:
        def remove(conn: Connection) -> None:
            conn.execute("UPDATE accounts SET connector = 'vanished', removed_at = 5 WHERE id = ?", (1,))

        await bench.save(planted())
        await bench.database.record(remove)
        await bench.clock.pass_by(721 * 3_600)
        await bench.purging.run("a.rowe")
        assert left_in(tmp_path, WORD, HANDLE) == []
        assert len(await bench.database.read(lambda conn: lanes.lane_ids(conn, Lane()))) == 1

    inside(tmp_path, check)


def test_during_an_incident_the_file_is_not_written_anew(tmp_path: Path) -> None:
    async def check(bench: Bench) -> None:
        busy = [True]
        bench.purging._is_busy = lambda: busy[0]
        await bench.database.ingest(lambda conn: purging.set_rebuilt(conn, NOW))
        bench.purging.start()
        await bench.save(planted())
        await bench.clock.pass_by(30 * 3_600)
        assert await bench.find(WORD) == []
        assert await bench.database.read(purging.is_dirty)
        busy[0] = False
        await bench.clock.pass_by(EVERY_S + 60)
        assert not await bench.database.read(purging.is_dirty)
        assert left_in(tmp_path, WORD, HANDLE, WRITER, NAME) == []

    inside(tmp_path, check)
