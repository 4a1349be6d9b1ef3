"""Verbs: what each sends, one request for each target.

What a newcomer would get wrong: Reddit says yes to removing what is gone, and to banning who is banned.
Its "yes" means "heard", so nothing here concludes anything from it.
"""

from collections.abc import Sequence

from console.api import Answer, Misunderstood, NotAllowed, Order, Target, Verb
from console.api.orders import one_by_one
from plugins.reddit.capability import ABOUT_THE_AUTHOR, reason_against
from plugins.reddit.mapping import read_note
from plugins.reddit.rights import Rights
from plugins.reddit.session import Session
from plugins.reddit.wire import Made, Nothing, Taken

REASON_LENGTH = 100
"""Characters that a report's reason may have: `reportable.py` of the package praw 8.0.3."""
_RELATIONS = {Verb.BLOCK: "banned", Verb.UNBLOCK: "banned", Verb.MUTE: "muted", Verb.UNMUTE: "muted"}


class Acts:
    """Sends orders for one account."""

    def __init__(self, session: Session) -> None:
        """`session` is the connector's."""
        self._session = session

    async def act(self, order: Order, rights: Rights, subreddit: str) -> Sequence[Answer]:
        """Sends one order. One answer for each target, in their order."""
        done: set[str] = set()

        async def send(target: Target) -> str | None:
            # Several items of one author take one ban.
            if order.verb in ABOUT_THE_AUTHOR and target.author_id in done:
                return None
            note = await self._send(order, target, rights, subreddit)
            done.add(target.author_id)
            return note

        return await one_by_one(order, send)

    async def _send(self, order: Order, target: Target, rights: Rights, subreddit: str) -> str | None:
        """Sends one verb; gives the note. Raises a `Failure`."""
        verb, name = order.verb, target.remote_id
        reason = reason_against(verb, target, rights)
        # What is done already is done again without harm; the rest of the reasons hold.
        if reason and not _is_about_state(verb, target):
            raise NotAllowed(reason)
        if verb in _RELATIONS:
            await self._relate(verb, target, subreddit)
        elif verb is Verb.HIDE:
            await self._session.tell("api/remove", {"id": name, "spam": False}, Nothing)
        elif verb in {Verb.UNHIDE, Verb.PUBLISH}:
            await self._session.tell("api/approve", {"id": name}, Nothing)
        elif verb is Verb.DELETE:
            await self._session.tell("api/del", {"id": name}, Nothing)
        elif verb is Verb.LIKE:
            await self._session.tell("api/vote", {"id": name, "dir": 1}, Nothing)
        elif verb is Verb.REPORT:
            await self._report(name, order.category)
        elif verb is Verb.REPLY:
            return await self._reply(name, order.text or "")
        else:
            raise NotAllowed("Reddit has nothing of this kind.")
        return None

    async def _relate(self, verb: Verb, target: Target, subreddit: str) -> None:
        """Bans, mutes, or ends it."""
        form = {"name": read_note(target.note).author, "type": _RELATIONS[verb]}
        if verb in {Verb.UNBLOCK, Verb.UNMUTE}:
            await self._session.tell(f"r/{subreddit}/api/unfriend", form, Taken)
            return
        # Without a duration it holds until it is undone; the note is read by moderators only.
        await self._session.tell(f"r/{subreddit}/api/friend", {**form, "note": "by way of Cordon"}, Taken)

    async def _report(self, name: str, category: str | None) -> None:
        words = f"Reported by a police force: {(category or 'other').replace('-', ' ')}"
        # Its pages call the field `thing_id`, the library that most use sends `id`; both are taken.
        form = {"thing_id": name, "id": name, "reason": words[:REASON_LENGTH]}
        await self._session.tell("api/report", form, Taken)

    async def _reply(self, name: str, text: str) -> str:
        if not text.strip():
            raise NotAllowed("A reply needs words.")
        made = await self._session.tell("api/comment", {"thing_id": name, "text": text}, Made)
        if not made.json.data.things:
            raise Misunderstood("Reddit took the reply and does not say where it stands.", sent=True)
        return made.json.data.things[0].data.name


def _is_about_state(verb: Verb, target: Target) -> bool:
    """Whether the only thing against it is that it has been done already."""
    return verb in {Verb.HIDE, Verb.UNHIDE, Verb.PUBLISH} and read_note(target.note).here
