"""Looking again: whether a comment is there, asked of Flickr and not of our memory.

What a newcomer would get wrong: a comment cannot be asked for by itself. Its photo's whole list is, and a
comment that is missing from it is gone only if the list was given at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from console.api import Gone, ItemState, Sight, Target, Verb
from plugins.flickr.mapping import number_in, read_note
from plugins.flickr.session import COMMENTS, INFO, Session
from plugins.flickr.wire import Comment, Comments, PhotoInfo


@dataclass(frozen=True, slots=True)
class _There:
    """What stands below a photo."""

    comments: Sequence[Comment] = ()
    is_told: bool = True
    """Whether Flickr said what stands there at all."""
    is_photo: bool = True


class Looks:
    """Looks at items for one account."""

    def __init__(self, session: Session) -> None:
        """`session` is the connector's."""
        self._session = session
        self.me = ""
        """The account's own id; known after signing in."""

    async def look(
        self, verb: Verb, targets: Sequence[Target], notes: Sequence[str | None]
    ) -> Sequence[Sight]:
        """One sight for each target, in their order. Raises a `Failure`."""
        lists: dict[str, _There] = {}
        sights: list[Sight] = []
        for target, note in zip(targets, notes, strict=True):
            photo = read_note(target.note).photo
            if photo not in lists:
                lists[photo] = await self._comments(photo) if photo else _There(is_told=False)
            sights.append(_sight(verb, target, note, lists[photo], self.me))
        return sights

    async def _comments(self, photo: str) -> _There:
        """All comments of a photo. Raises a `Failure`."""
        try:
            found = await self._session.see(COMMENTS, Comments, photo_id=photo)
            if not found.comments.comment and await self._counted(photo):
                return _There(is_told=False)  # a right is missing, and "gone" would be a guess
        except Gone:
            return _There(is_photo=False)
        return _There([one for raw in found.comments.comment if (one := _read(bytes(raw))) is not None])

    async def _counted(self, photo: str) -> int:
        info = await self._session.see(INFO, PhotoInfo, photo_id=photo)
        return max(0, number_in(info.photo.comments.content))


def _sight(verb: Verb, target: Target, note: str | None, there: _There, me: str) -> Sight:
    """What the photo's comments say of one target."""
    is_delete = verb is Verb.DELETE
    if not there.is_told:
        return Sight(target.remote_id, ItemState.UNKNOWN)
    if not there.is_photo:
        return Sight(target.remote_id, ItemState.GONE, done=is_delete)
    if verb is Verb.REPLY:
        return Sight(target.remote_id, target.state, _is_answered(target, note, there.comments, me))
    is_there = any(comment.id == target.remote_id for comment in there.comments)
    if is_there:
        return Sight(target.remote_id, ItemState.VISIBLE, done=False if is_delete else None)
    return Sight(
        target.remote_id, ItemState.DELETED if is_delete else ItemState.GONE, True if is_delete else None
    )


def _is_answered(target: Target, note: str | None, there: Sequence[Comment], me: str) -> bool | None:
    """Whether our answer is there. Without its id: whether we have written anything since.

    With something of ours in place nobody can tell whether it is this answer, so a person decides.
    """
    if note:
        return any(comment.id == note for comment in there)
    since = read_note(target.note).at // 1000
    is_ours_since = any(one.author == me and number_in(one.datecreate) >= since for one in there)
    return None if is_ours_since else False


def _read(raw: bytes) -> Comment | None:
    try:
        return msgspec.json.decode(raw, type=Comment)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
