"""Laws of acting: never twice, never lost, and done means seen, whatever the network and the power do."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
    RemoteId,
    Sight,
    SlowDown,
    Target,
    TryLater,
)
from console.api.manifest import VerbFacts
from console.desk.local import LocalDesk
from console.domain.acts import MOVES, OPEN, ActState, Verb, may_move
from console.domain.ids import AccountId, ItemId
from console.domain.items import ItemState
from console.services.acting import Acting
from console.services.ceilings import Ceilings
from console.services.events import Events
from console.services.lines import Line
from console.store import items as stored_items
from console.store.database import Database
from tests.conftest import LONG
from tests.unit.desk.making import ACCOUNT, draft, submission
from tests.unit.store.making import NOW, add_account, received, save


class Way(Enum):
    """What the network does with one call."""

    WELL = "does it and says so"
    SILENT_BEFORE = "times out without doing it"
    SILENT_AFTER = "does it and times out"
    NO_LINK = "is not reached"
    SLOW_DOWN = "says slow down"
    FORBIDS = "forbids it"
    GONE = "says it is gone"
    KILLED_BEFORE = "the program is killed before the network does it"
    KILLED_AFTER = "the program is killed after the network has done it"
    FAULT = "the connector has a fault"


class QuickClock:
    """Time that passes as soon as somebody waits for it."""

    def __init__(self) -> None:
        self.passed = 0.0

    def now(self) -> int:
        return NOW + round(self.passed * 1000)

    def monotonic(self) -> float:
        return self.passed

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.passed += max(0.0, seconds)


@dataclass
class Network:
    """A network that outlives the program; counts what it has done."""

    clock: QuickClock
    ways: list[Way]
    hidden: set[str] = field(default_factory=set)
    deleted: Counter[str] = field(default_factory=Counter)
    done: Counter[tuple[str, str]] = field(default_factory=Counter)
    forbidden: set[str] = field(default_factory=set)
    looked: Counter[str] = field(default_factory=Counter)
    unlooked_repeats: list[str] = field(default_factory=list)
    doubt: set[str] = field(default_factory=set)
    """What was sent without an answer, and not looked at since."""

    def way(self) -> Way:
        return self.ways.pop(0) if self.ways else Way.WELL

    def do(self, verb: Verb, remote_id: str) -> None:
        if remote_id in self.doubt:
            self.unlooked_repeats.append(remote_id)
        self.done[str(verb), remote_id] += 1
        match verb:
            case Verb.HIDE:
                self.hidden.add(remote_id)
            case Verb.UNHIDE:
                self.hidden.discard(remote_id)
            case _:
                self.deleted[remote_id] += 1


@dataclass
class FalseConnector:
    """Speaks to the network above."""

    network: Network
    killed: asyncio.Event

    async def open(self) -> Profile:
        return Profile("force", "force", "Force")

    async def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        yield Page(cursor=cursor)

    def can(self, target: Target) -> Capabilities:
        del target
        return {}

    async def act(self, order: Order) -> Sequence[Answer]:
        network, ids = self.network, [target.remote_id for target in order.targets]
        way = network.way()
        if way in {Way.WELL, Way.SILENT_AFTER, Way.KILLED_AFTER, Way.FAULT}:
            for remote_id in ids:
                network.do(order.verb, remote_id)
        if way not in {Way.WELL, Way.NO_LINK, Way.SLOW_DOWN, Way.FORBIDS, Way.GONE}:
            network.doubt.update(ids)
        match way:
            case Way.SILENT_BEFORE | Way.SILENT_AFTER:
                raise TryLater("No answer.", sent=True)
            case Way.NO_LINK:
                raise TryLater("No link.")
            case Way.SLOW_DOWN:
                raise SlowDown("Slow down.", until=network.clock.now() + 5_000)
            case Way.FORBIDS:
                network.forbidden.update(ids)
                raise NotAllowed("Not your post.")
            case Way.GONE:
                raise Gone("It is gone.")
            case Way.FAULT:
                raise KeyError("a fault in the connector")
            case Way.KILLED_BEFORE | Way.KILLED_AFTER:
                self.killed.set()
                await asyncio.Event().wait()
            case _:
                pass
        return [Answer(remote_id) for remote_id in ids]

    async def look(
        self, verb: Verb, targets: Sequence[Target], notes: Sequence[str | None]
    ) -> Sequence[Sight]:
        del notes
        sights = []
        for target in targets:
            self.network.doubt.discard(target.remote_id)
            self.network.looked[target.remote_id] += 1
            sights.append(self._sight(verb, target.remote_id))
        return sights

    def _sight(self, verb: Verb, remote_id: RemoteId) -> Sight:
        if self.network.deleted[remote_id]:
            return Sight(remote_id, ItemState.DELETED, done=verb is Verb.DELETE)
        is_hidden = remote_id in self.network.hidden
        state = ItemState.HIDDEN if is_hidden else ItemState.VISIBLE
        done = {Verb.HIDE: is_hidden, Verb.UNHIDE: not is_hidden}.get(verb, False)
        return Sight(remote_id, state, done=done)

    async def close(self) -> None:
        return None


@dataclass
class OneLine:
    """One account that is always signed in."""

    found: Line

    def line(self, account_id: AccountId) -> Line | None:
        return self.found if account_id == ACCOUNT else None

    def open_accounts(self) -> Sequence[AccountId]:
        return [ACCOUNT]

    def report(self, account_id: AccountId, failure: Failure) -> None:
        del account_id, failure


@pytest.fixture(autouse=True)
def faults_are_meant(caplog: pytest.LogCaptureFixture) -> None:
    """Connectors fail here on purpose, and the log says so; one log for all examples is enough."""
    del caplog


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
    verbs={verb: VerbFacts(reversible=True, words="") for verb in (Verb.HIDE, Verb.UNHIDE, Verb.DELETE)},
    ceilings=(),
)


async def live(database: Database, network: Network, clock: QuickClock) -> None:
    """The program's lives, one after each kill, until nothing is left to do."""
    for _ in range(40):
        killed = asyncio.Event()
        acting = Acting(
            desk=LocalDesk(database, "seat"),
            db=database,
            events=Events(),
            clock=clock,
            ceilings=Ceilings(),
            lines=OneLine(Line(FalseConnector(network, killed), MANIFEST)),
        )
        await acting.start()
        ways = [asyncio.ensure_future(acting.drain()), asyncio.ensure_future(killed.wait())]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        over = ways[0].done()
        for way in ways:
            way.cancel()
        await kill(acting)
        if over:
            return
    raise AssertionError("the queue never came to an end")


async def kill(acting: Acting) -> None:
    """Ends every task of the worker at once, as the power does."""
    tasks = [post.task for post in acting._posts.values() if post.task is not None]
    tasks += [acting._dispatcher] if acting._dispatcher is not None else []
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def history(ways: list[Way], verbs: list[Verb], undo: bool) -> tuple[Network, list[ActState], list[str]]:
    """Asks for acts on as many items, lives through the network's ways, and tells how it ended."""
    clock = QuickClock()
    network = Network(clock, list(ways))
    with tempfile.TemporaryDirectory() as folder, Database(Path(folder) / "cordon.db") as database:
        database.record_now(add_account).result()
        save(database, *(received(f"p{n}") for n in range(len(verbs))))
        desk = LocalDesk(database, "seat")
        drafts = [draft(n, verb) for n, verb in enumerate(verbs, start=1)]
        submitted = asyncio.run(desk.submit(submission(*drafts, bulk=True)))
        asyncio.run(live(database, network, clock))
        if undo:
            hides = [act for act in asyncio.run(desk.acts(submitted.act_ids)) if act.verb is Verb.HIDE]
            back = [draft(act.item_id, Verb.UNHIDE, undo_of=act.id) for act in hides]
            if back:
                asyncio.run(desk.submit(submission(*back, bulk=True)))
                asyncio.run(live(database, network, clock))
        acts = asyncio.run(desk.acts_in(list(ActState), None, 1_000))
        verdict = asyncio.run(desk.verify())
        assert verdict.ok, verdict.first_bad
        ids = [ItemId(n) for n in range(1, len(verbs) + 1)]
        kept = database.read_now(lambda conn: stored_items.items(conn, ids)).result()
        states = [str(item.state) for item in kept]
        return network, [act.state for act in acts], states


MANY = settings(max_examples=500 if LONG else 40, suppress_health_check=[HealthCheck.function_scoped_fixture])
SOME_WAYS = st.lists(st.sampled_from(list(Way)), max_size=12)
SOME_VERBS = st.lists(st.sampled_from([Verb.HIDE, Verb.DELETE]), min_size=1, max_size=4)


@MANY
@given(SOME_WAYS, SOME_VERBS, st.booleans())
def test_no_act_is_lost_and_none_is_sent_again_without_a_look(
    ways: list[Way], verbs: list[Verb], undo: bool
) -> None:
    network, states, _ = history(ways, verbs, undo)
    assert len(states) >= len(verbs), "an act is gone"
    assert not [state for state in states if state in OPEN], "an act was left hanging"
    assert network.unlooked_repeats == []


@MANY
@given(SOME_WAYS, st.integers(1, 3))
def test_what_cannot_be_taken_back_is_done_at_most_once(ways: list[Way], number: int) -> None:
    network, _, _ = history(ways, [Verb.DELETE] * number, undo=False)
    assert all(count == 1 for count in network.deleted.values())


@MANY
@given(SOME_WAYS, st.integers(1, 3), st.booleans())
def test_what_the_cache_says_is_what_the_network_shows(ways: list[Way], number: int, undo: bool) -> None:
    network, _, states = history(ways, [Verb.HIDE] * number, undo)
    for place, state in enumerate(states):
        if state in {"hidden", "visible"}:
            assert (state == "hidden") == (f"p{place}" in network.hidden)


def test_an_undo_waits_for_what_it_undoes() -> None:
    network, states, kept = history([Way.SILENT_AFTER], [Verb.HIDE], undo=True)
    assert network.done == {("hide", "p0"): 1, ("unhide", "p0"): 1}
    assert states == [ActState.UNDONE, ActState.CONFIRMED]
    assert kept == ["visible"]


def test_an_act_that_was_done_before_the_kill_is_not_sent_again() -> None:
    network, states, kept = history([Way.KILLED_AFTER], [Verb.HIDE], undo=False)
    assert network.done == {("hide", "p0"): 1}
    assert states == [ActState.CONFIRMED]
    assert kept == ["hidden"]


def test_an_act_that_was_not_done_before_the_kill_is_sent_after_a_look() -> None:
    network, states, _ = history([Way.KILLED_BEFORE], [Verb.HIDE], undo=False)
    assert network.done == {("hide", "p0"): 1}
    assert network.looked["p0"] == 2
    assert states == [ActState.CONFIRMED]


def test_an_act_that_the_network_forbids_is_refused_in_its_words() -> None:
    _, states, kept = history([Way.FORBIDS], [Verb.HIDE], undo=False)
    assert states == [ActState.REFUSED]
    assert kept == ["visible"]


@MANY
@given(st.sampled_from(list(ActState)), st.sampled_from(list(ActState)))
def test_only_the_moves_of_the_table_are_allowed(old: ActState, new: ActState) -> None:
    assert may_move(old, new) == (new in MOVES[old])
    assert not may_move(old, old)


def test_every_open_state_leads_to_an_end() -> None:
    ends = {state for state in ActState if not MOVES[state]}
    for state in OPEN:
        reached, todo = set[ActState](), [state]
        while todo:
            now = todo.pop()
            if now not in reached:
                reached.add(now)
                todo += MOVES[now]
        assert reached & ends
