"""Verbs: what each sends, one request for each target.

What a newcomer would get wrong: LinkedIn has two levels of comments. An answer to a reply names the comment
above it as its parent, and the activity as its object, whatever name the post was read under.
"""

from collections.abc import Callable, Sequence
from urllib.parse import unquote

import msgspec

from console.api import Answer, Misunderstood, NotAllowed, Order, Target, Verb
from console.api.orders import one_by_one
from console.api.web import Reply
from plugins.linkedin.capability import reason_against
from plugins.linkedin.mapping import Note, read_note
from plugins.linkedin.session import Session
from plugins.linkedin.urns import address, comment_urn, comments_path, escaped, parts_of
from plugins.linkedin.wire import Comment


class Acts:
    """Sends orders for one account."""

    def __init__(self, session: Session, may_delete_others: Callable[[], bool]) -> None:
        """`may_delete_others` says whether a person turned that on."""
        self._session, self._may_delete_others = session, may_delete_others

    async def act(self, order: Order) -> Sequence[Answer]:
        """Sends one order. One answer for each target, in their order."""
        # Calls are few: after a ceiling none is spent on asking again.
        return await one_by_one(order, lambda target: self._send(order, target))

    async def _send(self, order: Order, target: Target) -> str | None:
        reason = reason_against(order.verb, target, may_delete_others=self._may_delete_others())
        if reason:
            raise NotAllowed(reason)
        note, actor = read_note(target.note), escaped(self._session.page)
        match order.verb:
            case Verb.REPLY:
                return await self._reply(note, order.text or "")
            case Verb.DELETE:
                path = comments_path(note.post, parts_of(note.urn)[1])
                await self._session.tell("DELETE", address(path, {"actor": actor}))
                return None
            case Verb.LIKE:
                body = {"root": note.urn or note.post, "reactionType": "LIKE"}
                await self._session.tell("POST", address("reactions", {"actor": actor}), body)
                return None
        raise NotAllowed("LinkedIn has nothing of this kind.")

    async def _reply(self, note: Note, text: str) -> str:
        """Answers a comment or a post as the page; gives the name of the answer."""
        if not text.strip():
            raise NotAllowed("A reply needs words.")
        place = note.object or note.post
        body: dict[str, object] = {"actor": self._session.page, "object": place, "message": {"text": text}}
        if note.urn:
            body["parentComment"] = note.top or note.urn
        reply = await self._session.tell("POST", comments_path(note.post), body)
        urn = _made(reply, place)
        if not urn:
            raise Misunderstood("LinkedIn did not say which answer it made.", sent=True)
        return urn


def _made(reply: Reply, place: str) -> str:
    """The name of the comment that was made: from the body, else from the header `x-restli-id`."""
    try:
        found = msgspec.json.decode(reply.body, type=Comment)
    except msgspec.DecodeError:
        found = None
    if found is not None:
        urn = comment_urn(found.comment_urn) or comment_urn(found.urn)
        if urn:
            return urn
    said = unquote(reply.headers.get("x-restli-id", ""))
    return comment_urn(said) or comment_urn(f"urn:li:comment:({place},{said})")
