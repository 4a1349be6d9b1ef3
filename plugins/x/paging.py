"""What lists gave, made into pages of items, oldest first and each once.

What a newcomer would get wrong: the place of a list moves with each page, so it has to be right after every
single one; a stop between two pages must lose nothing. When a list broke off before its end its items are
handed over all the same (they are paid for), and its place stays where it was.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from console.api import Arrival, Page
from console.api.entries import UnreadableError
from plugins.x.mapping import Us, arrival_of, message_of, read_post
from plugins.x.people import People
from plugins.x.polling import Found
from plugins.x.recheck import Recheck
from plugins.x.session import Session
from plugins.x.threads import Threads
from plugins.x.wire import Media, Post, number

CHUNK = 200
MOST_REMEMBERED = 100_000


class Place(msgspec.Struct):
    """Where a stream stands: up to which id each list was handed over."""

    mentions: int
    own: int
    messages: int
    threads: dict[str, int] = {}


@dataclass(slots=True)
class Run:
    """What one run of the stream remembers; nothing of it needs to outlive the run."""

    place: Place
    seen: dict[str, None] = field(default_factory=dict)
    """Versions of posts, and private messages, that were handed over."""
    broken: set[int] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    """What X itself left out of its lists, so that each is complained of once."""
    resting: dict[str, int] = field(default_factory=dict)
    """Lists of lesser weight whose ceiling was reached, and until when."""
    messages_at: int = 0
    notice: str = ""
    """What was last said to be wrong."""

    @property
    def cursor(self) -> str:
        """The place as it is stored."""
        return msgspec.json.encode(self.place).decode()

    def mark(self, ids: Iterable[str]) -> None:
        """Remembers these as handed over; when nothing can fail any more before they are."""
        self.seen.update(dict.fromkeys(ids))
        while len(self.seen) > MOST_REMEMBERED:
            del self.seen[next(iter(self.seen))]


class Pages:
    """Makes pages for one account."""

    def __init__(self, session: Session, people: People, threads: Threads, recheck: Recheck) -> None:
        """All are the connector's."""
        self._session, self._people = session, people
        self._threads, self._recheck = threads, recheck

    async def of(
        self,
        run: Run,
        found: Found,
        *,
        moves: Literal["mentions", "messages", ""] = "",
        is_private: bool = False,
    ) -> AsyncIterator[Page]:
        """What a list gave; `moves` names the place that goes on with it. Raises a `Failure`."""
        found.complaints = [words for words in found.complaints if words not in run.told]
        run.told.update(found.complaints)
        fresh = await self._fresh(run, found, is_private=is_private)
        complaints = tuple(found.complaints)
        for start in range(0, len(fresh), CHUNK):
            part = fresh[start : start + CHUNK]
            for version, arrival in part:
                if not is_private:
                    self._recheck.add(arrival.remote_id, version)
            run.mark(version for version, _ in part)
            if moves and found.failure is None:
                newest = number(part[-1][0])
                setattr(run.place, moves, max(getattr(run.place, moves), newest))
            yield Page([arrival for _, arrival in part], run.cursor, complaints=complaints)
            complaints = ()
        if complaints:
            yield Page((), run.cursor, complaints=complaints)

    async def _fresh(self, run: Run, found: Found, *, is_private: bool) -> list[tuple[str, Arrival]]:
        """The items that were not handed over yet, by the id of their version, oldest first."""
        raws = [raw for raw in found.raws if version_of(raw) not in run.seen]
        if not is_private:
            await self._threads.resolve(post for raw in raws if (post := post_in(raw)) is not None)
        us = self._us
        fresh: dict[str, Arrival] = {}
        for raw in sorted(raws, key=lambda one: number(version_of(one))):
            try:
                arrival = self._arrival(raw, us, found.media, is_private=is_private)
            except UnreadableError as problem:
                if hash(raw) not in run.broken:
                    run.broken.add(hash(raw))
                    found.complaints.append(f"1 left out: {problem}")
                continue
            if arrival is not None:
                fresh[version_of(raw)] = arrival
        return list(fresh.items())

    def _arrival(self, raw: bytes, us: Us, media: Mapping[str, Media], *, is_private: bool) -> Arrival | None:
        if is_private:
            return message_of(raw, us, self._people.known, media)
        return arrival_of(raw, us, self._people.known, media)

    @property
    def _us(self) -> Us:
        """Whose account it is, with what is known by now."""
        me = self._session.me
        return Us(me.id, me.username, self._threads.own, self._threads.roots)


def place_in(cursor: str | None) -> Place | None:
    """The place that was stored; None for a text that is none."""
    try:
        return msgspec.json.decode(cursor or "", type=Place)
    except msgspec.DecodeError:
        return None


def post_in(raw: bytes) -> Post | None:
    """A post; None where it cannot be read."""
    try:
        return read_post(raw)
    except UnreadableError:
        return None


def version_of(raw: bytes) -> str:
    """The id of the very version of a post, or of a message; empty where it cannot be read."""
    post = post_in(raw)
    return post.id if post is not None else ""
