"""A network that does everything that networks do wrong, and knows the truth.

It outlives the program. What it does with a call is said beforehand (`ways`); otherwise it does it well. It
shows what was done only after a while (`lag_s`), answers in odd ways, and brings things back. What a newcomer
would get wrong: what it shows and what is true are two things; only `truth` is what the public sees.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum

from console.api import (
    Answer,
    Capabilities,
    Capability,
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
from console.domain.acts import Verb
from console.domain.capabilities import Ceiling
from console.domain.items import ItemState
from tests.fakes.virtual import Fuse, VirtualClock

WINDOW_S, MOST = 60, 8
"""The network's ceiling: so many hides and deletes in so many seconds."""


class Way(Enum):
    """What the network does with one order."""

    WELL = "does it and says so"
    SILENT_BEFORE = "times out without doing it"
    SILENT_AFTER = "does it and times out"
    HANGS = "does it and never answers"
    LATE = "times out, and does it some seconds later"
    CUT = "does the first half, then the link is gone"
    NO_LINK = "is not reached"
    SLOW_DOWN = "says slow down"
    FORBIDS = "forbids it"
    FORBIDS_FIRST = "forbids the first and does the others"
    GONE = "says it is gone"
    FAULT = "the connector has a fault after it was done"
    TWICE = "answers twice for each"
    TORN = "answers yes and no for each"
    WRONG_IDS = "answers for other items"
    TOO_FEW = "answers for all but one"
    TOO_MANY = "answers for one that was not named"
    TURNED = "answers in another order"
    LIES = "says yes and does nothing"


class Glance(Enum):
    """What the network does with one look."""

    WELL = "shows what it shows"
    SILENT = "times out"
    NO_LINK = "is not reached"
    SLOW_DOWN = "says slow down"
    WRONG_IDS = "shows other items"
    TOO_FEW = "leaves one out"
    TWICE = "shows each twice, and not alike"
    FAULT = "the connector has a fault"
    CANNOT_TELL = "does not tell"


@dataclass
class _Thing:
    """One item at the network."""

    state: ItemState = ItemState.VISIBLE
    shown: deque[tuple[float, ItemState]] = field(default_factory=deque)
    """States that others will see only from then on."""
    seen: ItemState = ItemState.VISIBLE
    added: Counter[Verb] = field(default_factory=Counter)
    """Replies and reports."""


EFFECT = {
    Verb.HIDE: ItemState.HIDDEN,
    Verb.UNHIDE: ItemState.VISIBLE,
    Verb.DELETE: ItemState.DELETED,
}
Watch = Callable[[Verb, Sequence[Target]], None]


@dataclass
class Network:
    """What is true, and what was asked."""

    clock: VirtualClock
    lag_s: float = 0.0
    ways: deque[Way] = field(default_factory=deque)
    glances: deque[Glance] = field(default_factory=deque)
    things: dict[str, _Thing] = field(default_factory=dict)
    forbidden: set[tuple[Verb, str]] = field(default_factory=set)
    said_gone: set[str] = field(default_factory=set)
    untold: set[str] = field(default_factory=set)
    """Items of which a look once did not tell."""
    lied: set[str] = field(default_factory=set)
    late: list[tuple[float, Verb, str]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    """When something that has a ceiling was asked for, in this life of the program."""
    over: bool = False
    crossed: set[str] = field(default_factory=set)
    """Items to which something was done late, after something else had been done to them."""
    reached: Counter[tuple[Verb, str]] = field(default_factory=Counter)
    watch_reached: Callable[[Verb, Sequence[str]], None] = field(default=lambda _verb, _ids: None)
    watch_orders: Watch = field(default=lambda _verb, _targets: None)
    watch_looks: Watch = field(default=lambda _verb, _targets: None)

    def thing(self, remote_id: str) -> _Thing:
        return self.things.setdefault(remote_id, _Thing())

    def do(self, verb: Verb, remote_id: str) -> None:
        thing = self.thing(remote_id)
        if verb not in EFFECT:
            thing.added[verb] += 1
        elif thing.state is not ItemState.DELETED:
            self._become(thing, EFFECT[verb])

    def _become(self, thing: _Thing, state: ItemState) -> None:
        thing.state = state
        if self.lag_s:
            thing.shown.append((self.clock.monotonic() + self.lag_s, state))
        else:
            thing.shown.clear()
            thing.seen = state

    def bring_back(self, remote_id: str) -> None:
        """What was hidden or deleted is there again; everybody sees it."""
        thing = self.thing(remote_id)
        thing.state = thing.seen = ItemState.VISIBLE
        thing.shown.clear()

    def truth(self, remote_id: str) -> ItemState:
        """What the public sees in the end."""
        self.pass_time()
        return self.thing(remote_id).state

    def seen(self, remote_id: str) -> ItemState:
        """What a look sees now."""
        thing = self.thing(remote_id)
        while thing.shown and thing.shown[0][0] <= self.clock.monotonic():
            thing.seen = thing.shown.popleft()[1]
        return thing.seen

    def pass_time(self) -> None:
        """Does what was to be done late."""
        now = self.clock.monotonic()
        due = [one for one in self.late if one[0] <= now]
        self.late = [one for one in self.late if one[0] > now]
        for _, verb, remote_id in due:
            if verb in EFFECT and self.thing(remote_id).state is not EFFECT[verb]:
                self.crossed.add(remote_id)
            self.do(verb, remote_id)

    def count(self, verb: Verb, number: int) -> None:
        """Notices when more is asked for than the ceiling allows."""
        if verb in {Verb.HIDE, Verb.DELETE}:
            now = self.clock.monotonic()
            self.times = [at for at in self.times if at > now - WINDOW_S + 0.5] + [now] * number
            self.over = self.over or len(self.times) > MOST


@dataclass
class Connector:
    """One life's connector to the network."""

    network: Network
    fuse: Fuse

    async def open(self) -> Profile:
        return Profile("force", "force", "Force")

    async def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        yield Page(cursor=cursor)

    def can(self, target: Target) -> Capabilities:
        del target
        return CAN

    async def act(self, order: Order) -> Sequence[Answer]:
        network = self.network
        network.pass_time()
        network.watch_orders(order.verb, order.targets)
        if self.fuse.step():  # killed before anything left
            await asyncio.Event().wait()
        way = network.ways.popleft() if network.ways else Way.WELL
        ids = [target.remote_id for target in order.targets]
        try:
            answers = await self._answer(way, order.verb, ids)
        finally:
            killed = self.fuse.step()  # killed after it was done
        if killed:
            await asyncio.Event().wait()
        return answers

    async def _answer(self, way: Way, verb: Verb, ids: list[RemoteId]) -> list[Answer]:
        network = self.network
        if way in {Way.NO_LINK, Way.SLOW_DOWN}:
            if way is Way.NO_LINK:
                raise TryLater("No link.")
            raise SlowDown("Slow down.", until=network.clock.now() + 5_000)
        network.count(verb, len(ids))
        network.watch_reached(verb, ids)
        network.reached.update((verb, one) for one in ids)
        done = _done(way, ids)
        for one in done:
            network.do(verb, one)
        network.lied.update(ids if way is Way.LIES else ())
        if way is Way.LATE:
            network.late += [(network.clock.monotonic() + 5.0, verb, one) for one in ids]
        match way:
            case Way.SILENT_BEFORE | Way.SILENT_AFTER | Way.LATE | Way.CUT:
                raise TryLater("No answer.", sent=True)
            case Way.HANGS:
                await asyncio.Event().wait()
            case Way.FORBIDS:
                network.forbidden.update((verb, one) for one in ids)
                raise NotAllowed("Not your post.")
            case Way.GONE:
                network.said_gone.update(ids)
                for one in ids:  # and it is
                    network._become(network.thing(one), ItemState.DELETED)
                raise Gone("It is gone.")
            case Way.FAULT:
                raise KeyError("a fault in the connector")
            case _:
                pass
        return self._answers(way, verb, ids)

    def _answers(self, way: Way, verb: Verb, ids: list[RemoteId]) -> list[Answer]:
        well = [Answer(one, note=f"note {one}") for one in ids]
        no = Failure("No.", sent=True)
        match way:
            case Way.FORBIDS_FIRST:
                self.network.forbidden.add((verb, ids[0]))
                return [Answer(ids[0], failure=NotAllowed("Not this one.")), *well[1:]]
            case Way.TWICE:
                return well + well
            case Way.TORN:
                return [*well, *(Answer(one, failure=no) for one in ids)]
            case Way.WRONG_IDS:
                return [Answer(RemoteId(f"other {one}")) for one in ids]
            case Way.TOO_FEW:
                return well[:-1]
            case Way.TOO_MANY:
                return [*well, Answer(RemoteId("never named"))]
            case Way.TURNED:
                return well[::-1]
            case _:
                return well

    async def look(
        self, verb: Verb, targets: Sequence[Target], notes: Sequence[str | None]
    ) -> Sequence[Sight]:
        del notes
        network = self.network
        network.pass_time()
        if self.fuse.step():
            await asyncio.Event().wait()
        glance = network.glances.popleft() if network.glances else Glance.WELL
        match glance:
            case Glance.SILENT:
                raise TryLater("No answer.", sent=True)
            case Glance.NO_LINK:
                raise TryLater("No link.")
            case Glance.SLOW_DOWN:
                raise SlowDown("Slow down.", until=network.clock.now() + 5_000)
            case Glance.FAULT:
                network.untold.update(target.remote_id for target in targets)
                raise KeyError("a fault in the connector")
            case _:
                pass
        torn = {Glance.WRONG_IDS: 0, Glance.TWICE: 0, Glance.TOO_FEW: len(targets) - 1}
        network.watch_looks(verb, targets[: torn.get(glance, len(targets))])
        well = [self._sight(verb, target.remote_id) for target in targets]
        match glance:
            case Glance.WRONG_IDS:
                network.untold.update(target.remote_id for target in targets)
                return [Sight(RemoteId(f"other {one.remote_id}"), one.state, one.done) for one in well]
            case Glance.TOO_FEW:
                network.untold.add(targets[-1].remote_id)
                return well[:-1]
            case Glance.TWICE:
                network.untold.update(target.remote_id for target in targets)
                return [*well, *(Sight(one.remote_id, one.state, not one.done) for one in well)]
            case Glance.CANNOT_TELL:
                network.untold.update(target.remote_id for target in targets)
                return [Sight(one.remote_id, ItemState.UNKNOWN) for one in well]
            case _:
                return well

    def _sight(self, verb: Verb, remote_id: RemoteId) -> Sight:
        seen = self.network.seen(remote_id)
        if verb in EFFECT:
            return Sight(remote_id, seen, done=seen is EFFECT[verb])
        return Sight(remote_id, seen, done=self.network.thing(remote_id).added[verb] > 0)

    async def close(self) -> None:
        return None


def _done(way: Way, ids: list[RemoteId]) -> list[RemoteId]:
    """What of an order is done."""
    if way in {Way.SILENT_BEFORE, Way.LATE, Way.FORBIDS, Way.GONE, Way.LIES}:
        return []
    if way is Way.CUT:
        return ids[: len(ids) // 2]
    return ids[1:] if way is Way.FORBIDS_FIRST else ids


CAN: Capabilities = {
    Verb.HIDE: Capability(can=True, words="Reversible.", reversible=True),
    Verb.UNHIDE: Capability(can=True, words="Puts it back.", reversible=True),
    Verb.DELETE: Capability(can=True, words="For good."),
    Verb.REPORT: Capability(can=True, words="For good."),
}
MANIFEST = Manifest(
    id="x",
    name="X",
    letters="X",
    shape="short",
    contracts=(1,),
    level="dependable",
    module="x",
    text_life_hours=720,
    batch=3,
    hosts=(),
    sign_in=(),
    verbs={verb: VerbFacts(reversible=found.reversible, words="") for verb, found in CAN.items()},
    ceilings=(Ceiling(name="acts", points=MOST, seconds=WINDOW_S, costs={Verb.HIDE: 1, Verb.DELETE: 1}),),
)
