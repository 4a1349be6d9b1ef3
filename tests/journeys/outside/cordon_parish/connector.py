"""One account at the parish board: signing in, reading, acting, looking again.

The board keeps one list of changes, numbered from 1: something was pinned, reworded, hidden or taken down.
What a newcomer would get wrong: the place to go on from is the number that the board names for the whole
answer, and never the number of an item, since one that cannot be read must not hold up the others.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TypeVar

import msgspec

from console.api import (
    Answer,
    Arrival,
    Author,
    Capabilities,
    Context,
    Failure,
    Gone,
    Guide,
    ItemKind,
    ItemState,
    NotAllowed,
    Order,
    Page,
    Profile,
    RemoteId,
    Sight,
    SignInAgain,
    Target,
    Verb,
)
from console.api.entries import Complaints, UnreadableError, decoded, own_text
from console.api.orders import capabilities_of, one_by_one
from console.api.web import Reply, Web, milliseconds, safe_address, words_of

T = TypeVar("T")

HOME = "https://board.parish.example"
CEILING = "requests a minute"
NO_RIGHT = "The board shows this account nothing: its right to read was taken away. Ask the parish clerk."


# --- What the board answers; whatever may be missing has a default --------------------------------


class Kept(msgspec.Struct):
    """What lies sealed."""

    token: str = ""


class Me(msgspec.Struct):
    """Who we are."""

    id: str
    name: str
    may_read: bool = True


class Person(msgspec.Struct):
    """Who pinned a note."""

    id: str
    name: str = ""


class Note(msgspec.Struct):
    """One note, as its newest change left it."""

    id: str
    number: int
    author: Person = msgspec.field(default_factory=lambda: Person(""))
    text: str = ""
    pinned_at: str = ""
    hidden: bool = False
    removed: bool = False
    below: str | None = None


class Changes(msgspec.Struct):
    """One page of the list of changes."""

    changes: list[msgspec.Raw]
    upto: int


class Done(msgspec.Struct):
    """What a change is answered with: the note that was changed or made."""

    id: str


# --- The connector --------------------------------------------------------------------------------


class Parish:
    """The connector of one account. Its methods are those of `console.api.Connector`."""

    def __init__(self, context: Context) -> None:
        """`context` is everything that the console hands in; nothing is sent yet."""
        self._context = context
        self._web: Web | None = None
        self._broken = Complaints()
        self._token = ""
        self._me = ""

    async def open(self) -> Profile:
        """Proves that the sign-in works, and says what is missing though it does."""
        self._token = own_text(await self._context.secret.read(), Kept).token
        if not self._token:
            raise SignInAgain("There is no sign-in for this account.")
        self._web = _web(self._context)
        me = await self._ask("me", Me)
        self._me = me.id
        return Profile(me.id, handle=me.id, name=me.name, notices=() if me.may_read else (NO_RIGHT,))

    async def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        """Yields what has changed since `cursor`, for ever."""
        upto = int(cursor) if cursor and cursor.isascii() and cursor.isdecimal() else 0
        known: dict[str, Note] = {}
        while True:
            await self._context.allowance.take(CEILING)
            found = await self._ask(f"changes?after={upto}", Changes)
            is_behind = found.upto > upto
            upto = found.upto
            yield self._page(found, known)
            if not is_behind:
                await self._context.wait(rest=10, incident=2)

    def _page(self, found: Changes, known: dict[str, Note]) -> Page:
        """One page for the console; `known` has the newest change of each note that was yielded."""
        arrivals: list[Arrival] = []
        sights: list[Sight] = []
        for raw in found.changes:
            try:
                note = decoded(raw, Note)
            except UnreadableError as problem:
                self._broken.add(raw, problem)
                continue
            earlier = known.get(note.id)
            if earlier is not None and earlier.number >= note.number:
                continue
            known[note.id] = note
            sights.append(Sight(RemoteId(note.id), _state_of(note)))  # hidden by somebody else, perhaps
            if not note.removed and (earlier is None or earlier.text != note.text):
                arrivals.append(self._arrival(note, bytes(raw).decode()))
        return Page(arrivals, cursor=str(found.upto), sights=sights, complaints=self._broken.take())

    def _arrival(self, note: Note, raw: str) -> Arrival:
        return Arrival(
            remote_id=RemoteId(note.id),
            kind=ItemKind.REPLY if note.below else ItemKind.COMMENT,
            author=Author(note.author.id, note.author.id, note.author.name),
            text=note.text,
            created_at=milliseconds(note.pinned_at) or self._context.now(),
            parent=RemoteId(note.below) if note.below else None,
            state=_state_of(note),
            is_ours=note.author.id == self._me,
            raw=raw,
        )

    def can(self, target: Target) -> Capabilities:
        """What can be done to this item, with words: no network, no disk."""
        return capabilities_of(self._context.manifest, lambda verb: _reason_against(verb, target))

    async def act(self, order: Order) -> Sequence[Answer]:
        """Sends one order, a request for each target, and reports the board's answers."""
        return await one_by_one(order, lambda target: self._send(order, target))

    async def _send(self, order: Order, target: Target) -> str | None:
        """Does the verb to one target; gives what is needed to find it again. Raises a `Failure`."""
        if reason := _reason_against(order.verb, target):
            raise NotAllowed(reason)
        if order.verb is not Verb.REPLY:
            await self._tell(f"notes/{target.remote_id}/{order.verb}")
            return None
        if not (order.text or "").strip():
            raise NotAllowed("A reply needs words.")
        return (await self._tell(f"notes/{target.remote_id}/answers", {"text": order.text})).id

    async def look(
        self, verb: Verb, targets: Sequence[Target], notes: Sequence[str | None]
    ) -> Sequence[Sight]:
        """Looks at each item, or at our own answer; asks the board and believes nothing else."""
        return [await self._sight(verb, *pair) for pair in zip(targets, notes, strict=True)]

    async def _sight(self, verb: Verb, target: Target, note: str | None) -> Sight:
        is_reply = verb is Verb.REPLY
        if is_reply and note is None:
            return Sight(target.remote_id, target.state, done=None)  # a person decides
        try:
            found = await self._ask(f"notes/{note if is_reply else target.remote_id}", Note)
        except Gone:
            state = target.state if is_reply else ItemState.GONE
            return Sight(target.remote_id, state, done=False if is_reply else None)
        if is_reply:
            return Sight(target.remote_id, target.state, done=True)
        return Sight(target.remote_id, _state_of(found), done=found.hidden is (verb is Verb.HIDE))

    async def close(self) -> None:
        """Lets go of everything; the HTTP client is the console's."""

    async def _ask(self, path: str, kind: type[T]) -> T:
        return (await self._reply("GET", path)).read(kind)

    async def _tell(self, path: str, body: object = None) -> Done:
        return (await self._reply("POST", path, body=body or {}, does_write=True)).read(Done)

    async def _reply(self, method: str, path: str, *, body: object = None, does_write: bool = False) -> Reply:
        if self._web is None:
            raise SignInAgain("This account is not signed in.")
        headers = {"authorization": f"Bearer {self._token}"}
        reply = await self._web.reply(method, path, body=body, headers=headers, does_write=does_write)
        left, seconds = (reply.headers.get(name, "") for name in ("x-left", "x-seconds"))
        if left.isdecimal() and seconds.isdecimal():  # the board's own count stands above ours
            until = self._context.now() + 1000 * int(seconds)
            self._context.allowance.learn(CEILING, left=int(left), until=until)
        return reply


def connect(context: Context) -> Parish:
    """Makes the connector of one account."""
    return Parish(context)


async def sign_in(context: Context, guide: Guide) -> Mapping[str, str]:
    """Walks a person through: a page of the board shows a code, and the code becomes a token."""
    if own_text(await context.secret.read(), Kept).token:
        return {}
    web = _web(context)
    await guide.visit(f"{web.base}/connect", "Sign in at the board as the force, and copy the code.")
    code = await guide.paste("Paste the code that the board shows")
    kept = await web.tell("POST", "tokens", Kept, body={"code": code.strip()})
    await context.secret.write(msgspec.json.encode(kept).decode())
    return {}


# --- Small parts ----------------------------------------------------------------------------------


def _state_of(note: Note) -> ItemState:
    if note.removed:
        return ItemState.GONE
    return ItemState.HIDDEN if note.hidden else ItemState.VISIBLE


def _reason_against(verb: Verb, target: Target) -> str:
    """Why a verb cannot be done to this item; empty when it can."""
    if target.state in {ItemState.GONE, ItemState.DELETED}:
        return "It is no longer on the board."
    if verb is not Verb.REPLY and target.is_ours:
        return "Our own note: change it at the board itself."
    return ""


def _judge(reply: Reply) -> Failure | None:
    """What an answer means in the board's own words; it says no under status 200 too."""
    said = reply.data()
    error = said.get("error") if isinstance(said, dict) else None
    # A bad status with its plain meaning is told apart by `Web`.
    return NotAllowed(f"The board says: {words_of(error)}") if error and reply.is_success else None


def _web(context: Context) -> Web:
    base = safe_address(context.settings.get("address", ""), HOME)
    return Web(context.http, context.now, network="The parish board", base=base, judge=_judge)
