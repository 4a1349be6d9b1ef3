"""Connectors that do what a test tells them, and the parts that run them.

A `Script` is what a fake network does: pages, failures and pauses, in order. The connector takes them
up from the cursor that it is given, as a real one would, so that losses and doubles show.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from console.api import (
    CONTRACT,
    Answer,
    Arrival,
    Author,
    Capabilities,
    Capability,
    Connector,
    Context,
    ItemKind,
    Manifest,
    Order,
    Page,
    Profile,
    RemoteId,
    Sight,
    Target,
    Verb,
)
from console.services.hosting import Found, Hosting
from console.services.keys import Purpose

HIDE = Capability(can=True, words="Reversible.", reversible=True)


def manifest(connector_id: str = "fake") -> Manifest:
    """What a fake connector declares."""
    return Manifest(
        id=connector_id,
        name="Fake",
        letters="Fk",
        shape="short",
        contracts=(CONTRACT,),
        level="acts",
        module="fake.connector",
        text_life_hours=720,
        batch=25,
        hosts=(),
        sign_in=(),
        verbs={},
        ceilings=(),
    )


def arrival(number: int, text: str = "", account: str = "a") -> Arrival:
    """An item with a number for identity."""
    return Arrival(
        remote_id=RemoteId(f"{account}/{number}"),
        kind=ItemKind.REPLY,
        author=Author(f"author-{number % 7}", f"author{number % 7}.test", f"Author {number % 7}"),
        text=text or f"item {number}",
        created_at=1_700_000_000_000 + number,
    )


@dataclass
class Network:
    """A false network: numbered posts, and what goes wrong when they are asked for.

    Posts have the numbers from 1; a cursor is the number of the last one that was told. `failures`
    names, by the count of pages told so far, what is raised instead of the next page; each once.
    """

    posts: list[Arrival] = field(default_factory=list)
    page: int = 10
    failures: dict[int, BaseException] = field(default_factory=dict)
    open_failures: list[Exception] = field(default_factory=list)
    ends: bool = True
    """Whether the stream ends after the last post; else it waits for ever, without a page."""
    pause: Callable[[int], "asyncio.Future[None] | None"] | None = None
    """Given the count of pages told, what to await before the next."""
    rest_s: float | None = None
    """How long the connector waits at our pace when it has told everything, before an empty page."""

    profile: Profile = field(default_factory=lambda: Profile("remote", "", "Fake"))
    """What the network says at a sign-in; the handle is the account's own."""
    notices: dict[int, str] = field(default_factory=dict)
    """By the count of pages told so far: what the next one says is wrong; an empty text, that all is well."""

    told: int = 0
    opened: int = 0
    opened_at: list[int] = field(default_factory=list)
    """When signing in was tried, milliseconds since 1970."""
    closed: int = 0
    streams: int = 0
    cursors: list[str | None] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)

    def publish(self, count: int, account: str = "a", text: str = "") -> None:
        """Adds so many posts."""
        first = len(self.posts) + 1
        self.posts += [arrival(number, text, account) for number in range(first, first + count)]


class FakeConnector:
    """A connector to a false network."""

    def __init__(self, network: Network, context: Context) -> None:
        self.network = network
        self.context = context

    async def open(self) -> Profile:
        """Signs in."""
        self.network.opened += 1
        self.network.opened_at.append(self.context.now())
        if self.network.open_failures:
            raise self.network.open_failures.pop(0)
        return replace(self.network.profile, handle=self.context.handle)

    async def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        """Tells the posts after the cursor."""
        network = self.network
        network.streams += 1
        network.cursors.append(cursor)
        place = int(cursor or 0)
        while True:
            if (failure := network.failures.pop(network.told, None)) is not None:
                raise failure
            if network.pause is not None and (pause := network.pause(network.told)) is not None:
                await pause
            part = network.posts[place : place + network.page]
            if not part and network.ends:
                return
            if not part and network.rest_s is None:
                await asyncio.Event().wait()
            if not part:
                await self.context.wait(rest=network.rest_s or 0, incident=1)
            place += len(part)
            network.told += 1
            yield Page(arrivals=part, cursor=str(place), notice=network.notices.get(network.told - 1))

    def can(self, target: Target) -> Capabilities:
        """Hiding works everywhere."""
        return {Verb.HIDE: HIDE, Verb.UNHIDE: HIDE}

    async def act(self, order: Order) -> Sequence[Answer]:
        """Takes every order."""
        self.network.orders.append(order)
        return [Answer(target.remote_id) for target in order.targets]

    async def look(
        self, verb: Verb, targets: Sequence[Target], notes: Sequence[str | None]
    ) -> Sequence[Sight]:
        """Sees every effect."""
        return [Sight(target.remote_id, target.state, done=True) for target in targets]

    async def close(self) -> None:
        """Counts that it was let go."""
        self.network.closed += 1


class FakeHosting(Hosting):
    """Connectors that are handed in instead of found."""

    def __init__(self, makers: Mapping[str, Callable[[Context], Connector]]) -> None:
        super().__init__(bundled=None)
        self._found = {name: Found(manifest(name), "test", None) for name in makers}
        self._loaded = dict(makers)

    def find(self) -> Mapping[str, Found]:
        """What was handed in."""
        return self._found


def hosting_of(networks: Mapping[str, Network]) -> FakeHosting:
    """A hosting whose connector `fake` serves each account by its handle."""
    return FakeHosting({"fake": lambda context: FakeConnector(networks[context.handle], context)})


class FakeSealer:
    """Seals nothing but remembers for what it was asked."""

    def __init__(self, *, ready: bool = True) -> None:
        self.ready = ready

    def seal(self, plain: bytes, purpose: Purpose = "secrets") -> bytes:
        """The bytes, marked."""
        return purpose.encode() + b":" + plain

    def unseal(self, sealed: bytes, purpose: Purpose = "secrets") -> bytes:
        """The bytes without their mark."""
        return sealed.removeprefix(purpose.encode() + b":")
