"""Verbs: what each sends, one request for each target.

What a newcomer would get wrong: a comment's id alone is not enough. TikTok wants the video's id too (its
code 40002 says so), and only videos of our own may be named: the item's note has the one it was read below.
"""

from collections.abc import Sequence

from console.api import Answer, ItemKind, Misunderstood, NotAllowed, Order, Target, Verb
from console.api.orders import one_by_one
from plugins.tiktok.capability import A_VIDEO, NOT_OUR_VIDEO, NOT_OURS
from plugins.tiktok.mapping import read_note
from plugins.tiktok.session import Session
from plugins.tiktok.wire import Done, MadeAnswer

LONGEST_REPLY = 1200
"""Characters that TikTok takes in one comment."""

_SIMPLE = {
    Verb.HIDE: ("business/comment/hide/", "HIDE"),
    Verb.UNHIDE: ("business/comment/hide/", "UNHIDE"),
    Verb.LIKE: ("business/comment/like/", "LIKE"),
}


class Acts:
    """Sends orders for one account."""

    def __init__(self, session: Session) -> None:
        """`session` is the connector's."""
        self._session = session

    async def act(self, order: Order) -> Sequence[Answer]:
        """Sends one order. One answer for each target, in their order."""
        return await one_by_one(order, lambda target: self._send(order, target))

    async def _send(self, order: Order, target: Target) -> str | None:
        """Does the verb to one target; gives the note of its answer. Raises a `Failure`."""
        note = read_note(target.note)
        if not note.video:
            raise NotAllowed(NOT_OUR_VIDEO)
        if order.verb is Verb.REPLY:
            return await self._reply(target, order.text or "")
        if target.kind is ItemKind.POST:
            raise NotAllowed(A_VIDEO)
        if order.verb is Verb.DELETE:
            if not target.is_ours:
                raise NotAllowed(NOT_OURS)
            await self._session.tell("business/comment/delete/", {"comment_id": target.remote_id}, Done)
            return None
        if order.verb not in _SIMPLE:
            raise NotAllowed("TikTok has nothing of this kind.")
        path, action = _SIMPLE[order.verb]
        body = {"video_id": note.video, "comment_id": target.remote_id, "action": action}
        await self._session.tell(path, body, Done)
        return None

    async def _reply(self, target: Target, text: str) -> str:
        """Answers below a comment, or below the video itself. Gives the id of what was made.

        A reply to a reply goes below the comment that both hang on: TikTok has two levels.
        """
        if not text.strip():
            raise NotAllowed("A reply needs words.")
        if len(text) > LONGEST_REPLY:
            raise NotAllowed(f"TikTok takes {LONGEST_REPLY} characters in a reply, and this has {len(text)}.")
        note = read_note(target.note)
        body = {"video_id": note.video, "text": text}
        if target.kind is ItemKind.POST:
            made = await self._session.tell("business/comment/create/", body, MadeAnswer)
        else:
            body["comment_id"] = note.above or target.remote_id
            made = await self._session.tell("business/comment/reply/create/", body, MadeAnswer)
        found = str(made.data.comment_id).strip()
        if not found:
            raise Misunderstood("TikTok did not say which reply it made.", sent=True)
        return found
