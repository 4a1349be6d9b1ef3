"""Looking again: whether a verb's effect is in place, asked of the network and not of our memory.

What a newcomer would get wrong: TikTok says yes to a reply that it takes for spam, and then shows it to
nobody. A reply is done only when it is read back and public.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from console.api import ItemKind, ItemState, Sight, Target, Verb
from plugins.tiktok.comments import Comments
from plugins.tiktok.mapping import Place, Told, read_note


@dataclass(frozen=True, slots=True)
class _Wish:
    """One target with the note of its answer, and where it stands."""

    target: Target
    answer: str | None
    video: str
    above: str


class Looks:
    """Looks at items for one account."""

    def __init__(self, comments: Comments) -> None:
        """`comments` is the connector's."""
        self._comments = comments

    async def look(
        self, verb: Verb, targets: Sequence[Target], notes: Sequence[str | None]
    ) -> Sequence[Sight]:
        """One sight for each target, in their order. Raises a `Failure`."""
        wishes: list[_Wish] = []
        for target, answer in zip(targets, notes, strict=True):
            note = read_note(target.note)
            wishes.append(_Wish(target, answer, note.video, note.above))
        if verb is Verb.REPLY:
            return [await self._reply(wish) for wish in wishes]
        found = await self._found(wishes)
        return [_sight(verb, wish, found.get(wish.target.remote_id)) for wish in wishes]

    async def _found(self, wishes: Sequence[_Wish]) -> dict[str, Told]:
        """The comments and replies that are still there, in as few requests as it takes."""
        comments: dict[str, list[str]] = {}
        threads: dict[tuple[str, str], None] = {}
        for wish in wishes:
            if not wish.video or wish.target.kind is ItemKind.POST:
                continue
            if wish.above:
                threads[wish.video, wish.above] = None
            else:
                comments.setdefault(wish.video, []).append(wish.target.remote_id)
        found: dict[str, Told] = {}
        for video, ids in comments.items():
            found |= await self._comments.by_id(Place(video, "", ""), list(dict.fromkeys(ids)))
        for video, above in threads:
            found |= await self._comments.below(Place(video, "", ""), above)
        return found

    async def _reply(self, wish: _Wish) -> Sight:
        """Whether our reply is public. Without its id: whether any answer of ours stands there.

        With one in place nobody can tell whether it is this one, so a person decides.
        """
        target = wish.target
        if not wish.video:
            return Sight(target.remote_id, target.state)
        place = Place(wish.video, "", "")
        if target.kind is ItemKind.POST:
            there = await self._comments.by_id(place, [wish.answer] if wish.answer else [])
            if not wish.answer:
                return Sight(target.remote_id, target.state)
        else:
            there = await self._comments.below(place, wish.above or target.remote_id)
        if wish.answer:
            made = there.get(wish.answer)
            is_public = made is not None and made.arrival.state is ItemState.VISIBLE
            return Sight(target.remote_id, target.state, is_public)
        is_answered = any(told.arrival.is_ours for told in there.values())
        return Sight(target.remote_id, target.state, None if is_answered else False)


def _sight(verb: Verb, wish: _Wish, told: Told | None) -> Sight:
    """What was seen of one target."""
    target = wish.target
    if not wish.video or target.kind is ItemKind.POST:
        return Sight(target.remote_id, target.state)
    if told is None:
        state = ItemState.DELETED if verb is Verb.DELETE else ItemState.GONE
        done = {Verb.HIDE: True, Verb.DELETE: True, Verb.UNHIDE: False}.get(verb)
        return Sight(target.remote_id, state, done)
    state = told.arrival.state
    match verb:
        case Verb.HIDE:
            return Sight(target.remote_id, state, state is ItemState.HIDDEN)
        case Verb.UNHIDE:
            return Sight(target.remote_id, state, state is ItemState.VISIBLE)
        case Verb.DELETE:
            return Sight(target.remote_id, state, done=False)
        case Verb.LIKE:
            return Sight(target.remote_id, state, told.is_liked)
    return Sight(target.remote_id, state)
