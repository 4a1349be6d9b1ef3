"""Looking again: whether a verb's effect is in place, asked of the network and not of our memory.

What a newcomer would get wrong: YouTube never shows whom a channel has banned, so of a ban nothing can be
said at all; and a message of a live chat is only known to be gone once the chat itself has said so.
"""

from collections.abc import Sequence

from console.api import Gone, ItemState, Sight, Target, Verb
from plugins.youtube.capability import HIDES, SHOWS
from plugins.youtube.mapping import read_note
from plugins.youtube.memory import Own
from plugins.youtube.session import Session
from plugins.youtube.threads import Threads
from plugins.youtube.whereabouts import whereabouts

_NOT_THERE = frozenset({ItemState.GONE, ItemState.DELETED})


class Looks:
    """Looks at items for one channel."""

    def __init__(self, session: Session, threads: Threads, own: Own) -> None:
        """All three are the connector's."""
        self._session = session
        self._threads = threads
        self._own = own

    async def look(
        self, verb: Verb, targets: Sequence[Target], notes: Sequence[str | None]
    ) -> Sequence[Sight]:
        """One sight for each target, in their order. Raises a `Failure`."""
        if verb in {Verb.BLOCK, Verb.UNBLOCK, Verb.RESTRICT}:
            return [Sight(target.remote_id, target.state) for target in targets]
        if verb is Verb.REPLY:
            return [await self._reply(target, note) for target, note in zip(targets, notes, strict=True)]
        tops: dict[str, str] = {
            target.remote_id: read_note(target.note).top
            for target in targets
            if not read_note(target.note).chat and read_note(target.note).top
        }
        found = await whereabouts(self._threads, tops) if tops else {}
        return [
            _sight(verb, target, found[target.remote_id])
            if target.remote_id in found
            else self._in_chat(verb, target)
            for target in targets
        ]

    def _in_chat(self, verb: Verb, target: Target) -> Sight:
        """A message of a live chat, as the chat told it."""
        is_there = self._own.chat.get(target.remote_id)
        if verb is not Verb.DELETE or not read_note(target.note).chat:
            return Sight(target.remote_id, target.state)
        if is_there is False:
            return Sight(target.remote_id, ItemState.DELETED, done=True)
        is_heard = read_note(target.note).chat in self._own.listening
        return Sight(target.remote_id, target.state, done=False if is_heard else None)

    async def _reply(self, target: Target, note: str | None) -> Sight:
        """Whether our reply is public. Without its id: whether we have answered in this thread at all.

        With an answer of ours in place nobody can tell whether it is this one, so a person decides.
        """
        known = read_note(target.note)
        if known.chat:
            done = True if note and self._own.chat.get(note) else None
            return Sight(target.remote_id, target.state, done)
        try:
            replies = await self._threads.replies_of(known.top)
        except Gone:
            return Sight(target.remote_id, ItemState.GONE, done=False if note else None)
        if note:
            public = {one.arrival.remote_id for one in replies if one.status == "published"}
            return Sight(target.remote_id, target.state, note in public)
        is_answered = any(one.arrival.is_ours for one in replies)
        return Sight(target.remote_id, target.state, None if is_answered else False)


def _sight(verb: Verb, target: Target, state: ItemState) -> Sight:
    """What a comment's whereabouts say of a verb."""
    one = target.remote_id
    if verb in HIDES:
        # A thread in the queue comes with a few of its replies only. One that is there, is not public and is
        # not among those is out of view all the same.
        if state in {ItemState.HELD, ItemState.UNKNOWN}:
            return Sight(one, ItemState.HELD if verb is Verb.HOLD else ItemState.HIDDEN, done=True)
        return Sight(one, state, done=state in _NOT_THERE)
    if verb in SHOWS:
        return Sight(one, state, done=state is ItemState.VISIBLE)
    if verb is Verb.DELETE:
        # YouTube keeps what it rejected, and shows it neither to the public nor in the queue.
        is_done = state in _NOT_THERE or state is ItemState.UNKNOWN
        return Sight(one, ItemState.DELETED if is_done else state, is_done)
    return Sight(one, state)
