"""Searches of the past: what they find, raise, say, and how they go on, give way and end."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from console.domain.errors import NotPossible, UsageError
from console.domain.ids import ItemId
from console.domain.items import ItemKind
from console.domain.list_changes import RetroSearch, RetroState
from console.domain.watchlists import Rule
from console.services import searching
from console.services.events import Arrived, ItemsChanged, SearchMoved
from console.store import items, lanes, past
from console.store.database import Connection
from tests.fakes.lists import BLADE, OTHER, SWORD, WHO, ListRoom, a_list, bytes_of, list_room
from tests.unit.store.making import MINUTE, NOW, received


def story(folder: Path, told: Callable[[ListRoom], Awaitable[None]], *, starts: bool = True) -> None:
    async def whole() -> None:
        async with list_room(folder, starts=starts) as room:
            await told(room)

    asyncio.run(whole())


def searched(room: ListRoom) -> list[RetroSearch]:
    return [said.search for said in room.said if isinstance(said, SearchMoved)]


async def ended(room: ListRoom) -> RetroSearch:
    await room.until(lambda: any(not found.is_open for found in searched(room)))
    return searched(room)[-1]


def test_a_new_list_finds_last_nights_items_as_from_the_past(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        await room.say(received("c1", "a machete"), received("c2", "a spoon"), received("c3", "M4CHETE"))
        await room.editing.publish(a_list(BLADE), who=WHO, why="")
        found = await ended(room)
        assert (found.state, found.found, found.done, found.total) == (RetroState.DONE, 2, 3, 3)
        old = await room.item(1)
        assert old.grade == 2
        assert [(hit.version, hit.found_at) for hit in old.hits] == [(1, room.clock.now())]
        assert [(hit.disguised, bool(hit.how)) for hit in (await room.item(3)).hits] == [(True, True)]
        assert (await room.item(2)).hits == ()
        changed = {number for said in room.said if isinstance(said, ItemsChanged) for number in said.ids}
        assert changed == {1, 3}
        assert not any(isinstance(said, Arrived) for said in room.said)
        entry = (await room.desk.entries(0, 99))[-1].leaf.decode()
        assert '"kind":"watchlist.searched"' in entry

    story(tmp_path, told)


def test_what_was_seen_stays_seen_unless_an_alarm_was_asked_for(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        await room.say(received("c1", "a machete"), received("c2", "a sword"))
        await room.db.ingest(lambda conn: items.mark_seen(conn, [1, 2], NOW))
        await room.editing.publish(a_list(BLADE), who=WHO, why="")
        await ended(room)
        assert (await room.item(1)).seen_at == NOW
        assert (await room.db.read(lanes.rail)).grades == (0, 0, 0, 0, 0)
        room.said.clear()
        await room.editing.publish(a_list(BLADE, SWORD, version=1), who=WHO, why="", alarm=True)
        await ended(room)
        assert ((await room.item(1)).seen_at, (await room.item(2)).seen_at) == (NOW, None)
        assert (await room.db.read(lanes.rail)).grades == (0, 1, 0, 0, 0)

    story(tmp_path, told)


def test_the_counts_of_what_waits_follow_a_grade_that_is_raised(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        await room.say(received("c1", "a machete"))
        assert (await room.db.read(lanes.rail)).grades == (0, 0, 0, 0, 1)
        await room.editing.publish(a_list(BLADE), who=WHO, why="")
        await ended(room)
        assert (await room.db.read(lanes.rail)).grades == (0, 1, 0, 0, 0)

    story(tmp_path, told)


def test_a_hit_that_is_known_is_not_kept_twice_and_a_grade_is_never_lowered(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        await room.editing.publish(a_list(BLADE, grade=1), who=WHO, why="")
        await room.matching.reload()
        await room.say(received("c1", "a machete"))
        found = await room.editing.search_past("weapons", WHO)
        await room.editing.drain()
        assert len((await room.item(1)).hits) == 1
        assert next(one for one in await room.editing.searches() if one.id == found.id).found == 0
        await room.editing.publish(a_list(BLADE, version=1, grade=4), who=WHO, why="")
        await room.editing.drain()
        assert ((await room.item(1)).grade, len((await room.item(1)).hits)) == (1, 2)

    story(tmp_path, told, starts=True)


def test_only_new_and_changed_rules_run_over_the_past(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        await room.editing.publish(a_list(BLADE), who=WHO, why="", search=False)
        await room.editing.publish(a_list(BLADE, SWORD, version=1), who=WHO, why="")
        assert (await room.editing.searches())[0].rules == ("sword",)
        await room.editing.drain()
        renamed = replace(a_list(BLADE, SWORD, version=2), name="Blades")
        await room.editing.publish(renamed, who=WHO, why="")
        assert len(await room.editing.searches()) == 1

    story(tmp_path, told, starts=False)


def test_a_search_that_was_under_way_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "AT_ONCE", 2)

    async def before(room: ListRoom) -> None:
        await room.say(*(received(f"c{number}", f"a machete {number}") for number in range(5)))
        await room.editing.publish(a_list(BLADE), who=WHO, why="")
        (asked,) = await room.editing.searches()
        assert asked.state is RetroState.WAITING
        newest = await room.db.read(lambda conn: past.texts(conn, 1, 5, 2))
        hits = [(one, room.matching.hits([one])[0]) for one in newest]
        assert await room.db.ingest(lambda conn: past.keep(conn, asked, hits, 3)) == []
        (asked,) = await room.editing.searches()
        assert (asked.state, asked.done, asked.total) == (RetroState.RUNNING, 2, 5)

    async def after(room: ListRoom) -> None:
        found = await ended(room)
        assert (found.state, found.found) == (RetroState.DONE, 3)

    story(tmp_path, before, starts=False)
    story(tmp_path, after)


def test_a_search_can_be_cancelled_and_what_it_found_stays(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        await room.say(received("c1", "a machete"))
        await room.editing.publish(a_list(BLADE), who=WHO, why="")
        (asked,) = await room.editing.searches()
        await room.editing.cancel_search(asked.id, OTHER)
        assert searched(room)[-1].state is RetroState.CANCELLED
        await room.editing.drain()
        assert (await room.item(1)).hits == ()
        with pytest.raises(NotPossible, match="over already"):
            await room.editing.cancel_search(asked.id, OTHER)
        assert await room.db.ingest(lambda conn: past.keep(conn, asked, [], 0)) is None

    story(tmp_path, told, starts=False)


def test_a_search_for_a_version_that_was_changed_meanwhile_goes_on_in_the_next(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        await room.editing.publish(a_list(BLADE), who=WHO, why="")
        await room.editing.publish(a_list(BLADE, SWORD, version=1), who=WHO, why="")
        newest, earlier = await room.editing.searches()
        assert (newest.rules, newest.version, newest.is_open) == (("blade", "sword"), 2, True)
        assert earlier.state is RetroState.CANCELLED

    story(tmp_path, told, starts=False)


def test_a_search_can_be_asked_for_by_rule(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        await room.editing.publish(a_list(BLADE, SWORD), who=WHO, why="", search=False)
        asked = await room.editing.search_past("weapons", WHO, rules=("sword",))
        assert asked.rules == ("sword",)
        with pytest.raises(UsageError, match="no rule “axe”"):
            await room.editing.search_past("weapons", WHO, rules=("axe",))
        with pytest.raises(NotPossible, match="no watchlist"):
            await room.editing.search_past("spam", WHO)

    story(tmp_path, told, starts=False)


def test_words_that_were_edited_or_purged_while_they_were_matched_are_passed_over(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        await room.say(received("c1", "a machete"), received("c2", "a machete too"))
        await room.editing.publish(a_list(BLADE), who=WHO, why="")
        (asked,) = await room.editing.searches()
        seen = await room.db.read(lambda conn: past.texts(conn, 1, 2, 9))
        found = [(one, room.matching.hits([one])[0]) for one in seen]

        def change(conn: Connection) -> None:
            conn.execute("UPDATE items SET text = 'a spoon' WHERE id = 1")
            conn.execute("UPDATE items SET text = '', purged_at = 1 WHERE id = 2")

        await room.db.ingest(change)
        assert await room.db.ingest(lambda conn: past.keep(conn, asked, found, 0)) == []

    story(tmp_path, told, starts=False)


def test_the_forces_own_words_and_sealed_ones_without_a_key_are_not_searched(tmp_path: Path) -> None:
    async def told(room: ListRoom) -> None:
        await room.say(
            received("c1", "we seized a machete", is_ours=True),
            received("m1", "a machete", kind=ItemKind.MESSAGE),
        )
        await room.editing.publish(a_list(BLADE), who=WHO, why="")
        assert (await ended(room)).found == 0
        opened = await room.db.read(lambda conn: past.texts(conn, 1, 2, 9, unseal=bytes.decode))
        assert [one.text for one in opened] == ["a machete", "we seized a machete"]
        assert bytes_of("x") == b"x"

    story(tmp_path, told)


def test_a_rehearsal_says_what_a_list_would_have_done_beside_the_one_in_force_and_the_verdicts(
    tmp_path: Path,
) -> None:
    async def told(room: ListRoom) -> None:
        now = room.clock.now()
        await room.editing.publish(a_list(BLADE), who=WHO, why="", search=False)
        await room.say(
            received("c0", "a sword", at=now - 26 * 60 * MINUTE),
            received("c1", "a machete", at=now - MINUTE),
            received("c2", "a sword and a machete", at=now - MINUTE),
            received("c3", "a sword", at=now - MINUTE),
            received("c4", "nasty", at=now - MINUTE),
            received("c5", "sword dance", at=now - MINUTE),
        )

        def verdicts(conn: Connection) -> None:
            insert = (
                "INSERT INTO acts (verb, item_id, account_id, state, reason, category, requested_by, "
                "requested_at, due_at, attempts, reversible) "
                "VALUES ('hide', ?, 1, ?, '', 'weapons', ?, 1, 1, 0, 1)"
            )
            conn.executemany(insert, [(5, "confirmed", WHO), (2, "confirmed", "cordon"), (4, "undone", WHO)])
            conn.execute("UPDATE items SET left_up_at = ? WHERE id = 6", (now,))

        await room.db.record(verdicts)
        found = await room.editing.rehearse(a_list(SWORD, Rule("axe", words=("axe",)), version=1), 24.0)
        assert (found.looked_at, found.is_whole, found.hits) == (5, True, 3)
        assert (found.newly_caught, found.no_longer_caught, found.the_same) == (2, 1, 1)
        assert (found.missed_of_hidden, found.hit_of_left_up) == (1, 1)
        assert found.by_rule == (("sword", 3), ("axe", 0))
        assert [sample.item_id for sample in found.samples_new] == [6, 4]
        assert [sample.text for sample in found.samples_lost] == ["a machete"]
        assert [sample.item_id for sample in found.samples_missed] == [ItemId(5)]
        assert [sample.text for sample in found.samples_left_up] == ["sword dance"]
        assert (await room.item(4)).hits == ()

    story(tmp_path, told, starts=False)
