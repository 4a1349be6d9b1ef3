"""The part of the desk that states how the ledger stands, and corrects what is wrong in it.

As in `desk/protocol.py`, each change and its ledger entry are one durable transaction. What a newcomer
would get wrong: a checkpoint covers the very entry that says why it was made. So there is none without
its entry, and nothing is left after it that would call for the next one.
"""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from console.domain.audit import CORRECTED, Entry, Given, Note, Plain, Tree, Verdict
from console.domain.checkpoint import Checkpoint, check, sign, verifier_key
from console.domain.errors import UsageError
from console.store import audit, checkpoints
from console.store.checkpoints import Kept, LedgerKey
from console.store.database import Connection, Database
from console.store.verifying import verify

__all__ = ["CheckpointDesk", "Kept", "LedgerKey", "LocalCheckpoints", "NewKey"]

Signer = Callable[[bytes], bytes]
"""Gives the Ed25519 signature of bytes."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that shall sign from now on."""

    origin: str
    """The ledger's name: that of the key before it, where there is one."""
    public: bytes
    sealed: bytes
    """The private part, sealed under the profile's key."""
    vouched: bytes | None
    """What the key before it has signed about this one; None when it cannot be opened any more."""


class CheckpointDesk(Protocol):
    """Everything about checkpoints that operators share."""

    async def key(self) -> LedgerKey | None:
        """The key that signs now; None before the first checkpoint."""

    async def put_key(self, new: NewKey, before: LedgerKey | None, why: str, who: str, at: int) -> LedgerKey:
        """Puts a key in force and on record, if `before` is still the one in force; gives what is in force.

        `why` are a person's words; empty for the first key.
        """

    async def make(self, key: LedgerKey, signer: Signer, why: str, who: str, at: int) -> Checkpoint | None:
        """States and signs the ledger as it stands, with an entry that says why.

        None when another key is in force by now: ask for it, and make the checkpoint with that.
        """

    async def latest(self) -> Kept | None:
        """The newest checkpoint; None when there is none, or when it cannot be read any more."""

    async def entries_so_far(self) -> int:
        """How many entries the ledger has."""

    async def leaf_hashes(self, size: int | None = None) -> list[bytes]:
        """The leaf hashes of the first `size` entries (None: of all), in order."""

    async def all_checkpoints(self) -> list[str]:
        """Every checkpoint as it was given out, oldest first."""

    async def all_keys(self) -> list[LedgerKey]:
        """Every key that ever signed, oldest first."""

    async def not_handed_over(self, keeper: str, most: int) -> list[tuple[str, int]]:
        """What a second keeper has not got yet, oldest first: the text, and when it was made (epoch ms)."""

    async def handed_over(self, keeper: str, sizes: Sequence[int]) -> None:
        """Notes that a second keeper has these now."""

    async def verify(self, given: Sequence[Given]) -> Verdict:
        """Checks the whole record, and holds it against checkpoints that others have kept."""

    async def note(self, notes: Sequence[Note], at: int) -> list[int]:
        """Puts something on record about the ledger itself; gives the places."""

    async def correct(self, seq: int, words: str, who: str, at: int) -> int:
        """Says on record what is wrong with an entry; gives the place. Raises UsageError for none such."""

    async def corrections(self) -> Mapping[int, Sequence[int]]:
        """The entries that correct others, by the place of what they correct."""

    async def entries(self, after: int, most: int) -> list[Entry]:
        """Ledger entries with a place above `after`, in order."""


class LocalCheckpoints:
    """The `CheckpointDesk` of one seat, in the profile's own database."""

    def __init__(self, database: Database, seat: str) -> None:
        self._database = database
        self._seat = seat

    async def key(self) -> LedgerKey | None:
        """The key that signs now; None before the first checkpoint."""
        return await self._database.read(checkpoints.newest_key)

    async def put_key(self, new: NewKey, before: LedgerKey | None, why: str, who: str, at: int) -> LedgerKey:
        """Puts a key in force and on record, if `before` still is in force; gives what is in force."""
        facts: dict[str, Plain] = {
            "key": verifier_key(new.origin, new.public),
            "before": verifier_key(before.origin, before.public) if before else None,
            "vouched": base64.b64encode(new.vouched).decode() if new.vouched else None,
        }

        def work(conn: Connection) -> LedgerKey:
            current = checkpoints.newest_key(conn)
            if current is not None and (before is None or current.seq != before.seq):
                return current
            note = Note("ledger.key", who, facts, {"why": why} if why else {})
            (seq,) = audit.append(conn, self._seat, [note], at)
            key = LedgerKey(new.origin, new.public, new.sealed, seq)
            checkpoints.add_key(conn, key)
            return key

        return await self._database.record(work)

    async def make(self, key: LedgerKey, signer: Signer, why: str, who: str, at: int) -> Checkpoint | None:
        """States and signs the ledger as it stands, with an entry that says why."""
        # Most of the tree is found here, where nobody waits; the writer adds what has come meanwhile.
        start = await self._database.read(_tree)

        def work(conn: Connection) -> Checkpoint | None:
            current = checkpoints.newest_key(conn)
            if current is None or current.seq != key.seq:
                return None
            audit.append(conn, self._seat, [Note("ledger.checkpoint", who, {"why": why}, {})], at)
            return checkpoints.made(
                conn, start, lambda size, root: sign(key.origin, size, root, key.public, signer), at
            )

        return await self._database.record(work)

    async def latest(self) -> Kept | None:
        """The newest checkpoint; None when there is none, or when it cannot be read any more."""
        return await self._database.read(_latest)

    async def entries_so_far(self) -> int:
        """How many entries the ledger has."""
        return (await self._database.read(audit.head))[0]

    async def leaf_hashes(self, size: int | None = None) -> list[bytes]:
        """The leaf hashes of the first `size` entries (None: of all), in order."""
        return await self._database.read(partial(audit.leaf_hashes, size=size))

    async def all_checkpoints(self) -> list[str]:
        """Every checkpoint as it was given out, oldest first."""
        return [text for _, text, _ in await self._database.read(checkpoints.texts)]

    async def all_keys(self) -> list[LedgerKey]:
        """Every key that ever signed, oldest first."""
        return await self._database.read(checkpoints.keys)

    async def not_handed_over(self, keeper: str, most: int) -> list[tuple[str, int]]:
        """What a second keeper has not got yet, oldest first."""
        return await self._database.read(partial(checkpoints.not_handed_over, keeper=keeper, most=most))

    async def handed_over(self, keeper: str, sizes: Sequence[int]) -> None:
        """Notes that a second keeper has these now."""
        await self._database.record(lambda conn: checkpoints.handed_over(conn, keeper, sizes))

    async def verify(self, given: Sequence[Given]) -> Verdict:
        """Checks the whole record, and holds it against checkpoints that others have kept."""
        return await self._database.read(partial(verify, given=given))

    async def note(self, notes: Sequence[Note], at: int) -> list[int]:
        """Puts something on record about the ledger itself; gives the places."""
        return await self._database.record(lambda conn: audit.append(conn, self._seat, notes, at))

    async def correct(self, seq: int, words: str, who: str, at: int) -> int:
        """Says on record what is wrong with an entry; gives the place."""

        def work(conn: Connection) -> int:
            newest, _ = audit.head(conn)
            if not 0 < seq <= newest:
                raise UsageError(f"The ledger has no entry {seq}; its newest is {newest}.")
            note = Note(CORRECTED, who, {"entry": seq}, {"words": words})
            return audit.append(conn, self._seat, [note], at)[0]

        return await self._database.record(work)

    async def corrections(self) -> Mapping[int, Sequence[int]]:
        """The entries that correct others, by the place of what they correct."""
        found: dict[int, list[int]] = {}
        for seq, leaf in await self._database.read(partial(audit.of_kind, kind=CORRECTED)):
            entry = json.loads(leaf)
            if entry["kind"] == CORRECTED:  # and not a fact of that name
                found.setdefault(entry["facts"]["entry"], []).append(seq)
        return found

    async def entries(self, after: int, most: int) -> list[Entry]:
        """Ledger entries with a place above `after`, in order."""
        return await self._database.read(lambda conn: audit.entries(conn, after, most))


def _latest(conn: Connection) -> Kept | None:
    try:
        return checkpoints.latest(conn)
    except ValueError:
        return None  # it was changed; verifying says so, and the next one is made without it


def _tree(conn: Connection) -> Tree:
    """The tree of all entries so far, from the newest checkpoint on where that can be trusted.

    It can be when a key of this ledger has signed the root that its kept parts give. Otherwise
    everything is read.
    """
    tree = Tree()
    kept = _latest(conn)
    if kept is not None and any(check(kept.checkpoint, key.public) for key in checkpoints.keys(conn)):
        try:
            found = Tree.resumed(kept.checkpoint.size, kept.peaks)
        except ValueError:
            found = Tree()
        if found.root() == kept.checkpoint.root:
            tree = found
    for digest in audit.each_leaf_hash(conn, tree.size):
        tree.add(digest)
    return tree
