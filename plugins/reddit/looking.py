"""Looking again: whether a verb's effect is in place, asked of Reddit and not of our memory.

What a newcomer would get wrong: whether something is removed is told to moderators only. When those fields
are missing from the answer nothing was seen, and "not seen" is neither "done" nor "not done".
"""

from collections.abc import Iterable, Sequence
from typing import TypeVar

import msgspec

from console.api import ItemState, RemoteId, Sight, Target, Verb
from console.api.entries import UnreadableError
from plugins.reddit.capability import ABOUT_THE_AUTHOR
from plugins.reddit.mapping import MESSAGE, Seen, kind_of, read_note, seen_in
from plugins.reddit.session import Session
from plugins.reddit.wire import Comment, Listing, People, Said, Thing

S = TypeVar("S", bound=Said)

A_PAGE = 100
_LISTS = {Verb.BLOCK: "banned", Verb.UNBLOCK: "banned", Verb.MUTE: "muted", Verb.UNMUTE: "muted"}
_WANTED = {
    Verb.HIDE: ItemState.HIDDEN,
    Verb.UNHIDE: ItemState.VISIBLE,
    Verb.PUBLISH: ItemState.VISIBLE,
}


class Looks:
    """Looks at items for one account."""

    def __init__(self, session: Session) -> None:
        """`session` is the connector's."""
        self._session = session

    async def look(
        self, verb: Verb, targets: Sequence[Target], notes: Sequence[str | None], me: str, subreddit: str
    ) -> Sequence[Sight]:
        """One sight for each target, in their order. Raises a `Failure`."""
        if verb in ABOUT_THE_AUTHOR:
            return await self._people(verb, targets, subreddit)
        if verb is Verb.REPLY:
            return [await self._reply(target, note, me) for target, note in zip(targets, notes, strict=True)]
        if verb is Verb.REPORT:
            return [Sight(target.remote_id, target.state) for target in targets]
        entries = await self._entries(target.remote_id for target in targets)
        return [self._one(verb, target, entries.get(target.remote_id), me, subreddit) for target in targets]

    def _one(self, verb: Verb, target: Target, raw: bytes | None, me: str, subreddit: str) -> Sight:
        seen = None if raw is None else _seen(raw, me, subreddit)
        if raw is None or (seen is not None and seen.state is ItemState.GONE):
            state = ItemState.DELETED if verb is Verb.DELETE else ItemState.GONE
            return Sight(target.remote_id, state, done=verb in {Verb.DELETE, Verb.HIDE})
        if seen is None:
            return Sight(target.remote_id, ItemState.UNKNOWN)
        state = seen.state or ItemState.UNKNOWN
        if verb is Verb.DELETE:
            return Sight(target.remote_id, state, done=False)
        if verb is Verb.LIKE:
            return Sight(target.remote_id, state, done=_likes(raw))
        done = None if seen.state is None else seen.state is _WANTED.get(verb)
        return Sight(target.remote_id, state, done)

    async def _entries(self, names: Iterable[str]) -> dict[str, bytes]:
        """What Reddit shows of things, by name; one that is missing is gone."""
        wanted = list(dict.fromkeys(name for name in names if kind_of(name)))
        found: dict[str, bytes] = {}
        for start in range(0, len(wanted), A_PAGE):
            query = {"id": ",".join(wanted[start : start + A_PAGE])}
            listing = await self._session.see("api/info", Listing, query)
            for raw in listing.data.children:
                said = _said(bytes(raw), Said)
                if said is not None:
                    found[said.name] = bytes(raw)
        return found

    async def _people(self, verb: Verb, targets: Sequence[Target], subreddit: str) -> list[Sight]:
        """Bans and mutes leave the item as it is, so its state is passed on as it was."""
        is_on: dict[str, bool] = {}
        sights: list[Sight] = []
        for target in targets:
            author = read_note(target.note).author
            if author and author not in is_on:
                path = f"r/{subreddit}/about/{_LISTS[verb]}"
                people = await self._session.see(path, People, {"user": author})
                names = {person.name.casefold() for person in people.data.children}
                is_on[author] = author.casefold() in names
            done = is_on[author] is (verb in {Verb.BLOCK, Verb.MUTE}) if author else None
            sights.append(Sight(target.remote_id, target.state, done))
        return sights

    async def _reply(self, target: Target, note: str | None, me: str) -> Sight:
        """Whether our reply is there. Without its name: whether we have answered this at all.

        With an answer of ours in place nobody can tell whether it is this one, so a person decides.
        """
        name = note or ""
        if MESSAGE in {kind_of(name), kind_of(target.remote_id)}:
            return Sight(target.remote_id, target.state)
        if name:
            entry = (await self._entries([name])).get(name)
            seen = None if entry is None else _seen(entry, me, "")
            return Sight(target.remote_id, target.state, seen is not None and seen.arrival is not None)
        listing = await self._session.see(f"user/{me}/comments", Listing, {"limit": A_PAGE, "sort": "new"})
        comments = [_said(bytes(raw), Comment) for raw in listing.data.children]
        answered = any(one is not None and one.parent_id == target.remote_id for one in comments)
        return Sight(RemoteId(target.remote_id), target.state, None if answered else False)


def _said(raw: bytes, kind: type[S]) -> S | None:
    try:
        return msgspec.json.decode(msgspec.json.decode(raw, type=Thing).data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _seen(raw: bytes, me: str, subreddit: str) -> Seen | None:
    try:
        return seen_in(raw, me, subreddit)
    except UnreadableError:
        return None


def _likes(raw: bytes) -> bool:
    said = _said(raw, Said)
    return said is not None and said.likes is True
