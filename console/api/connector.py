"""What a connector is: it signs in, streams what arrives, acts, and looks again.

A connector is a module with one function `connect(context) -> Connector`, named in its manifest. One
connector object serves one account. It opens no socket before `open()` is called, and it makes no HTTP
client, clock or log of its own: they come with the context, so that tests can hand in others.

The one thing a newcomer gets wrong: `act` must not decide whether something has worked. It reports what
the network answered; the console then calls `look` and believes only that.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from console.api.allowance import Allowance
from console.api.failures import Failure
from console.api.manifest import Manifest
from console.api.signing import Guide
from console.domain.acts import Verb
from console.domain.capabilities import Capabilities
from console.domain.ids import RemoteId
from console.domain.items import Arrival, ItemKind, ItemState

if TYPE_CHECKING:
    import httpx


class Secret(Protocol):
    """The account's sign-in, kept sealed by the console. The text is the connector's own JSON."""

    async def read(self) -> str | None:
        """The kept text, or None when there is none."""

    async def write(self, text: str) -> None:
        """Keeps a new text in its place, for example after a token was renewed."""


@dataclass(frozen=True, slots=True)
class Context:
    """Everything that a connector is given."""

    manifest: Manifest
    settings: Mapping[str, str]
    """What a person said when the account was added (host, handle); never a secret."""
    secret: Secret
    http: "httpx.AsyncClient"
    """Shared by all connectors: HTTP/2 where the network speaks it; never close it."""
    now: Callable[[], int]
    """Checked time, milliseconds since 1970, UTC."""
    wait: "Wait"
    is_incident: Callable[[], bool]
    """Whether an incident is open: what is looked at in turn is then looked at more often."""
    allowance: Allowance
    """How much may still be read; spend it before each request that a ceiling counts."""
    log: logging.Logger
    """Message text and secrets never go there."""
    folder: Path
    """A folder of this account's own inside the profile; made when first asked for."""
    handle: str
    """The account's handle as it was added; empty while it is being added."""

    def is_on(self, switch: str) -> bool:
        """Whether a person has turned on something unproven, a switch of the manifest."""
        return self.settings.get(switch) == "on"


class Wait(Protocol):
    """Waiting at the account's pace, so that the console decides how eager a connector is."""

    async def __call__(self, *, rest: float, incident: float) -> None:
        """Waits `rest` seconds, or `incident` seconds while an incident is open.

        Ends early when the pace quickens, and is cancelled when the account is stopped.
        """


@dataclass(frozen=True, slots=True)
class Profile:
    """Who the network says we are, once signed in."""

    remote_id: str
    handle: str
    name: str
    token: str = ""
    """Stands for the token where several accounts use one: they share its ceilings. Never the token."""
    app: str = ""
    """Stands for the app through which the account is reached: accounts of one app share its ceilings."""
    ends_at: int | None = None
    """When the sign-in ends for good, whatever is done; milliseconds since 1970. A person is warned."""
    notices: Sequence[str] = ()
    """What a person should know though it works: a right that is missing, a role that is too low."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What a look at the network showed of one item."""

    remote_id: RemoteId
    state: ItemState
    done: bool | None = None
    """Whether the effect of the verb that was asked about is in place; None when it cannot be seen."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a stream yields: some arrivals, and the place from which to go on after them.

    `cursor` is stored in the same transaction as the arrivals, so after a crash nothing is lost; an
    arrival that comes twice is recognised by its remote id and kept once. A page without arrivals says
    "I looked, there was nothing" and keeps the account's health fresh.
    """

    arrivals: Sequence[Arrival] = ()
    cursor: str | None = None
    sights: Sequence[Sight] = ()
    """Changes of known items that were noticed on the way (deleted at the source, hidden elsewhere)."""
    complaints: Sequence[str] = ()
    """What had to be left out and why, one line each, without anybody's words."""
    notice: str | None = None
    """What is wrong though pages come ("every list is empty: a right is missing"); it stands in the
    account's health until another page says otherwise. Empty text: all is well again. None: no news."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a connector may know about an item it is asked about."""

    remote_id: RemoteId
    kind: ItemKind
    author_id: str
    parent: RemoteId | None
    thread: RemoteId | None
    state: ItemState
    is_ours: bool
    note: str
    """What the connector wrote into `Arrival.note`."""


@dataclass(frozen=True, slots=True)
class Order:
    """One verb on one or more items of the account, to be done in as few requests as it takes."""

    verb: Verb
    targets: Sequence[Target]
    text: str | None = None
    """The words of a reply."""
    category: str | None = None
    """The category of a report."""
    undo_notes: Sequence[str | None] = field(default=())
    """When this undoes earlier acts: what `Answer.note` said then, in the order of `targets`."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the network answered for one target of an order."""

    remote_id: RemoteId
    failure: Failure | None = None
    """None: the network took it."""
    note: str | None = None
    """What is needed to undo this later or to look at it (the address of a block, of a reply)."""


class Connector(Protocol):
    """One account at one network."""

    async def open(self) -> Profile:
        """Signs in and proves that it works. Called before anything else that needs the network."""

    def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        """Yields what arrived since `cursor` (None: from now, with a little of the past), for ever.

        Ends only when there can never be more (a replay). Raises a `Failure`; the console then waits
        and calls again with the last stored cursor. Ordinary back-pressure is the console not asking
        for the next page.
        """

    def can(self, target: Target) -> Capabilities:
        """What can be done to this item, with words. Pure and quick: no network, no disk.

        Works before `open`; leaving an item up is always possible and is added by the console.
        """

    async def act(self, order: Order) -> Sequence[Answer]:
        """Sends one order and reports the network's answers, one for each target, in their order.

        A `Failure` that is raised instead counts for every target.
        """

    async def look(
        self, verb: Verb, targets: Sequence[Target], notes: Sequence[str | None]
    ) -> Sequence[Sight]:
        """Looks at items after `verb` was sent, one sight for each target, in their order.

        `notes` are the answers' notes. `Sight.done` is None where the network never tells.
        """

    async def close(self) -> None:
        """Lets go of everything. Called once, also after a failure."""


class Searcher(Protocol):
    """What a connector is besides when its manifest has `search`."""

    def search(self, words: str, cursor: str | None) -> AsyncIterator[Page]:
        """Yields what is said anywhere on the network about a topic, for ever, like `stream`.

        Arrivals are of the kind `ItemKind.FOUND` unless they are addressed to the account. The console
        ends it when the time that a person allowed is over. Money is spent through `allowance`.
        """


SignIn = Callable[[Context, Guide], Awaitable[Mapping[str, str]]]
"""The shape of a guided plugin's `sign_in` function; see `console/api/signing.py`."""

Connect = Callable[[Context], Connector]
"""The shape of a plugin's `connect` function."""
