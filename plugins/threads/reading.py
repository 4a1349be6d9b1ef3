"""What arrived: our own posts, the conversations below them, replies that wait for approval, and mentions.

Threads has no stream for a program without a public address, so everything is asked for in turn: our newest
posts in each round, older ones the more seldom the quieter they are (`Rounds`), mentions in each round.

What a newcomer would get wrong: an empty list is no proof of peace. Our posts do not vanish all at once, and
a post that says it has replies and lists none is one whose replies we may not read; both are said aloud.
"""

import itertools
from collections.abc import AsyncIterator, Sequence

import msgspec

from console.api import Arrival, Context, Gone, ItemKind, ItemState, NotAllowed, Page, RemoteId, Sight
from console.api.entries import first_words
from console.api.rounds import Rounds
from console.api.web import DAY_MS, MINUTE_MS
from plugins.meta.memory import exists, gone_among
from plugins.meta.streams import RESTARTED, place_in
from plugins.meta.times import seconds
from plugins.threads.conversations import Gathered, Place, Stream, gather
from plugins.threads.mapping import IGNORED, PENDING, arrival_of
from plugins.threads.session import Session
from plugins.threads.wire import FIELDS, PENDING_FIELDS, REPLY_FIELDS

REST_S = 30.0
INCIDENT_S = 10.0
BUSY_S = 60.0
QUIET_S = 30 * 60.0
ALWAYS = 3
"""So many of our newest posts are looked at in every round."""
IN_TURN = 8
"""So many older ones at the most."""
SWEEP_EACH = 20
"""Each so-manieth look at a post reads its whole conversation: for what was hidden or is gone."""
WATCHED_MS = 14 * DAY_MS
"""How long after it was published a post is watched."""
FIRST_LOOK_MS = DAY_MS
"""How far back an account is read that was never read before."""
OVERLAP_MS = 10 * MINUTE_MS
GAP_OVERLAP_MS = 60 * MINUTE_MS

NO_POSTS = (
    "Threads lists none of this account's posts, though they are there. A permission is missing, or Threads"
    " has a fault: replies are not seen until it is mended. Sign in again if it lasts."
)
NO_REPLIES = (
    "Threads says that posts of this account have replies, and lists none of them. The permission to read"
    " replies (threads_read_replies) is probably missing: sign in again and allow it."
)


class Reading:
    """Reads for one account."""

    def __init__(self, session: Session, context: Context) -> None:
        """`session` sends in the account's name."""
        self._session, self._context = session, context
        self._now = context.now

    async def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        """Yields what arrived since `cursor`, for ever. Raises a `Failure`."""
        place = place_in(cursor, Place)
        stream = Stream(place or Place(self._now() - FIRST_LOOK_MS))
        rounds = Rounds(self._now, self._context.is_incident, busy_s=BUSY_S, quiet_s=QUIET_S)
        if cursor is not None and place is None:
            yield Page(complaints=(RESTARTED,))
        for number in itertools.count():
            await self._session.renew_if_due()
            problems: list[str] = []
            async for page in self._own(stream, rounds, problems, is_first=number == 0):
                yield page
            newest = stream.newest(ALWAYS)
            for post in [*newest, *(one for one in rounds.due(IN_TURN) if one not in newest)]:
                async for page in self._below(post, stream, rounds, problems):
                    yield page
            async for page in self._mentions(stream, rounds, problems, is_first=number == 0):
                yield page
            if stream.is_unheard:
                problems.append(NO_REPLIES)
            yield stream.health(problems)
            await self._context.wait(rest=REST_S, incident=INCIDENT_S)

    # --- Our own posts ----------------------------------------------------------------------------

    async def _own(
        self, stream: Stream, rounds: Rounds, problems: list[str], *, is_first: bool
    ) -> AsyncIterator[Page]:
        """New posts of our own; and which of them are watched."""
        now = self._now()
        since = now - WATCHED_MS
        query: dict[str, str | int] = {"fields": FIELDS, "since": seconds(since), "limit": 50}
        back_to = 0 if is_first else now - GAP_OVERLAP_MS
        gathered = await gather(
            self._session.graph, "me/threads", query, back_to, stream.broken, is_patient=is_first
        )
        arrivals: list[Arrival] = []
        for raw, post, at in gathered.oldest_first():
            if post.root_post is not None and post.root_post.id not in {"", post.id}:
                continue  # a reply of ours in a thread: it comes with its conversation
            stream.places[post.id] = first_words(post.text or "")
            stream.tops[post.id] = at
            rounds.add(post.id)
            if post.has_replies and post.id not in stream.answered:
                stream.answered.add(post.id)
                rounds.soon(post.id)
            arrival, _ = stream.seen.news(
                arrival_of(raw, post, me=self._me, kind=ItemKind.POST, is_ours=True), now
            )
            if arrival is not None and (at >= stream.place.since or arrival.edited_at is not None):
                arrivals.append(arrival)
        if not gathered.found and not gathered.is_broken:
            await self._check_posts(stream, problems)
        for post_id in [one for one, at in stream.tops.items() if at < since]:
            del stream.tops[post_id]
            rounds.drop(post_id)
        if is_first and gathered.found:
            stream.forget_all_but(stream.tops)
        if arrivals or gathered.complaints:
            yield Page(arrivals, stream.cursor, complaints=gathered.complaints)

    async def _check_posts(self, stream: Stream, problems: list[str]) -> None:
        """No posts at all: whether those that we know of are there."""
        known = next(iter(stream.tops or stream.place.posts), None)
        if known is not None and await exists(self._session.graph, known):
            problems.append(NO_POSTS)

    # --- Below them -------------------------------------------------------------------------------

    async def _below(
        self, root: str, stream: Stream, rounds: Rounds, problems: list[str]
    ) -> AsyncIterator[Page]:
        """The replies to one post of ours, held ones included, and what has changed with them."""
        looks = stream.looks[root] = stream.looks.get(root, -1) + 1
        is_sweep = looks % SWEEP_EACH == SWEEP_EACH - 1
        position = stream.position(root)
        back_to = 0 if is_sweep else position - (OVERLAP_MS if looks else GAP_OVERLAP_MS)
        query = {"fields": REPLY_FIELDS, "reverse": "true"}
        try:
            held = await self._held(root, stream, is_full=is_sweep or looks == 0)
            listed = await gather(
                self._session.graph,
                f"{root}/conversation",
                query,
                back_to,
                stream.broken,
                is_patient=is_sweep or looks == 0,
            )
        except Gone:
            rounds.drop(root)
            stream.tops.pop(root, None)
            yield Page((), stream.cursor, (Sight(RemoteId(root), ItemState.GONE),))
            return
        except NotAllowed as refusal:
            problems.append(f"Replies cannot be read: {refusal.words}")
            return
        self._listen(root, stream, listed)
        arrivals, sights = self._changes(root, stream, held, listed, position)
        present = {*listed.found, *(arrival.remote_id for arrival in held)}
        stream.members.setdefault(root, set()).update(present)
        if listed.is_whole and is_sweep:
            stream.swept.add(root)
            members = stream.members[root]
            gone = await gone_among(self._session.graph, root, members - present)
            for sight in gone:
                members.discard(sight.remote_id)
                stream.seen.forget(sight.remote_id)
            sights += gone
        rounds.looked(root, found_new=bool(arrivals))
        for page in stream.paged(root, arrivals, sights, listed.complaints, self._now()):
            yield page

    def _changes(
        self, root: str, stream: Stream, held: Sequence[Arrival], listed: Gathered, position: int
    ) -> tuple[list[Arrival], list[Sight]]:
        """What is new below a post, oldest first, and what has changed."""
        now, where = self._now(), stream.places.get(root, "")
        waiting = {arrival.remote_id for arrival in held}
        candidates = list(held)
        for raw, post, _ in listed.oldest_first():
            if post.id not in waiting:
                candidates.append(
                    arrival_of(raw, post, me=self._me, kind=ItemKind.REPLY, root=root, where=where)
                )
        arrivals: list[Arrival] = []
        sights: list[Sight] = []
        for candidate in candidates:
            arrival, sight = stream.seen.news(candidate, now)
            # What is older was handed over before this stream began, unless a whole read did not have it.
            is_old = candidate.created_at < position - GAP_OVERLAP_MS and root not in stream.swept
            if arrival is not None and (arrival.edited_at is not None or not is_old):
                arrivals.append(arrival)
            if sight is not None:
                sights.append(sight)
        return sorted(arrivals, key=lambda one: one.created_at), sights

    async def _held(self, root: str, stream: Stream, *, is_full: bool) -> list[Arrival]:
        """Replies that wait for approval; with `is_full` those too that were set aside."""
        if root in stream.without_approvals:
            return []
        found: list[Arrival] = []
        for approval in (PENDING, IGNORED) if is_full else (PENDING,):
            query = {"fields": PENDING_FIELDS, "reverse": "true", "approval_status": approval}
            try:
                held = await gather(self._session.graph, f"{root}/pending_replies", query, 0, stream.broken)
            except NotAllowed:
                stream.without_approvals.add(root)  # a post that was made without approvals
                return []
            found += [
                arrival_of(
                    raw,
                    post,
                    me=self._me,
                    kind=ItemKind.REPLY,
                    root=root,
                    where=stream.places.get(root, ""),
                    approval=approval,
                )
                for raw, post, _ in held.oldest_first()
            ]
        return found

    def _listen(self, root: str, stream: Stream, listed: Gathered) -> None:
        """Notes whether a post that says it has replies lists any."""
        if listed.found:
            stream.heard.add(root)
            stream.silent.discard(root)
        elif root in stream.answered and listed.is_whole and not listed.is_broken:
            stream.heard.discard(root)
            stream.silent.add(root)

    # --- Elsewhere --------------------------------------------------------------------------------

    async def _mentions(
        self, stream: Stream, rounds: Rounds, problems: list[str], *, is_first: bool
    ) -> AsyncIterator[Page]:
        """Posts elsewhere that name the account."""
        if not self._session.has("threads_manage_mentions"):
            return
        position = stream.place.mentions or stream.place.since
        floor = position - GAP_OVERLAP_MS
        query: dict[str, str | int] = {"fields": FIELDS, "limit": 50}
        back_to = floor if is_first else position - OVERLAP_MS
        try:
            listed = await gather(
                self._session.graph, "me/mentions", query, back_to, stream.broken, is_patient=is_first
            )
        except NotAllowed as refusal:
            problems.append(f"Mentions cannot be read: {refusal.words}")
            return
        arrivals: list[Arrival] = []
        for raw, post, at in listed.oldest_first():
            root = post.root_post.id if post.root_post else ""
            root = root if root in stream.tops else ""
            kind = ItemKind.QUOTE if post.is_quote_post else ItemKind.MENTION
            if root:
                kind = ItemKind.REPLY
                rounds.soon(root)
            if at < floor or post.id in stream.seen:
                continue  # a reply that we have says more of itself where it stands
            arrival, _ = stream.seen.news(
                arrival_of(raw, post, me=self._me, kind=kind, root=root, where=stream.places.get(root, "")),
                self._now(),
            )
            if arrival is not None:
                arrivals.append(arrival)
        if arrivals:
            until = max(position, min(arrivals[-1].created_at, self._now()))
            stream.place = msgspec.structs.replace(stream.place, mentions=until)
        if arrivals or listed.complaints:
            yield Page(arrivals, stream.cursor, complaints=listed.complaints)

    @property
    def _me(self) -> str:
        return self._session.username
