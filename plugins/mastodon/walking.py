"""The threads below our own posts, looked at in turn: the busy ones every minute, the quiet ones seldom.

They show what the account is not told: answers to answers that leave its name out, changed words, and what
was taken back. What a newcomer would get wrong: a post that is missing from its thread need not be gone.
Authors whom the account mutes or blocks are left out too, so each one that is missing is asked for by itself.
"""

from collections.abc import AsyncIterator, Callable, Sequence

import msgspec

from console.api import (
    Arrival,
    Failure,
    Gone,
    ItemState,
    Misunderstood,
    NotAllowed,
    Page,
    RemoteId,
    Sight,
    TryLater,
)
from console.api.entries import UnreadableError
from console.api.rounds import InTurn, Rounds
from console.api.web import milliseconds
from plugins.mastodon.mapping import age_of
from plugins.mastodon.run import Run
from plugins.mastodon.session import Session, path_of
from plugins.mastodon.threads import KEEP_FOR_ACTS, Threads, posts_in
from plugins.mastodon.wire import Post, is_there

MINUTE_MS = 60_000
WALKED_FOR_MS = 3 * 24 * 60 * MINUTE_MS
"""How old a post of ours may be for its thread to be looked at without anything pointing to it."""
OWN_MS, OWN_INCIDENT_MS = 5 * MINUTE_MS, MINUTE_MS
"""How often our own posts are listed."""
AT_ONCE = 4
"""Threads of one turn."""
MANY = 20
"""Posts of one request, where the server gives several."""
MOST_MISSING = 10
ASKED_AGAIN_MS = 60 * MINUTE_MS
"""How long a post that is only left out of its thread is not asked for again."""
PATIENT_TURNS = 5
MOST_THREADS, MOST_LEFT_OUT, MOST_OTHERS = 1_000, 10_000, 300
"""Threads, posts left out of them, and posts elsewhere that are remembered."""


class Walks:
    """Looks at threads for one run of a stream."""

    def __init__(
        self,
        session: Session,
        threads: Threads,
        rounds: Rounds,
        now: Callable[[], int],
        is_incident: Callable[[], bool],
    ) -> None:
        """`rounds` says whose turn it is; `now` gives milliseconds since 1970."""
        self._session = session
        self._threads = threads
        self._rounds = rounds
        self._now = now
        self._is_incident = is_incident
        self._own_at = 0
        self._walked_at: dict[str, int] = {}
        self._members: dict[str, set[str]] = {}
        """What was met in each thread."""
        self._left_out: dict[str, int] = {}
        """What is there and left out of its thread, and until when it is not asked for again."""
        self._others = InTurn(MOST_OTHERS)
        """What was said to us in threads of others."""
        self._elsewhere_at = 0
        self._failed: dict[str, int] = {}
        """How often in a row a part of a turn has failed."""

    def point_to(self, arrivals: Sequence[Arrival]) -> None:
        """Something arrived: the threads of ours in which it stands are worth a look."""
        for arrival in arrivals:
            root = arrival.thread
            if root is None or not (arrival.is_ours or self._threads.is_ours(root)):
                self._others.add([arrival.remote_id])
                continue
            if arrival.remote_id != root:
                self._members.setdefault(root, set()).add(arrival.remote_id)
            if self._now() - self._walked_at.get(root, 0) >= MINUTE_MS:
                self._rounds.soon(root)

    def list_own(self) -> None:
        """Something may have been missed: our own posts are listed in the next turn."""
        self._own_at = 0

    async def take_turns(self, run: Run) -> AsyncIterator[Page]:
        """Our own newest posts, and the threads whose turn it is. A failure here waits for the next turn.

        A link that is down makes the list of notifications fail, which says it better; only what keeps
        failing while that goes on is complained of, once.
        """
        for what, turn in (
            ("Our own posts cannot be listed", self._own),
            ("Threads cannot be read", self._due),
            ("Posts in threads of others cannot be looked at", self._elsewhere),
        ):
            try:
                async for page in turn(run):
                    yield page
                    self._failed[what] = 0
            except (TryLater, Misunderstood, NotAllowed, Gone) as failure:
                self._failed[what] = self._failed.get(what, 0) + 1
                if self._failed[what] == PATIENT_TURNS:
                    yield Page((), run.cursor, complaints=(f"{what}: {failure.words}",))

    async def _own(self, run: Run) -> AsyncIterator[Page]:
        if self._now() >= self._own_at:
            self._own_at = self._now() + (OWN_INCIDENT_MS if self._is_incident() else OWN_MS)
            yield Page(await self._own_posts(run), run.cursor)

    async def _due(self, run: Run) -> AsyncIterator[Page]:
        for root in self._rounds.due(self._most()):
            try:
                page = await self._walk(root, run)
            except Failure:
                self._rounds.looked(root, found_new=False)  # it must not keep the others from their turn
                raise
            yield page

    async def _elsewhere(self, run: Run) -> AsyncIterator[Page]:
        """What was said to us in threads of others: changed words, and what is gone."""
        if self._now() < self._elsewhere_at or not self._others or not self._most():
            return
        self._elsewhere_at = self._now() + (OWN_INCIDENT_MS if self._is_incident() else OWN_MS)
        if self._session.server.gives_many_posts:
            turn = self._others.take(MANY)
            query = {"id[]": turn}
            found = posts_in(await self._session.ask("/api/v1/statuses", list[msgspec.Raw], query=query))
            gone = await self._gone_of(sorted(set(turn) - {post.id for post, _ in found}))
        else:
            there = {one: await self._one(one) for one in self._others.take(AT_ONCE)}
            found = posts_in([raw for raw in there.values() if raw is not None])
            gone = [one for one, raw in there.items() if raw is None]
        for one in gone:
            self._others.drop(one)
        arrivals = await self._arrivals(run, found)
        yield Page(arrivals, run.cursor, [Sight(RemoteId(one), ItemState.GONE) for one in gone])

    def _most(self) -> int:
        """How many threads may be looked at now: none when only enough for acts is left."""
        left = self._session.left()
        return AT_ONCE if left is None else max(0, min(AT_ONCE, left - KEEP_FOR_ACTS))

    async def _own_posts(self, run: Run) -> list[Arrival]:
        """Posts of ours that were not yielded yet, oldest first; takes up their threads."""
        query = {"limit": 40, "exclude_reblogs": True}
        path = path_of("accounts", self._session.me, "statuses")
        raws = await self._session.ask(path, list[msgspec.Raw], query=query)
        since = self._now() - WALKED_FOR_MS
        arrivals: list[Arrival] = []
        for post, raw in sorted(posts_in(raws), key=lambda found: age_of(found[0].id)):
            at = milliseconds(post.created_at)
            if post.account.id != self._session.me or is_there(post.reblog) or at is None or at < since:
                continue
            try:
                arrival = await run.arrival(raw)
            except UnreadableError:
                continue
            place = self._threads.guess(post)
            if place.is_ours:
                self._rounds.add(place.thread)
            if arrival is not None:
                arrivals.append(arrival)
        run.add(arrivals)
        return arrivals

    async def _walk(self, root: str, run: Run) -> Page:
        """One thread: answers that were not noticed, changed words, and what is gone."""
        self._walked_at[root] = self._now()
        try:
            thread = await self._threads.read(root)
        except Gone:
            self._rounds.drop(root)
            return Page((), run.cursor, [Sight(RemoteId(root), ItemState.GONE)])
        found = posts_in(thread.descendants)
        self._threads.take_in([post for post, _ in found])
        arrivals = await self._arrivals(run, found)
        sights = await self._missing(root, {post.id for post, _ in found})
        self._rounds.looked(root, found_new=bool(arrivals or sights))
        return Page(arrivals, run.cursor, sights)

    async def _arrivals(self, run: Run, found: Sequence[tuple[Post, bytes]]) -> list[Arrival]:
        """Those of some posts that are new or have other words, oldest first."""
        arrivals: list[Arrival] = []
        for post, raw in sorted(found, key=lambda one: age_of(one[0].id)):
            try:
                arrival = await run.arrival(raw, post=post)
            except UnreadableError:
                continue
            if arrival is not None:
                arrivals.append(arrival)
        run.add(arrivals)
        return arrivals

    async def _missing(self, root: str, present: set[str]) -> list[Sight]:
        """Sights of what was in a thread and is gone."""
        before = self._members.setdefault(root, set())
        gone = await self._gone_of(sorted(before - present))
        self._members[root] = (before | present) - set(gone)
        while len(self._members) > MOST_THREADS:
            del self._members[next(iter(self._members))]
        return [Sight(RemoteId(one), ItemState.GONE) for one in gone]

    async def _gone_of(self, missing: Sequence[str]) -> list[str]:
        """Those of some posts that are not shown which are gone; the others are not asked for again soon."""
        now = self._now()
        asked = [one for one in missing if self._left_out.get(one, 0) <= now][:MOST_MISSING]
        gone = [one for one in asked if await self._one(one) is None]
        self._left_out.update(dict.fromkeys(sorted(set(asked) - set(gone)), now + ASKED_AGAIN_MS))
        while len(self._left_out) > MOST_LEFT_OUT:
            del self._left_out[next(iter(self._left_out))]
        return gone

    async def _one(self, post: str) -> msgspec.Raw | None:
        """One post; None when it is gone, or no longer for us."""
        try:
            return await self._session.ask(path_of("statuses", post), msgspec.Raw)
        except Gone:
            return None
