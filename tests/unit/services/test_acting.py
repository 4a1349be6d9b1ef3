"""The act worker beside the straight way: faults, poisoned items, and a queue that cannot be read."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import pytest

from console.api import (
    Answer,
    Capabilities,
    Failure,
    Gone,
    Manifest,
    NotAllowed,
    Order,
    Page,
    Profile,
    Sight,
    Target,
    TryLater,
)
from console.api.manifest import VerbFacts
from console.desk.local import LocalDesk
from console.desk.protocol import Move, Waiting
from console.domain.acts import Act, ActState, Verb
from console.domain.capabilities import Ceiling
from console.domain.errors import ProfileError
from console.domain.ids import AccountId, ActId
from console.domain.items import ItemState
from console.services.acting import Acting
from console.services.ceilings import Ceilings
from console.services.events import Events, Trouble
from console.services.lines import Line
from console.store.database import Database
from tests.fakes.clock import FakeClock
from tests.unit.desk.making import ACCOUNT, desk_at, draft, submission
from tests.unit.store.making import NOW

MANIFEST = Manifest(
    id="x",
    name="X",
    letters="X",
    shape="short",
    contracts=(1,),
    level="dependable",
    module="x",
    text_life_hours=720,
    batch=2,
    hosts=(),
    sign_in=(),
    verbs={verb: VerbFacts(reversible=True, words="") for verb in Verb},
    ceilings=(),
)
Acts = Callable[[Order], Sequence[Answer]]
Looks = Callable[[Verb, Target], bool | None]


class Scripted:
    """A connector that does what a test says, and remembers what it was asked."""

    def __init__(self, act: Acts | None = None, look: Looks | None = None) -> None:
        self._act, self._look = act, look
        self.orders: list[tuple[Verb, tuple[str, ...]]] = []

    async def open(self) -> Profile:
        return Profile("force", "force", "Force")

    async def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        yield Page(cursor=cursor)

    def can(self, target: Target) -> Capabilities:
        del target
        return {}

    async def act(self, order: Order) -> Sequence[Answer]:
        self.orders.append((order.verb, tuple(target.remote_id for target in order.targets)))
        if self._act is not None:
            return self._act(order)
        return [Answer(target.remote_id) for target in order.targets]

    async def look(
        self, verb: Verb, targets: Sequence[Target], notes: Sequence[str | None]
    ) -> Sequence[Sight]:
        del notes
        look = self._look or (lambda _verb, _target: True)
        return [Sight(target.remote_id, ItemState.UNKNOWN, done=look(verb, target)) for target in targets]

    async def close(self) -> None:
        return None


class OneLine:
    """One account that is signed in."""

    def __init__(self, connector: Scripted) -> None:
        self._line = Line(connector, MANIFEST)

    def line(self, account_id: AccountId) -> Line | None:
        return self._line if account_id == ACCOUNT else None

    def open_accounts(self) -> Sequence[AccountId]:
        return [ACCOUNT]

    def report(self, account_id: AccountId, failure: Failure) -> None:
        del account_id, failure


class Bench:
    """A worker over a queue, with a clock that jumps to whatever is waited for."""

    def __init__(self, desk: LocalDesk, database: Database, connector: Scripted) -> None:
        self.desk, self.connector = desk, connector
        self.ceilings = Ceilings()
        self.clock = FakeClock(NOW)
        self.events = Events()
        self.troubles: list[str] = []
        self.events.listen(
            lambda said: self.troubles.append(said.words) if isinstance(said, Trouble) else None
        )
        self.acting = Acting(
            desk=desk,
            db=database,
            events=self.events,
            clock=self.clock,
            ceilings=self.ceilings,
            lines=OneLine(connector),
        )
        self._database = database

    async def until(self, ready: Callable[[Sequence[Act]], bool]) -> Sequence[Act]:
        """Lets time jump on until the acts are as the test wants them, and not before they cannot be."""
        async with asyncio.timeout(20):
            while True:
                for _ in range(24):
                    acts = await self.desk.acts_in(list(ActState), None, 100)
                    if ready(acts):
                        return acts
                    await self._database.read(lambda _conn: None)  # gives the store's threads a turn
                    await self._database.record(lambda _conn: None)
                    await asyncio.sleep(0)
                if (alarm := self.clock.next_alarm) is not None:
                    await self.clock.pass_by(alarm)

    async def drain(self) -> None:
        """Waits, time jumping on, until the worker says that it can do no more."""
        drained = asyncio.create_task(self.acting.drain())
        await self.until(lambda _acts: drained.done())
        await drained


def settled(acts: Sequence[Act]) -> bool:
    return not [act for act in acts if act.settled_at is None]


def run(
    folder: Path,
    connector: Scripted,
    work: Callable[[Bench], Coroutine[Any, Any, None]],
    desk: Callable[[Database], LocalDesk] | None = None,
) -> None:
    with desk_at(folder) as (database, plain):
        assert isinstance(plain, LocalDesk)

        async def all_of_it() -> None:
            bench = Bench(desk(database) if desk else plain, database, connector)
            await work(bench)
            await bench.acting.stop()

        asyncio.run(all_of_it())


def test_what_was_taken_with_an_order_that_met_no_link_was_never_in_doubt(tmp_path: Path) -> None:
    tries: list[Verb] = []

    def act(order: Order) -> Sequence[Answer]:
        tries.append(order.verb)
        if len(tries) == 1:
            raise TryLater("No link.")
        return [Answer(target.remote_id) for target in order.targets]

    async def work(bench: Bench) -> None:
        await bench.desk.submit(submission(draft(1, Verb.HIDE), draft(2, Verb.DELETE)))
        await bench.acting.start()
        await bench.until(settled)
        entries = await bench.desk.entries(0, 1_000)
        assert not [entry for entry in entries if b"act.uncertain" in entry.leaf]
        assert tries == [Verb.HIDE, Verb.HIDE, Verb.DELETE]

    run(tmp_path, Scripted(act), work)


def test_tries_that_never_left_the_machine_do_not_count(tmp_path: Path) -> None:
    tries: list[Verb] = []

    def act(order: Order) -> Sequence[Answer]:
        tries.append(order.verb)
        if len(tries) <= 6:
            raise TryLater("No link.")
        if len(tries) == 7:
            raise TryLater("No answer.", sent=True)
        return [Answer(target.remote_id) for target in order.targets]

    async def work(bench: Bench) -> None:
        await bench.desk.submit(submission(draft(1, Verb.HIDE)))
        await bench.acting.start()
        (one,) = await bench.until(settled)
        assert one.state is ActState.CONFIRMED
        assert one.attempts == 2

    run(tmp_path, Scripted(act, lambda _verb, _target: len(tries) > 7), work)


@pytest.mark.parametrize("fault", [KeyError("a fault"), NotAllowed("Not yours to look at."), Gone("Gone.")])
def test_an_item_that_cannot_be_looked_at_does_not_keep_the_others_waiting(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, fault: Exception
) -> None:
    def look(verb: Verb, target: Target) -> bool | None:
        del verb
        if target.remote_id == "p0":
            raise fault
        return True

    async def work(bench: Bench) -> None:
        await bench.desk.submit(submission(draft(1, Verb.HIDE), draft(2, Verb.HIDE), draft(3, Verb.HIDE)))
        await bench.acting.start()
        acts = await bench.until(settled)
        assert [act.state for act in acts][2] is ActState.CONFIRMED
        assert acts[0].state is ActState.UNVERIFIABLE
        assert bench.troubles == []

    run(tmp_path, Scripted(look=look), work)
    del caplog


def test_what_waits_for_a_person_keeps_nothing_else_waiting(tmp_path: Path) -> None:
    def act(order: Order) -> Sequence[Answer]:
        if order.verb is Verb.REPORT:
            raise TryLater("No answer.", sent=True)
        return [Answer(target.remote_id) for target in order.targets]

    async def work(bench: Bench) -> None:
        await bench.desk.submit(submission(draft(1, Verb.REPORT), draft(2, Verb.HIDE)))
        await bench.acting.start()
        await bench.until(lambda acts: acts[1].settled_at is not None)
        await bench.drain()
        (report, hide) = await bench.desk.acts([ActId(1), ActId(2)])
        assert (report.state, hide.state) == (ActState.UNCERTAIN, ActState.CONFIRMED)
        assert [verb for verb, _ in bench.connector.orders].count(Verb.REPORT) == 1
        # decided elsewhere, it is no longer counted among what waits for a person
        await bench.desk.move(
            [Move(report.id, ActState.FAILED, error="A person looked.")], "a.rowe", bench.clock.now()
        )
        await bench.desk.submit(submission(draft(3, Verb.REPORT)))
        bench.acting.wake()
        await bench.until(lambda acts: acts[2].state is ActState.UNCERTAIN)
        await bench.drain()
        post = bench.acting._posts[ACCOUNT]
        assert post.for_a_person == {ActId(3)}

    run(tmp_path, Scripted(act, lambda verb, _target: None if verb is Verb.REPORT else True), work)


class Unreadable(LocalDesk):
    """A desk whose queue cannot be read a few times."""

    failures = 3

    async def waiting(self) -> list[Waiting]:
        if self.failures:
            self.failures -= 1
            raise ProfileError("The disk does not answer.")
        return await super().waiting()


def test_a_queue_that_cannot_be_read_for_a_while_is_worked_later_and_that_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(bench: Bench) -> None:
        await bench.desk.submit(submission(draft(1, Verb.HIDE)))
        await bench.acting.start()
        (one,) = await bench.until(settled)
        assert one.state is ActState.CONFIRMED
        assert len(bench.troubles) == 1
        assert "could not be looked at" in caplog.text

    run(tmp_path, Scripted(), work, lambda database: Unreadable(database, "Dellin desk 1"))


def test_the_worst_graded_items_come_first_and_one_items_acts_keep_their_order(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        grades = {1: 4, 2: 1, 3: 2}
        await bench._database.record(
            lambda conn: conn.executemany(
                "UPDATE items SET grade = ? WHERE id = ?", [(grade, item) for item, grade in grades.items()]
            )
        )
        await bench.desk.submit(submission(*(draft(item, Verb.DELETE) for item in (1, 2, 3))))
        await bench._database.record(lambda conn: conn.execute("UPDATE items SET grade = 1 WHERE id = 1"))
        await bench.desk.submit(submission(draft(1, Verb.HIDE)))
        await bench.acting.start()
        await bench.until(settled)
        assert [ids for _, ids in bench.connector.orders] == [("p1", "p2"), ("p0",), ("p0",)]
        assert [verb for verb, _ in bench.connector.orders] == [Verb.DELETE, Verb.DELETE, Verb.HIDE]

    run(tmp_path, Scripted(), work)


def test_what_the_ceiling_has_no_room_for_waits_without_a_word_in_the_ledger(tmp_path: Path) -> None:
    minute = Ceiling("minute", points=2, seconds=60, costs={Verb.HIDE: 1})

    async def work(bench: Bench) -> None:
        bench.ceilings.watch(ACCOUNT, [minute], batch=2)
        await bench.desk.submit(submission(*(draft(item, Verb.HIDE) for item in range(1, 7))))
        await bench.acting.start()
        acts = await bench.until(settled)
        assert [(act.sent_at or 0) - NOW for act in acts] == [0, 0, 60_000, 60_000, 120_000, 120_000]
        entries = await bench.desk.entries(0, 1_000)
        assert not [entry for entry in entries if b"act.queued" in entry.leaf]

    run(tmp_path, Scripted(), work)


def test_an_act_without_a_ceiling_does_not_wait_for_those_that_have_one(tmp_path: Path) -> None:
    day = Ceiling("day", points=1, seconds=86_400, costs={Verb.HIDE: 1})

    async def work(bench: Bench) -> None:
        bench.ceilings.watch(ACCOUNT, [day], batch=2)
        await bench.desk.submit(submission(*(draft(item, Verb.HIDE) for item in (1, 2, 3))))
        await bench.desk.submit(submission(draft(4, Verb.DELETE, ActState.HELD, due_at=NOW + 10_000)))
        await bench.acting.start()
        acts = await bench.until(lambda acts: acts[3].settled_at is not None)
        assert [act.state for act in acts].count(ActState.QUEUED) == 2
        await bench.desk.submit(submission(draft(5, Verb.DELETE)))
        bench.acting.wake()
        acts = await bench.until(lambda acts: len(acts) == 5 and acts[4].settled_at is not None)
        assert bench.clock.now() < NOW + 60_000

    run(tmp_path, Scripted(), work)


class Overtaken(LocalDesk):
    """A desk on which a person asks for something while the worker works out how long to rest."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, "Dellin desk 1")
        self.then: Callable[[], Coroutine[Any, Any, None]] | None = None

    async def next_due(self, account_id: AccountId, after: int) -> int | None:
        found = await super().next_due(account_id, after)
        if self.then is not None:
            then, self.then = self.then, None
            await then()
        return found


def test_what_is_asked_for_while_the_worker_goes_to_rest_does_not_wait_for_the_ceiling(
    tmp_path: Path,
) -> None:
    day = Ceiling("day", points=1, seconds=86_400, costs={Verb.HIDE: 1})

    async def work(bench: Bench) -> None:
        async def ask() -> None:
            await bench.desk.submit(submission(draft(3, Verb.MUTE)))
            bench.acting.wake()

        assert isinstance(bench.desk, Overtaken)
        bench.desk.then = ask
        bench.ceilings.watch(ACCOUNT, [day], batch=2)
        await bench.desk.submit(submission(draft(1, Verb.HIDE), draft(2, Verb.HIDE)))
        await bench.acting.start()
        await bench.until(lambda acts: len(acts) == 3 and acts[2].settled_at is not None)
        assert bench.clock.now() < NOW + 60_000

    run(tmp_path, Scripted(), work, desk=Overtaken)
