"""Verbs: one request each, one answer for each target.

What a newcomer would get wrong: an answer to somebody reaches them only when it names them, and it must be no
more public than what it answers. A repeat of the same answer within an hour is told to the server by its key,
so a lost answer never becomes two.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence

from console.api import Answer, NotAllowed, Order, Target, Verb
from console.api.orders import one_by_one
from plugins.mastodon.capability import ABOUT_THE_AUTHOR, reason_against
from plugins.mastodon.mapping import read_note
from plugins.mastodon.session import DELETIONS, POSTS, REPORTS, Session, path_of
from plugins.mastodon.wire import Empty, Made

CATEGORIES: Mapping[str, str] = {
    "spam": "spam",
    "threat-to-life": "legal",
    "child-at-risk": "legal",
    "weapons": "legal",
    "disorder": "legal",
    "officer-location": "legal",
    "doxxing": "legal",
    "contempt": "legal",
    "hate": "legal",
}
"""From our categories to those of a report; all others are `other`. The server's own `violation` has to name
the numbers of its rules, which differ from server to server."""
KNOWS_LEGAL = (4, 2)
"""Since this version a report can say that something is against the law; before, that is `other`."""
LONGEST_COMMENT = 1000


class Acts:
    """Sends orders for one account."""

    def __init__(self, session: Session) -> None:
        """`session` sends in the account's name."""
        self._session = session

    async def act(self, order: Order) -> Sequence[Answer]:
        """Sends one order. One answer for each target, in their order."""
        done: dict[str, str | None] = {}

        async def send(target: Target) -> str | None:
            # Two posts of one author: one block is enough.
            key = target.author_id if order.verb in ABOUT_THE_AUTHOR else target.remote_id
            if key not in done:
                reason = reason_against(order.verb, target, self._session.rights)
                if reason:
                    raise NotAllowed(reason)
                done[key] = await self._send(order, target)
            return done[key]

        return await one_by_one(order, send)

    async def _send(self, order: Order, target: Target) -> str | None:
        """Sends the one request of a verb; gives what is needed to look for it later."""
        sends: dict[Verb, Callable[[], Awaitable[str | None]]] = {
            Verb.REPLY: lambda: self._reply(target, order.text or ""),
            Verb.LIKE: lambda: self._simply("statuses", target.remote_id, "favourite"),
            Verb.DELETE: lambda: self._delete(target),
            Verb.BLOCK: lambda: self._simply("accounts", target.author_id, "block"),
            Verb.UNBLOCK: lambda: self._simply("accounts", target.author_id, "unblock"),
            Verb.MUTE: lambda: self._simply("accounts", target.author_id, "mute"),
            Verb.UNMUTE: lambda: self._simply("accounts", target.author_id, "unmute"),
            Verb.RESTRICT: lambda: self._limit(target),
            Verb.REPORT: lambda: self._report(target, order.category),
        }
        if order.verb not in sends:
            raise NotAllowed("Mastodon has nothing of this kind.")
        return await sends[order.verb]()

    async def _simply(self, *parts: str) -> None:
        await self._session.tell("POST", path_of(*parts), Empty)

    async def _delete(self, target: Target) -> None:
        path = path_of("statuses", target.remote_id)
        await self._session.tell("DELETE", path, Empty, ceiling=DELETIONS)

    async def _reply(self, target: Target, text: str) -> str:
        if not text.strip():
            raise NotAllowed("A reply needs words.")
        note = read_note(target.note)
        is_named = re.search(rf"@{re.escape(note.acct)}(?![\w@.-])", text, re.IGNORECASE)
        words = text if is_named or target.is_ours else f"@{note.acct} {text}"
        body = {"status": words, "in_reply_to_id": target.remote_id, "visibility": note.visibility}
        key = hashlib.sha256(f"{self._session.me}\n{target.remote_id}\n{text}".encode()).hexdigest()
        made = await self._session.tell("POST", path_of("statuses"), Made, body=body, key=key, ceiling=POSTS)
        return made.id

    async def _limit(self, target: Target) -> None:
        body = {"type": "silence", "send_email_notification": False}
        path = path_of("admin", "accounts", target.author_id, "action")
        await self._session.tell("POST", path, Empty, body=body)

    async def _report(self, target: Target, category: str | None) -> str:
        said = (category or "other").replace("-", " ")
        filed = CATEGORIES.get(category or "", "other")
        if filed == "legal" and self._session.server.version < KNOWS_LEGAL:
            filed = "other"
        body = {
            "account_id": target.author_id,
            "status_ids": [target.remote_id],
            "category": filed,
            "comment": f"Reported by a police force as: {said}."[:LONGEST_COMMENT],
            # Without this the author's own server, which can do most, never hears of it.
            "forward": "@" in read_note(target.note).acct,
        }
        made = await self._session.tell("POST", path_of("reports"), Made, body=body, ceiling=REPORTS)
        return made.id
