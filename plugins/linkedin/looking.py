"""Looking again: whether a verb's effect is in place, asked of LinkedIn and not of our memory.

What a newcomer would get wrong: a comment says whether the *person* who signed in likes it, and we like as
the page. So the page's reaction is asked for by its own key.
"""

from collections.abc import Sequence

from console.api import Gone, ItemState, NotAllowed, Sight, Target, Verb
from plugins.linkedin.mapping import Note, Place, read_note
from plugins.linkedin.posts import Posts
from plugins.linkedin.session import Session
from plugins.linkedin.urns import escaped, parts_of
from plugins.linkedin.wire import Anything


class Looks:
    """Looks at items for one account."""

    def __init__(self, session: Session, posts: Posts) -> None:
        """Both are the connector's."""
        self._session, self._posts = session, posts

    async def look(
        self, verb: Verb, targets: Sequence[Target], notes: Sequence[str | None]
    ) -> Sequence[Sight]:
        """One sight for each target, in their order. Raises a `Failure`."""
        sights: list[Sight] = []
        for target, answer in zip(targets, notes, strict=True):
            note = read_note(target.note)
            if not note.post:
                sights.append(Sight(target.remote_id, target.state))
            elif verb is Verb.REPLY:
                sights.append(Sight(target.remote_id, target.state, await self._replied(note, answer)))
            elif verb is Verb.LIKE:
                sights.append(Sight(target.remote_id, target.state, await self._liked(note)))
            elif note.urn:
                sights.append(await self._comment(verb, target, note))
            else:
                sights.append(Sight(target.remote_id, target.state))
        return sights

    async def _comment(self, verb: Verb, target: Target, note: Note) -> Sight:
        """Whether a comment is there."""
        if await self._posts.is_there(note.post, note.urn):
            return Sight(target.remote_id, ItemState.VISIBLE, False if verb is Verb.DELETE else None)
        is_deleted = verb is Verb.DELETE
        state = ItemState.DELETED if is_deleted else ItemState.GONE
        return Sight(target.remote_id, state, True if is_deleted else None)

    async def _replied(self, note: Note, answer: str | None) -> bool | None:
        """Whether our answer is there. Without its name: whether the page has answered there at all.

        With an answer in place nobody can tell whether it is this one, so a person decides.
        """
        if answer and parts_of(answer)[1]:
            return await self._posts.is_there(note.post, answer)
        found = await self._posts.below(Place(note.post), note.top or note.urn)
        return None if any(told.arrival.is_ours for told in found.values()) else False

    async def _liked(self, note: Note) -> bool | None:
        entity, actor = escaped(note.urn or note.post), escaped(self._session.page)
        try:
            await self._session.ask(f"reactions/(actor:{actor},entity:{entity})", Anything)
        except Gone:
            return False
        except NotAllowed:
            return None  # not ours to ask: then nobody can tell
        return True
