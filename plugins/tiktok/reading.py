"""What arrived: the counts of all videos every minute, then the comments of those that moved.

One request lists twenty videos with the number of their comments. A video whose number moved is looked at
next; the others come up in turn, the quiet ones seldom, because a comment that was hidden elsewhere, or that
came as another went, moves no number.

What a newcomer would get wrong: an answer without videos or without comments is not peace. Where it cannot
be right, the token's permissions are asked for, and what is missing stands in the account's health.
"""

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import msgspec

from console.api import Arrival, Context, Gone, ItemState, NotAllowed, Page, RemoteId, Sight
from console.api.entries import Complaints
from console.api.rounds import Rounds
from console.api.web import DAY_MS, MINUTE_MS
from plugins.tiktok.comments import Comments, moved_to
from plugins.tiktok.session import Session, missing_rights
from plugins.tiktok.videos import NEVER, Listing, Mark, Watched, list_videos

REST_S = 60.0
INCIDENT_S = 15.0
BUSY_S = 60.0
QUIET_S = 1800.0
FIRST_LOOK_MS = DAY_MS
"""How far back an account is read that was never read before."""
DOUBT_MS = 10 * MINUTE_MS
"""How long an answer about permissions holds."""
ROUNDS_BETWEEN_FULL_LISTS = 15
MOST_LIST_PAGES = 10
MOST_VIDEOS = 200
AT_ONCE = 6
"""Videos that are looked at in one round."""
CHUNK = 200


class Where(msgspec.Struct, frozen=True):
    """Where a stream stands: since when it reads, and how far it has read each video."""

    since: int
    videos: dict[str, Mark] = {}


@dataclass(slots=True)
class _Stream:
    """What one run of the stream remembers."""

    since: int
    marks: dict[str, Mark]
    rounds: Rounds
    videos: dict[str, Watched] = field(default_factory=dict)
    complaints: Complaints = field(default_factory=Complaints)
    missing: set[str] = field(default_factory=set)
    """Videos that the last full list did not have."""
    notices: dict[str, str] = field(default_factory=dict)
    """What is wrong, by the video that shows it; by nothing, where it concerns them all."""
    doubted_at: int = 0
    doubt: str = ""

    @property
    def cursor(self) -> str:
        return msgspec.json.encode(Where(self.since, self.marks)).decode()

    @property
    def notice(self) -> str:
        """All that is wrong, each thing once; empty when all is well."""
        return " ".join(dict.fromkeys(self.notices.values()))


class Reading:
    """Reads for one account."""

    def __init__(self, session: Session, comments: Comments, context: Context) -> None:
        """All are the connector's."""
        self._session, self._comments, self._context = session, comments, context

    async def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        """Yields what arrived since `cursor`, for ever. Raises a `Failure`."""
        now = self._context.now
        place = _place(cursor)
        rounds = Rounds(now, self._context.is_incident, busy_s=BUSY_S, quiet_s=QUIET_S, most=MOST_VIDEOS)
        where = place or Where(now() - FIRST_LOOK_MS)
        stream = _Stream(where.since, dict(where.videos), rounds)
        if cursor is not None and place is None:
            yield Page(
                complaints=("The last place in the stream cannot be read; the last day is read again.",)
            )
        for number in itertools.count():
            yield await self._listed(stream, is_full=number % ROUNDS_BETWEEN_FULL_LISTS == 0)
            for one in rounds.due(AT_ONCE):
                for page in await self._looked(stream, stream.videos[one]):
                    yield page
            await self._context.wait(rest=REST_S, incident=INCIDENT_S)

    # --- Videos ---------------------------------------------------------------------------------

    async def _listed(self, stream: _Stream, *, is_full: bool) -> Page:
        """One look at the list of our own videos."""
        pages = MOST_LIST_PAGES if is_full else 1
        listing = await list_videos(self._session, self._context.handle, pages)
        stream.notices.pop("", None)
        if not listing.videos and not listing.complaints:
            await self._doubt(stream, "", _no_videos(stream))
        arrivals = self._take_up(stream, listing)
        sights = _vanished(stream, listing) if is_full and listing.is_all and listing.videos else []
        _trim(stream)
        return Page(
            arrivals,
            stream.cursor,
            sights,
            stream.complaints.unsaid(listing.complaints),
            notice=stream.notice,
        )

    def _take_up(self, stream: _Stream, listing: Listing) -> list[Arrival]:
        """Notes the counts; gives the videos that are new, oldest first."""
        arrivals: list[Arrival] = []
        for video in listing.videos:
            identity = video.place.id
            if identity not in stream.marks:
                stream.marks[identity] = Mark(NEVER, stream.since)
                if video.arrival.created_at >= stream.since:
                    arrivals.append(video.arrival)
            watched = stream.videos.get(identity)
            if watched is None:
                watched = stream.videos[identity] = Watched(
                    video.place, stream.marks[identity], video.comments
                )
            watched.place, watched.count = video.place, video.comments
            stream.rounds.add(identity)
            if watched.has_moved or watched.is_behind:
                stream.rounds.soon(identity)
        return sorted(arrivals, key=lambda arrival: arrival.created_at)

    # --- Comments -------------------------------------------------------------------------------

    async def _looked(self, stream: _Stream, video: Watched) -> list[Page]:
        """One look at the comments of a video. A refusal concerns this video, and not the others."""
        identity = video.place.id
        try:
            look = await self._comments.look(video, self._context.now())
        except Gone:
            # The list of videos tells when it is gone for good; until then it keeps its mark.
            stream.rounds.looked(identity, found_new=False)
            return [Page((), stream.cursor, notice=stream.notice)]
        except NotAllowed as refusal:
            stream.rounds.looked(identity, found_new=False)
            await self._doubt(stream, identity, refusal.words)
            return [Page((), stream.cursor, notice=stream.notice)]
        pages: list[Page] = []
        for start in range(0, len(look.arrivals), CHUNK):
            part = look.arrivals[start : start + CHUNK]
            video.mark = stream.marks[identity] = moved_to(video.mark, part, self._context.now())
            pages.append(Page(part, stream.cursor))
        video.mark = stream.marks[identity] = Mark(video.count, video.mark.until)
        stream.rounds.looked(identity, found_new=bool(look.arrivals))
        stream.notices.pop(identity, None)
        if look.is_suspicious:
            await self._doubt(stream, identity, _no_comments(video))
        complaints = stream.complaints.unsaid(look.complaints)
        pages.append(Page((), stream.cursor, look.sights, complaints, notice=stream.notice))
        return pages

    async def _doubt(self, stream: _Stream, about: str, words: str) -> None:
        """Notes why a list may be empty: the permissions that are missing, else `words`."""
        now = self._context.now()
        if now - stream.doubted_at >= DOUBT_MS:
            stream.doubted_at = now
            stream.doubt = " ".join(missing_rights(await self._session.rights()))
        found = stream.doubt or words
        if found:
            stream.notices[about] = found


def _place(cursor: str | None) -> Where | None:
    try:
        return msgspec.json.decode(cursor or "", type=Where)
    except msgspec.DecodeError:
        return None


def _no_videos(stream: _Stream) -> str:
    """What an empty list of videos means; nothing for an account that never had any."""
    if not stream.marks:
        return ""
    return (
        f"TikTok lists none of the {len(stream.marks)} videos that this account had. Nothing can be "
        "read until it does: look at the account in TikTok, and authorise it again if the videos are there."
    )


def _no_comments(video: Watched) -> str:
    return (
        f"TikTok counts {video.count} comments below a video and lists none of them. The permission "
        "comment.list may be missing, or all of them are withheld: look at the video in TikTok."
    )


def _vanished(stream: _Stream, listing: Listing) -> list[Sight]:
    """Sights of videos that two full lists no longer had; their comments went with them."""
    there = {video.place.id for video in listing.videos}
    missing = {identity for identity in stream.marks if identity not in there}
    gone = sorted(missing & stream.missing)
    stream.missing = missing - set(gone)
    sights: list[Sight] = []
    for identity in gone:
        del stream.marks[identity]
        video = stream.videos.pop(identity, None)
        stream.rounds.drop(identity)
        stream.notices.pop(identity, None)
        sights += [
            Sight(RemoteId(one), ItemState.GONE) for one in [identity, *(video.known if video else ())]
        ]
    return sights


def _trim(stream: _Stream) -> None:
    """Lets the oldest videos go; ids grow with time."""
    for identity in sorted(stream.marks, key=lambda one: (len(one), one))[:-MOST_VIDEOS]:
        del stream.marks[identity]
        stream.videos.pop(identity, None)
        stream.rounds.drop(identity)
