"""The stage on which a connector is tested: a false network, and the parts that judge what comes of it.

A connector's author writes a `Stage`: a false network on a real socket that can be made to misbehave,
and what it takes to sign in there. `console.api.testing` has the checks.

What a newcomer would get wrong: nothing here looks inside a connector. It hands in a context, lets the
false network do its worst, and believes only what the contract shows, as the console does.
"""

import asyncio
import html
import json
import logging
import re
import tempfile
import time
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import httpx

from console.api.connector import Connect, Connector, Context, Page, SignIn, Target
from console.api.failures import SlowDown
from console.api.manifest import Manifest, Markup
from console.api.signing import Guide
from console.domain.acts import Verb
from console.domain.ids import RemoteId
from console.domain.items import Arrival, ItemKind, ItemState

PATIENCE_S = 20.0
"""How long one check may wait for something that must come."""
PACE_S = 0.01
"""How long a connector waits between rounds here, whatever it asks for."""


class Trouble(StrEnum):
    """Ways in which a false network misbehaves."""

    SLOW = "slow"
    """The answer comes late, but within any sensible limit."""
    CUT = "cut"
    """The connection breaks before the request is taken."""
    CUT_AFTER = "cut-after"
    """The request is carried out, and the connection breaks before the answer."""
    HALF = "half"
    """The answer breaks off in the middle."""
    HTML = "html"
    """A page for people comes instead, with status 200."""
    GARBAGE = "garbage"
    """JSON of quite another shape comes, with status 200."""
    LIE = "lie"
    """Status 200, and an error in the body."""
    FAULT = "fault"
    """The network's own fault: status 502, and nothing useful."""
    LIMIT = "limit"
    """A ceiling was reached; its end is said in the network's own way."""
    EXPIRED = "expired"
    """The short-lived part of the sign-in has ended; it can be renewed without a person."""
    REVOKED = "revoked"
    """The sign-in is no longer accepted at all."""
    REPEATED = "repeated"
    """Items come again on later pages."""
    REORDERED = "reordered"
    """The items of a page come in another order."""
    EXTRAS = "extras"
    """Unknown fields are there, and those that may be missing are."""
    BROKEN_ITEM = "broken-item"
    """One item of each page cannot be read."""
    EMPTY = "empty"
    """Every list is empty, with status 200, because a right is missing."""
    LOW = "low"
    """All is well, but the headers say that nothing is left of an allowance for half a minute."""


class Stage(Protocol):
    """A false network with one account of the force on it, and one thread that it began."""

    @property
    def manifest(self) -> Manifest:
        """The connector's own manifest."""

    @property
    def connect(self) -> Connect:
        """The connector's own `connect`."""

    @property
    def sign_in(self) -> SignIn | None:
        """The connector's own `sign_in`, where its manifest says `guided`."""

    @property
    def settings(self) -> Mapping[str, str]:
        """What a person would say when the account is added, the false network's address included."""

    @property
    def secret(self) -> str:
        """What lies sealed after the account was added."""

    @property
    def handle(self) -> str:
        """The account's handle."""

    @property
    def waiting(self) -> Sequence[str]:
        """Texts that arrive without anybody doing anything more; a recording has a few."""

    @property
    def is_live(self) -> bool:
        """Whether `say` works: False for a recording."""

    @property
    def troubles(self) -> Collection[Trouble]:
        """The ways in which this network can misbehave; those that make no sense for it are left out."""

    def say(self, text: str, *, late_ms: int = 0) -> RemoteId:
        """Somebody outside answers in our thread; `late_ms` earlier, as the network orders things."""

    def withdraw(self, remote_id: RemoteId) -> None:
        """The author takes it back."""

    def misbehave(self, trouble: Trouble, *, requests: int | None = None) -> None:
        """Misbehaves for so many requests, or until `behave`. Signing in itself is left alone."""

    def behave(self) -> None:
        """Does as it should again."""

    def is_public(self, remote_id: RemoteId) -> bool | None:
        """Whether a passer-by sees the item; None where there is nobody to ask but the connector."""

    def rewrite(self, remote_id: RemoteId, text: str) -> bool:
        """The author changes the words; False where this network does not know or show that."""

    def shows_withdrawn(self) -> bool:
        """Whether the network shows in time, by itself, that an item was taken back by its author."""

    def say_about(self, topic: str, text: str) -> RemoteId | None:
        """Somebody says something about a topic, not to us; None where there is no search."""

    def guide(self) -> Guide | None:
        """A person who signs in from nothing, with a browser; None where there is no such walk.

        What they answer to the manifest's questions is `first_secret`.
        """

    @property
    def first_secret(self) -> str:
        """What a person typed before the walk: a JSON object of the manifest's secret fields."""

    @property
    def changes(self) -> int:
        """How many requests have changed something at the network."""


class KeptSecret:
    """A sealed text in memory. `writes` counts how often it was replaced."""

    def __init__(self, text: str | None) -> None:
        """`text` is what lies there at first."""
        self.text = text
        self.writes = 0

    async def read(self) -> str | None:
        """The kept text."""
        return self.text

    async def write(self, text: str) -> None:
        """Keeps another text."""
        self.text = text
        self.writes += 1


class CountedAllowance:
    """An allowance without end that remembers what was taken and what was learnt."""

    def __init__(self, manifest: Manifest) -> None:
        """`manifest` names the ceilings; any other name fails the check."""
        self._names = {ceiling.name for ceiling in manifest.ceilings}
        self.taken: dict[str, int] = {}
        self.learnt: dict[str, tuple[int, int]] = {}

    async def take(self, ceiling: str, points: int = 1) -> None:
        """Counts; waits only where the network said that nothing is left, as the console would."""
        self._known(ceiling)
        left, until = self.learnt.get(ceiling, (points, 0))
        if left < points and until > now():
            raise SlowDown("The allowance is used up.", until=until)
        self.taken[ceiling] = self.taken.get(ceiling, 0) + points

    def learn(self, ceiling: str, *, left: int, until: int) -> None:
        """Remembers the network's word."""
        self._known(ceiling)
        self.learnt[ceiling] = (left, until)

    def left(self, ceiling: str) -> int | None:
        """What the network said was left, while that holds; else there is no end."""
        self._known(ceiling)
        left, until = self.learnt.get(ceiling, (0, 0))
        return left if until > now() else None

    def _known(self, ceiling: str) -> None:
        require(ceiling in self._names, f"the manifest has no ceiling “{ceiling}”")


@dataclass(slots=True)
class Scene:
    """A connector at work on a stage, with what the suite needs to judge it."""

    stage: Stage
    connector: Connector
    secret: KeptSecret
    hosts: set[str]
    """Hosts that requests went to."""
    log: list[str]
    """Everything that the connector said into its log."""
    allowance: CountedAllowance


@dataclass(slots=True)
class Seen:
    """What a stream has yielded."""

    arrivals: list[Arrival] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    cursor: str | None = None

    def take(self, page: Page) -> None:
        """Adds one page, as the console would."""
        self.pages.append(page)
        self.arrivals.extend(page.arrivals)
        self.cursor = page.cursor if page.cursor is not None else self.cursor

    @property
    def texts(self) -> set[str]:
        """The words of everything from outside."""
        return {arrival.text for arrival in self.arrivals if not arrival.is_ours}

    def doubles(self) -> list[RemoteId]:
        """Items that came more than once."""
        ids = [arrival.remote_id for arrival in self.arrivals]
        return sorted({one for one in ids if ids.count(one) > 1})


def require(is_so: bool, words: str) -> None:
    """Raises AssertionError with the sentence unless it is so; unlike `assert`, under `-O` too."""
    if not is_so:
        raise AssertionError(words)


async def quick_wait(*, rest: float, incident: float) -> None:
    """A pace for tests: hardly any, but others get their turn. The contract's order must hold."""
    require(rest >= incident > 0, f"a wait of {rest:g} s at rest and {incident:g} s in an incident")
    await asyncio.sleep(PACE_S)


@asynccontextmanager
async def backstage(
    stage: Stage, kept: KeptSecret, hosts: set[str], said: list[str]
) -> AsyncIterator[tuple[Context, CountedAllowance]]:
    """What a connector is handed on a stage."""
    allowance = CountedAllowance(stage.manifest)

    async def note_host(request: httpx.Request) -> None:
        hosts.add(request.url.host)

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    log = logging.Logger("a connector in its contract suite")  # noqa: LOG001 - of its own, outside the tree
    log.addHandler(Listener())
    with tempfile.TemporaryDirectory(prefix="cordon-contract-") as folder:
        async with httpx.AsyncClient(trust_env=False, event_hooks={"request": [note_host]}) as http:
            context = Context(
                manifest=stage.manifest,
                settings=stage.settings,
                secret=kept,
                http=http,
                now=now,
                wait=quick_wait,
                is_incident=lambda: False,
                allowance=allowance,
                log=log,
                folder=Path(folder),
                handle=stage.handle,
            )
            yield context, allowance


@asynccontextmanager
async def scene(
    stage: Stage, *, secret: KeptSecret | None = None, opens: bool = True
) -> AsyncIterator[Scene]:
    """A connector on a stage, opened unless said otherwise, and closed at the end."""
    kept = secret or KeptSecret(stage.secret)
    hosts: set[str] = set()
    said: list[str] = []
    async with backstage(stage, kept, hosts, said) as (context, allowance):
        connector = stage.connect(context)
        try:
            if opens:
                await connector.open()
            yield Scene(stage, connector, kept, hosts, said, allowance)
        finally:
            await connector.close()


class Watch:
    """A stream that is being read; `seen` has what it yielded."""

    def __init__(self, pages: AsyncIterator[Page], seen: Seen) -> None:
        """`pages` is read on from where it stands, and `seen` added to."""
        self._pages = pages
        self.seen = seen

    async def until(self, texts: Collection[str], *, more_pages: int = 0) -> Seen:
        """Reads on until all `texts` have come, and `more_pages` after that.

        Raises AssertionError when they do not come, and whatever the stream raises.
        """
        left = more_pages
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not (set(texts) <= self.seen.texts and left <= 0):
                    had_all = set(texts) <= self.seen.texts
                    self.seen.take(await anext(self._pages))
                    left -= had_all
        except (TimeoutError, StopAsyncIteration) as end:
            missing = sorted(set(texts) - self.seen.texts)
            # A recording may end before there were more pages; a live stream may not fall silent.
            if missing or isinstance(end, TimeoutError):
                words = f"{len(missing)} of {len(texts)} items never came: {missing[:3]}"
                raise AssertionError(words) from None
        return self.seen


@asynccontextmanager
async def watching(
    connector: Connector, cursor: str | None = None, seen: Seen | None = None
) -> AsyncIterator[Watch]:
    """A connector's stream, closed at the end. What came before a failure is in `seen`, if given."""
    async with aclosing(as_generator(connector.stream(cursor))) as pages:
        yield Watch(pages, seen if seen is not None else Seen(cursor=cursor))


async def watch(
    connector: Connector,
    texts: Collection[str],
    *,
    cursor: str | None = None,
    seen: Seen | None = None,
    more_pages: int = 0,
) -> Seen:
    """Reads a new stream until all `texts` have come, and `more_pages` after that; see `Watch.until`."""
    async with watching(connector, cursor, seen) as stream:
        return await stream.until(texts, more_pages=more_pages)


async def as_generator(stream: AsyncIterator[Page]) -> AsyncGenerator[Page, None]:
    """The stream, in a wrapping that can be closed even when it is a plain iterator."""
    try:
        async for page in stream:
            yield page
    finally:
        close = getattr(stream, "aclose", None)
        if close is not None:
            await close()


def now() -> int:
    """Milliseconds since 1970, UTC."""
    return int(time.time() * 1000)


def target_of(arrival: Arrival, state: ItemState | None = None) -> Target:
    """An arrival as the console would name it in an order, in its own state unless another is given."""
    return Target(
        remote_id=arrival.remote_id,
        kind=arrival.kind,
        author_id=arrival.author.id,
        parent=arrival.parent,
        thread=arrival.thread,
        state=state or arrival.state,
        is_ours=arrival.is_ours,
        note=arrival.note,
    )


def foreign_target(kind: ItemKind, state: ItemState) -> Target:
    """An item about which the connector knows nothing, and whose note is not its own."""
    return Target(RemoteId("unheard of"), kind, "nobody", None, None, state, is_ours=False, note="\x00")


async def done_after(
    connector: Connector, verb: Verb, targets: Sequence[Target], notes: Sequence[str | None]
) -> list[ItemState]:
    """Looks until the verb's effect is in place for all targets; gives their states.

    Where the network never tells, and the capability says so, a look that cannot tell is enough. Raises
    AssertionError when the effect never is in place.
    """
    ends = time.monotonic() + PATIENCE_S
    is_blind = all(not connector.can(target)[verb].verifiable for target in targets)
    while True:
        sights = await connector.look(verb, targets, notes)
        same = [sight.remote_id for sight in sights] == [target.remote_id for target in targets]
        require(same, "a look must answer for each target, in their order")
        if all(sight.done or (is_blind and sight.done is None) for sight in sights):
            return [sight.state for sight in sights]
        require(time.monotonic() < ends, f"a look never showed that {verb} was done: {sights[:3]}")
        await asyncio.sleep(PACE_S)


def texts_in(raw: str) -> list[str]:
    """Every text inside a piece of JSON; what an item's raw form must hold."""
    found: list[str] = []
    waiting: list[object] = [json.loads(raw)]
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, str):
            found.append(thing)
        elif isinstance(thing, Mapping):
            waiting.extend(thing.values())
        elif isinstance(thing, list):
            waiting.extend(thing)
    return found


_TAG = re.compile(r"<[^<>]*>")


def holds_words(raw: str, text: str, markup: Markup = "") -> bool:
    """Whether a piece of JSON holds an item's words, as one of its texts.

    Where the network sends markup, every line of the words must be in one of the texts once its tags are
    taken away: line for line, since there a tag is what ends a line, and a warning or the choices of a poll
    are texts of their own.
    """
    texts = texts_in(raw)
    if not markup:
        return text in texts
    plain = [html.unescape(_TAG.sub("", one)) for one in texts]
    return all(any(line in one for one in plain) for line in text.split("\n"))
