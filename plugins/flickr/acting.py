"""Verbs: what each sends, one request for each target.

What a newcomer would get wrong: an answer hangs on the photo, not on the comment that it answers. Flickr has
no threads, so whoever is meant must be named in the words.
"""

from collections.abc import Sequence

from console.api import Answer, NotAllowed, Order, Target, Verb
from console.api.orders import one_by_one
from plugins.flickr.capability import reason_against
from plugins.flickr.mapping import read_note
from plugins.flickr.session import ADD, DELETE, Session
from plugins.flickr.wire import Done, Made


class Acts:
    """Sends orders for one account."""

    def __init__(self, session: Session, *, may_delete_others: bool) -> None:
        """`session` is the connector's; `may_delete_others` is the switch."""
        self._session = session
        self._may_delete_others = may_delete_others

    async def act(self, order: Order) -> Sequence[Answer]:
        """Sends one order. One answer for each target, in their order."""
        return await one_by_one(order, lambda target: self._send(order, target))

    async def _send(self, order: Order, target: Target) -> str | None:
        """Sends one verb; gives the note. Raises a `Failure`."""
        if order.verb not in {Verb.DELETE, Verb.REPLY}:
            raise NotAllowed("Flickr has nothing of this kind.")
        reason = reason_against(order.verb, target, may_delete_others=self._may_delete_others)
        if reason:
            raise NotAllowed(reason)
        if order.verb is Verb.DELETE:
            await self._session.tell(DELETE, Done, comment_id=target.remote_id)
            return None
        text = order.text or ""
        if not text.strip():
            raise NotAllowed("A reply needs words.")
        photo = read_note(target.note).photo
        made = await self._session.tell(ADD, Made, photo_id=photo, comment_text=text)
        return made.comment.id
