"""Looking again: whether a verb's effect is in place, asked of the network and not of our memory.

What a newcomer would get wrong: a reply of ours whose answer was lost cannot be told from an earlier one to
the same item. Where we have answered an item at all, a person decides; where we have not, it was not sent.
"""

from collections.abc import Sequence

from console.api import Gone, ItemState, NotAllowed, RemoteId, Sight, Target, Verb
from console.api.entries import Complaints, UnreadableError
from plugins.meta.errors import WrongKind
from plugins.meta.memory import exists
from plugins.threads.conversations import gather
from plugins.threads.mapping import IGNORED, PENDING, approval_of, post_of, state_of
from plugins.threads.session import Session
from plugins.threads.wire import STATUS_FIELDS, Listing, Post


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
        match verb:
            case Verb.HIDE | Verb.UNHIDE:
                return await self._hiding(verb, target.remote_id)
            case Verb.DELETE:
                if await exists(self._session.graph, target.remote_id, is_counted=False):
                    return Sight(target.remote_id, ItemState.VISIBLE, done=False)
                return Sight(target.remote_id, ItemState.DELETED, done=True)
            case Verb.PUBLISH | Verb.HOLD:
                return await self._deciding(verb, target)
            case Verb.REPLY:
                return Sight(target.remote_id, target.state, await self._replied(target, note))
        return Sight(target.remote_id, target.state)

    async def _hiding(self, verb: Verb, reply: RemoteId) -> Sight:
        try:
            post = await self._session.graph.ask(
                reply, Post, query={"fields": STATUS_FIELDS}, is_counted=False
            )
        except Gone:
            return Sight(reply, ItemState.GONE, done=verb is Verb.HIDE)
        state = state_of(post)
        return Sight(reply, state, done=(state is ItemState.HIDDEN) is (verb is Verb.HIDE))

    async def _deciding(self, verb: Verb, target: Target) -> Sight:
        """Whether a held reply was approved or set aside: by what it says itself, else by its lists."""
        reply = target.remote_id
        query = {"fields": f"{STATUS_FIELDS},reply_approval_status"}
        try:
            post = await self._session.graph.ask(reply, Post, query=query, is_counted=False)
        except Gone:
            return Sight(reply, ItemState.GONE, done=verb is Verb.HOLD)
        approval = approval_of(post)
        if not post.reply_approval_status:
            approval = await self._list_of(reply, target.thread)
        if approval:
            return Sight(reply, ItemState.HELD, done=verb is Verb.HOLD and approval == IGNORED)
        return Sight(reply, state_of(post), done=verb is Verb.PUBLISH)

    async def _list_of(self, reply: RemoteId, root: RemoteId | None) -> str:
        """Which list of held replies a reply stands in; empty for none."""
        for approval in (IGNORED, PENDING) if root else ():
            query = {"fields": "id,timestamp", "reverse": "true", "approval_status": approval}
            try:
                held = await gather(self._session.graph, f"{root}/pending_replies", query, 0, Complaints())
            except (Gone, NotAllowed):
                return ""
            if reply in held.found:
                return approval
        return ""

    async def _replied(self, target: Target, note: str | None) -> bool | None:
        """Whether our answer is there; None when nobody can tell."""
        graph = self._session.graph
        if note:
            return await exists(graph, note, is_counted=False)
        query: dict[str, str | int] = {"fields": "id,timestamp,replied_to", "limit": 50}
        try:
            page = await graph.ask("me/replies", Listing, query=query, is_counted=False)
        except WrongKind:
            return None
        for raw in page.data:
            try:
                post = post_of(raw)
            except UnreadableError:
                return None
            if post.replied_to is not None and post.replied_to.id == target.remote_id:
                return None
        return False
