"""Looking again: whether a verb's effect is in place, asked of the network and not of our memory.

What a newcomer would get wrong: "hidden" may be left out of an answer. Then nothing is known, and nothing is
claimed; only a plain yes or no counts.
"""

from collections.abc import Sequence

from console.api import Gone, ItemKind, ItemState, NotAllowed, RemoteId, Sight, Target, Verb
from console.api.entries import UnreadableError, decoded
from plugins.instagram.mapping import author_of, read_note, state_of
from plugins.instagram.session import Session
from plugins.instagram.wire import Comment
from plugins.meta.memory import exists


class Looks:
    """Looks at items for one account."""

    def __init__(self, session: Session) -> None:
        """`session` sends in the account's name."""
        self._session = session

    async def look(
        self, verb: Verb, targets: Sequence[Target], notes: Sequence[str | None]
    ) -> Sequence[Sight]:
        """One sight for each target, in their order. Raises a `Failure`."""
        return [await self._one(verb, target, note) for target, note in zip(targets, notes, strict=True)]

    async def _one(self, verb: Verb, target: Target, note: str | None) -> Sight:
        if verb in {Verb.HIDE, Verb.UNHIDE}:
            return await self._hiding(verb, target.remote_id)
        if verb is Verb.DELETE:
            if await exists(self._session.graph, target.remote_id, is_counted=False):
                return Sight(target.remote_id, ItemState.VISIBLE, done=False)
            return Sight(target.remote_id, ItemState.DELETED, done=True)
        if verb in {Verb.REPLY, Verb.PRIVATE_REPLY}:
            done = await self._sent(note) if note else await self._answered(verb, target)
            return Sight(target.remote_id, target.state, done)
        return Sight(target.remote_id, target.state)

    async def _hiding(self, verb: Verb, comment: RemoteId) -> Sight:
        query = {"fields": "id,hidden"}
        try:
            found = await self._session.graph.ask(comment, Comment, query=query, is_counted=False)
        except Gone:
            return Sight(comment, ItemState.GONE, done=verb is Verb.HIDE)
        if found.hidden is None:
            return Sight(comment, ItemState.UNKNOWN)
        return Sight(comment, state_of(found), done=found.hidden is (verb is Verb.HIDE))

    async def _sent(self, made: str) -> bool | None:
        """Whether our answer is there; None where the network does not let us see it."""
        try:
            return await exists(self._session.graph, made, is_counted=False)
        except NotAllowed:
            return None

    async def _answered(self, verb: Verb, target: Target) -> bool | None:
        """Without an answer's id: False when we have not answered this at all; None when nobody can tell."""
        if (
            verb is Verb.PRIVATE_REPLY
            or target.kind is ItemKind.MESSAGE
            or not read_note(target.note).is_below_ours
        ):
            return None
        account = self._session.account
        query = {"fields": "id,username,from", "limit": 50}
        async for entries in self._session.graph.pages(f"{target.remote_id}/replies", query):
            for raw in entries:
                try:
                    reply = decoded(raw, Comment)
                except UnreadableError:
                    return None
                author = author_of(reply.username, reply.sender)
                if account.id == author.id or account.username.lower() == author.handle.lower():
                    return None
        return False
