"""Looking again: whether a verb's effect is in place, asked of the server and not of our memory.

What a newcomer would get wrong: a post that cannot be found is gone or no longer for us; the server answers
the same to both. An author whom the account blocks can still be looked at by number.
"""

from collections.abc import Sequence

import msgspec

from console.api import Gone, ItemState, Sight, Target, Verb
from plugins.mastodon.mapping import post_of
from plugins.mastodon.session import Session, path_of
from plugins.mastodon.threads import posts_in
from plugins.mastodon.wire import Limited, Post, Relationship, Thread

_AT_ONCE = 40


class Looks:
    """Looks at items for one account."""

    def __init__(self, session: Session) -> None:
        """`session` asks in the account's name."""
        self._session = session

    async def look(
        self, verb: Verb, targets: Sequence[Target], notes: Sequence[str | None]
    ) -> Sequence[Sight]:
        """One sight for each target, in their order. Raises a `Failure`."""
        match verb:
            case Verb.BLOCK | Verb.UNBLOCK | Verb.MUTE | Verb.UNMUTE:
                return await self._authors(verb, targets)
            case Verb.DELETE | Verb.LIKE:
                return [await self._post(verb, target) for target in targets]
            case Verb.REPLY:
                return [await self._reply(target, note) for target, note in zip(targets, notes, strict=True)]
            case Verb.RESTRICT:
                return [await self._limited(target) for target in targets]
        return [Sight(target.remote_id, target.state) for target in targets]

    async def _authors(self, verb: Verb, targets: Sequence[Target]) -> list[Sight]:
        """Blocks and mutes. They leave the item as it is, so its state is passed on as it was."""
        wanted = list(dict.fromkeys(target.author_id for target in targets))
        known: dict[str, Relationship] = {}
        for start in range(0, len(wanted), _AT_ONCE):
            query = {"id[]": wanted[start : start + _AT_ONCE], "with_suspended": True}
            path = path_of("accounts", "relationships")
            for found in await self._session.look(path, list[Relationship], query=query):
                known[found.id] = found
        return [Sight(one.remote_id, one.state, _is_so(verb, known.get(one.author_id))) for one in targets]

    async def _post(self, verb: Verb, target: Target) -> Sight:
        found = await self._find(target.remote_id)
        if found is None:
            if verb is Verb.DELETE:
                return Sight(target.remote_id, ItemState.DELETED, done=True)
            return Sight(target.remote_id, ItemState.GONE)
        done = verb is Verb.LIKE and found.favourited
        return Sight(target.remote_id, ItemState.VISIBLE, done=done)

    async def _reply(self, target: Target, note: str | None) -> Sight:
        """Whether our answer is there. Without its number: whether we have answered this at all.

        With an answer of ours in place nobody can tell whether it is this one, so a person decides.
        """
        if note:
            return Sight(target.remote_id, target.state, await self._find(note) is not None)
        path = path_of("statuses", target.remote_id, "context")
        try:
            thread = await self._session.look(path, Thread)
        except Gone:
            return Sight(target.remote_id, ItemState.GONE)
        answered = any(
            post.account.id == self._session.me and post.in_reply_to_id == target.remote_id
            for post, _ in posts_in(thread.descendants)
        )
        return Sight(target.remote_id, target.state, None if answered else False)

    async def _limited(self, target: Target) -> Sight:
        path = path_of("admin", "accounts", target.author_id)
        try:
            found = await self._session.look(path, Limited)
        except Gone:
            return Sight(target.remote_id, target.state, done=None)
        return Sight(target.remote_id, target.state, found.silenced or found.suspended)

    async def _find(self, post: str) -> Post | None:
        try:
            return post_of(bytes(await self._session.look(path_of("statuses", post), msgspec.Raw)))
        except Gone:
            return None


def _is_so(verb: Verb, found: Relationship | None) -> bool | None:
    """Whether a block or a mute is as the verb wants it; None for an author of whom nothing is said."""
    if found is None:
        return True if verb in {Verb.UNBLOCK, Verb.UNMUTE} else None
    is_on = found.blocking if verb in {Verb.BLOCK, Verb.UNBLOCK} else found.muting
    return is_on is (verb in {Verb.BLOCK, Verb.MUTE})
