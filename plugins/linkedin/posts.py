"""The comments below one post, fetched one by one or all at once, whichever takes fewer calls of the day.

What a newcomer would get wrong: a list of a post's comments has no replies in it. Those below one comment are
a list of their own, so only comments whose number of replies has changed are asked.
"""

from contextlib import suppress
from dataclasses import dataclass, field

import msgspec

from console.api import Gone
from console.api.entries import UnreadableError
from plugins.linkedin.mapping import Place, Told, from_comment
from plugins.linkedin.people import People
from plugins.linkedin.session import Session
from plugins.linkedin.urns import address, comments_path, parts_of
from plugins.linkedin.wire import Anything, Elements

AT_ONCE = 100
MOST_PAGES = 30
FEW = 3
"""As many comments of one post are fetched one by one; more are read from the post's list."""


@dataclass(slots=True)
class Read:
    """What was read of one post."""

    told: dict[str, Told] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    """Names of comments that were asked for and are not there."""
    complaints: list[str] = field(default_factory=list)
    is_whole: bool = False
    """Whether everything below the post was read."""
    is_gone: bool = False
    """Whether the post itself is gone."""


class Posts:
    """Reads comments for one account."""

    def __init__(self, session: Session, people: People) -> None:
        """Both are the connector's."""
        self._session, self._people = session, people
        self._replies: dict[str, int] = {}  # how many replies each comment had when they were last read

    def forget(self) -> None:
        """A stream begins anew: what was read before may never have been handed over."""
        self._replies.clear()

    async def named(self, place: Place, comments: list[str]) -> Read:
        """The comments of these names. Raises a `Failure`."""
        read = Read()
        wanted = list(dict.fromkeys(comments))
        if len(wanted) > FEW:
            await self.all_below(place, read)
            wanted = [one for one in wanted if parts_of(one)[1] not in read.told]
        if read.is_gone:
            read.missing.update(wanted)
            return read
        for one in wanted:
            complaints: list[str] = []
            told = await self.one(place, one, complaints)
            read.complaints += complaints
            if told is not None:
                read.told[told.id] = told
            elif not complaints:
                read.missing.add(one)
        return read

    async def one(self, place: Place, comment: str, complaints: list[str]) -> Told | None:
        """One comment by its name; None when it is gone or cannot be read. Raises a `Failure`."""
        try:
            raw = await self._session.ask(comments_path(place.urn, parts_of(comment)[1]), msgspec.Raw)
        except Gone:
            return None
        return await self._told(bytes(raw), place, complaints)

    async def is_there(self, post: str, comment: str) -> bool:
        """Whether a comment is at LinkedIn. Raises a `Failure`."""
        try:
            await self._session.ask(comments_path(post, parts_of(comment)[1]), Anything)
        except Gone:
            return False
        return True

    async def all_below(self, place: Place, read: Read) -> None:
        """Everything below a post: its comments, and replies where their number has changed."""
        try:
            read.is_whole = await self._list(place.urn, place, read.told, read.complaints)
        except Gone:
            read.is_gone = True
            return
        for told in list(read.told.values()):
            if not told.replies or self._replies.get(told.id) == told.replies:
                continue
            below: dict[str, Told] = {}
            try:
                await self._list(told.urn, place, below, read.complaints)
            except Gone:
                continue
            read.told |= below
            self._replies[told.id] = told.replies

    async def below(self, place: Place, comment: str) -> dict[str, Told]:
        """The replies to a comment, or the comments of the post when `comment` is empty."""
        found: dict[str, Told] = {}
        with suppress(Gone):
            await self._list(comment or place.urn, place, found, [])
        return found

    async def _list(self, urn: str, place: Place, told: dict[str, Told], complaints: list[str]) -> bool:
        """Adds what stands directly below a post or comment; says whether the end was reached.

        Raises Gone when the post or comment is.
        """
        for page in range(MOST_PAGES):
            where = address(comments_path(urn), {"start": page * AT_ONCE, "count": AT_ONCE})
            found = await self._session.ask(where, Elements)
            for raw in found.elements:
                one = await self._told(bytes(raw), place, complaints)
                if one is not None:
                    told.setdefault(one.id, one)
            if len(found.elements) < AT_ONCE and not found.has_next:
                return True
        complaints.append(f"A post has more than {MOST_PAGES * AT_ONCE} comments; the others were not read.")
        return False

    async def _told(self, raw: bytes, place: Place, complaints: list[str]) -> Told | None:
        try:
            told = from_comment(raw, place, self._session.page, self._session.names)
        except UnreadableError as problem:
            complaints.append(f"A comment was left out: {problem}")
            return None
        names = await self._people.names([told.arrival.author.id])
        return from_comment(raw, place, self._session.page, names) if names else told
