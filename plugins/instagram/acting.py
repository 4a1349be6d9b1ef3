"""Verbs: what each sends, one request for each target.

What a newcomer would get wrong: one verb, four addresses. An answer goes to a comment's replies, to a post's
comments, to the account's mentions or into a private conversation, by what is answered.
Sources: `IGComment.json`, `IGMedia.json`, `IGUser.json`, `Page.json` of
https://github.com/facebook/facebook-business-sdk-codegen.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from console.api import Answer, Context, ItemKind, NotAllowed, Order, Target, Verb
from console.api.orders import one_by_one
from plugins.instagram.capability import refuse
from plugins.instagram.mapping import read_note
from plugins.instagram.session import Session
from plugins.instagram.wire import Made, Sent


class Acts:
    """Sends orders for one account."""

    def __init__(self, session: Session, context: Context) -> None:
        """`session` sends in the account's name."""
        self._session, self._now = session, context.now

    async def act(self, order: Order) -> Sequence[Answer]:
        """Sends one order. One answer for each target, in their order."""
        return await one_by_one(order, lambda target: self._send(order, target))

    async def _send(self, order: Order, target: Target) -> str | None:
        """Does the verb to one target. Returns the answer's note."""
        verb, graph = order.verb, self._session.graph
        refuse(verb, target, self._session.has, self._now())
        match verb:
            case Verb.HIDE | Verb.UNHIDE:
                await graph.do("POST", target.remote_id, {"hide": verb is Verb.HIDE})
                return None
            case Verb.DELETE:
                await graph.do("DELETE", target.remote_id)
                return None
        text = order.text or ""
        if not text.strip():
            raise NotAllowed("An answer needs words.")
        if verb is Verb.PRIVATE_REPLY:
            return await self._write({"comment_id": target.remote_id}, text)
        return await self._reply(target, text)

    async def _reply(self, target: Target, text: str) -> str:
        """Answers in public, or in the conversation that a message belongs to. Returns the answer's id."""
        if target.kind is ItemKind.MESSAGE:
            return await self._write({"id": read_note(target.note).writer}, text, messaging_type="RESPONSE")
        form: dict[str, str] = {"message": text}
        if read_note(target.note).is_below_ours:
            path = f"{target.remote_id}/replies"
        elif target.is_ours:
            path = f"{target.remote_id}/comments"
        else:
            path = f"{self._session.account.id}/mentions"
            form["media_id"] = target.remote_id
        return (await self._session.graph.tell("POST", path, Made, form)).id

    async def _write(self, recipient: Mapping[str, Any], text: str, **more: str) -> str:
        """Sends a private message. Returns its id."""
        form = {"recipient": _json(recipient), "message": _json({"text": text}), **more}
        path = f"{self._session.page}/messages"
        return (await self._session.graph.tell("POST", path, Sent, form)).message_id


def _json(found: Mapping[str, Any]) -> str:
    return msgspec.json.encode(found).decode()
