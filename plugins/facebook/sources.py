"""What is said to the Page besides comments: visitor posts, tagged posts, reviews, private messages.

What a newcomer would get wrong: each of these lists needs a right of its own, and some networks of lists are
switched off for some Pages. One that fails must not silence the others, so a failure here is said and the
rest goes on; only what ends everything (the sign-in, the allowance) is passed on.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from console.api import Arrival, Gone, Misunderstood, NotAllowed, TryLater
from console.api.entries import UnreadableError, decoded
from plugins.facebook.comments import readable
from plugins.facebook.mapping import from_message, from_post, from_rating
from plugins.facebook.memory import Memory, News
from plugins.facebook.rights import MESSAGES, READS_PEOPLE, missing
from plugins.facebook.session import Session
from plugins.facebook.wire import MESSAGE_FIELDS, POST_FIELDS, RATING_FIELDS, THREAD_FIELDS, Thread
from plugins.meta.times import milliseconds

VISITORS, TAGGED, REVIEWS, MAIL = "visitor posts", "tagged posts", "reviews", "messages"
PATIENCE = 3
"""How often a list may fail in a row before a person is told."""
SKIPS = 30
"""How many looks are left out after a refusal: each would cost a call and be refused again."""
_LIST_PAGES = 20
_A_PAGE = 50
_SETTLED_MS = 60_000  # times are whole seconds: more may be written in the same one


@dataclass(slots=True)
class Brought:
    """What one look at a source brought."""

    news: News
    complaints: list[str]


@dataclass(slots=True)
class _Source:
    failures: int = 0
    skips: int = 0
    """How many looks are still left out, because the list was refused for good."""
    words: str = ""
    """What is wrong with it, once that is to be said."""


class Sources:
    """The lists beside the comments, for one stream."""

    def __init__(self, session: Session, memory: Memory, now: Callable[[], int]) -> None:
        """`memory` is the stream's; `now` gives milliseconds since 1970."""
        self._now = now
        self._session = session
        self._memory = memory
        self._state = {name: _Source() for name in (VISITORS, TAGGED, REVIEWS, MAIL)}
        self._moved: dict[str, int] = {}  # by conversation, when it last moved as far as we have read it

    @property
    def notice(self) -> str:
        """What is wrong with these lists, for a person; empty when nothing is."""
        return " ".join(dict.fromkeys(state.words for state in self._state.values() if state.words))

    async def look(self, name: str, back_to: int, begun: int) -> Brought | None:
        """What is new in a list from `back_to` on; None when it cannot be read now.

        Raises SignInAgain and SlowDown only.
        """
        state = self._state[name]
        rights = self._session.rights
        lacked = MESSAGES if name == MAIL else READS_PEOPLE
        if rights.lacks(lacked):
            state.words = missing(lacked)
            return Brought(News(), [])
        if state.skips > 0:
            state.skips -= 1
            return Brought(News(), [])
        try:
            found, complaints = await self._read(name, back_to)
        except (NotAllowed, Gone) as refusal:
            state.skips, state.words = SKIPS, f"The Page's {name} cannot be read: {refusal.words}"
            return Brought(News(), [])
        except (TryLater, Misunderstood) as failure:
            state.failures += 1
            if state.failures >= PATIENCE:
                state.words = f"The Page's {name} cannot be read: {failure.words}"
            return None
        state.failures, state.words = 0, ""
        return Brought(self._memory.news(name, found, since=begun), complaints)

    async def _read(self, name: str, back_to: int) -> tuple[list[Arrival], list[str]]:
        page = self._session.page
        if name == MAIL:
            return await self._mail(back_to)
        if name == REVIEWS:
            return await self._list(
                f"{page}/ratings", RATING_FIELDS, lambda raw: from_rating(raw, page), back_to
            )
        path, sort = ("visitor_posts", "visitor") if name == VISITORS else ("tagged", "tagged")
        return await self._list(
            f"{page}/{path}", POST_FIELDS, lambda raw: from_post(raw, page, sort), back_to
        )

    async def _list(
        self,
        path: str,
        fields: str,
        read: Callable[[bytes], Arrival],
        back_to: int,
    ) -> tuple[list[Arrival], list[str]]:
        """A list that comes newest first, down to the first page without anything new enough."""
        found: list[Arrival] = []
        complaints: list[str] = []
        query: dict[str, str | int] = {"fields": fields, "limit": _A_PAGE}
        async for entries in self._session.graph.pages(path, query, most=_LIST_PAGES):
            arrivals, broken = readable(entries, read, self._memory)
            complaints += broken
            found += arrivals
            if arrivals and all(arrival.created_at < back_to for arrival in arrivals):
                break
        return found, complaints

    async def _mail(self, back_to: int) -> tuple[list[Arrival], list[str]]:
        found: list[Arrival] = []
        complaints: list[str] = []
        page, begun_at = self._session.page, self._now()
        async for thread, moved_at in self._moved_threads(back_to):

            def read(raw: bytes, thread: Thread = thread) -> Arrival:
                return from_message(raw, page, thread.id, thread.link or "")

            arrivals, broken = await self._list(f"{thread.id}/messages", MESSAGE_FIELDS, read, back_to)
            found += arrivals
            complaints += broken
            if moved_at < begun_at - _SETTLED_MS:
                self._moved[thread.id] = moved_at
        return found, complaints

    async def _moved_threads(self, back_to: int) -> AsyncIterator[tuple[Thread, int]]:
        """The conversations in which something was written since they were last read."""
        query: dict[str, str | int] = {"fields": THREAD_FIELDS, "platform": "MESSENGER", "limit": _A_PAGE}
        path = f"{self._session.page}/conversations"
        async for entries in self._session.graph.pages(path, query, most=_LIST_PAGES):
            is_old = True
            for raw in entries:
                try:
                    thread = decoded(bytes(raw), Thread)
                except UnreadableError:
                    continue
                moved_at = milliseconds(thread.updated_time) or 0
                is_old = is_old and moved_at < back_to
                if moved_at >= back_to and moved_at != self._moved.get(thread.id):
                    yield thread, moved_at
            if entries and is_old:
                return
