"""The part of the desk that keeps evidence: wraps of its keys, holds, reviews, pictures, disposal.

As in `desk/protocol.py`, each change and its ledger entry are one durable transaction. What a newcomer would
get wrong: whether an item is held, or an act on it is under way, is asked inside that transaction and not
before it, because somebody else may be quicker.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from typing import Final, Protocol

from console.desk.disposing import Disposed, Wish, carry_out, look_through
from console.desk.protocol import EvidenceRow, Sealed
from console.domain.audit import Note, Plain
from console.domain.errors import NotPossible, UsageError
from console.domain.ids import EvidenceId, ItemId, evidence_key, item_key
from console.domain.retention import Retention
from console.domain.times import iso
from console.store import audit, disposing, evidence, items, keeping, secrets
from console.store.database import Connection, Database
from console.store.keeping import Due, Hold, RecoveryKey, SealedKey, Wanted

__all__ = [
    "Disposed",
    "Due",
    "Hold",
    "Keep",
    "LocalKeeping",
    "RecoveryKey",
    "Review",
    "SealedKey",
    "Wanted",
    "Wish",
]

_ENTRIES: Final = 5_000
"""How many ledger entries are looked through in one reading, so that other readers get their turn."""


@dataclass(frozen=True, slots=True)
class Review:
    """What a person decided about an item at the end of its records' lives: keep them."""

    item_id: ItemId
    retention: Retention
    keep_until: int
    """When it is reviewed again, milliseconds since 1970, UTC."""
    reason: str


class Keep(Protocol):
    """Everything about keeping evidence that operators share."""

    async def recovery_key(self) -> RecoveryKey | None:
        """The public half of the recovery key in force."""

    async def put_recovery_key(self, key: RecoveryKey) -> None:
        """Puts a recovery key in force in place of the one before."""

    async def unwrapped(self, key_id: bytes, most: int) -> list[SealedKey]:
        """Keys that are not sealed to the recovery key with this id yet, up to so many."""

    async def every_key(self) -> list[SealedKey]:
        """All sealed keys of the profile."""

    async def count_unwrapped(self) -> int:
        """How many evidence records no recovery key opens."""

    async def wrap(self, keys: Sequence[SealedKey], who: str, at: int) -> int:
        """Writes wraps anew, each record's on record; how many still had a key."""

    async def take_over(
        self, keys: Sequence[SealedKey], material: Mapping[str, bytes], who: str, at: int
    ) -> int:
        """Puts a new profile key in force: its material, and every key sealed under it, in one step.

        What only the old key opened is emptied. Gives how many private messages that were.
        """

    async def named_key(self, name: str) -> SealedKey | None:
        """A key of the profile that belongs to no record."""

    async def put_named_key(self, key: SealedKey) -> bool:
        """Keeps a new key under a name; False when there is one already."""

    async def item_of(self, evidence_id: EvidenceId) -> ItemId:
        """The item of a record. Raises UsageError when there is no such record."""

    async def records(self, item_id: ItemId) -> list[EvidenceRow]:
        """Every record of an item, oldest first; those that were disposed of too."""

    async def shown(self, evidence_id: EvidenceId, who: str, at: int) -> None:
        """Puts on record that somebody looked at a record."""

    async def hold(self, item_id: ItemId, reason: str, who: str, at: int) -> None:
        """Puts an item on legal hold. Raises NotPossible when it is held, or was disposed of."""

    async def release(self, item_id: ItemId, reason: str, who: str, at: int) -> None:
        """Ends a hold. Raises NotPossible when there is none."""

    async def holds(self) -> list[Hold]:
        """Every hold in force, oldest first."""

    async def due(self, now: int, most: int) -> list[Due]:
        """Items whose records are at the end of their lives by now, longest due first."""

    async def decide(self, review: Review, who: str, at: int) -> int:
        """Keeps an item's records longer, in a class; how many. Raises NotPossible when it has none."""

    async def own_words(self) -> set[str]:
        """The force's own vocabulary, which quotes nobody: what its accounts and incidents are called."""

    async def look_through(self, wishes: Sequence[Wish]) -> Disposed:
        """What disposing of these items would destroy; changes nothing."""

    async def dispose(self, wishes: Sequence[Wish], reason: str, who: str, at: int) -> Disposed:
        """Destroys everything about these items, each on record, in one step.

        Raises NotPossible when one is held, when an act on it is under way, or when the reason quotes it.
        """

    async def media_key(self, name: str) -> SealedKey | None:
        """The sealed key of a picture's file."""

    async def put_media(self, key: SealedKey, size: int, at: int) -> None:
        """Keeps the key of a new file of so many bytes."""

    async def media_names(self) -> set[str]:
        """The names of all files that have a key."""

    async def wanted_media(self, now: int, most: int) -> list[Wanted]:
        """Records whose pictures are to be fetched by now."""

    async def count_wanted(self) -> int:
        """How many records wait for their pictures."""

    async def try_media_again(self, evidence_id: EvidenceId, at: int) -> None:
        """Says that a record's pictures are to be tried again then."""

    async def stop_wanting(self, evidence_id: EvidenceId) -> None:
        """Says that nothing is to be fetched for a record any more."""

    async def supplement(self, to: EvidenceId, sealed: Sealed, who: str, at: int) -> EvidenceId | None:
        """Adds a record with pictures to another; None when that one was disposed of meanwhile.

        Raises NotPossible when a file that it speaks of was disposed of meanwhile.
        """


class LocalKeeping:
    """The `Keep` of one seat, in the profile's own database."""

    def __init__(self, database: Database, seat: str) -> None:
        self._database = database
        self._seat = seat

    # keys ---------------------------------------------------------------------------------------

    async def recovery_key(self) -> RecoveryKey | None:
        """The public half of the recovery key in force."""
        return await self._database.read(keeping.recovery_key)

    async def put_recovery_key(self, key: RecoveryKey) -> None:
        """Puts a recovery key in force in place of the one before."""

        def work(conn: Connection) -> None:
            before = keeping.recovery_key(conn)
            keeping.put_recovery_key(conn, key)
            facts: dict[str, Plain] = {
                "fingerprint": key.fingerprint,
                "public": key.public.hex(),
                "replaces": before.fingerprint if before else None,
            }
            audit.append(conn, self._seat, [Note("recovery.made", key.made_by, facts, {})], key.made_at)

        await self._database.record(work)

    async def unwrapped(self, key_id: bytes, most: int) -> list[SealedKey]:
        """Keys that are not sealed to the recovery key with this id yet, up to so many."""
        return await self._database.read(partial(keeping.unwrapped, key_id=key_id, most=most))

    async def every_key(self) -> list[SealedKey]:
        """All sealed keys of the profile."""
        return await self._database.read(keeping.every_key)

    async def count_unwrapped(self) -> int:
        """How many evidence records no recovery key opens."""
        return await self._database.read(keeping.count_unwrapped)

    async def wrap(self, keys: Sequence[SealedKey], who: str, at: int) -> int:
        """Writes wraps anew, each record's on record; how many still had a key."""

        def work(conn: Connection) -> int:
            there = [key for key in keys if keeping.has_key(conn, key)]
            keeping.set_keys(conn, there)
            audit.append(conn, self._seat, _wrapped(there, who), at)
            return len(there)

        return await self._database.record(work)

    async def take_over(
        self, keys: Sequence[SealedKey], material: Mapping[str, bytes], who: str, at: int
    ) -> int:
        """Puts a new profile key in force: its material, and every key sealed under it, in one step."""

        def work(conn: Connection) -> int:
            secrets.keep_material(conn, material)
            keeping.set_keys(conn, keys)
            lost = keeping.forget_unreadable(conn, at)
            facts: dict[str, Plain] = {
                "records": sum(key.place == "evidence" for key in keys),
                "messages_lost": lost,
            }
            audit.append(
                conn, self._seat, [Note("profile.recovered", who, facts, {}), *_wrapped(keys, who)], at
            )
            return lost

        return await self._database.record(work)

    async def named_key(self, name: str) -> SealedKey | None:
        """A key of the profile that belongs to no record."""
        return await self._database.read(lambda conn: keeping.named_key(conn, name))

    async def put_named_key(self, key: SealedKey) -> bool:
        """Keeps a new key under a name; False when there is one already."""
        return await self._database.record(lambda conn: keeping.put_named_key(conn, key))

    # records ------------------------------------------------------------------------------------

    async def item_of(self, evidence_id: EvidenceId) -> ItemId:
        """The item of a record. Raises UsageError when there is no such record."""
        found = await self._database.read(lambda conn: evidence.record(conn, evidence_id))
        if found is None:
            raise UsageError(f"There is no evidence record {evidence_key(evidence_id)}.")
        return found.item_id

    async def records(self, item_id: ItemId) -> list[EvidenceRow]:
        """Every record of an item, oldest first; those that were disposed of too."""
        found = await self._database.read(lambda conn: evidence.of_item(conn, item_id))
        return [_row(each) for each in found]

    async def shown(self, evidence_id: EvidenceId, who: str, at: int) -> None:
        """Puts on record that somebody looked at a record."""
        note = Note("evidence.shown", who, {"evidence": evidence_key(evidence_id)}, {})
        await self._database.record(lambda conn: audit.append(conn, self._seat, [note], at))

    async def hold(self, item_id: ItemId, reason: str, who: str, at: int) -> None:
        """Puts an item on legal hold. Raises NotPossible when it is held, or was disposed of."""

        def work(conn: Connection) -> None:
            if not items.items(conn, [item_id]):
                raise UsageError(f"There is no item {item_key(item_id)} in this profile.")
            if disposing.is_disposed(conn, item_id):
                raise NotPossible(f"{item_key(item_id)} was disposed of; there is nothing left to hold.")
            if (held := keeping.hold_on(conn, item_id)) is not None:
                raise NotPossible(f"{item_key(item_id)} is held already, by {held.put_by}.")
            keeping.put_hold(conn, item_id, reason, who, at)
            note = Note("evidence.held", who, {"item": item_key(item_id)}, {"reason": reason})
            audit.append(conn, self._seat, [note], at)

        await self._database.record(work)

    async def release(self, item_id: ItemId, reason: str, who: str, at: int) -> None:
        """Ends a hold. Raises NotPossible when there is none."""

        def work(conn: Connection) -> None:
            if keeping.hold_on(conn, item_id) is None:
                raise NotPossible(f"{item_key(item_id)} is not held.")
            keeping.end_hold(conn, item_id, who, at)
            note = Note("evidence.released", who, {"item": item_key(item_id)}, {"reason": reason})
            audit.append(conn, self._seat, [note], at)

        await self._database.record(work)

    async def holds(self) -> list[Hold]:
        """Every hold in force, oldest first."""
        return await self._database.read(keeping.holds)

    async def due(self, now: int, most: int) -> list[Due]:
        """Items whose records are at the end of their lives by now, longest due first."""
        return await self._database.read(partial(keeping.due, now=now, most=most))

    async def decide(self, review: Review, who: str, at: int) -> int:
        """Keeps an item's records longer, in a class; how many. Raises NotPossible when it has none."""

        def work(conn: Connection) -> int:
            notes: list[Note] = []
            for record in evidence.of_item(conn, review.item_id):
                if record.cipher is None:
                    continue
                keeping.set_review(conn, record.id, review.retention.name, review.keep_until)
                facts: dict[str, Plain] = {
                    "evidence": evidence_key(record.id),
                    "item": item_key(review.item_id),
                    "retention": review.retention.name,
                    "review_at": iso(review.keep_until),
                    "was": record.retention,
                }
                notes.append(Note("evidence.reviewed", who, facts, {"reason": review.reason}))
            if not notes:
                raise NotPossible(f"Nothing sealed of {item_key(review.item_id)} is left to decide about.")
            audit.append(conn, self._seat, notes, at)
            return len(notes)

        return await self._database.record(work)

    # disposal -----------------------------------------------------------------------------------

    async def own_words(self) -> set[str]:
        """The force's own vocabulary, which quotes nobody: what its accounts and incidents are called."""
        return await self._database.read(disposing.own_words)

    async def look_through(self, wishes: Sequence[Wish]) -> Disposed:
        """What disposing of these items would destroy; changes nothing."""
        return (await look_through(self._database, wishes, _ENTRIES)).as_disposed()

    async def dispose(self, wishes: Sequence[Wish], reason: str, who: str, at: int) -> Disposed:
        """Destroys everything about these items, each on record, in one step."""
        found = await look_through(self._database, wishes, _ENTRIES)
        return await self._database.record(partial(carry_out, self._seat, found, reason, who, at))

    # pictures -----------------------------------------------------------------------------------

    async def media_key(self, name: str) -> SealedKey | None:
        """The sealed key of a picture's file."""
        return await self._database.read(lambda conn: keeping.media_key(conn, name))

    async def put_media(self, key: SealedKey, size: int, at: int) -> None:
        """Keeps the key of a new file of so many bytes."""
        await self._database.record(lambda conn: keeping.put_media(conn, key, size, at))

    async def media_names(self) -> set[str]:
        """The names of all files that have a key."""
        return await self._database.read(keeping.media_names)

    async def wanted_media(self, now: int, most: int) -> list[Wanted]:
        """Records whose pictures are to be fetched by now."""
        return await self._database.read(partial(keeping.wanted_media, now=now, most=most))

    async def count_wanted(self) -> int:
        """How many records wait for their pictures."""
        return await self._database.read(keeping.count_wanted)

    async def try_media_again(self, evidence_id: EvidenceId, at: int) -> None:
        """Says that a record's pictures are to be tried again then."""
        await self._database.record(lambda conn: keeping.try_media_again(conn, evidence_id, at))

    async def stop_wanting(self, evidence_id: EvidenceId) -> None:
        """Says that nothing is to be fetched for a record any more."""
        await self._database.record(lambda conn: keeping.stop_wanting(conn, evidence_id))

    async def supplement(self, to: EvidenceId, sealed: Sealed, who: str, at: int) -> EvidenceId | None:
        """Adds a record with pictures to another; None when that one was disposed of meanwhile."""

        def work(conn: Connection) -> EvidenceId | None:
            keeping.stop_wanting(conn, to)
            main = evidence.record(conn, to)
            if main is None or main.cipher is None:
                return None
            if any(keeping.media_key(conn, name) is None for name in sealed.files):
                raise NotPossible("A picture was disposed of meanwhile.")
            record = evidence.Record(
                id=EvidenceId(evidence.next_id(conn)),
                item_id=main.item_id,
                sealed_at=at,
                cipher=sealed.cipher,
                wrapped_key=sealed.wrapped_key,
                digest=sealed.digest,
                retention=main.retention,
                review_at=main.review_at,
                recovery_wrap=sealed.recovery_wrap,
                supplement_of=to,
            )
            evidence.insert(conn, [record])
            keeping.link_media(conn, record.id, sealed.files)
            facts = evidence.sealing_facts(record, sealed.facts)
            audit.append(conn, self._seat, [Note("evidence.sealed", who, facts, {})], at)
            return record.id

        return await self._database.record(work)


def _row(record: evidence.Record) -> EvidenceRow:
    return EvidenceRow(
        id=record.id,
        item_id=record.item_id,
        sealed_at=record.sealed_at,
        cipher=record.cipher,
        wrapped_key=record.wrapped_key,
        digest=record.digest,
        retention=record.retention,
        review_at=record.review_at,
        recovery_wrap=record.recovery_wrap,
        supplement_of=record.supplement_of,
    )


def _wrapped(keys: Sequence[SealedKey], who: str) -> list[Note]:
    """What the ledger says about records whose keys were sealed anew."""
    return [
        Note(
            "evidence.wrapped",
            who,
            {
                "evidence": evidence_key(EvidenceId(int(key.row))),
                "key_digest": sha256(key.wrapped).hexdigest(),
                "recovery_digest": None if key.recovery is None else sha256(key.recovery).hexdigest(),
            },
            {},
        )
        for key in keys
        if key.place == "evidence"
    ]


def rewrapped(key: SealedKey, wrapped: bytes, recovery: bytes | None) -> SealedKey:
    """The same key, sealed anew."""
    return replace(key, wrapped=wrapped, recovery=recovery)
