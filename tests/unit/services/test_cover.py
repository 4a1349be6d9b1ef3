"""Cover: who has an item, who looks after an account, what leaves its usual course."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from console.desk.cover import LocalCover
from console.desk.escalation import LocalEscalations
from console.desk.local import LocalDesk
from console.domain.acts import Verb
from console.domain.capabilities import Capability
from console.domain.cover import CLAIM_MS, MOST_CLAIMED, surge
from console.domain.errors import NotPossible, UsageError
from console.domain.ids import ItemId
from console.services.ceilings import Ceilings
from console.services.cover import LOOK_S, Cover
from console.services.escalating import Escalating
from console.services.events import AccountsChanged, Announcement, Events, ItemsChanged
from console.services.ordering import Ordering
from console.store import accounts, audit
from console.store.cover import claims, mine
from console.store.database import Database
from tests.fakes.clock import FakeClock
from tests.unit.store.making import MINUTE, NOW, add_account, opened, received, save

ME, OTHER = "A. Rowe", "M. Jarrow"
ONE, TWO, THREE = ItemId(1), ItemId(2), ItemId(3)


class Room:
    """Cover on a database of three items, with what was announced."""

    def __init__(self, database: Database) -> None:
        self.db = database
        self.clock = FakeClock(NOW)
        self.events = Events()
        self.said: list[Announcement] = []
        self.events.listen(self.said.append)
        self.cover = self.another()

    def another(self) -> Cover:
        """Another console on the same database, which announces to itself."""
        return Cover(
            desk=LocalCover(self.db, "seat"),
            db=self.db,
            supervisor=SimpleNamespace(get=lambda _: None),  # type: ignore[arg-type]  # no account runs
            events=self.events,
            clock=self.clock,
            escalating=Escalating(desk=LocalEscalations(self.db, "seat"), events=Events(), clock=self.clock),
        )

    async def kinds(self) -> list[str]:
        """The kinds of every entry."""
        entries = await self.db.read(lambda conn: audit.entries(conn, 0, 5_000))
        return [json.loads(entry.leaf)["kind"] for entry in entries]


def in_room(folder: Path, work: Callable[[Room], Coroutine[Any, Any, None]]) -> None:
    with opened(folder) as database:
        for number in (1, 2):
            database.record_now(partial(add_account, number=number)).result()
        save(database, *(received(f"r{number}") for number in (1, 2, 3)))
        asyncio.run(work(Room(database)))


def test_two_people_claim_one_item_and_one_of_them_is_told_who_has_it(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        done = await asyncio.gather(room.cover.claim([ONE], ME), room.another().claim([ONE, TWO], OTHER))
        assert [set(one.claims) for one in done] == [{ONE}, {TWO}]
        (collision,) = done[1].collisions
        assert (collision.item_id, collision.words) == (ONE, "A. Rowe has it. Take it over to act on it.")
        again = await room.cover.claim([ONE], "a.  rowe")
        assert not again.collisions, "one person, written in another way"
        assert ItemsChanged((ONE,)) in room.said
        assert await room.kinds() == ["item.claimed", "item.claimed", "item.claimed-again"]

    in_room(tmp_path, work)


def test_a_claim_is_taken_over_openly_released_by_its_owner_alone_and_expires(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        await room.cover.claim([ONE, TWO], ME)
        taken = await room.cover.take_over([ONE], OTHER)
        assert taken.claims[ONE].who == OTHER
        assert await room.cover.release([ONE, TWO], ME) == [TWO]
        assert set(await room.cover.claims([ONE, TWO, THREE])) == {ONE}
        await room.cover.start()
        room.said.clear()
        await room.clock.pass_by(CLAIM_MS / 1000)
        assert await room.cover.claims([ONE]) == {}
        await room.clock.pass_by(LOOK_S)
        await room.cover.look()
        assert ItemsChanged((ONE,)) in room.said
        assert await room.db.read(lambda conn: claims(conn, [ONE])) == {}
        await room.cover.stop()
        kinds = ["item.claimed", "item.claimed", "item.taken-over", "item.released", "item.claim-expired"]
        assert await room.kinds() == kinds

    in_room(tmp_path, work)


def test_what_makes_no_sense_is_not_claimed(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        with pytest.raises(UsageError, match="no item i9"):
            await room.cover.claim([ONE, ItemId(9)], ME)
        with pytest.raises(UsageError, match="name is needed"):
            await room.cover.claim([ONE], "  ")
        assert await room.cover.claims([ONE]) == {}
        await asyncio.to_thread(
            save, room.db, *(received(f"m{number}") for number in range(MOST_CLAIMED + 1))
        )
        with pytest.raises(UsageError, match="at most 1,000"):
            await room.cover.claim([ItemId(number) for number in range(4, MOST_CLAIMED + 5)], ME)
        assert await room.kinds() == []

    in_room(tmp_path, work)


def test_what_another_console_claims_is_announced_here(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        await room.cover.look()
        room.said.clear()
        await LocalCover(room.db, "elsewhere").set_cover("x:force1", "T. Okafor", None, OTHER, NOW)
        other = room.another()
        other._events = Events()
        await other.claim([TWO], OTHER)
        await other.take_duty(["x:force2"], OTHER, NOW + MINUTE)
        await room.cover.look()
        assert room.said == [ItemsChanged((TWO,)), AccountsChanged()]

    in_room(tmp_path, work)


def test_a_plan_leaves_out_what_others_have_claimed_and_says_who(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        known = await room.db.read(accounts.accounts)
        ordering = Ordering(
            db=room.db,
            desk=LocalDesk(room.db, "seat"),
            keys=SimpleNamespace(unseal_text_if_open=None),  # type: ignore[arg-type]  # nothing is sealed
            clock=room.clock,
            events=room.events,
            ceilings=Ceilings(),
            accounts=lambda: {account.id: account for account in known},
            ask=lambda *_: Capability(can=True, words="", reversible=True),
            wake=lambda: None,
        )
        await room.cover.claim([ONE], OTHER)
        await room.cover.claim([TWO], ME)
        plan = await ordering.plan(Verb.MUTE, [ONE, TWO, THREE], ME)
        assert [row.will for row in plan.rows] == [(TWO, THREE)]
        assert plan.rows[0].why == "M. Jarrow has it. Take it over to act on it."
        await room.cover.claim([THREE], OTHER)
        await ordering.carry_out(plan, reason="threats", who=ME)
        acts = await LocalDesk(room.db, "seat").newest_acts(None, 9)
        assert [act.item_id for act in acts] == [TWO]
        with pytest.raises(NotPossible, match=r"M\. Jarrow has it"):
            await ordering.carry_out(await ordering.plan(Verb.MUTE, [THREE], ME), reason="threats", who=ME)
        await room.cover.take_over([THREE], ME)
        assert (await ordering.plan(Verb.MUTE, [THREE], ME)).will == 1

    in_room(tmp_path, work)


def test_an_account_without_anybody_on_duty_is_uncovered(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        assert await room.cover.uncovered(NOW) == []
        await room.cover.set_cover("x:force1", "", None, ME)
        (bare,) = await room.cover.uncovered(NOW)
        assert (bare.account, bare.since) == ("x:force1", None)
        await room.cover.take_duty(["x:force1", "x:force2"], OTHER, NOW + MINUTE)
        assert await room.cover.uncovered(NOW) == []
        assert [one.account for one in await room.cover.uncovered(NOW + MINUTE)] == ["x:force1", "x:force2"]
        assert await room.cover.end_duty(["x:force2"], OTHER) == ["x:force2"]
        (left,) = await room.cover.uncovered(NOW)
        assert (left.account, left.since, left.words) == ("x:force2", NOW, "Nobody is on duty for it.")
        with pytest.raises(NotPossible, match="not on duty for x:force2"):
            await room.cover.end_duty(["x:force2"], OTHER)
        await room.clock.pass_by(60)
        await room.cover.look()
        assert await room.cover.duties() == []
        kinds = ["account.cover", "duty.taken", "duty.taken", "duty.ended", "duty.over"]
        assert await room.kinds() == kinds
        for until in (NOW, NOW + 100 * 3_600_000):
            with pytest.raises(UsageError, match="within a day"):
                await room.cover.take_duty(["x:force1"], ME, until)
        with pytest.raises(UsageError, match="no account “x:none”"):
            await room.cover.set_cover("x:none", None, None, ME)

    in_room(tmp_path, work)


def test_mine_is_what_one_leads_covers_and_has_claimed(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        await room.cover.set_cover("x:force2", OTHER, ME, ME)
        await room.cover.claim([ONE, THREE], ME)
        found = await room.cover.mine("a. ROWE")
        assert (found.accounts, found.items) == (("x:force1",), (THREE, ONE))
        await room.cover.take_duty(["x:force2"], ME, NOW + MINUTE)
        found = await room.db.read(lambda conn: mine(conn, ME))
        assert found.accounts == ("x:force1", "x:force2")

    in_room(tmp_path, work)


def test_a_surge_is_told_from_a_lively_hour_and_from_one_wild_night() -> None:
    usual = [4.0, 5.0, 6.0, 5.0, 90.0]
    assert surge("x:force1", 12, usual) is None
    found = surge("x:force1", 40, usual)
    assert found is not None
    assert found.words == "x:force1: 40 a minute, usually 5.0 at this hour."
    assert surge("x:force1", 4, [0.0] * 14) is None, "few are read as they come"
    assert surge("x:force1", 20, []) is None
    unknown = surge("x:force1", 60, [1.0])
    assert unknown is not None
    assert "not known yet" in unknown.words


def test_surges_are_told_from_the_kept_minutes_of_each_account(tmp_path: Path) -> None:
    day = 24 * 60 * MINUTE

    async def work(room: Room) -> None:
        for back in (4, 3, 2, 1):
            at = NOW - back * day
            quiet = [received(f"q{back}-{n}", account=1 + n % 2, at=at + n * MINUTE) for n in range(6)]
            await asyncio.to_thread(save, room.db, *quiet)
        assert await room.cover.surges(NOW) == []
        wild = [received(f"w{n}", account=2, at=NOW + n * 1_000) for n in range(60)]
        await asyncio.to_thread(save, room.db, *wild)
        (found,) = await room.cover.surges(NOW + MINUTE)
        assert (found.account, found.rate) == ("x:force2", 12.0)

    with opened(tmp_path) as database:
        for number in (1, 2):
            database.record_now(partial(add_account, number=number)).result()
        asyncio.run(work(Room(database)))
