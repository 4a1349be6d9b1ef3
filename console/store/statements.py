"""The ledger held against every statement that was ever signed about it: our own, and those kept elsewhere.

The roots are not proved from one another, they are computed: whoever goes through the whole ledger has
the root at each size on the way, so a statement that holds is consistent with every other that does. The
ledger says itself which keys sign (`ledger.key`) and when a statement was made (`ledger.checkpoint`),
so that neither can be taken away or exchanged beside it.

What a newcomer would get wrong: a new key that the old one does not vouch for is bad until a statement
that somebody else keeps is signed by it. It may be that a computer was lost; it is also what somebody
does who wants to be believed from now on.
"""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from console.domain.audit import Given
from console.domain.checkpoint import (
    Checkpoint,
    check,
    is_signed,
    key_change,
    parse,
    parse_verifier_key,
    verifier_key,
)
from console.domain.times import iso
from console.store import checkpoints
from console.store.database import Connection

KINDS: Final = frozenset({"ledger.key", "ledger.checkpoint"})
"""The entries that speak about keys and statements."""


class BadPlaceError(Exception):
    """The first bad place, in words for a person."""


@dataclass(frozen=True, slots=True)
class _Statement:
    """A checkpoint, and whose copy it is."""

    checkpoint: Checkpoint
    words: str
    """How it is named at the start of a sentence."""
    is_outside: bool


@dataclass(slots=True)
class Statements:
    """What was said about the ledger, as far as it is still to be held against it."""

    left: list[_Statement]
    """Largest first, so that the next one stands at the end."""
    made: dict[int, str]
    """When our own were made, by size; each must have its entry."""
    rows: Mapping[int, tuple[str, bytes]]
    """The keys that are kept, name of the ledger and public part, by the entry that put them on record."""
    next: int = 0
    """The size of the next statement; 0 when there is none."""
    held: Checkpoint | None = None
    """The newest that held."""
    sure: int = 0
    """The size of the newest that held and that somebody else keeps: up to there nothing was rewritten."""
    origin: str = ""
    public: bytes = b""
    """The key in force so far."""
    all_keys: set[bytes] = field(default_factory=set)
    doubtful: set[int] = field(default_factory=set)
    """Entries that bring a key which no older one vouches for."""

    def entry(self, seq: int, kind: str, leaf: bytes) -> None:
        """Takes an entry of one of `KINDS`. Raises BadPlaceError."""
        entry: dict[str, Any] = json.loads(leaf)
        if kind == "ledger.key":
            self._key(seq, entry["facts"])
        elif seq not in self.made:
            raise BadPlaceError(f"The checkpoint of {seq} entries, made in entry {seq}, is missing.")
        elif self.made.pop(seq) != entry["at"]:
            raise BadPlaceError(f"The checkpoint of {seq} entries was not made when it says.")

    def _key(self, seq: int, facts: Mapping[str, Any]) -> None:
        """A new key must be the one that is kept, and follow from the one before it."""
        try:
            origin, public = parse_verifier_key(str(facts.get("key")))
        except ValueError:
            raise BadPlaceError(f"Entry {seq} (ledger.key) names no key.") from None
        if seq not in self.rows:
            raise BadPlaceError(f"Entry {seq} (ledger.key) was moved: no key was put on record there.")
        if self.rows[seq] != (origin, public):
            raise BadPlaceError(
                f"The key that signs checkpoints was replaced: it is not the one of entry {seq}."
            )
        before = verifier_key(self.origin, self.public) if self.public else None
        if facts.get("before") != before or (before and origin != self.origin):
            raise BadPlaceError(f"Entry {seq} (ledger.key) does not follow from the key before it.")
        vouched = facts.get("vouched")
        if vouched is not None and not is_signed(self.public, _raw(vouched), key_change(origin, public)):
            raise BadPlaceError(f"Entry {seq} (ledger.key) was not signed by the key before it.")
        if before and vouched is None:
            self.doubtful.add(seq)
        self.origin, self.public = origin, public
        self.all_keys.add(public)

    def hold(self, size: int, root: bytes) -> None:
        """Holds every statement of this size against the root. Raises BadPlaceError."""
        while self.left and self.left[-1].checkpoint.size == size:
            statement = self.left.pop()
            found = statement.checkpoint
            if found.root != root:
                raise BadPlaceError(self._rewritten(statement))
            if not self.public or found.origin != self.origin or not check(found, self.public):
                raise BadPlaceError(f"{statement.words} is not signed by this ledger's key.")
            self.held = found
            if statement.is_outside:
                self.sure = size
                self.doubtful.clear()
        self.next = self.left[-1].checkpoint.size if self.left else 0

    def _rewritten(self, statement: _Statement) -> str:
        """Where the ledger and a statement part ways, in words; as near as statements can tell."""
        found = statement.checkpoint
        own = self.held.size if self.held else 0  # whoever writes anew makes our own anew as well
        first = 1 + (self.sure if statement.is_outside else own)
        where = f"Entry {first}" if first == found.size else f"One of the entries {first} to {found.size}"
        whose = ""
        if not any(check(found, public) for public in self.all_keys):
            whose = " It is signed by a key that this ledger has never had."
        return f"{where} was written anew since. {statement.words} has another root.{whose}"

    def end(self, entries: int) -> None:
        """Says what cannot be right once the last entry was read. Raises BadPlaceError."""
        if self.left:
            statement = self.left[-1]
            raise BadPlaceError(
                f"Entry {entries + 1} is missing and what came after it. {statement.words} speaks of more "
                f"entries than the {entries} that are here: the end was cut off, or an older file put back."
            )
        for seq in sorted(self.rows.keys() - self._seen_keys()):
            raise BadPlaceError(f"A key that signs checkpoints is kept, but entry {seq} is not about it.")
        for size in sorted(self.made):
            raise BadPlaceError(f"The checkpoint of {size} entries was made in no entry of the ledger.")
        for seq in sorted(self.doubtful):
            raise BadPlaceError(
                f"Entry {seq} (ledger.key) brings a new key, and the old one does not vouch for it. If "
                "whoever keeps your checkpoints has one that was made since, compare with that."
            )

    def _seen_keys(self) -> set[int]:
        return {seq for seq, (_, public) in self.rows.items() if public in self.all_keys}


def statements(conn: Connection, given: Sequence[Given]) -> Statements:
    """All that the ledger is to be held against. Raises BadPlaceError for one that cannot be read.

    `given` are the statements that others keep.
    """
    own = []
    made = {}
    for size, text, made_at in checkpoints.texts(conn):
        words = f"The checkpoint of {size} entries"
        try:
            found = parse(text)
        except ValueError as problem:
            raise BadPlaceError(f"{words} was changed. {problem}") from None
        if found.size != size:
            raise BadPlaceError(f"{words} was changed: it speaks of {found.size}.")
        if found.text != text:
            raise BadPlaceError(f"{words} was changed: it is not written as we write them.")
        own.append(_Statement(found, words, is_outside=False))
        made[size] = iso(made_at)
    outside = []
    for each in given:
        try:
            found = parse(each.text)
        except ValueError as problem:
            raise BadPlaceError(f"{each.name} cannot be compared with. {problem}") from None
        if not found.size:
            raise BadPlaceError(f"{each.name} speaks of a ledger without entries; this one never said so.")
        outside.append(
            _Statement(found, f"The checkpoint of {found.size} entries in {each.name}", is_outside=True)
        )
    keys = {key.seq: (key.origin, key.public) for key in checkpoints.keys(conn)}
    # A copy kept elsewhere is looked at before our own of the same size: it says more when it is another.
    left = sorted([*own, *outside], key=lambda one: (-one.checkpoint.size, one.is_outside))
    return Statements(left, made, keys, next=left[-1].checkpoint.size if left else 0)


def _raw(text: object) -> bytes:
    try:
        return base64.b64decode(str(text), validate=True)
    except binascii.Error:
        return b""
