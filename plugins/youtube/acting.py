"""Verbs: what each sends, one answer for each target.

Up to fifty comments go into one write, whatever their threads. What a newcomer would get wrong: one comment
that was taken back by its author fails the write for all fifty. So after such a refusal the ids are looked
up for one unit, the missing ones are parted from the others, and what still fails is halved until the one
that spoils it is alone.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from console.api import (
    Answer,
    Failure,
    Gone,
    ItemState,
    Misunderstood,
    NotAllowed,
    Order,
    Target,
    TryLater,
    Verb,
)
from console.api.orders import ENDS_ORDER
from plugins.youtube.capability import reason_against
from plugins.youtube.mapping import read_note
from plugins.youtube.memory import Own
from plugins.youtube.refusals import Unprocessed
from plugins.youtube.session import Session
from plugins.youtube.threads import AT_ONCE, Threads, chunks
from plugins.youtube.wire import Made

WRITE_UNITS = 50
TIME_OUT_S = 300
MOST_WRITES = 14
"""Writes that one order of fifty may take: enough to find one bad comment, or a few, by halves."""
_STATUS = {
    Verb.HIDE: "heldForReview",
    Verb.HOLD: "heldForReview",
    Verb.UNHIDE: "published",
    Verb.PUBLISH: "published",
    Verb.DELETE: "rejected",
    Verb.BLOCK: "rejected",
}
_ABOUT_AUTHOR = frozenset({Verb.BLOCK, Verb.RESTRICT, Verb.UNBLOCK})
_LEADS_TO = {
    Verb.HIDE: ItemState.HIDDEN,
    Verb.HOLD: ItemState.HELD,
    Verb.UNHIDE: ItemState.VISIBLE,
    Verb.PUBLISH: ItemState.VISIBLE,
    Verb.DELETE: ItemState.DELETED,
    Verb.BLOCK: ItemState.DELETED,
}


@dataclass(frozen=True, slots=True)
class _Wish:
    """One target of an order, with what undoing it needs."""

    target: Target
    undo_note: str | None


@dataclass(slots=True)
class _Search:
    """What is known while the comment that spoils a write is looked for."""

    writes: int = 0
    there: set[str] | None = None
    """Which comments YouTube found by their ids."""
    missing: set[str] = field(default_factory=set)
    """Those that it did not find, while it found others."""


class Acts:
    """Sends orders for one channel."""

    def __init__(self, session: Session, threads: Threads, own: Own) -> None:
        """`own` is told what was done, for whoever reads and looks."""
        self._session = session
        self._threads = threads
        self._own = own
        self._bans: dict[tuple[str, str], str] = {}

    async def act(self, order: Order) -> Sequence[Answer]:
        """Sends one order. One answer for each target, in their order."""
        notes = [*order.undo_notes, *([None] * len(order.targets))]
        wishes = [_Wish(target, note) for target, note in zip(order.targets, notes, strict=False)]
        answers: dict[int, Answer] = {}
        ended: Failure | None = None
        for number, indexes in enumerate(_grouped(order.verb, wishes)):
            group = [wishes[index] for index in indexes]
            if ended is None:
                # The console counts an order of a verb that is batched as one write, whatever it names.
                given = await self._tried(order, group, is_counted=number == 0 or order.verb not in _STATUS)
                ended = next((one.failure for one in given if isinstance(one.failure, ENDS_ORDER)), None)
            else:
                given = [Answer(wish.target.remote_id, ended) for wish in group]
            answers.update(zip(indexes, given, strict=True))
        return [answers[index] for index in range(len(wishes))]

    async def _tried(self, order: Order, group: Sequence[_Wish], *, is_counted: bool) -> list[Answer]:
        """Does the verb to targets that share a request; a failure is the answer for each of them."""
        first = group[0]
        try:
            reason = reason_against(order.verb, first.target)
            if reason:
                raise NotAllowed(reason)
            if _is_batched(order.verb, first.target):
                targets = [wish.target for wish in group]
                return await self._moderated(order.verb, targets, is_counted=is_counted)
            if not is_counted:
                await self._session.pay(WRITE_UNITS)
            note = await self._single(order, first)
        except Failure as failure:
            return [Answer(wish.target.remote_id, failure) for wish in group]
        return [Answer(wish.target.remote_id, note=note) for wish in group]

    async def _single(self, order: Order, wish: _Wish) -> str | None:
        """Sends what goes alone; gives the note for undoing it or looking at it. Raises a `Failure`."""
        single: dict[Verb, Callable[[], Awaitable[str | None]]] = {
            Verb.DELETE: lambda: self._delete(wish.target),
            Verb.REPLY: lambda: self._reply(wish.target, order.text or ""),
            Verb.BLOCK: lambda: self._ban(wish.target, {"type": "permanent"}),
            Verb.RESTRICT: lambda: self._ban(
                wish.target, {"type": "temporary", "banDurationSeconds": str(TIME_OUT_S)}
            ),
            Verb.UNBLOCK: lambda: self._lift(wish),
        }
        if order.verb not in single:
            raise NotAllowed("YouTube has nothing of this kind.")
        return await single[order.verb]()

    # --- comments -----------------------------------------------------------------------------------

    async def _moderated(self, verb: Verb, targets: Sequence[Target], *, is_counted: bool) -> list[Answer]:
        """Sets the status of up to fifty comments."""
        ids = list(dict.fromkeys(target.remote_id for target in targets))
        failures = await self._set(verb, ids, _Search(), is_counted=is_counted)
        for target in targets:
            if failures[target.remote_id] is None:
                self._own.note(target.remote_id, _LEADS_TO[verb])
                if verb in {Verb.DELETE, Verb.BLOCK}:
                    self._own.doubts[target.remote_id] = target.thread or target.remote_id
        return [Answer(target.remote_id, failures[target.remote_id]) for target in targets]

    async def _set(
        self, verb: Verb, ids: Sequence[str], search: _Search, *, is_counted: bool
    ) -> dict[str, Failure | None]:
        """Sets a status; what went wrong with each id. Whatever spoils the write for others is found."""
        if search.writes >= MOST_WRITES:
            words = "Several of the comments in this order are refused; these were not tried yet."
            return dict.fromkeys(ids, TryLater(words))
        query = {"id": ",".join(ids), "moderationStatus": _STATUS[verb]}
        try:
            if not is_counted:
                # The console has counted one write; what finding the bad one costs is counted here.
                await self._session.pay(WRITE_UNITS)
            search.writes += 1
            await self._tell(
                "POST",
                "comments/setModerationStatus",
                {**query, "banAuthor": True if verb is Verb.BLOCK else None},
            )
        except (NotAllowed, Gone, Unprocessed) as failure:
            if search.missing.issuperset(ids):
                return dict.fromkeys(ids, Gone("It is no longer at YouTube."))
            return await self._without_the_bad(verb, ids, search, failure)
        except Failure as failure:
            return dict.fromkeys(ids, failure)
        return dict.fromkeys(ids, None)

    async def _without_the_bad(
        self, verb: Verb, ids: Sequence[str], search: _Search, failure: Failure
    ) -> dict[str, Failure | None]:
        """Parts the ids of a write that was refused, and tries the parts."""
        if search.there is None:
            try:
                search.there = await self._threads.existing(ids)
            except Failure as problem:
                return dict.fromkeys(ids, problem)
        if len(ids) == 1:
            is_there = ids[0] in search.there
            return {ids[0]: failure if is_there else Gone("It is no longer at YouTube.")}
        present = [one for one in ids if one in search.there]
        missing = [one for one in ids if one not in search.there]
        half = len(ids) // 2
        parts = [present, missing] if present and missing else [list(ids[:half]), list(ids[half:])]
        if present and missing:
            # Others were found by their ids, so these can be believed to be missing.
            search.missing.update(missing)
        found: dict[str, Failure | None] = {}
        ended: Failure | None = None
        for part in parts:
            if ended is None:
                given = await self._set(verb, part, search, is_counted=False)
                ended = next((one for one in given.values() if isinstance(one, ENDS_ORDER)), None)
            else:
                given = dict.fromkeys(part, ended)
            found.update(given)
        return found

    async def _delete(self, target: Target) -> None:
        note = read_note(target.note)
        path = "liveChat/messages" if note.chat else "comments"
        try:
            await self._tell("DELETE", path, {"id": target.remote_id})
        except (NotAllowed, Unprocessed):
            # For a comment that is gone already YouTube says "forbidden" or "processing failed".
            if note.chat or target.remote_id in await self._threads.existing([target.remote_id]):
                raise
            raise Gone("It is no longer at YouTube.") from None
        if not note.chat:
            self._own.note(target.remote_id, ItemState.DELETED)
            self._own.doubts[target.remote_id] = target.thread or target.remote_id

    async def _reply(self, target: Target, text: str) -> str:
        """Answers below the first comment of the thread, the only place there is, or in the chat."""
        if not text.strip():
            raise NotAllowed("A reply needs words.")
        note = read_note(target.note)
        snippet: dict[str, object]
        if note.chat:
            path = "liveChat/messages"
            snippet = {
                "liveChatId": note.chat,
                "type": "textMessageEvent",
                "textMessageDetails": {"messageText": text},
            }
        else:
            path, snippet = "comments", {"parentId": note.top, "textOriginal": text}
        reply = await self._session.send("POST", path, {"part": "snippet"}, {"snippet": snippet})
        return reply.read(Made).id

    # --- live chat ----------------------------------------------------------------------------------

    async def _ban(self, target: Target, how: dict[str, str]) -> str:
        """Bans an author from the channel's live chats; gives the ban's id, which alone can lift it."""
        chat = read_note(target.note).chat
        body = {"snippet": {**how, "liveChatId": chat, "bannedUserDetails": {"channelId": target.author_id}}}
        reply = await self._session.send("POST", "liveChat/bans", {"part": "snippet"}, body)
        ban = reply.read(Made).id
        self._bans[chat, target.author_id] = ban
        return ban

    async def _lift(self, wish: _Wish) -> None:
        chat = read_note(wish.target.note).chat
        ban = wish.undo_note or self._bans.get((chat, wish.target.author_id))
        if not ban:
            raise NotAllowed("Cordon did not set this ban, or no longer knows it: lift it in YouTube Studio.")
        with suppress(Gone):  # it has ended, or somebody lifted it already
            await self._tell("DELETE", "liveChat/bans", {"id": ban})
        self._bans.pop((chat, wish.target.author_id), None)

    async def _tell(self, method: str, path: str, query: dict[str, str | bool | None]) -> None:
        """Sends a write whose good answer is empty. Raises a `Failure`."""
        reply = await self._session.send(method, path, query)
        if reply.body.strip():
            raise Misunderstood("YouTube's answer has another shape than expected.", sent=True)


def _is_batched(verb: Verb, target: Target) -> bool:
    """Whether the verb sets a comment's status, which fifty share."""
    if verb is Verb.DELETE and target.is_ours:
        return False
    return verb in _STATUS and not read_note(target.note).chat


def _grouped(verb: Verb, wishes: Sequence[_Wish]) -> list[list[int]]:
    """Which targets share one request, by their places: fifty comments, or one author's messages."""
    groups: dict[tuple[str, ...], list[int]] = {}
    able = [not reason_against(verb, wish.target) for wish in wishes]
    batched = [index for index, wish in enumerate(wishes) if able[index] and _is_batched(verb, wish.target)]
    for number, part in enumerate(chunks(batched, AT_ONCE)):
        groups["together", str(number)] = part
    for index in sorted(set(range(len(wishes))) - set(batched)):
        target = wishes[index].target
        key: tuple[str, ...] = ("alone", str(index))
        if verb in _ABOUT_AUTHOR and able[index]:
            key = (read_note(target.note).chat, target.author_id, wishes[index].undo_note or "")
        groups.setdefault(key, []).append(index)
    return list(groups.values())
