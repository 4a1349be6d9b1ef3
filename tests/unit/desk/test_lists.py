"""Changing watchlists at the desk: versions, two people, rehearsals, and what the ledger holds of it."""

import asyncio
import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from console.desk.lists import ListDesk, LocalLists, Wish
from console.desk.local import LocalDesk
from console.domain.errors import NotPossible, WatchlistError
from console.domain.list_changes import PROPOSAL_LIFE_MS, Waiting, WaitingKind
from console.domain.watchlists import Rule, Watchlist
from console.matching import format_watchlist
from console.store.database import Database
from tests.unit.store.making import NOW, opened

BLADE = Rule("blade", words=("machete",))


def the_list(
    version: int = 1, *rules: Rule, two_people: bool = False, incident: int | None = None
) -> Watchlist:
    return Watchlist(
        id="weapons",
        name="Weapons",
        category="weapons",
        grade=2,
        suggest="hide",
        owner="Duty lead",
        version=version,
        review_by=dt.date(2027, 3, 1),
        rules=rules or (BLADE,),
        two_people=two_people,
        incident=incident,
    )


def wish(watchlist: Watchlist, who: str = "a.rowe", at: int = NOW, why: str = "Asked for by Gold") -> Wish:
    return Wish(watchlist, format_watchlist(watchlist), who, at, why)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with opened(tmp_path) as found:
        yield found


@pytest.fixture
def desk(database: Database) -> LocalDesk:
    return LocalDesk(database, "Desk 1")


@pytest.fixture
def lists(database: Database) -> ListDesk:
    return LocalLists(database, "Desk 1")


async def kinds(desk: LocalDesk) -> list[str]:
    return [
        entry.leaf.decode().partition('"kind":"')[2].partition('"')[0] for entry in await desk.entries(0, 99)
    ]


def test_each_change_is_a_version_of_its_own_with_who_when_and_why(desk: LocalDesk, lists: ListDesk) -> None:
    async def story() -> None:
        await lists.publish(wish(the_list(1)))
        await lists.publish(
            wish(the_list(2, BLADE, Rule("sword", words=("sword",))), "b.lunn", NOW + 5, "Swords")
        )
        newest, oldest = await lists.versions("weapons")
        assert (newest.version, newest.put_by, newest.put_at, newest.why) == (2, "b.lunn", NOW + 5, "Swords")
        assert (oldest.version, oldest.watchlist, oldest.agreed_by) == (1, the_list(1), None)
        assert oldest.source == format_watchlist(the_list(1))
        assert [found.version for found in await desk.watchlists()] == [2]
        assert await kinds(desk) == ["watchlist.put", "watchlist.put"]
        assert (await desk.verify()).ok

    asyncio.run(story())


def test_a_change_made_to_an_older_version_is_refused_so_that_nobodys_is_lost(lists: ListDesk) -> None:
    async def story() -> None:
        await lists.publish(wish(the_list(1)))
        await lists.publish(wish(the_list(2, Rule("sword", words=("sword",)))))
        with pytest.raises(WatchlistError, match="version 2 is in force by now"):
            await lists.publish(wish(the_list(2)))

    asyncio.run(story())


def test_a_list_marked_so_waits_for_a_second_person_who_is_another(desk: LocalDesk, lists: ListDesk) -> None:
    async def story() -> None:
        waits = await lists.publish(wish(the_list(1, two_people=True)))
        assert isinstance(waits, Waiting)
        assert (waits.kind, waits.expires_at) == (WaitingKind.PROPOSED, NOW + PROPOSAL_LIFE_MS)
        assert await desk.watchlists() == []
        with pytest.raises(NotPossible, match="Somebody else must agree"):
            await lists.agree(waits.id, " A.Rowe", NOW + 1)
        await lists.agree(waits.id, "b.lunn", NOW + 1)
        (version,) = await lists.versions("weapons")
        assert (version.put_by, version.agreed_by, version.put_at) == ("a.rowe", "b.lunn", NOW + 1)
        assert await lists.waiting() == []
        with pytest.raises(NotPossible, match="waits no longer"):
            await lists.agree(waits.id, "c.iqbal", NOW + 2)
        assert await kinds(desk) == ["watchlist.proposed", "watchlist.put"]

    asyncio.run(story())


def test_one_person_cannot_take_the_need_of_a_second_away(desk: LocalDesk, lists: ListDesk) -> None:
    async def story() -> None:
        first = await lists.publish(wish(the_list(1, two_people=True)))
        assert isinstance(first, Waiting)
        await lists.agree(first.id, "b.lunn", NOW)
        assert isinstance(await lists.publish(wish(the_list(2))), Waiting)
        with pytest.raises(NotPossible, match="two people"):
            await lists.end("weapons", "a.rowe", NOW, "")
        with pytest.raises(WatchlistError, match="second person"):
            await desk.put_watchlist(the_list(2), "x", "a.rowe", NOW)
        assert [found.two_people for found in await desk.watchlists()] == [True]

    asyncio.run(story())


def test_a_proposal_that_waited_too_long_expires_on_record(desk: LocalDesk, lists: ListDesk) -> None:
    async def story() -> None:
        waits = await lists.publish(wish(the_list(1, two_people=True)))
        assert isinstance(waits, Waiting)
        assert await lists.sweep(NOW + PROPOSAL_LIFE_MS - 1) == []
        with pytest.raises(NotPossible, match="waited too long"):
            await lists.agree(waits.id, "b.lunn", NOW + PROPOSAL_LIFE_MS)
        assert await lists.sweep(NOW + PROPOSAL_LIFE_MS) == [waits]
        assert await lists.waiting() == []
        assert await kinds(desk) == ["watchlist.proposed", "watchlist.expired"]

    asyncio.run(story())


def test_a_proposal_can_be_refused_with_a_reason(desk: LocalDesk, lists: ListDesk) -> None:
    async def story() -> None:
        waits = await lists.publish(wish(the_list(1, two_people=True)))
        assert isinstance(waits, Waiting)
        await lists.withdraw(waits.id, "b.lunn", NOW, "Too wide")
        assert await lists.waiting() == []
        assert await kinds(desk) == ["watchlist.proposed", "watchlist.withdrawn"]

    asyncio.run(story())


def test_a_rehearsal_is_counted_and_gives_way_to_the_next_of_the_same_list(lists: ListDesk) -> None:
    async def story() -> None:
        first = await lists.rehearse(wish(the_list(1)))
        await lists.count(40, {first.id: 3})
        await lists.count(2, {first.id: 1})
        assert [(found.seen, found.items) for found in await lists.waiting()] == [(42, 4)]
        second = await lists.rehearse(wish(the_list(1, Rule("sword", words=("sword",)))))
        assert await lists.waiting() == [second]
        await lists.publish(wish(second.watchlist), from_waiting=second.id)
        assert await lists.waiting() == []

    asyncio.run(story())


def test_a_list_that_was_ended_is_out_of_force_and_its_versions_stay(
    desk: LocalDesk, lists: ListDesk
) -> None:
    async def story() -> None:
        await lists.publish(wish(the_list(1)))
        await lists.end("weapons", "a.rowe", NOW + 9, "No use")
        assert await desk.watchlists() == []
        (version,) = await lists.versions("weapons")
        assert version.ended_at == NOW + 9
        with pytest.raises(NotPossible, match="no watchlist"):
            await lists.end("weapons", "a.rowe", NOW, "")
        await lists.publish(wish(the_list(2)))
        assert [found.version for found in await desk.watchlists()] == [2]

    asyncio.run(story())


def test_a_list_of_an_incident_ends_with_it(desk: LocalDesk, lists: ListDesk) -> None:
    async def story() -> None:
        incident = await desk.open_incident("Chandlers Row", "Watch", "a.rowe", NOW)
        await lists.publish(wish(the_list(1, incident=incident.id)))
        await lists.rehearse(wish(replace(the_list(2), incident=incident.id)))
        await desk.close_incident("a.rowe", NOW + 5)
        assert await desk.watchlists() == []
        assert await lists.waiting() == []
        assert (await kinds(desk))[-2:] == ["incident.closed", "watchlist.ended"]
        with pytest.raises(WatchlistError, match="incident that is not open"):
            await lists.publish(wish(the_list(2, incident=incident.id)))

    asyncio.run(story())
