"""Looking again: whether a verb's effect is in place, asked of the network and not of our memory.

What a newcomer would get wrong: a comment that is gone and one that we may no longer see get the same answer,
code 100 with subcode 33. For a look both mean that it is not there; whether all of them vanished at once
because a right was lost is told by the rights, not here.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from console.api import Failure, Gone, ItemState, Sight, Target, Verb
from console.api.web import Query
from plugins.facebook.mapping import bare, read_note
from plugins.facebook.session import Session
from plugins.facebook.wire import Comment, State, is_there
from plugins.meta.batch import MOST, Call, batch
from plugins.meta.graph import Listing

_FIELDS = {
    Verb.HIDE: "id,is_hidden",
    Verb.UNHIDE: "id,is_hidden",
    Verb.DELETE: "id,is_hidden",
    Verb.LIKE: "id,is_hidden,user_likes",
    Verb.PRIVATE_REPLY: "id,is_hidden,can_reply_privately,private_reply_conversation",
}
_RECENT = 100  # replies among which ours is looked for when its id was lost


class Looks:
    """Looks at items for one account. No look is counted as reading: the verbs' costs hold one each."""

    def __init__(self, session: Session) -> None:
        """`session` asks in the Page's name."""
        self._session = session

    async def look(
        self, verb: Verb, targets: Sequence[Target], notes: Sequence[str | None]
    ) -> Sequence[Sight]:
        """One sight for each target, in their order. Raises a `Failure`."""
        if verb in {Verb.BLOCK, Verb.UNBLOCK}:
            return await self._banned(verb, targets)
        if verb is Verb.REPLY:
            return [await self._reply(target, note) for target, note in zip(targets, notes, strict=True)]
        if verb not in _FIELDS:
            return [Sight(target.remote_id, target.state) for target in targets]
        sights: list[Sight] = []
        for start in range(0, len(targets), MOST):
            sights += await self._states(verb, targets[start : start + MOST])
        return sights

    async def _states(self, verb: Verb, targets: Sequence[Target]) -> list[Sight]:
        fields = {"fields": _FIELDS[verb]}
        paths = [_at(target) for target in targets]
        found: list[State | None]
        if len(targets) == 1:
            found = [await self._state(paths[0], fields)]
        else:
            calls = [Call("GET", path, fields) for path in paths]
            found = [_read(one) for one in await batch(self._session.graph, calls)]
        return [_sight(verb, target, state) for target, state in zip(targets, found, strict=True)]

    async def _state(self, path: str, query: Query) -> State | None:
        try:
            return await self._session.graph.ask(path, State, query=query, is_counted=False)
        except Gone:
            return None

    async def _banned(self, verb: Verb, targets: Sequence[Target]) -> list[Sight]:
        """Whether the Page's list of banned people holds each author. Of messages nothing is shown."""
        banned: dict[str, bool] = {}
        sights: list[Sight] = []
        for target in targets:
            if read_note(target.note).sort == "message":
                sights.append(Sight(target.remote_id, target.state))
                continue
            person = target.author_id
            if person not in banned:
                found = await self._session.graph.ask(
                    f"{self._session.page}/blocked", Listing, query={"user": person}, is_counted=False
                )
                banned[person] = any(_id_of(raw) == person for raw in found.data)
            sights.append(Sight(target.remote_id, target.state, banned[person] is (verb is Verb.BLOCK)))
        return sights

    async def _reply(self, target: Target, note: str | None) -> Sight:
        """Whether our reply is there and hangs where it should.

        Without its id: whether we have answered this at all. With an answer of ours in place nobody can tell
        whether it is this one, so a person decides.
        """
        is_message = read_note(target.note).sort == "message"
        if not note:
            return Sight(target.remote_id, target.state, None if is_message else await self._answered(target))
        fields = "id" if is_message else "id,parent{id}"
        made = await self._state(note, {"fields": fields})
        if made is None:
            return Sight(target.remote_id, target.state, done=False)
        # An answer to a reply is hung below the comment on top: either parent is right.
        wanted = {bare(one) for one in (target.remote_id, target.parent or "") if one}
        is_in_place = made.parent is None or not made.parent.id or bare(made.parent.id) in wanted
        return Sight(target.remote_id, target.state, is_in_place)

    async def _answered(self, target: Target) -> bool | None:
        query: Query = {"fields": "id,from{id}", "filter": "stream", "limit": _RECENT}
        try:
            found = await self._session.graph.listed(f"{_at(target)}/comments", query, is_counted=False)
        except Gone:
            return False
        return None if any(_is_by(raw, self._session.page) for raw in found.data) else False


def _at(target: Target) -> str:
    return read_note(target.note).at or target.remote_id


def _read(found: Any) -> State | None:
    """One part of a batch; None for what is gone. Raises any other `Failure`."""
    if isinstance(found, Gone):
        return None
    if isinstance(found, Failure):
        raise found
    state: State = found.read(State)
    return state


def _sight(verb: Verb, target: Target, state: State | None) -> Sight:
    if state is None:
        if verb is Verb.DELETE:
            return Sight(target.remote_id, ItemState.DELETED, done=True)
        return Sight(target.remote_id, ItemState.GONE, done=verb is Verb.HIDE)
    is_hidden = state.is_hidden
    shown = ItemState.HIDDEN if is_hidden else ItemState.VISIBLE
    seen = ItemState.UNKNOWN if is_hidden is None else shown
    match verb:
        case Verb.HIDE | Verb.UNHIDE:
            done = None if is_hidden is None else is_hidden is (verb is Verb.HIDE)
        case Verb.LIKE:
            done = state.user_likes
        case Verb.PRIVATE_REPLY:
            done = _is_answered_privately(state)
        case _:
            done = False
    return Sight(target.remote_id, seen, done)


def _is_answered_privately(state: State) -> bool | None:
    """Only one is allowed for each comment: as long as another may be sent, there was none."""
    if is_there(state.private_reply_conversation):
        return True
    return False if state.can_reply_privately else None


def _id_of(raw: bytes) -> str:
    try:
        return msgspec.json.decode(raw, type=State).id
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""


def _is_by(raw: bytes, page: str) -> bool:
    try:
        author = msgspec.json.decode(raw, type=Comment).author
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return author is not None and author.id == page
