"""Live chats: each is held open while it lasts, and polled where holding it open does not work.

What a newcomer would get wrong: a chat is no part of the comments. It has its own list of messages, its own
bans and its own end; what was said in it is not under the video afterwards.
Sources: https://developers.google.com/youtube/v3/live/docs/liveChatMessages/streamList,
https://developers.google.com/youtube/v3/live/docs/liveChatMessages/list
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import msgspec

from console.api import (
    Arrival,
    Failure,
    Gone,
    ItemState,
    Misunderstood,
    NotAllowed,
    RemoteId,
    Sight,
    SignInAgain,
    SlowDown,
    TryLater,
)
from console.api.connector import Wait
from console.api.entries import UnreadableError, decoded
from plugins.youtube.growing import Growing, TooLongError
from plugins.youtube.mapping import from_chat, milliseconds
from plugins.youtube.memory import Own
from plugins.youtube.refusals import CHAT_OVER, NOT_LIVE, PlaceLost, Refused, TokenEnded, meaning
from plugins.youtube.session import Session
from plugins.youtube.wire import Broadcast, ChatListing, ChatMessage

SILENCE_S = 120.0
"""A chat in which nobody speaks for so long is opened anew, from where it was."""
SHORT_MS = 10_000
TRIES = 3
"""So many openings that did not last, one after the other, and the chat is polled instead."""
UNITS = 5
"""What one listing of a chat costs. It is in no table of Google's; this was measured."""
POLL_S = 10.0
POLL_INCIDENT_S = 5.0
AGAIN_S = 5.0
AGAIN_INCIDENT_S = 2.0
_LIVE = frozenset({"live", "liveStarting", "testing", "testStarting"})
_SOON_MS = 3_600_000
"""A chat is open before the broadcast begins; from so long before it is heard."""
_WAITING = 50


@dataclass(frozen=True, slots=True)
class Part:
    """What one chat has said, and from where it goes on."""

    chat: str
    token: str
    """The next page; empty when the chat is over."""
    arrivals: Sequence[Arrival] = ()
    sights: Sequence[Sight] = ()
    complaints: Sequence[str] = ()

    def places(self, before: Mapping[str, str]) -> dict[str, str]:
        """The places of all chats once this part was handed over."""
        rest = {chat: token for chat, token in before.items() if chat != self.chat}
        return {**rest, self.chat: self.token} if self.token else rest


@dataclass(slots=True)
class _Chat:
    """One chat that is being heard."""

    broadcast: Broadcast
    token: str
    short: int = 0
    seen: set[str] = field(default_factory=set)

    @property
    def id(self) -> str:
        return self.broadcast.snippet.live_chat_id


class Chats:
    """Hears all live chats of one channel. A context manager: it hears inside the block."""

    def __init__(self, session: Session, own: Own, now: Callable[[], int], wait: Wait) -> None:
        """`own` remembers what was heard, for whoever looks; `wait` is the console's pace."""
        self._session = session
        self._own = own
        self._now = now
        self._wait = wait
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._parts: asyncio.Queue[Part | Failure] = asyncio.Queue(_WAITING)
        self._places: dict[str, str] = {}
        self._over: set[str] = set()
        self._notice: str | None = None
        self._is_troubled = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        self._own.listening.clear()

    def go_on_from(self, places: Mapping[str, str]) -> None:
        """Where chats were left by a stream before."""
        self._places = dict(places)

    async def refresh(self) -> None:
        """Finds the broadcasts that have a chat now, and hears them. Raises a `Failure`."""
        for chat, task in list(self._tasks.items()):
            if task.done():
                del self._tasks[chat]
                task.result()  # a fault in hearing must not be swallowed
        try:
            listing = await self._session.listing(
                "liveBroadcasts", part="snippet,status", mine=True, broadcastType="all", maxResults=50
            )
        except NotAllowed as refusal:
            is_plain = isinstance(refusal, Refused) and refusal.reason == NOT_LIVE
            self._say("" if is_plain else f"Live broadcasts cannot be found: {refusal.words}")
            return
        self._say("")
        for raw in listing.items or ():
            try:
                broadcast = decoded(raw, Broadcast)
            except UnreadableError:
                continue  # without a chat's id there is nothing to hear
            chat = broadcast.snippet.live_chat_id
            if chat and chat not in self._tasks and chat not in self._over and self._is_open(broadcast):
                one = _Chat(broadcast, self._places.get(chat, ""))
                self._tasks[chat] = asyncio.create_task(self._hear(one), name=f"live chat {broadcast.id}")

    def take_notice(self) -> str | None:
        """What is wrong with finding broadcasts, when that has changed."""
        notice, self._notice = self._notice, None
        return notice

    async def next_part(self, until: "asyncio.Future[None]", *, seconds: float | None = None) -> Part | None:
        """The next part of any chat; None when `until` is done or the time is over first.

        Raises a `Failure`.
        """
        if until.done():
            return None
        getting = asyncio.ensure_future(self._parts.get())
        either: set[asyncio.Future[Any]] = {getting, until}
        try:
            await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not getting.done():
                getting.cancel()
        if not getting.done() or getting.cancelled():
            return None
        part = getting.result()
        if isinstance(part, Failure):
            raise part
        return part

    # --- one chat -----------------------------------------------------------------------------------

    def _is_open(self, broadcast: Broadcast) -> bool:
        if broadcast.status.life_cycle_status in _LIVE:
            return True
        starts_at = milliseconds(broadcast.snippet.scheduled_start_time)
        is_ready = broadcast.status.life_cycle_status == "ready" and starts_at is not None
        return is_ready and abs((starts_at or 0) - self._now()) < _SOON_MS

    async def _hear(self, chat: _Chat) -> None:
        """Hears one chat until it is over."""
        self._own.listening.add(chat.id)
        try:
            while not await self._heard_out(chat):
                await self._wait(rest=AGAIN_S, incident=AGAIN_INCIDENT_S)
        except Failure as failure:
            await self._parts.put(failure)
        finally:
            self._own.listening.discard(chat.id)

    async def _heard_out(self, chat: _Chat) -> bool:
        """Holds a chat open once, or polls it; gives whether it is over. Raises what stops the account."""
        begun = self._now()
        try:
            if chat.short < TRIES:
                is_over = await self._held_open(chat)
            else:
                is_over = await self._polled(chat)
        except TokenEnded:
            return False  # renewed by now
        except (SlowDown, SignInAgain):
            raise
        except PlaceLost:
            chat.token = ""
            is_over = False
        except (NotAllowed, Gone) as refusal:
            is_over = True
            is_plain = isinstance(refusal, Gone) or (
                isinstance(refusal, Refused) and refusal.reason in CHAT_OVER
            )
            complaints = () if is_plain else (f"A live chat cannot be heard: {refusal.words}",)
            await self._parts.put(Part(chat.id, "", complaints=complaints))
        except (TryLater, Misunderstood):
            is_over = False
        chat.short = chat.short + 1 if self._now() - begun < SHORT_MS else 0
        if is_over:
            self._over.add(chat.id)
        return is_over

    async def _held_open(self, chat: _Chat) -> bool:
        """The form that tells at once. It ends with the chat, or whenever YouTube likes."""
        await self._session.pay(UNITS)
        growing = Growing()
        async with self._session.held_open(
            "liveChat/messages/stream", self._query(chat), SILENCE_S
        ) as pieces:
            async for piece in pieces:
                try:
                    grown = growing.feed(piece)
                except TooLongError:
                    raise Misunderstood("YouTube's live chat sends something far too long.") from None
                for text in grown:
                    if await self._taken(chat, _listing(text, self._now())):
                        return True
        return False

    async def _polled(self, chat: _Chat) -> bool:
        """The form that is asked again and again."""
        listing = await self._session.ask("liveChat/messages", ChatListing, units=UNITS, **self._query(chat))
        if await self._taken(chat, listing):
            return True
        least = listing.polling_interval_millis / 1000
        await self._wait(rest=max(least, POLL_S), incident=max(least, POLL_INCIDENT_S))
        return False

    def _query(self, chat: _Chat) -> dict[str, str | int | bool | None]:
        return {
            "liveChatId": chat.id,
            "part": "id,snippet,authorDetails",
            "maxResults": 2000,
            "pageToken": chat.token or None,
        }

    async def _taken(self, chat: _Chat, listing: ChatListing) -> bool:
        """Hands over one part of a chat; gives whether the chat is over."""
        arrivals: list[Arrival] = []
        sights: list[Sight] = []
        complaints: list[str] = []
        is_over = False
        for raw in listing.items or ():
            try:
                message = decoded(raw, ChatMessage)
                arrival = from_chat(raw, chat.broadcast, self._session.channel)
            except UnreadableError as problem:
                complaints.append(f"Left out of a live chat: {problem}")
                continue
            is_over = is_over or message.snippet.type == "chatEndedEvent"
            gone = _gone_with(message)
            if gone is not None:
                self._own.hear(gone.remote_id, is_gone=True)
                sights.append(gone)
            if arrival is not None and arrival.remote_id not in chat.seen:
                chat.seen.add(arrival.remote_id)
                self._own.hear(arrival.remote_id)
                arrivals.append(arrival)
        chat.token = listing.next_page_token or chat.token
        await self._parts.put(Part(chat.id, "" if is_over else chat.token, arrivals, sights, complaints))
        return is_over

    def _say(self, notice: str) -> None:
        if bool(notice) is not self._is_troubled or notice:
            self._notice = notice
        self._is_troubled = bool(notice)


def _gone_with(message: ChatMessage) -> Sight | None:
    """The message that this event takes away, if it takes one away."""
    snippet = message.snippet
    if snippet.message_deleted_details and snippet.message_deleted_details.deleted_message_id:
        return Sight(RemoteId(snippet.message_deleted_details.deleted_message_id), ItemState.DELETED)
    if snippet.message_retracted_details and snippet.message_retracted_details.retracted_message_id:
        return Sight(RemoteId(snippet.message_retracted_details.retracted_message_id), ItemState.GONE)
    if snippet.type == "tombstone":
        return Sight(RemoteId(message.id), ItemState.DELETED)
    return None


def _listing(text: str, now: int) -> ChatListing:
    """One object of the stream. Raises a `Failure`."""
    listing: ChatListing | None = None
    with suppress(msgspec.DecodeError, UnicodeEncodeError):
        listing = msgspec.json.decode(text, type=ChatListing)
    if listing is None or not (listing.kind or listing.items is not None or listing.error):
        raise Misunderstood("YouTube's live chat sends something that cannot be read.")
    if listing.error is not None:
        raise meaning(listing.error, now) or TryLater("YouTube has a fault of its own.")
    return listing
