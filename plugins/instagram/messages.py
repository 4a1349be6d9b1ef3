"""Private messages to the account, through the Page that it is linked to.

What a newcomer would get wrong: of a conversation only the twenty newest messages can be read, and requests
that nobody has touched for thirty days are not listed at all.
Source: https://developers.facebook.com/docs/messenger-platform/conversations.
"""

from console.api import Arrival
from console.api.entries import Complaints, UnreadableError, decoded
from plugins.instagram.mapping import from_message
from plugins.instagram.session import Session
from plugins.instagram.wire import MESSAGE_FIELDS, Conversation, Message
from plugins.meta.times import milliseconds

READABLE = 20


class Messages:
    """Reads messages for one stream."""

    def __init__(self, session: Session) -> None:
        """`session` sends in the account's name."""
        self._session = session
        self._broken = Complaints()

    async def since(self, back_to: int) -> tuple[list[Arrival], tuple[str, ...]]:
        """Messages that are no older than `back_to`, the oldest first; and complaints. Raises a `Failure`."""
        arrivals: dict[str, Arrival] = {}
        for conversation in await self._conversations(back_to):
            query = {"fields": MESSAGE_FIELDS, "limit": READABLE}
            async for entries in self._session.graph.pages(f"{conversation}/messages", query, most=1):
                for raw in entries:
                    try:
                        message = decoded(raw, Message)
                        found = from_message(raw, message, conversation, me=self._session.account.id)
                    except UnreadableError as problem:
                        self._broken.add(raw, problem)
                        continue
                    if found.created_at >= back_to:
                        arrivals.setdefault(found.remote_id, found)
        ordered = sorted(arrivals.values(), key=lambda one: (one.created_at, one.remote_id))
        return ordered, self._broken.take()

    async def _conversations(self, back_to: int) -> list[str]:
        """Conversations in which something was said since `back_to`, or that do not tell."""
        found: list[str] = []
        query = {"platform": "instagram", "fields": "id,updated_time", "limit": 50}
        async for entries in self._session.graph.pages(f"{self._session.page}/conversations", query):
            oldest: int | None = None
            for raw in entries:
                try:
                    one = decoded(raw, Conversation)
                except UnreadableError as problem:
                    self._broken.add(raw, problem)
                    continue
                at = milliseconds(one.updated_time)
                oldest = oldest if at is None else at if oldest is None else min(oldest, at)
                if at is None or at >= back_to:
                    found.append(one.id)
            if oldest is not None and oldest < back_to:
                break
        return list(dict.fromkeys(found))
