"""What arrived: one list of notifications for everything, then only what it names.

The pace follows from the calls that LinkedIn allows a day: half of them are for the list of notifications,
spread evenly, four times as often while an incident is open. Posts where something was said are besides read
as a whole in turn, for what no notification told, while enough is left of the day.

What a newcomer would get wrong: notifications come late and twice, so each round reads back past the last
mark and leaves out the ids that this stream has had. LinkedIn keeps them for 60 days, so that an outage loses
nothing; what was handed over before a restart, the console recognises by the comment's number.
"""

import itertools
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import msgspec

from console.api import Arrival, Context, Gone, ItemState, NotAllowed, Page, RemoteId, Sight
from console.api.entries import Complaints, UnreadableError
from console.api.rounds import Rounds
from console.api.web import DAY_MS, MINUTE_MS
from plugins.linkedin.mapping import ACTIONS, News, Place, Told, from_mention, from_notification, from_post
from plugins.linkedin.people import People
from plugins.linkedin.posts import Posts, Read
from plugins.linkedin.roles import duty_at
from plugins.linkedin.session import Session
from plugins.linkedin.urns import address, escaped, listed, parts_of
from plugins.linkedin.wire import Elements

FIRST_LOOK_MS = DAY_MS
OVERLAP_MS = 10 * MINUTE_MS
GAP_OVERLAP_MS = 60 * MINUTE_MS
KEPT_MS = 60 * DAY_MS
"""How long LinkedIn keeps notifications."""
CHECK_MS = 6 * 60 * MINUTE_MS
"""How often the role and our own posts are looked at."""
SHARE_OF_POLLS = 0.5
LEAST_REST_S, LEAST_INCIDENT_S = 60.0, 20.0
AT_ONCE = 100
MOST_PAGES = 200
MOST_IN_A_PART = 500
MOST_POSTS_IN_A_PART = 6
"""What is fetched before anything of it is handed over: if the day ends in between, it is fetched again."""
MOST_REMEMBERED = 20_000
MOST_VERIFIED = 10


class Where(msgspec.Struct, frozen=True):
    """Where a stream stands: every notification up to this time was handed over."""

    until: int


@dataclass(slots=True)
class _Stream:
    """What one run of the stream remembers."""

    until: int
    floor: int
    """Comments from before were handed over by an earlier stream, or are none of our business."""
    rounds: Rounds
    heard: dict[str, None] = field(default_factory=dict)
    """Ids of notifications."""
    words: dict[str, str] = field(default_factory=dict)
    """What each known comment says, by its number."""
    places: dict[str, Place] = field(default_factory=dict)
    below: dict[str, dict[str, str]] = field(default_factory=dict)
    """The names of known comments, by post and number."""
    own: set[str] = field(default_factory=set)
    complaints: Complaints = field(default_factory=Complaints)
    checked_at: int = 0
    notices: dict[str, str] = field(default_factory=dict)

    @property
    def cursor(self) -> str:
        return msgspec.json.encode(Where(self.until)).decode()

    @property
    def notice(self) -> str:
        """All that is wrong; empty when all is well."""
        return " ".join(self.notices.values())

    def is_news(self, arrival: Arrival) -> bool:
        """Whether the console has not had these words of this item from this stream; notes them."""
        if self.words.get(arrival.remote_id) == arrival.text:
            return False
        self.words[arrival.remote_id] = arrival.text
        while len(self.words) > MOST_REMEMBERED:
            del self.words[next(iter(self.words))]
        return True


class Reading:
    """Reads for one account."""

    def __init__(self, session: Session, posts: Posts, people: People, context: Context) -> None:
        """All are the connector's."""
        self._session, self._posts, self._people, self._context = session, posts, people, context

    async def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        """Yields what arrived since `cursor`, for ever. Raises a `Failure`."""
        self._posts.forget()
        now = self._context.now
        place = _where(cursor)
        until = place.until if place else now() - FIRST_LOOK_MS
        stream = _Stream(until, until - GAP_OVERLAP_MS, self._rounds())
        lost: tuple[str, ...] = ()
        if cursor is not None and place is None:
            lost = ("The last place in the stream cannot be read; the last day is read again.",)
        elif now() - until > KEPT_MS:
            lost = ("LinkedIn keeps notifications for 60 days; what is older was not read.",)
        if lost:
            yield Page((), stream.cursor, complaints=lost)
        for number in itertools.count():
            if now() - stream.checked_at >= CHECK_MS:
                yield await self._checked(stream)
            async for page in self._noticed(stream, GAP_OVERLAP_MS if number == 0 else OVERLAP_MS):
                yield page
            for post in stream.rounds.due(1) if self._can_spare() else ():
                async for page in self._walked(stream, post):
                    yield page
            rest, incident = pace(self._context)
            await self._context.wait(rest=rest, incident=incident)

    def _rounds(self) -> Rounds:
        now, is_incident = self._context.now, self._context.is_incident
        return Rounds(now, is_incident, busy_s=1800, quiet_s=21_600, incident_quiet_s=600, most=50)

    # --- Role and own posts -----------------------------------------------------------------------

    async def _checked(self, stream: _Stream) -> Page:
        """The role at the page, and our own new posts."""
        stream.notices.pop("role", None)
        notice = (await duty_at(self._session, self._session.page)).notice
        if notice:
            stream.notices["role"] = notice
        query: dict[str, str | int] = {
            "q": "author",
            "author": escaped(self._session.page),
            "count": 20,
            "start": 0,
            "sortBy": "LAST_MODIFIED",
        }
        found = await self._session.ask(address("posts", query), Elements)
        arrivals: list[Arrival] = []
        complaints: list[str] = []
        for raw in found.elements:
            try:
                post = from_post(bytes(raw), self._session.page, self._session.names)
            except UnreadableError as problem:
                complaints.append(f"A post was left out: {problem}")
                continue
            stream.own.add(post.remote_id)
            if post.created_at >= stream.floor and stream.is_news(post):
                arrivals.append(post)
        stream.notices.pop("posts", None)
        if stream.own and not found.elements:
            stream.notices["posts"] = (
                "LinkedIn lists none of the page's own posts, and it did before: the role at the page or a "
                "permission of the app may have been taken away."
            )
        stream.checked_at = self._context.now()
        arrivals.sort(key=lambda arrival: arrival.created_at)
        return Page(
            arrivals, stream.cursor, complaints=stream.complaints.unsaid(complaints), notice=stream.notice
        )

    # --- Notifications ----------------------------------------------------------------------------

    async def _noticed(self, stream: _Stream, back: int) -> AsyncIterator[Page]:
        """One round of notifications, oldest first, so that a page's cursor leaves nothing behind it."""
        news, complaints = await self._gather(stream, max(0, stream.until - back))
        for part in _parts(news):
            page = await self._told(stream, part, complaints)
            complaints = []
            yield page
        if not news:
            words = stream.complaints.unsaid(complaints)
            yield Page((), stream.cursor, complaints=words, notice=stream.notice)

    async def _gather(self, stream: _Stream, since: int) -> tuple[list[News], list[str]]:
        """The notifications since a time that this stream has not had, oldest first."""
        found: dict[str, News] = {}
        complaints: list[str] = []
        # The end lies a little ahead: LinkedIn's clock may be ahead of ours.
        end = self._context.now() + MINUTE_MS
        for page in range(MOST_PAGES):
            query: dict[str, str | int] = {
                "q": "criteria",
                "organizationalEntity": escaped(self._session.page),
                "actions": listed(ACTIONS),
                "timeRange": f"(start:{since},end:{end})",
                "count": AT_ONCE,
                "start": page * AT_ONCE,
            }
            answer = await self._session.ask(address("organizationalEntityNotifications", query), Elements)
            for raw in answer.elements:
                try:
                    one = from_notification(bytes(raw), self._session.page)
                except UnreadableError as problem:
                    complaints.append(f"A notification was left out: {problem}")
                    continue
                if one.id not in stream.heard:
                    found.setdefault(one.id, one)
            if len(answer.elements) < AT_ONCE and not answer.has_next:
                break
        return sorted(found.values(), key=lambda one: one.at), complaints

    async def _told(self, stream: _Stream, news: Sequence[News], complaints: list[str]) -> Page:
        """What some notifications are about, as one page."""
        named: dict[str, list[str]] = {}
        deleted = {one.comment for one in news if one.action == "COMMENT_DELETE"}
        for one in news:
            if one.comment and one.comment not in deleted:
                stream.places[one.place.urn] = one.place
                named.setdefault(one.place.urn, []).append(one.comment)
        read: dict[str, Read] = {}
        for post, comments in named.items():
            read[post] = await self._posts.named(stream.places[post], comments)
            if post not in stream.rounds:
                stream.rounds.add(post)
                stream.rounds.looked(post, found_new=True)  # a call that can wait a little
        arrivals: list[Arrival] = []
        for one in news:
            if one.post:
                mention = await self._mention(one, complaints)
                if mention is not None and stream.is_news(mention):
                    arrivals.append(mention)
        for post, what in read.items():
            complaints += what.complaints
            arrivals += self._take(stream, post, what, set(named[post]))
        sights = [_gone(one) for one in sorted(deleted)]
        for what in read.values():
            sights += [_gone(one) for one in sorted(what.missing) if parts_of(one)[1] in stream.words]
        for one in news:
            stream.heard[one.id] = None
        while len(stream.heard) > MOST_REMEMBERED:
            del stream.heard[next(iter(stream.heard))]
        stream.until = max(stream.until, min(news[-1].at, self._context.now()))
        arrivals.sort(key=lambda arrival: arrival.edited_at or arrival.created_at)
        words = stream.complaints.unsaid(complaints)
        return Page(arrivals, stream.cursor, sights, words, notice=stream.notice)

    async def _mention(self, news: News, complaints: list[str]) -> Arrival | None:
        """A post that mentions the page; from the notification itself where the post is closed to us."""
        page = self._session.page
        try:
            raw = await self._session.ask(f"posts/{escaped(news.post)}", msgspec.Raw)
            found = from_post(bytes(raw), page, self._session.names)
            names = await self._people.names([found.author.id])
            return from_post(bytes(raw), page, names) if names else found
        except Gone:
            return None
        except (NotAllowed, UnreadableError):
            pass
        try:
            return from_mention(news, page, {})
        except UnreadableError as problem:
            complaints.append(f"A mention was left out: {problem}")
            return None

    # --- Whole posts ------------------------------------------------------------------------------

    def _can_spare(self) -> bool:
        """Whether enough is left of the day for reading whole posts in turn."""
        for ceiling in self._context.manifest.ceilings:
            left = self._context.allowance.left(ceiling.name)
            if left is not None and left < calls_of(self._context) * 0.2:
                return False
        return True

    async def _walked(self, stream: _Stream, post: str) -> AsyncIterator[Page]:
        """One post as a whole: what no notification told, and what is gone."""
        what = Read()
        try:
            await self._posts.all_below(stream.places[post], what)
        except NotAllowed as refusal:
            what.complaints.append(f"A post cannot be read as a whole: {refusal.words}")
        before = dict(stream.below.get(post, {}))
        arrivals = self._take(stream, post, what, set())
        sights: list[Sight] = []
        if what.is_whole and what.told:
            lost = [urn for number, urn in before.items() if number not in what.told]
            for urn in lost[:MOST_VERIFIED]:
                if not await self._posts.is_there(post, urn):
                    stream.below[post].pop(parts_of(urn)[1], None)
                    sights.append(_gone(urn))
        stream.rounds.looked(post, found_new=bool(arrivals))
        arrivals.sort(key=lambda arrival: arrival.created_at)
        yield Page(
            arrivals, stream.cursor, sights, stream.complaints.unsaid(what.complaints), notice=stream.notice
        )

    def _take(self, stream: _Stream, post: str, what: Read, named: set[str]) -> list[Arrival]:
        """What is new of what was read; what was not named counts from the stream's beginning on."""
        arrivals: list[Arrival] = []
        below = stream.below.setdefault(post, {})
        for told in what.told.values():
            is_due = told.urn in named or _moment(told) >= stream.floor
            below[told.id] = told.urn
            if is_due and stream.is_news(told.arrival):
                arrivals.append(told.arrival)
        return arrivals


def calls_of(context: Context) -> int:
    """How many calls a day the account may make: the lesser of the person's and the app's."""
    numbers = [
        int(text)
        for ceiling in context.manifest.ceilings
        if (text := context.settings.get(ceiling.setting, "").strip()).isdecimal() and int(text) > 0
    ]
    return min(numbers, default=min(ceiling.points for ceiling in context.manifest.ceilings))


def pace(context: Context) -> tuple[float, float]:
    """Seconds between two looks at the notifications: at rest, and while an incident is open."""
    rest = max(LEAST_REST_S, DAY_MS / 1000 / (calls_of(context) * SHARE_OF_POLLS))
    return rest, max(LEAST_INCIDENT_S, rest / 4)


def _where(cursor: str | None) -> Where | None:
    try:
        return msgspec.json.decode(cursor or "", type=Where)
    except msgspec.DecodeError:
        return None


def _moment(told: Told) -> int:
    return told.arrival.edited_at or told.arrival.created_at


def _parts(news: Sequence[News]) -> list[list[News]]:
    """Notifications in parts that few calls can tell, in their order."""
    parts: list[list[News]] = []
    posts: set[str] = set()
    for one in news:
        posts.add(one.place.urn)
        if not parts or len(posts) > MOST_POSTS_IN_A_PART or len(parts[-1]) >= MOST_IN_A_PART:
            parts.append([])
            posts = {one.place.urn}
        parts[-1].append(one)
    return parts


def _gone(comment: str) -> Sight:
    return Sight(RemoteId(parts_of(comment)[1]), ItemState.GONE)
