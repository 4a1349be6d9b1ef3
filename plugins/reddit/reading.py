"""What arrived, in rounds over the subreddit's lists: one request shows what is new below all its posts.

Comments are asked for in every round, posts and the queue in every third, what changed (edits, the log of
moderators, the inbox, known things by name) in every sixth, each in a round of its own, so that the requests
are spread evenly.

What a newcomer would get wrong: `before=` the newest known comment is quick, and blind. If that comment is
deleted the list stays empty for ever, and what a moderator approves late is listed at its old place. So
every fourth round reads the list from its top, back past the last mark.
"""

import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from console.api import Arrival, Gone, Misunderstood, NotAllowed, Page
from console.api.connector import Wait
from console.api.web import DAY_MS, MINUTE_MS, Query
from plugins.reddit.intake import Harvest, Intake
from plugins.reddit.rights import Rights, missing_words, rights_in
from plugins.reddit.session import Session
from plugins.reddit.wire import Listing, Logged, Thing

REST_S = 10.0
INCIDENT_S = 5.0
OVERLAP_MS = 10 * MINUTE_MS
GAP_OVERLAP_MS = 60 * MINUTE_MS
FIRST_LOOK_MS = DAY_MS
WATCHED_FOR_MS = 2 * DAY_MS
"""How long a thing is looked at again; the text's life in the manifest is as long."""

FROM_THE_TOP = 4
LESS_OFTEN = 3
SELDOM = 6
RIGHTS_EVERY = 60
CHUNK = 200
A_PAGE = 100
MOST_PAGES = 12
"""Reddit lists about 1,000 things and no more."""
NEARLY_ALL = 900
_STATE_ACTIONS = frozenset(
    {"removecomment", "removelink", "spamcomment", "spamlink", "approvecomment", "approvelink"}
)


class Place(msgspec.Struct, frozen=True):
    """Where a stream stands."""

    until: dict[str, int] = {}
    """For each list, up to when (milliseconds since 1970) everything was handed over."""
    watched: list[str] = []
    """Names of things that may still change, oldest first."""


@dataclass(slots=True)
class _Stream:
    """What one run of the stream remembers."""

    intake: Intake
    until: dict[str, int]
    newest: Arrival | None = None
    """The newest comment that was seen: what is newer is asked for by it."""
    logged: str = ""
    refused: dict[str, str] = field(default_factory=dict)
    """Lists that Reddit refuses, and its words."""
    notice: str = ""

    @property
    def cursor(self) -> str:
        return msgspec.json.encode(Place(self.until, list(self.intake.watched))).decode()


_Step = Callable[[_Stream, int], AsyncIterator[Page]]


class Reading:
    """Reads for one account."""

    def __init__(self, session: Session, now: Callable[[], int], wait: Wait) -> None:
        """`now` gives milliseconds since 1970; `wait` is the console's own pace."""
        self._session, self._now, self._wait = session, now, wait
        self.me = ""
        self.subreddit = ""
        self.rights = Rights()

    async def learn_rights(self) -> Sequence[str]:
        """Asks what the account may do; gives what is missing, in words. Raises a `Failure`."""
        self.rights = await rights_in(self._session, self.me, self.subreddit)
        return missing_words(self.rights, self._session.scopes, self.subreddit)

    async def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        """Yields what arrived since `cursor`, oldest first, for ever. Raises a `Failure`."""
        place = _place(cursor)
        intake = Intake(self.me, self.subreddit, place.watched if place else ())
        stream = _Stream(intake, dict(place.until) if place else {})
        if cursor is not None and place is None:
            yield Page(
                complaints=("The last place in the stream cannot be read; the last day is read again.",)
            )
        for number in itertools.count():
            for step in self._steps(number):
                async for page in step(stream, number):
                    yield page
            notice = await self._news(stream, number)
            yield Page(cursor=stream.cursor, notice=notice)
            await self._wait(rest=REST_S, incident=INCIDENT_S)

    def _steps(self, number: int) -> list[_Step]:
        """What this round looks at; the first looks at everything."""
        steps: list[_Step] = [self._comments]
        if number % LESS_OFTEN == 0:
            steps.append(self._posts)
        if number % LESS_OFTEN == 1 or number == 0:
            steps.append(self._queue)
        seldom = [self._inbox, self._edited, self._log, self._known]
        for turn, step in enumerate(seldom):
            if number % SELDOM == turn + 1 or (number == 0 and step is not self._known):
                steps.append(step)
        return steps

    # --- New things -----------------------------------------------------------------------------

    async def _comments(self, stream: _Stream, number: int) -> AsyncIterator[Page]:
        path = f"r/{self.subreddit}/comments"
        if number % FROM_THE_TOP and stream.newest:
            query: Query = {"limit": A_PAGE, "before": stream.newest.remote_id}
            page = await self._session.ask(path, Listing, query)
            if len(page.data.children) < A_PAGE:
                harvest = stream.intake.take(bytes(raw) for raw in page.data.children)
                async for out in self._out(stream, "comments", harvest):
                    yield out
                return
        back = GAP_OVERLAP_MS if number == 0 else OVERLAP_MS
        async for out in self._dated(stream, "comments", path, back):
            yield out

    async def _posts(self, stream: _Stream, number: int) -> AsyncIterator[Page]:
        back = GAP_OVERLAP_MS if number == 0 else OVERLAP_MS
        async for out in self._dated(stream, "posts", f"r/{self.subreddit}/new", back):
            yield out

    async def _inbox(self, stream: _Stream, number: int) -> AsyncIterator[Page]:
        """Answers and mentions anywhere on Reddit, and private messages."""
        back = GAP_OVERLAP_MS if number == 0 else OVERLAP_MS
        async for out in self._allowed(
            stream, "The inbox", self._dated(stream, "inbox", "message/inbox", back)
        ):
            yield out

    async def _queue(self, stream: _Stream, number: int) -> AsyncIterator[Page]:
        """What waits for a moderator: held back by a filter, or reported; however old."""
        path = f"r/{self.subreddit}/about/modqueue"
        whole = MOST_PAGES if number % FROM_THE_TOP == 0 else 1
        async for out in self._allowed(stream, "The queue", self._undated(stream, path, whole)):
            yield out

    # --- Changes --------------------------------------------------------------------------------

    async def _edited(self, stream: _Stream, number: int) -> AsyncIterator[Page]:
        del number
        path = f"r/{self.subreddit}/about/edited"
        since = self._now() - FIRST_LOOK_MS
        async for out in self._allowed(stream, "The list of edits", self._undated(stream, path, 1, since)):
            yield out

    async def _log(self, stream: _Stream, number: int) -> AsyncIterator[Page]:
        """What other moderators did: the things that they touched are looked at at once."""
        del number
        async for out in self._allowed(stream, "The log of moderators", self._logged(stream)):
            yield out

    async def _logged(self, stream: _Stream) -> AsyncIterator[Page]:
        listing = await self._session.ask(f"r/{self.subreddit}/about/log", Listing, {"limit": A_PAGE})
        touched: list[str] = []
        newest = ""
        for raw in listing.data.children:
            try:
                entry = msgspec.json.decode(msgspec.json.decode(raw, type=Thing).data, type=Logged)
            except msgspec.DecodeError:
                continue
            newest = newest or entry.id
            if entry.id == stream.logged:
                break
            if entry.action in _STATE_ACTIONS and entry.target_fullname:
                touched.append(entry.target_fullname)
        stream.logged = newest or stream.logged
        known = [name for name in dict.fromkeys(touched) if name in stream.intake.watched]
        async for out in self._looked_at(stream, known[:A_PAGE]):
            yield out

    async def _known(self, stream: _Stream, number: int) -> AsyncIterator[Page]:
        """The next hundred known things by name: what was taken back, changed or moderated elsewhere.

        The newest half come each time, the rest in turn, so that all are seen well within two days.
        """
        names = list(stream.intake.watched)
        newest, rest = names[-A_PAGE // 2 :], names[: -A_PAGE // 2]
        turn = number // SELDOM * (A_PAGE // 2)
        first = turn % len(rest) if rest else 0
        async for out in self._looked_at(stream, [*newest, *rest[first : first + A_PAGE // 2]]):
            yield out

    async def _looked_at(self, stream: _Stream, names: Sequence[str]) -> AsyncIterator[Page]:
        if not names:
            return
        listing = await self._session.ask("api/info", Listing, {"id": ",".join(names)})
        entries = [bytes(raw) for raw in listing.data.children]
        harvest = stream.intake.take(entries)
        # An answer without anything is a fault or a missing right; one that lacks a few names means them.
        found = {one.name: one.made_at for one in map(_glance, entries) if one is not None}
        if found:
            harvest.sights += stream.intake.missing(name for name in names if name not in found)
        old = self._now() - WATCHED_FOR_MS
        for name, made_at in found.items():
            if made_at < old:
                stream.intake.watched.pop(name, None)
        async for out in self._out(stream, "", harvest):
            yield out

    # --- All of them ------------------------------------------------------------------------------

    async def _dated(self, stream: _Stream, name: str, path: str, back: int) -> AsyncIterator[Page]:
        """A list that is ordered by time, from its top back past the last mark."""
        until = stream.until.get(name, self._now() - FIRST_LOOK_MS)
        try:
            entries, is_cut = await self._gather(path, until - back)
        except Gone as failure:
            raise NotAllowed(f"r/{self.subreddit} cannot be read: {failure.words}") from failure
        harvest = stream.intake.take(entries, since=until - back)
        if is_cut:
            harvest.complaints.append(
                f"Reddit lists only about 1,000 {name}; older ones that arrived in a long gap may be missing."
            )
        async for out in self._out(stream, name, harvest):
            yield out

    async def _undated(self, stream: _Stream, path: str, pages: int, since: int = 0) -> AsyncIterator[Page]:
        entries, _ = await self._gather(path, None, pages)
        async for out in self._out(stream, "", stream.intake.take(entries, since=since)):
            yield out

    async def _gather(
        self, path: str, back_to: int | None, pages: int = MOST_PAGES
    ) -> tuple[list[bytes], bool]:
        """Every entry down to a time (None: all), and whether Reddit stopped listing before that."""
        entries: list[bytes] = []
        after: str | None = None
        passed: set[str] = set()
        oldest: int | None = None
        query: Query
        for _ in range(pages):
            query = {"limit": A_PAGE, "after": after}
            page = await self._session.ask(path, Listing, query)
            for raw in page.data.children:
                entries.append(bytes(raw))
                glance = _glance(bytes(raw))
                if glance is not None:
                    oldest = min(glance.made_at, glance.made_at if oldest is None else oldest)
            after = page.data.after
            if back_to is not None and oldest is not None and oldest < back_to:
                return entries, False
            if not after or after in passed:
                break
            passed.add(after)
        return entries, back_to is not None and len(entries) >= NEARLY_ALL

    async def _out(self, stream: _Stream, name: str, harvest: Harvest) -> AsyncIterator[Page]:
        """Hands over a harvest, oldest first, with the mark of its list moved on."""
        complaints = tuple(harvest.complaints)
        for start in range(0, len(harvest.arrivals), CHUNK):
            part = harvest.arrivals[start : start + CHUNK]
            self._mark(stream, name, part)
            yield Page(part, stream.cursor, complaints=complaints)
            complaints = ()
        if harvest.sights or complaints:
            yield Page((), stream.cursor, harvest.sights, complaints)

    def _mark(self, stream: _Stream, name: str, part: Sequence[Arrival]) -> None:
        if not name:
            return
        last = part[-1]
        stream.until[name] = max(stream.until.get(name, 0), min(last.created_at, self._now()))
        if name == "comments" and (stream.newest is None or stream.newest.created_at <= last.created_at):
            stream.newest = last

    async def _allowed(self, stream: _Stream, what: str, pages: AsyncIterator[Page]) -> AsyncIterator[Page]:
        """A list that the account may lack the right for, or that is not as expected.

        The rest goes on without it, and that it is missing is said.
        """
        try:
            async for page in pages:
                yield page
        except (NotAllowed, Gone, Misunderstood) as failure:
            stream.refused[what] = failure.words
        else:
            stream.refused.pop(what, None)

    async def _news(self, stream: _Stream, number: int) -> str | None:
        """What is wrong though pages come; None when that has not changed."""
        if number and number % RIGHTS_EVERY == 0:
            await self.learn_rights()
        words = list(missing_words(self.rights, self._session.scopes, self.subreddit))
        words += [f"{what} cannot be read: {said}" for what, said in stream.refused.items()]
        notice = " ".join(words)
        if notice == stream.notice:
            return None
        stream.notice = notice
        return notice


class _Glance(msgspec.Struct):
    """The least of an entry: enough to know it again."""

    name: str
    created_utc: float

    @property
    def made_at(self) -> int:
        """Milliseconds since 1970."""
        return round(self.created_utc * 1000)


def _glance(raw: bytes) -> _Glance | None:
    try:
        return msgspec.json.decode(msgspec.json.decode(raw, type=Thing).data, type=_Glance)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _place(cursor: str | None) -> Place | None:
    try:
        return msgspec.json.decode(cursor or "", type=Place)
    except msgspec.DecodeError:
        return None
