"""What arrived: which of our photos changed, and all comments of each that did.

One request in each round asks for the photos that changed, comments included. Besides, photos with comments
that we know are looked at in turn, because nothing says whether a deletion counts as a change.

What a newcomer would get wrong: times are whole seconds. A photo that changed in the very second in which it
was looked at looks unchanged afterwards, so it is looked at once more.
"""

import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from console.api import Arrival, Gone, NotAllowed, Page
from console.api.connector import Wait
from console.api.entries import UnreadableError
from console.api.rounds import Rounds
from console.api.web import DAY_MS, MINUTE_MS
from plugins.flickr.intake import Intake
from plugins.flickr.mapping import from_photo, number_in, photo_in
from plugins.flickr.session import COMMENTS, INFO, UPDATED, Session
from plugins.flickr.wire import Comments, PhotoInfo, Photos

REST_S = 60.0
INCIDENT_S = 30.0
BUSY_S = 180.0
QUIET_S = 3 * 3600.0
INCIDENT_QUIET_S = 900.0
OVERLAP_MS = 10 * MINUTE_MS
GAP_OVERLAP_MS = 60 * MINUTE_MS
FIRST_LOOK_MS = DAY_MS
SAME_SECOND_MS = 5_000
"""How near a change and a look may be, clocks of two computers included, to look once more."""
A_PAGE = 500
MOST_PAGES = 20
MOST_LOOKS = 20
"""Photos in one round: 1,260 requests an hour at rest, 2,520 in an incident, of 3,600."""
MOST_PHOTOS = 300

NOTHING_LISTED = (
    "Flickr counts {} changed photos and lists none: a right of the sign-in is missing. "
    "Sign in again and allow Cordon to read and write."
)
NO_COMMENTS_LISTED = (
    "Flickr counts {} comments below a photo of ours and lists none: a right of the sign-in is missing. "
    "Sign in again and allow Cordon to read and write."
)


class Place(msgspec.Struct, frozen=True):
    """Where a stream stands."""

    until: int
    """Every change up to then was handed over, milliseconds since 1970."""
    watched: dict[str, list[str]] = {}
    """Comments that may still change, by photo."""


@dataclass(slots=True)
class _Known:
    """What is known of a photo."""

    changed_at: int = 0
    looked_at: int = 0
    title: str = ""


@dataclass(slots=True)
class _Stream:
    """What one run of the stream remembers."""

    until: int
    since: int
    intake: Intake
    rounds: Rounds
    photos: dict[str, _Known] = field(default_factory=dict)
    waiting: dict[str, None] = field(default_factory=dict)
    """Photos that changed and were not looked at yet."""
    posted: set[str] = field(default_factory=set)
    broken: set[int] = field(default_factory=set)
    notice: str = ""

    @property
    def cursor(self) -> str:
        return msgspec.json.encode(Place(self.until, self.intake.watched)).decode()


class Reading:
    """Reads for one account."""

    def __init__(
        self, session: Session, now: Callable[[], int], wait: Wait, is_incident: Callable[[], bool]
    ) -> None:
        """`now` gives milliseconds since 1970; `wait` is the console's own pace."""
        self._session, self._now, self._wait, self._is_incident = session, now, wait, is_incident
        self.me = ""

    async def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        """Yields what arrived since `cursor`, oldest first below each photo, for ever. Raises a `Failure`."""
        place = _place(cursor)
        if cursor is not None and place is None:
            yield Page(
                complaints=("The last place in the stream cannot be read; the last day is read again.",)
            )
        stream = self._begun(place)
        for number in itertools.count():
            begun_at = self._now()
            back = GAP_OVERLAP_MS if number == 0 else OVERLAP_MS
            posts, complaints, notice = await self._changed(stream, stream.until - back)
            if posts or complaints:
                yield Page(posts, stream.cursor, complaints=complaints)
            if not notice:
                for photo in self._turn(stream):
                    page = await self._photo(stream, photo)
                    notice = page.notice or notice
                    if page.arrivals or page.sights or page.complaints:
                        yield page
                if not stream.waiting:
                    stream.until = max(stream.until, begun_at)
            yield Page(cursor=stream.cursor, notice=None if notice == stream.notice else notice)
            stream.notice = notice
            await self._wait(rest=REST_S, incident=INCIDENT_S)

    def _begun(self, place: Place | None) -> _Stream:
        until = place.until if place else self._now() - FIRST_LOOK_MS
        since = until - GAP_OVERLAP_MS
        watched = place.watched if place else {}
        rounds = Rounds(
            self._now,
            self._is_incident,
            busy_s=BUSY_S,
            quiet_s=QUIET_S,
            incident_quiet_s=INCIDENT_QUIET_S,
            most=MOST_PHOTOS,
        )
        for photo in watched:
            rounds.add(photo)
        return _Stream(until, since, Intake(self.me, since, watched), rounds)

    # --- Photos ---------------------------------------------------------------------------------

    async def _changed(self, stream: _Stream, back_to: int) -> tuple[list[Arrival], tuple[str, ...], str]:
        """Notes which photos changed; gives our new photos, complaints, and what is wrong."""
        entries, total = await self._listed(max(0, back_to) // 1000)
        posts: list[Arrival] = []
        unreadable = 0
        for raw in entries:
            try:
                photo = photo_in(raw)
            except UnreadableError:
                unreadable += hash(raw) not in stream.broken
                stream.broken.add(hash(raw))
                continue
            known = stream.photos.setdefault(photo.id, _Known())
            known.title = photo.title or known.title
            changed_at = number_in(photo.lastupdate) * 1000
            if changed_at != known.changed_at or changed_at + SAME_SECOND_MS >= known.looked_at:
                known.changed_at = changed_at
                stream.waiting.setdefault(photo.id)
            posts += self._post(stream, raw, photo.id)
        complaints = (f"{unreadable} photos left out: they cannot be read",) if unreadable else ()
        notice = NOTHING_LISTED.format(total) if total > 0 and not entries else ""
        return sorted(posts, key=lambda post: post.created_at), complaints, notice

    async def _listed(self, min_date: int) -> tuple[list[bytes], int]:
        """Every photo that changed since a time in seconds, and how many Flickr counts."""
        entries: list[bytes] = []
        for page in range(1, MOST_PAGES + 1):
            found = await self._session.ask(
                UPDATED,
                Photos,
                min_date=min_date,
                extras="last_update,date_upload,media,url_m",
                per_page=A_PAGE,
                page=page,
            )
            entries += [bytes(raw) for raw in found.photos.photo]
            if page >= number_in(found.photos.pages) or not found.photos.photo:
                return entries, number_in(found.photos.total)
        return entries, len(entries)

    def _post(self, stream: _Stream, raw: bytes, photo: str) -> Sequence[Arrival]:
        """A photo of ours that is new itself; nothing for one that is not."""
        if photo in stream.posted:
            return ()
        stream.posted.add(photo)
        try:
            arrival = from_photo(raw, self.me)
        except UnreadableError:
            return ()  # its time is missing; its comments are read all the same
        return (arrival,) if arrival.created_at >= stream.since else ()

    def _turn(self, stream: _Stream) -> list[str]:
        """The photos to look at in this round: those that changed last, and then those whose turn it is."""
        latest = sorted(stream.waiting, key=lambda photo: -stream.photos[photo].changed_at)
        changed = latest[:MOST_LOOKS]
        others = [one for one in stream.rounds.due(MOST_LOOKS) if one not in stream.waiting]
        return [*changed, *others[: MOST_LOOKS - len(changed)]]

    # --- Comments -------------------------------------------------------------------------------

    async def _photo(self, stream: _Stream, photo: str) -> Page:
        """All comments of one photo. One that is refused or gone does not stop the others."""
        known = stream.photos.setdefault(photo, _Known())
        looked_at = self._now()
        try:
            entries = await self._comments(photo)
            counted = 0 if entries or not stream.intake.count(photo) else await self._counted(photo)
        except Gone:
            self._done_with(stream, photo)
            return Page((), stream.cursor, stream.intake.drop(photo))
        except NotAllowed as refusal:
            self._done_with(stream, photo)
            return Page((), stream.cursor, complaints=(f"A photo's comments: {refusal.words}",))
        if counted:
            return Page((), stream.cursor, notice=NO_COMMENTS_LISTED.format(counted))
        harvest = stream.intake.take(photo, known.title, entries)
        stream.waiting.pop(photo, None)
        known.looked_at = looked_at
        if stream.intake.count(photo):
            stream.rounds.add(photo)
            stream.rounds.looked(photo, found_new=bool(harvest.arrivals))
        else:
            stream.rounds.drop(photo)
        return Page(harvest.arrivals, stream.cursor, harvest.sights, tuple(harvest.complaints))

    async def _comments(self, photo: str) -> list[bytes]:
        found = await self._session.ask(COMMENTS, Comments, photo_id=photo)
        return [bytes(raw) for raw in found.comments.comment]

    async def _counted(self, photo: str) -> int:
        """How many comments Flickr counts below a photo that suddenly lists none."""
        found = await self._session.ask(INFO, PhotoInfo, photo_id=photo)
        return max(0, number_in(found.photo.comments.content))

    @staticmethod
    def _done_with(stream: _Stream, photo: str) -> None:
        stream.waiting.pop(photo, None)
        stream.rounds.drop(photo)


def _place(cursor: str | None) -> Place | None:
    try:
        return msgspec.json.decode(cursor or "", type=Place)
    except msgspec.DecodeError:
        return None
