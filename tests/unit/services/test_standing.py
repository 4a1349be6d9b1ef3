"""Verdicts that stand on a wave: on what is there, on what comes, for a time and a limit, undone as one."""

import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from console.api import Page
from console.domain.acts import Act, ActState, Verb
from console.domain.audit import Entry
from console.domain.errors import NotPossible, UsageError
from console.domain.ids import ActId
from console.domain.items import Item
from console.domain.lanes import Lane
from console.services.engine import Engine
from console.services.events import Trouble
from tests.fakes.connectors import Network, arrival
from tests.unit.services.test_engine import WHO, running

SAYING = "They always protect their own, every single time"


def network() -> Network:
    return Network(ends=False)


async def come(engine: Engine, count: int, text: str = SAYING) -> list[Item]:
    """So many arrivals that say this; gives all that is in the cache, oldest first."""
    known = len(await engine.find(Lane(), 1_000))
    (account,) = engine.accounts()
    more = [arrival(known + number, text) for number in range(1, count + 1)]
    await engine._parts.ingest.take(account, Page(more, None))
    await engine.settled()
    return (await engine.find(Lane(), 1_000))[::-1]


async def stand(engine: Engine, wave_id: int, verb: Verb = Verb.HIDE, limit: int = 100) -> None:
    await engine.put_standing(wave_id, verb, reason="Rule 3", minutes=60, limit=limit, who=WHO)


async def acts(engine: Engine) -> list[Act]:
    return (await engine.acts())[::-1]


async def entries(engine: Engine, kind: str) -> list[dict[str, object]]:
    found: Sequence[Entry] = await engine.entries(0, 10_000)
    leaves = [json.loads(entry.leaf) for entry in found]
    return [leaf | leaf["facts"] for leaf in leaves if leaf["kind"] == kind]


def test_it_falls_on_what_is_there_and_on_what_comes_as_one_bulk_act_of_one_person(tmp_path: Path) -> None:
    async def check(engine: Engine) -> None:
        await come(engine, 3)
        (wave,) = await engine.waves()
        await stand(engine, wave.id)
        await come(engine, 2, "RT @sam.example: they always protect thier own, every single time 😡")
        await come(engine, 2, "They never protect anybody but themselves around here")
        await engine._parts.standings.look()
        found = await acts(engine)
        assert len(found) == 5
        assert {(act.verb, act.requested_by, act.reason) for act in found} == {(Verb.HIDE, WHO, "Rule 3")}
        assert len({act.bulk_id for act in found}) == 1
        requested = await entries(engine, "act.requested")
        assert [entry.get("standing") for entry in requested] == [None, None, None, "s1", "s1"]
        assert {entry["who"] for entry in requested} == {WHO}
        sealed = await entries(engine, "evidence.sealed")
        assert len(sealed) == 5
        (put,) = await entries(engine, "standing.put")
        assert (put["who"], put["wave"], put["limit"], put["bulk"]) == (WHO, f"w{wave.id}", 100, "b1")
        assert (await engine.verify()).ok

    running(tmp_path, check, {"a": network()})


def test_it_is_undone_as_one_and_then_nothing_follows(tmp_path: Path) -> None:
    async def check(engine: Engine) -> None:
        await come(engine, 3)
        (wave,) = await engine.waves()
        await stand(engine, wave.id)
        await come(engine, 2)
        await engine._parts.standings.look()
        await engine.drain()
        assert await engine.undoable(WHO) == "Hide 5 items"
        undone = await engine.undo_last(WHO)
        assert undone is not None
        assert len(undone.acts) + len(undone.cancelled) == 5
        assert await engine.standings() == []
        await come(engine, 1)
        await engine._parts.standings.look()
        assert sum(act.verb is Verb.HIDE for act in await acts(engine)) == 5
        (ended,) = await entries(engine, "standing.ended")
        assert (ended["who"], ended["fell_on"]) == (WHO, 2)

    running(tmp_path, check, {"a": network()})


def test_taking_back_one_act_of_it_does_not_end_it(tmp_path: Path) -> None:
    async def check(engine: Engine) -> None:
        await come(engine, 3)
        (wave,) = await engine.waves()
        await stand(engine, wave.id)
        await engine.undo([ActId(1)], WHO)
        assert len(await engine.standings()) == 1

    running(tmp_path, check, {"a": network()})


def test_what_the_person_did_since_is_what_undo_takes_back_first(tmp_path: Path) -> None:
    async def check(engine: Engine) -> None:
        await come(engine, 3)
        (wave,) = await engine.waves()
        await stand(engine, wave.id)
        *_, other = await come(engine, 1, "A lost dog was seen near the bridge tonight")
        await engine.carry_out(await engine.plan(Verb.HIDE, [other.id]), reason="R", who=WHO)
        await come(engine, 2)
        await engine._parts.standings.look()
        assert await engine.undoable(WHO) == f"Hide, {other.author.name}"

    running(tmp_path, check, {"a": network()})


def test_leaving_up_can_stand_too(tmp_path: Path) -> None:
    async def check(engine: Engine) -> None:
        await come(engine, 3)
        (wave,) = await engine.waves()
        await stand(engine, wave.id, Verb.LEAVE_UP)
        items = await come(engine, 1)
        await engine._parts.standings.look()
        items = await engine.items([item.id for item in items])
        assert all(item.left_up_at for item in items)
        assert {act.state for act in await acts(engine)} == {ActState.CONFIRMED}

    running(tmp_path, check, {"a": network()})


def test_its_limit_ends_it_and_that_is_said(tmp_path: Path) -> None:
    async def check(engine: Engine) -> None:
        said: list[str] = []
        engine.events.listen(lambda one: said.append(one.words) if isinstance(one, Trouble) else None)
        await come(engine, 3)
        (wave,) = await engine.waves()
        await stand(engine, wave.id, limit=2)
        await come(engine, 5)
        await engine._parts.standings.look()
        assert len(await acts(engine)) == 5
        assert await engine.standings() == []
        assert any("which was its limit" in words for words in said)

    running(tmp_path, check, {"a": network()})


def test_its_time_ends_it(tmp_path: Path) -> None:
    async def check(engine: Engine) -> None:
        await come(engine, 3)
        (wave,) = await engine.waves()
        await stand(engine, wave.id)
        standings = engine._parts.standings
        later = engine.now() + 3_600_000
        standings._clock = SimpleNamespace(now=lambda: later, sleep=engine.sleep)  # an hour on
        await come(engine, 2)
        await standings.look()
        assert len(await acts(engine)) == 3
        (ended,) = await entries(engine, "standing.ended")
        assert ended["who"] == "cordon"

    running(tmp_path, check, {"a": network()})


def test_a_person_ends_it_and_what_was_done_stays(tmp_path: Path) -> None:
    async def check(engine: Engine) -> None:
        await come(engine, 3)
        (wave,) = await engine.waves()
        await stand(engine, wave.id)
        with pytest.raises(NotPossible, match="stands on w1 already"):
            await stand(engine, wave.id)
        assert (await engine.end_standing(wave.id, WHO)).verb is Verb.HIDE
        await come(engine, 2)
        await engine._parts.standings.look()
        assert len(await acts(engine)) == 3
        with pytest.raises(NotPossible, match="No verdict stands"):
            await engine.end_standing(wave.id, WHO)

    running(tmp_path, check, {"a": network()})


def test_it_survives_a_restart_and_takes_up_what_came_meanwhile(tmp_path: Path) -> None:
    nets = {"a": network()}

    async def before(engine: Engine) -> None:
        await come(engine, 3)
        (wave,) = await engine.waves()
        await stand(engine, wave.id)
        async with engine._parts.standings._turn:  # nobody carries it on any more
            await come(engine, 1)

    async def after(engine: Engine) -> None:
        await engine._parts.standings.look()
        assert len(await acts(engine)) == 4
        await come(engine, 2)
        await engine._parts.standings.look()
        found = await acts(engine)
        assert len(found) == 6
        assert len({act.bulk_id for act in found}) == 1

    running(tmp_path, before, nets)
    running(tmp_path, after, nets)


def test_when_all_is_done_already_it_stands_for_what_comes(tmp_path: Path) -> None:
    async def check(engine: Engine) -> None:
        items = await come(engine, 3)
        plan = await engine.plan(Verb.HIDE, [item.id for item in items])
        await engine.carry_out(plan, reason="R", who=WHO)
        (wave,) = await engine.waves()
        await stand(engine, wave.id)
        await come(engine, 2)
        await engine._parts.standings.look()
        await come(engine, 1)
        await engine._parts.standings.look()
        found = await acts(engine)
        assert len(found) == 6
        assert len({act.bulk_id for act in found}) == 2

    running(tmp_path, check, {"a": network()})


@pytest.mark.parametrize(
    ("verb", "minutes", "limit", "reason", "words"),
    [
        (Verb.DELETE, 60, 10, "R", "can be taken back"),
        (Verb.HIDE, 1_441, 10, "R", "1,440 minutes"),
        (Verb.HIDE, 0, 10, "R", "1,440 minutes"),
        (Verb.HIDE, 60, 0, "R", "later items"),
        (Verb.HIDE, 60, 10, " ", "reason"),
        (Verb.HIDE, 60, 10, "R", "no wave w99"),
    ],
)
def test_what_no_person_may_decide_beforehand_is_refused(
    tmp_path: Path, verb: Verb, minutes: float, limit: int, reason: str, words: str
) -> None:
    async def check(engine: Engine) -> None:
        with pytest.raises(UsageError, match=words):
            await engine.put_standing(99, verb, reason=reason, minutes=minutes, limit=limit, who=WHO)

    running(tmp_path, check, {"a": network()})
