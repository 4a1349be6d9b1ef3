"""The comments of one video: read as far back as needed, compared with what is known, said what changed.

A look reads the newest comments down to those that are known. Where the video's count has moved by another
number than what that found, something happened further down (a reply to an old comment, a deletion), and
the look goes on through all of them.

What a newcomer would get wrong: without `sort_field` the order is random; and beyond 500 comments the rest
come by likes and may repeat, so the end is where `has_more` says so and not where a page is short.
"""

from dataclasses import dataclass, field

from console.api import Arrival, Gone, ItemState, RemoteId, Sight
from console.api.entries import UnreadableError
from console.api.web import MINUTE_MS
from plugins.tiktok.mapping import Place, Told, from_comment
from plugins.tiktok.session import Session, json_text
from plugins.tiktok.videos import Known, Mark, Watched
from plugins.tiktok.wire import CommentsAnswer

COMMENTS_CEILING = "lists of comments a minute"
REPLIES_CEILING = "lists of replies a minute"
AT_ONCE = 30  # the most that `max_count` takes, and the most ids in `comment_ids`
MOST_PAGES = 120
FULL_PAGES = 25
LOOKS_BETWEEN_HUGE_ONES = 10
"""A video with more comments than a full reading takes is read in full less often, or it starves the rest."""
MOST_REPLY_PAGES = 20
MOST_REPLY_LISTS = 15
LOOKS_BETWEEN_FULL_ONES = 20
OVERLAP_MS = 10 * MINUTE_MS
GAP_OVERLAP_MS = 60 * MINUTE_MS


@dataclass(slots=True)
class Look:
    """What one look at a video showed."""

    arrivals: list[Arrival] = field(default_factory=list)
    """Oldest first."""
    sights: list[Sight] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    is_suspicious: bool = False
    """Whether comments are counted and none are listed."""


@dataclass(slots=True)
class _Pages:
    """The comments read so far in one look."""

    told: dict[str, Told] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)
    cursor: int = 0
    passed: set[int] = field(default_factory=set)
    is_end: bool = False


class Comments:
    """Reads comments for one account."""

    def __init__(self, session: Session) -> None:
        """`session` is the connector's."""
        self._session = session

    async def look(self, video: Watched, now: int) -> Look:
        """Reads what is new of one video and remembers it there. Raises a `Failure`.

        The video's mark is left as it is: whoever yields the arrivals moves it.
        """
        is_first, moved = video.looks == 0, video.count - video.mark.count
        back = GAP_OVERLAP_MS if is_first else OVERLAP_MS
        pages, look = _Pages(), Look()
        await self._read(video.place, pages, video.mark.until - back, MOST_PAGES)
        fresh = self._fresh(video, pages)
        is_wanted = video.is_behind or moved != (0 if is_first else fresh)
        between = LOOKS_BETWEEN_HUGE_ONES if video.is_huge else LOOKS_BETWEEN_FULL_ONES
        is_full = (is_wanted and not video.is_huge) or video.looks % between == between - 1
        if is_full:
            await self._read(video.place, pages, None, FULL_PAGES)
            video.is_huge = not pages.is_end
        whole, is_behind = await self._replies(video, pages, is_full=is_full)
        if is_full and pages.is_end and (pages.told or not video.count):
            look.sights += await self._missing(video, pages, whole)
        look.is_suspicious = video.count > 0 and not pages.told and pages.is_end and not pages.complaints
        everything = {one.id: one for told in whole.values() for one in told.values()} | pages.told
        self._compare(video, everything, look, now)
        look.complaints += list(dict.fromkeys(pages.complaints))
        video.looks += 1
        video.is_behind = is_behind
        video.is_whole = video.is_whole or (is_full and pages.is_end and not is_behind)
        return look

    async def by_id(self, place: Place, ids: list[str]) -> dict[str, Told]:
        """Comments of a video by their ids; what is gone is missing. Raises a `Failure`."""
        found: dict[str, Told] = {}
        for start in range(0, len(ids), AT_ONCE):
            part = ids[start : start + AT_ONCE]
            pages = _Pages()
            await self._page(place, pages, {"comment_ids": json_text(part)})
            found |= {one: told for one, told in pages.told.items() if one in part}
        return found

    async def below(self, place: Place, comment: str) -> dict[str, Told]:
        """All replies to one comment; none when it is gone. Raises a `Failure`."""
        pages = _Pages()
        for _ in range(MOST_REPLY_PAGES):
            try:
                await self._page(place, pages, {"comment_id": comment})
            except Gone:
                return {}
            if pages.is_end:
                break
        return pages.told

    async def _read(self, place: Place, pages: _Pages, back_to: int | None, most: int) -> None:
        """Reads on, newest first, to a time (None: to the end), at most so many pages in all."""
        while not pages.is_end and len(pages.passed) < most:
            times = await self._page(place, pages, {"include_replies": True})
            # Most of a page and not one comment of it: pinned ones come first, however old they are.
            if back_to is not None and 2 * sum(time < back_to for time in times) > len(times):
                return
        if not pages.is_end:
            pages.complaints.append(
                f"Of a video with very many comments the newest {len(pages.told)} were read."
            )

    async def _page(self, place: Place, pages: _Pages, more: dict[str, str | bool]) -> list[int]:
        """Adds one page of comments or replies; gives their times, in milliseconds."""
        query: dict[str, str | int | bool] = {
            "business_id": self._session.account,
            "video_id": place.id,
            "status": "ALL",
            "sort_field": "create_time",
            "sort_order": "desc",
            "max_count": AT_ONCE,
            **more,
        }
        if pages.cursor:
            query["cursor"] = pages.cursor
        is_below = "comment_id" in more
        path = "business/comment/reply/list/" if is_below else "business/comment/list/"
        ceiling = REPLIES_CEILING if is_below else COMMENTS_CEILING
        page = (await self._session.ask(path, query, CommentsAnswer, ceiling=ceiling)).data
        times: list[int] = []
        for raw in page.comments:
            told = self._told(bytes(raw), place, pages.complaints)
            if told is not None:
                pages.told.setdefault(told.id, told)
                times.append(told.arrival.created_at)
        pages.passed.add(pages.cursor)
        pages.is_end = not page.has_more or page.cursor in pages.passed
        pages.cursor = page.cursor
        return times

    def _told(self, raw: bytes, place: Place, complaints: list[str]) -> Told | None:
        try:
            return from_comment(raw, place, self._session.account)
        except UnreadableError as problem:
            complaints.append(f"A comment was left out: {problem}")
            return None

    def _fresh(self, video: Watched, pages: _Pages) -> int:
        """How many of what was read are not known yet."""
        inline = {
            reply.id
            for told in pages.told.values()
            for raw in told.inline
            if (reply := self._told(raw, video.place, [])) is not None
        }
        return len((set(pages.told) | inline) - set(video.known))

    async def _replies(
        self, video: Watched, pages: _Pages, *, is_full: bool
    ) -> tuple[dict[str, dict[str, Told]], bool]:
        """The replies to each comment that was read, and whether some lists were left for the next look."""
        whole: dict[str, dict[str, Told]] = {}
        lists, is_behind = 0, False
        for told in pages.told.values():
            found = {
                reply.id: reply
                for raw in told.inline
                if (reply := self._told(raw, video.place, pages.complaints)) is not None
            }
            before = video.replies.get(told.id)
            is_news = before != told.replies and (is_full or before is not None or told.id not in video.known)
            if told.replies > len(found) and is_news:
                if lists >= MOST_REPLY_LISTS:
                    whole[told.id], is_behind = found, True
                    continue
                lists += 1
                found |= await self.below(video.place, told.id)
            if is_news or told.replies <= len(found):
                video.replies[told.id] = told.replies
            whole[told.id] = found
        return whole, is_behind

    def _compare(self, video: Watched, told: dict[str, Told], look: Look, now: int) -> None:
        """Adds what is new and what has changed, and remembers it."""
        since = video.mark.until - GAP_OVERLAP_MS
        for one in told.values():
            arrival = one.arrival
            known = video.known.get(one.id)
            if known is None:
                if video.is_whole or min(arrival.created_at, now) >= since:
                    look.arrivals.append(arrival)
            elif known.state is not arrival.state:
                look.sights.append(Sight(arrival.remote_id, arrival.state))
            above = arrival.parent or ""
            video.known[one.id] = Known(arrival.state, "" if above == video.place.id else above)
        look.arrivals.sort(key=lambda arrival: arrival.created_at)

    async def _missing(self, video: Watched, pages: _Pages, whole: dict[str, dict[str, Told]]) -> list[Sight]:
        """Sights of what is known and was not in a full reading; comments are asked for by id first."""
        lost = [one for one, known in video.known.items() if not known.above and one not in pages.told]
        there = await self.by_id(video.place, lost)
        pages.told |= there
        gone = {one for one in lost if one not in there}
        for above in list(gone):
            replies = {one for one, known in video.known.items() if known.above == above}
            gone |= replies - set(await self.below(video.place, above)) if replies else set()
        for above, found in whole.items():
            if len(found) >= pages.told[above].replies:
                gone |= {one for one, known in video.known.items() if known.above == above} - set(found)
        for one in gone:
            video.known.pop(one, None)
            video.replies.pop(one, None)
        return [Sight(RemoteId(one), ItemState.GONE) for one in sorted(gone)]


def moved_to(mark: Mark, arrivals: list[Arrival], now: int) -> Mark:
    """A mark after these arrivals; the count stays, since more may follow. A future time is cut to `now`."""
    newest = max((arrival.created_at for arrival in arrivals), default=mark.until)
    return Mark(mark.count, max(mark.until, min(newest, now)))
