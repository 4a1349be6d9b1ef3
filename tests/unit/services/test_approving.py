"""A second person: who may agree, how long it waits, and that nothing is sent before."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.desk.approving import LocalApprovals
from console.desk.local import LocalDesk
from console.domain.acts import HOLD_MS, Act, ActState, Verb
from console.domain.approving import NOBODY_ELSE, Rules, same_person, why_second
from console.domain.capabilities import Capability
from console.domain.errors import NotPossible
from console.domain.ids import AccountId, ActId, BulkId, ItemId
from console.domain.items import ItemKind
from console.services.approving import Approvals
from console.services.ceilings import Ceilings
from console.services.events import Events, Trouble
from console.services.ordering import Ordering
from console.store import accounts
from tests.fakes.clock import FakeClock
from tests.unit.desk.making import desk_at
from tests.unit.services.test_evidence import fresh_keys
from tests.unit.store.making import NOW

WHO, OTHER = "R. Calder", "A. Rowe"
TWO_AT_MOST = Rules(over=2)


class Room:
    """The way into the queue and what waits before it."""

    def __init__(self, ordering: Ordering, approvals: Approvals, desk: LocalDesk, clock: FakeClock) -> None:
        self.ordering, self.approvals, self.desk, self.clock = ordering, approvals, desk, clock
        self.troubles: list[str] = []

    async def ask(self, verb: Verb, *numbers: int, who: str = WHO) -> tuple[Act, ...]:
        """Asks for a verb on some items."""
        plan = await self.ordering.plan(verb, [ItemId(number) for number in numbers])
        done = await self.ordering.carry_out(plan, reason="house rule 3", who=who)
        return tuple(await self.desk.acts(done.act_ids))

    async def states(self) -> list[ActState]:
        """The states of all acts, oldest first."""
        return [act.state for act in (await self.desk.newest_acts(None, 100))[::-1]]

    async def facts(self, kind: str) -> list[bytes]:
        """The ledger's entries of a kind."""
        found = await self.desk.entries(0, 1_000)
        return [entry.leaf for entry in found if f'"{kind}"'.encode() in entry.leaf]


def run(folder: Path, work: Callable[[Room], Coroutine[Any, Any, None]], rules: Rules = TWO_AT_MOST) -> None:
    """Does some work in a room where more than two acts without a way back need a second person."""
    with desk_at(folder) as (database, desk):
        assert isinstance(desk, LocalDesk)
        known = database.read_now(accounts.accounts).result()

        async def all_of_it() -> None:
            clock, events = FakeClock(NOW), Events()
            ordering = Ordering(
                db=database,
                desk=desk,
                keys=fresh,
                clock=clock,
                events=events,
                ceilings=Ceilings(),
                accounts=lambda: {account.id: account for account in known},
                ask=lambda _account, _target, verb: Capability(
                    can=True, words="", reversible=verb is not Verb.DELETE
                ),
                wake=lambda: None,
                rules=lambda: rules,
            )
            approvals = Approvals(LocalApprovals(database, "Dellin desk 1"), events, clock, wake=lambda: None)
            room = Room(ordering, approvals, desk, clock)
            events.listen(
                lambda said: room.troubles.append(said.words) if isinstance(said, Trouble) else None
            )
            await work(room)
            assert (await desk.verify()).ok

        fresh = fresh_keys()
        asyncio.run(all_of_it())


def test_a_large_bulk_without_a_way_back_waits_and_nothing_of_it_can_be_sent(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        acts = await room.ask(Verb.DELETE, 1, 2, 3)
        assert {act.state for act in acts} == {ActState.AWAITING_APPROVAL}
        assert all(act.evidence_id is not None for act in acts), "it is sealed as it stood when asked for"
        assert await room.desk.take([AccountId(1)], NOW + 10**9, 10) == []
        (one,) = await room.approvals.waiting()
        assert (one.requested_by, len(one.acts), one.may(OTHER), one.may(WHO)) == (WHO, 3, True, False)
        assert "3 of 3 acts cannot be taken back" in one.why

    run(tmp_path, work)


def test_the_plan_says_beforehand_that_it_would_wait(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        plan = await room.ordering.plan(Verb.DELETE, [ItemId(number) for number in (1, 2, 3)])
        assert plan.second is not None
        assert plan.without(items=[ItemId(3)]).second is None
        hide = await room.ordering.plan(Verb.HIDE, [ItemId(number) for number in (1, 2, 3)])
        assert hide.second is None

    run(tmp_path, work)


def test_a_second_person_agrees_and_it_then_waits_its_ten_seconds(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        acts = await room.ask(Verb.DELETE, 1, 2, 3)
        assert acts[0].bulk_id is not None
        done = await room.approvals.approve(acts[0].bulk_id, OTHER)
        assert {(act.state, act.due_at) for act in done} == {(ActState.HELD, NOW + HOLD_MS)}
        assert await room.approvals.waiting() == []
        noted = await room.facts("act.held")
        assert len(noted) == 3
        assert all(f'"approved_by":"{OTHER}"'.encode() in leaf for leaf in noted)
        assert all(f'"requested_by":"{WHO}"'.encode() in leaf for leaf in noted)

    run(tmp_path, work)


@pytest.mark.parametrize("name", [WHO, " r. calder", "R.CALDER", "r .  calder ", "Ｒ. Calder"])
def test_whoever_asked_cannot_agree_however_the_name_is_written(tmp_path: Path, name: str) -> None:
    async def work(room: Room) -> None:
        acts = await room.ask(Verb.DELETE, 1, 2, 3)
        for answer in (room.approvals.approve, room.approvals.decline):
            with pytest.raises(NotPossible, match="somebody else has to answer"):
                await answer([act.id for act in acts], name)
        assert set(await room.states()) == {ActState.AWAITING_APPROVAL}

    run(tmp_path, work)


def test_nobody_in_particular_cannot_agree(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        acts = await room.ask(Verb.DELETE, 1, 2, 3)
        with pytest.raises(NotPossible, match="say who they are"):
            await room.approvals.approve([acts[0].id], "  ")

    run(tmp_path, work)


def test_declined_acts_are_never_sent_and_say_why(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        acts = await room.ask(Verb.DELETE, 1, 2, 3)
        done = await room.approvals.decline([acts[0].id], OTHER, "It is a quotation.")
        assert done[0].state is ActState.CANCELLED
        assert done[0].error == "A. Rowe did not agree. Why: It is a quotation."
        assert len((await room.approvals.waiting())[0].acts) == 2
        with pytest.raises(NotPossible, match="waits no longer"):
            await room.approvals.approve([acts[0].id], OTHER)

    run(tmp_path, work)


def test_what_nobody_answers_expires_and_that_is_said(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        acts = await room.ask(Verb.DELETE, 1, 2, 3)
        room.approvals.start()
        await room.clock.pass_by(2 * 3_600 + 1)
        async with asyncio.timeout(10):
            while await room.states() != [ActState.EXPIRED] * 3:
                continue  # asking gives the store's threads a turn
        await room.approvals.stop()
        assert room.troubles == [
            "3 acts were not done, because no second person agreed in time. Ask again if it is right."
        ]
        with pytest.raises(NotPossible):
            await room.approvals.approve([act.id for act in acts], OTHER)

    run(tmp_path, work, Rules(over=2, hours=2.0))


def test_agreeing_too_late_does_nothing_though_nobody_has_looked_at_the_clock(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        acts = await room.ask(Verb.DELETE, 1, 2, 3)
        await room.clock.pass_by(3 * 3_600)
        assert await room.approvals.waiting() == []
        with pytest.raises(NotPossible, match="waits no longer"):
            await room.approvals.approve([act.id for act in acts], OTHER)

    run(tmp_path, work, Rules(over=2, hours=2.0))


def test_whoever_asked_can_take_it_back_while_it_waits(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        acts = await room.ask(Verb.DELETE, 1, 2, 3)
        undone = await room.ordering.undo([acts[1].id], WHO)
        assert undone.cancelled == (acts[1].id,)
        assert [len(one.acts) for one in await room.approvals.waiting()] == [2]
        await room.approvals.approve([act.id for act in acts], OTHER)
        assert sorted(await room.states()) == [ActState.CANCELLED, ActState.HELD, ActState.HELD]

    run(tmp_path, work)


def test_two_people_who_agree_at_once_agree_once(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        acts = await room.ask(Verb.DELETE, 1, 2, 3)
        ids = [act.id for act in acts]
        done = await asyncio.gather(
            room.approvals.approve(ids, OTHER), room.approvals.approve(ids, "T. Wye"), return_exceptions=True
        )
        assert sorted(isinstance(one, NotPossible) for one in done) == [False, True]
        assert len(await room.facts("act.held")) == 3

    run(tmp_path, work)


def test_blocking_waits_where_a_setting_says_so_and_goes_on_at_once_when_it_has_a_way_back(
    tmp_path: Path,
) -> None:
    async def work(room: Room) -> None:
        (act,) = await room.ask(Verb.BLOCK, 1)
        assert act.state is ActState.AWAITING_APPROVAL
        (done,) = await room.approvals.approve([act.id], OTHER)
        assert done.state is ActState.QUEUED

    run(tmp_path, work, Rules(block=True))


def test_deleting_private_messages_needs_two_people_by_itself() -> None:
    message, comment = {ItemKind.MESSAGE}, {ItemKind.COMMENT}
    rules = Rules()
    assert why_second(rules, Verb.DELETE, number=1, irreversible=1, kinds=message)
    assert why_second(rules, Verb.DELETE, number=1, irreversible=1, kinds=comment) is None
    assert why_second(rules, Verb.HIDE, number=1, irreversible=0, kinds=message) is None


@given(st.sampled_from(list(Verb)), st.integers(0, 10_000), st.integers(0, 10_000))
def test_where_nothing_is_named_one_person_is_enough(verb: Verb, number: int, irreversible: int) -> None:
    kinds = set(ItemKind)
    assert why_second(NOBODY_ELSE, verb, number=number, irreversible=irreversible, kinds=kinds) is None


@given(st.text(), st.text())
def test_who_is_the_same_person_does_not_depend_on_who_is_asked_first(one: str, other: str) -> None:
    assert same_person(one, other) == same_person(other, one)
    assert same_person(one, f" {one} ")


def test_a_bulk_act_that_does_not_wait_cannot_be_agreed_to(tmp_path: Path) -> None:
    async def work(room: Room) -> None:
        with pytest.raises(NotPossible):
            await room.approvals.approve(BulkId(7), OTHER)
        with pytest.raises(NotPossible):
            await room.approvals.approve([ActId(99)], OTHER)

    run(tmp_path, work)
