"""Keys pressed twice are asked once, and an undo takes back all of it while the worker goes on."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from console.api import Target
from console.desk.local import LocalDesk
from console.desk.protocol import Move
from console.domain.acts import Act, ActState, Verb
from console.domain.capabilities import Capability
from console.domain.errors import NotPossible
from console.domain.ids import AccountId, ActId, ItemId
from console.services.ceilings import Ceilings
from console.services.events import Events
from console.services.ordering import GIVEN_UP, Ordering
from console.services.planning import Plan
from console.store import accounts
from console.store.database import Database
from tests.fakes.clock import FakeClock
from tests.unit.desk.making import desk_at, draft, submission
from tests.unit.services.test_evidence import fresh_keys
from tests.unit.store.making import NOW

WHO = "r.calder"
NOTHING_IS_SEALED = SimpleNamespace(unseal_text_if_open=None)


class Overtaken(LocalDesk):
    """A desk on which the worker takes an act between two looks of whoever asks."""

    def __init__(self, database: Database, seat: str) -> None:
        super().__init__(database, seat)
        self.then: list[Move] = []

    async def acts(self, ids: Sequence[ActId]) -> list[Act]:
        found = await super().acts(ids)
        if self.then:
            moves, self.then = self.then, []
            await self.move(moves, "cordon", NOW)
        return found


def can_take_back(_item: Target) -> bool:
    return True


def run(
    folder: Path,
    work: Callable[[Ordering, Overtaken], Coroutine[Any, Any, None]],
    *,
    keys: Any = NOTHING_IS_SEALED,
    is_reversible: Callable[[Target], bool] = can_take_back,
) -> None:
    with desk_at(folder) as (database, _):
        known = database.read_now(accounts.accounts).result()

        def ask(_: AccountId, target: Target, __: Verb) -> Capability:
            return Capability(can=True, words="", reversible=is_reversible(target))

        desk = Overtaken(database, "Dellin desk 1")
        ordering = Ordering(
            db=database,
            desk=desk,
            keys=keys,
            clock=FakeClock(NOW),
            events=Events(),
            ceilings=Ceilings(),
            accounts=lambda: {account.id: account for account in known},
            ask=ask,
            wake=lambda: None,
        )
        asyncio.run(work(ordering, desk))


def test_a_key_pressed_twice_asks_once(tmp_path: Path) -> None:
    async def work(ordering: Ordering, desk: Overtaken) -> None:
        plans = [await ordering.plan(Verb.MUTE, [ItemId(1)]) for _ in range(2)]
        done = await asyncio.gather(
            *(ordering.carry_out(plan, reason="threats", who=WHO) for plan in plans), return_exceptions=True
        )
        assert [isinstance(one, NotPossible) for one in done] == [False, True]
        assert len(await desk.newest_acts(None, 10)) == 1
        await ordering.carry_out(await ordering.plan(Verb.MUTE, [ItemId(2)]), reason="threats", who=WHO)

    run(tmp_path, work)


def test_two_undos_at_once_take_back_two_acts(tmp_path: Path) -> None:
    async def work(ordering: Ordering, desk: Overtaken) -> None:
        await desk.submit(submission(draft(1)))
        await desk.submit(submission(draft(2)))
        done = await asyncio.gather(ordering.undo_last(WHO), ordering.undo_last(WHO))
        assert [one.cancelled for one in done if one is not None] == [(2,), (1,)]

    run(tmp_path, work)


def test_undo_takes_back_what_was_sent_while_it_looked(tmp_path: Path) -> None:
    async def work(ordering: Ordering, desk: Overtaken) -> None:
        first, second = (await desk.submit(submission(draft(1), draft(2), bulk=True))).act_ids
        desk.then = [Move(second, ActState.SENDING)]
        undone = await ordering.undo([first, second], WHO)
        assert undone.cancelled == (first,)
        (back,) = await desk.acts(undone.acts)
        assert (back.verb, back.undo_of) == (Verb.UNHIDE, second)

    run(tmp_path, work)


def test_what_is_being_taken_back_is_not_taken_back_twice(tmp_path: Path) -> None:
    async def work(ordering: Ordering, desk: Overtaken) -> None:
        (act_id,) = (await desk.submit(submission(draft(1)))).act_ids
        await desk.take([AccountId(1)], NOW, 1)
        await ordering.undo([act_id], WHO)
        with pytest.raises(NotPossible, match="being taken back already"):
            await ordering.undo([act_id], WHO)

    run(tmp_path, work)


def test_a_person_ends_an_act_of_which_nobody_can_tell_whether_it_was_done(tmp_path: Path) -> None:
    async def work(ordering: Ordering, desk: Overtaken) -> None:
        (act_id,) = (await desk.submit(submission(draft(1, Verb.REPORT)))).act_ids
        await desk.take([AccountId(1)], NOW, 1)
        await desk.move([Move(act_id, ActState.UNCERTAIN)], "cordon", NOW)
        undone = await ordering.undo([act_id], WHO)
        (act,) = await desk.acts([act_id])
        assert act.state is ActState.FAILED
        assert act.error == GIVEN_UP
        assert undone.acts == ()

    run(tmp_path, work)


def only_the_second_is_final(item: Target) -> bool:
    return item.remote_id != "p1"


def test_each_item_waits_and_is_sealed_as_its_own_network_allows_it_back(tmp_path: Path) -> None:
    async def work(ordering: Ordering, desk: Overtaken) -> None:
        plan = await ordering.plan(Verb.MUTE, [ItemId(1), ItemId(2)])
        assert not plan.reversible
        done = await ordering.carry_out(plan, reason="threats", who=WHO)
        back, final = await desk.acts(done.act_ids)
        assert (back.state, back.due_at, back.reversible) == (ActState.QUEUED, NOW, True)
        assert (final.state, final.due_at, final.reversible) == (ActState.HELD, NOW + 10_000, False)
        assert back.evidence_id is None
        assert final.evidence_id is not None

    run(tmp_path, work, keys=fresh_keys(), is_reversible=only_the_second_is_final)


def test_an_act_without_a_way_back_can_be_cancelled_while_it_waits_and_not_once_it_was_sent(
    tmp_path: Path,
) -> None:
    async def work(ordering: Ordering, desk: Overtaken) -> None:
        sent = (await ordering.carry_out(await block(ordering, 1), reason="threats", who=WHO)).act_ids
        await desk.take([AccountId(1)], NOW + 10_000, 1)
        await desk.move([Move(sent[0], ActState.ACCEPTED)], "cordon", NOW)
        with pytest.raises(NotPossible, match="cannot be taken back once it was sent"):
            await ordering.undo(sent, WHO)
        waits = (await ordering.carry_out(await block(ordering, 2), reason="threats", who=WHO)).act_ids
        assert (await ordering.undo(waits, WHO)).cancelled == waits

    run(tmp_path, work, keys=fresh_keys(), is_reversible=lambda _: False)


def test_a_person_ends_a_lost_block_that_its_network_cannot_lift(tmp_path: Path) -> None:
    async def work(ordering: Ordering, desk: Overtaken) -> None:
        [act_id] = (await ordering.carry_out(await block(ordering, 1), reason="threats", who=WHO)).act_ids
        await desk.take([AccountId(1)], NOW + 10_000, 1)
        await desk.move([Move(act_id, ActState.UNCERTAIN)], "cordon", NOW)
        await ordering.undo([act_id], WHO)
        [act] = await desk.acts([act_id])
        assert (act.state, act.error) == (ActState.FAILED, GIVEN_UP)

    run(tmp_path, work, keys=fresh_keys(), is_reversible=lambda _: False)


async def block(ordering: Ordering, number: int) -> Plan:
    return await ordering.plan(Verb.BLOCK, [ItemId(number)])
