"""Disposal: finding everything about items, then destroying it in one durable transaction.

What a newcomer would get wrong: the ledger is looked through before, page by page, so that nobody waits for
it; what was added since is looked through again inside the transaction, so that nothing slips between.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from re import Pattern

from console.domain.audit import Note, Plain
from console.domain.errors import NotPossible
from console.domain.ids import ActId, EvidenceId, ItemId, act_key, evidence_key, item_key
from console.store import audit, disposing, evidence, keeping
from console.store.database import Connection, Database
from console.store.disposing import About

_ALL = 2**62


@dataclass(frozen=True, slots=True)
class Wish:
    """An item that is to go, with what the caller knows of its words and names."""

    item_id: ItemId
    quotes: tuple[str, ...] = ()
    """Unusual words and runs of words by which a quote of it is known."""
    names: tuple[str, ...] = ()
    """Its author's name, handle and id, its own id and address."""


@dataclass(frozen=True, slots=True)
class Disposed:
    """What was destroyed, or would be."""

    items: tuple[ItemId, ...] = ()
    records: tuple[EvidenceId, ...] = ()
    contents: int = 0
    """Ledger entries that lose their content."""
    files: tuple[str, ...] = ()
    """Files of pictures that nothing else needs."""
    quotes: int = 0
    """Reasons and replies elsewhere that quoted it."""


@dataclass(slots=True)
class Sought:
    """Everything that was found about some items."""

    wishes: Sequence[Wish]
    items: list[About]
    keys: set[bytes] = field(default_factory=set)
    entries: list[int] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    quoting: list[int] = field(default_factory=list)
    """Acts on other items whose reason quotes these."""
    records: list[EvidenceId] = field(default_factory=list)
    looked_to: int = 0
    quoted: Pattern[str] | None = None
    """Finds words that only these items have."""
    named: Pattern[str] | None = None
    """Finds these and names, in what belongs to no item."""

    def as_disposed(self) -> Disposed:
        """What would be destroyed."""
        files = {name for each in self.items for name in each.files}
        return Disposed(
            items=tuple(each.item_id for each in self.items),
            records=tuple(self.records),
            contents=len(set(self.entries)),
            files=tuple(sorted(files)),
            quotes=len(self.quoting),
        )


async def look_through(database: Database, wishes: Sequence[Wish], page: int) -> Sought:
    """Finds everything about these items, so many ledger entries in one reading."""
    found = await database.read(partial(_begin, wishes))
    if any(not each.names for each in found.items):
        # what is theirs may name them where cache and record no longer do
        await _read(database, found, None, page)
        found.entries.clear()
    found.named = disposing.pattern(
        {*found.names, *(word for each in found.items for word in each.words | each.names)}
    )
    await _read(database, found, found.named, page)
    return found


async def _read(database: Database, found: Sought, named: Pattern[str] | None, page: int) -> None:
    after = 0
    while True:
        part = await database.read(
            partial(
                disposing.contents_about, keys=frozenset(found.keys), quoted=named, after=after, most=page
            )
        )
        found.entries += part.entries
        found.names |= part.names
        found.looked_to = after = part.last
        if part.is_end:
            return


def _begin(wishes: Sequence[Wish], conn: Connection) -> Sought:
    items = [disposing.about(conn, wish.item_id, wish.quotes, wish.names) for wish in wishes]
    found = Sought(wishes, items)
    for each in items:
        found.keys |= each.keys
        found.records += [
            record.id for record in evidence.of_item(conn, each.item_id) if record.cipher is not None
        ]
    found.quoted = disposing.pattern(word for each in items for word in each.words)
    if found.quoted is not None:
        theirs = {key for each in items for key in each.keys}
        acts = disposing.quoting_acts(conn, found.quoted)
        found.quoting = [number for number in acts if act_key(ActId(number)).encode() not in theirs]
        found.keys |= {act_key(ActId(number)).encode() for number in found.quoting}
    return found


def carry_out(seat: str, found: Sought, reason: str, who: str, at: int, conn: Connection) -> Disposed:
    """One transaction: destroys what was found, and what was added since, and puts it on record."""
    now = _begin(found.wishes, conn)  # an act may have been asked for since
    for each in now.items:
        _must_be_free(conn, each)
    named = found.named or now.quoted
    if named is not None and named.search(disposing.searchable(reason)):
        raise NotPossible(
            "The reason quotes what is to be disposed of, or names its author. Say it in other words."
        )
    keys = frozenset(found.keys | now.keys)
    since = disposing.contents_about(conn, keys, named, found.looked_to, _ALL)
    more = keys - found.keys
    again = disposing.contents_about(conn, more, None, 0, _ALL).entries if more else ()
    gone = disposing.destroy_contents(conn, [*found.entries, *since.entries, *again])
    quoting = sorted({*found.quoting, *now.quoting})
    disposing.empty_acts(conn, quoting)
    quotes = len(quoting) + (disposing.empty_quotes(conn, named) if named is not None else 0)
    files: list[str] = []
    notes: list[Note] = []
    records: list[EvidenceId] = []
    for each in now.items:
        kept = [record for record in evidence.of_item(conn, each.item_id) if record.cipher is not None]
        unused = disposing.destroy_item(conn, each.item_id, at)
        files += unused
        records += [record.id for record in kept]
        notes += _disposals(each.item_id, kept, len(unused), who, reason)
    notes += [Note("content.disposed", who, {"entry": seq}, {}) for seq in gone]
    audit.append(conn, seat, notes, at)
    return Disposed(
        items=tuple(each.item_id for each in now.items),
        records=tuple(records),
        contents=len(gone),
        files=tuple(files),
        quotes=quotes,
    )


def _must_be_free(conn: Connection, each: About) -> None:
    name = item_key(each.item_id)
    if (held := keeping.hold_on(conn, each.item_id)) is not None:
        raise NotPossible(f"{name} is on legal hold by {held.put_by}. Release it first.")
    if each.has_open_act:
        raise NotPossible(f"An act on {name} is under way. Wait until it is done, or cancel it.")
    if disposing.is_disposed(conn, each.item_id):
        raise NotPossible(f"{name} was disposed of before; nothing of it is left.")


def _disposals(
    item_id: ItemId, kept: Sequence[evidence.Record], files: int, who: str, reason: str
) -> list[Note]:
    facts: dict[str, Plain] = {"item": item_key(item_id), "records": len(kept), "files": files}
    notes = [Note("item.disposed", who, facts, {"reason": reason})]
    for record in kept:
        gone: dict[str, Plain] = {
            "evidence": evidence_key(record.id),
            "item": item_key(item_id),
            "digest": record.digest,
            "retention": record.retention,
        }
        notes.append(Note("evidence.disposed", who, gone, {}))
    return notes
