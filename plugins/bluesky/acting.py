"""Verbs: what each sends, one answer for each target.

What a newcomer would get wrong: the account can write to its own repository and its private settings,
nowhere else. Hiding is an edit of our own gate, blocking a record of our own. So most verbs are looked up
before they are sent: doing them twice must leave one record, not two.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from console.api import Answer, Failure, NotAllowed, Order, Target, Verb
from console.api.orders import ENDS_ORDER
from plugins.bluesky.capability import NO_ADDRESS, NO_ROOM, NOT_OUR_THREAD, NOT_OURS, is_our_thread
from plugins.bluesky.gates import Gates
from plugins.bluesky.mapping import parts_of, read_note
from plugins.bluesky.people import People
from plugins.bluesky.session import Session
from plugins.bluesky.wire import Empty, ReportBody, Written

POST = "app.bsky.feed.post"
BLOCK = "app.bsky.graph.block"

REASONS = {
    "threat-to-life": "reasonViolation",
    "self-harm": "reasonViolation",
    "child-at-risk": "reasonSexual",
    "weapons": "reasonViolation",
    "disorder": "reasonViolation",
    "officer-location": "reasonViolation",
    "doxxing": "reasonViolation",
    "contempt": "reasonViolation",
    "hate": "reasonRude",
    "abuse": "reasonRude",
    "misinformation": "reasonMisleading",
    "spam": "reasonSpam",
}
"""From our categories to the reasons of `com.atproto.moderation.defs`; all others are `reasonOther`."""


@dataclass(frozen=True, slots=True)
class _Wish:
    """One target of an order, with what undoing it needs."""

    target: Target
    undo_note: str | None


class Acts:
    """Sends orders for one account."""

    def __init__(self, session: Session, gates: Gates, people: People, now: Callable[[], int]) -> None:
        """`now` gives milliseconds since 1970."""
        self._session = session
        self._gates = gates
        self._people = people
        self._now = now

    async def act(self, order: Order) -> Sequence[Answer]:
        """Sends one order. One answer for each target, in their order."""
        notes = [*order.undo_notes, *([None] * len(order.targets))]
        wishes = [_Wish(target, note) for target, note in zip(order.targets, notes, strict=False)]
        answers: dict[int, Answer] = {}
        ended: Failure | None = None
        for indexes in _grouped(order.verb, order.targets):
            group = [wishes[index] for index in indexes]
            if ended is None:
                try:
                    given = await self._send(order, group)
                except Failure as failure:
                    given = [Answer(wish.target.remote_id, failure) for wish in group]
                    ended = failure if isinstance(failure, ENDS_ORDER) else None
            else:
                given = [Answer(wish.target.remote_id, ended) for wish in group]
            answers.update(zip(indexes, given, strict=True))
        return [answers[index] for index in range(len(wishes))]

    async def _send(self, order: Order, group: Sequence[_Wish]) -> list[Answer]:
        """Does the verb to targets that share one request."""
        first = group[0]
        if order.verb in {Verb.HIDE, Verb.UNHIDE}:
            return await self._gate(order.verb, [wish.target for wish in group])
        single: dict[Verb, Callable[[], Awaitable[str | None]]] = {
            Verb.DELETE: lambda: self._delete(first.target),
            Verb.REPLY: lambda: self._reply(first.target, order.text or ""),
            Verb.BLOCK: lambda: self._block(first.target.author_id),
            Verb.UNBLOCK: lambda: self._unblock(first.target.author_id, first.undo_note),
            Verb.MUTE: lambda: self._mute("muteActor", first.target.author_id),
            Verb.UNMUTE: lambda: self._mute("unmuteActor", first.target.author_id),
            Verb.REPORT: lambda: self._report(first.target, order.category),
        }
        if order.verb not in single:
            raise NotAllowed("Bluesky has nothing of this kind.")
        note = await single[order.verb]()
        return [Answer(wish.target.remote_id, note=note) for wish in group]

    async def _gate(self, verb: Verb, targets: Sequence[Target]) -> list[Answer]:
        """Hides or shows replies of one thread with one write."""
        root = targets[0].thread
        if root is None or not is_our_thread(targets[0]) or parts_of(root)[0] != self._session.did:
            raise NotAllowed(NOT_OUR_THREAD)
        replies = list(dict.fromkeys(target.remote_id for target in targets))
        if verb is Verb.UNHIDE:
            await self._gates.unhide(root, replies, self._now())
            return [Answer(target.remote_id) for target in targets]
        full = set(await self._gates.hide(root, replies, self._now()))
        return [
            Answer(target.remote_id, NotAllowed(NO_ROOM) if target.remote_id in full else None)
            for target in targets
        ]

    async def _delete(self, target: Target) -> None:
        did, collection, rkey = parts_of(target.remote_id)
        if did != self._session.did:
            raise NotAllowed(NOT_OURS)
        body = {"repo": did, "collection": collection, "rkey": rkey}
        await self._session.tell("com.atproto.repo.deleteRecord", body, Empty)

    async def _reply(self, target: Target, text: str) -> str:
        note = read_note(target.note)
        if not note.cid:
            raise NotAllowed(NO_ADDRESS)
        if not text.strip():
            raise NotAllowed("A reply needs words.")
        parent = {"uri": target.remote_id, "cid": note.cid}
        root = {"uri": target.thread or target.remote_id, "cid": note.root_cid or note.cid}
        return await self._create(POST, {"text": text, "reply": {"root": root, "parent": parent}})

    async def _block(self, did: str) -> str:
        if did == self._session.did:
            raise NotAllowed("An account cannot block itself.")
        there = (await self._people.views([did])).get(did)
        if there is not None and there.blocking:
            return there.blocking
        return await self._create(BLOCK, {"subject": did})

    async def _unblock(self, did: str, note: str | None) -> None:
        """Deletes our block: the one we were told of, else the one that the author's profile shows."""
        there = (await self._people.views([did])).get(did)
        blocks = {note, there.blocking if there else None} - {None}
        for block in sorted(block for block in blocks if block is not None):
            repo, collection, rkey = parts_of(block)
            if repo == self._session.did and collection == BLOCK:
                body = {"repo": repo, "collection": collection, "rkey": rkey}
                await self._session.tell("com.atproto.repo.deleteRecord", body, Empty)

    async def _mute(self, name: str, did: str) -> None:
        if did == self._session.did:
            raise NotAllowed("An account cannot mute itself.")
        await self._session.tell(f"app.bsky.graph.{name}", {"actor": did}, Empty)

    async def _report(self, target: Target, category: str | None) -> str:
        cid = read_note(target.note).cid
        if not cid:
            raise NotAllowed(NO_ADDRESS)
        body = {
            "reasonType": f"com.atproto.moderation.defs#{REASONS.get(category or '', 'reasonOther')}",
            "reason": f"Reported by a police force as: {(category or 'other').replace('-', ' ')}.",
            "subject": {"$type": "com.atproto.repo.strongRef", "uri": target.remote_id, "cid": cid},
        }
        made = await self._session.tell("com.atproto.moderation.createReport", body, ReportBody)
        return str(made.id)

    async def _create(self, collection: str, fields: dict[str, object]) -> str:
        """Creates a record of our own. Returns its address."""
        created = datetime.fromtimestamp(self._now() / 1000, UTC).isoformat(timespec="milliseconds")
        record = {"$type": collection, "createdAt": created.replace("+00:00", "Z"), **fields}
        body = {"repo": self._session.did, "collection": collection, "record": record}
        return (await self._session.tell("com.atproto.repo.createRecord", body, Written)).uri


def _grouped(verb: Verb, targets: Sequence[Target]) -> list[list[int]]:
    """Which targets share one request: those of one thread, or of one author; by their places."""
    groups: dict[str, list[int]] = {}
    for index, target in enumerate(targets):
        if verb in {Verb.HIDE, Verb.UNHIDE}:
            key = target.thread if target.thread and is_our_thread(target) else f"alone {index}"
        elif verb in {Verb.BLOCK, Verb.UNBLOCK, Verb.MUTE, Verb.UNMUTE}:
            key = target.author_id
        else:
            key = str(index)
        groups.setdefault(key, []).append(index)
    return list(groups.values())
