"""Looking at items after a verb was sent, as far as X tells.

What a newcomer would get wrong: X never tells whether a reply is hidden. A look can only show that the post
is still there, so hiding and showing stay Cordon's own record (`done` is None). Looking is paid for and never
refused for want of money: what was sent must be known.
"""

from collections.abc import Sequence

from console.api import ItemState, RemoteId, Sight, Target, Verb
from console.api.entries import UnreadableError
from plugins.x import names
from plugins.x.mapping import read_note, read_post
from plugins.x.money import OWN_READ
from plugins.x.people import People
from plugins.x.session import Session
from plugins.x.threads import is_gone, look_up
from plugins.x.wire import number

_BONDS = {Verb.MUTE: "muting", Verb.UNMUTE: "muting", Verb.BLOCK: "blocking", Verb.UNBLOCK: "blocking"}
_ENDS = frozenset({Verb.UNMUTE, Verb.UNBLOCK})


class Looks:
    """Looks at items for one account."""

    def __init__(self, session: Session, people: People) -> None:
        """Both are the connector's."""
        self._session, self._people = session, people

    async def look(
        self, verb: Verb, targets: Sequence[Target], notes: Sequence[str | None]
    ) -> Sequence[Sight]:
        """One sight for each target, in their order. Raises a `Failure`."""
        if verb in _BONDS:
            return await self._authors(verb, targets)
        if verb is Verb.REPLY:
            return await self._replies(targets, notes)
        return await self._posts(verb, targets)

    async def _posts(self, verb: Verb, targets: Sequence[Target]) -> list[Sight]:
        """Whether posts are there; which is all that X shows of a hidden reply."""
        ids = {target.remote_id: read_note(target.note).version or target.remote_id for target in targets}
        there, missing = await self._there([one for one in ids.values() if number(one)])
        sights: list[Sight] = []
        for target in targets:
            post = ids[target.remote_id]
            is_deletion = verb is Verb.DELETE
            if post in missing:
                state = ItemState.DELETED if is_deletion else ItemState.GONE
                # For everybody, what is gone is as good as hidden and can be shown no more.
                sights.append(Sight(target.remote_id, state, done=is_deletion or verb is Verb.HIDE))
            elif post in there:
                is_done = False if is_deletion else None
                sights.append(Sight(target.remote_id, _before(target.state), is_done))
            else:
                sights.append(Sight(target.remote_id, ItemState.UNKNOWN))
        return sights

    async def _authors(self, verb: Verb, targets: Sequence[Target]) -> list[Sight]:
        """Mutes and blocks. They leave the item as it is."""
        ids = [target.author_id for target in targets if number(target.author_id)]
        bonds = await self._people.bonds(ids) if ids else {}
        sights: list[Sight] = []
        for target in targets:
            user = bonds.get(target.author_id)
            done: bool | None
            if user is None:
                # Without an account nobody is left to be muted, and nothing could be seen.
                done = True if verb in _ENDS else None
            elif user.connection_status is None:
                done = None
            else:
                done = (_BONDS[verb] in user.connection_status) is (verb not in _ENDS)
            sights.append(Sight(target.remote_id, target.state, done))
        return sights

    async def _replies(self, targets: Sequence[Target], notes: Sequence[str | None]) -> list[Sight]:
        """Whether our replies are there. Without an id: whether we have answered this at all of late.

        With an answer of ours in place nobody can tell whether it is this one, so a person decides.
        """
        there, _ = await self._there([note for note in notes if note and number(note)])
        answered: set[str] = set()
        if not all(notes):
            answered = await self._answered()
        sights: list[Sight] = []
        for target, note in zip(targets, notes, strict=True):
            versions = {target.remote_id, RemoteId(read_note(target.note).version)}
            done = note in there if note else (None if versions & answered else False)
            sights.append(Sight(target.remote_id, target.state, done))
        return sights

    async def _answered(self) -> set[str]:
        query = {**names.BARE_POSTS, "max_results": "100", "exclude": "retweets"}
        page = await self._session.ask(names.posts_of(self._session.me.id), query, ceiling="own posts")
        found: set[str] = set()
        for raw in page.data or ():
            try:
                post = read_post(bytes(raw))
            except UnreadableError:
                continue
            await self._session.money.pay([post.id], OWN_READ)
            found.add(post.refers_to("replied_to"))
        return found

    async def _there(self, ids: Sequence[str]) -> tuple[set[str], set[str]]:
        """Of these posts those that X shows, and those that it says are gone."""
        there: set[str] = set()
        gone: set[str] = set()
        wanted = list(dict.fromkeys(ids))
        for start in range(0, len(wanted), names.AT_ONCE):
            found, missing = await look_up(self._session, wanted[start : start + names.AT_ONCE])
            there |= found.keys()
            gone |= {one for one, kind in missing.items() if is_gone(kind)}
        return there, gone


def _before(state: ItemState) -> ItemState:
    """What is known of an item that is there: what we have on record, unless that was that it is gone."""
    return ItemState.VISIBLE if state in {ItemState.GONE, ItemState.DELETED} else state
