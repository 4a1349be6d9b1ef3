"""The ledger's form: what an entry's bytes are, how its digest follows, what stays outside.

The ledger is a Merkle tree as in RFC 6962 (section 2.1): the leaf hash is SHA-256 over a zero byte and
the entry's bytes, an inner node is SHA-256 over a one byte and both children. Besides, each entry
names the leaf hash before it, so that a reader sees a break without building the tree.

What could identify a member of the public, or carry words, is never inside an entry. It stands beside
it as content, and the entry holds only a commitment: SHA-256 over a random 128-bit salt and the
content's bytes. Destroying salt and content leaves an entry that still verifies and tells nothing.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

import msgspec

FORM = 2
"""The version of an entry's form; part of every entry. The second says role and behalf beside the name."""
FORMS = frozenset({1, FORM})
"""The forms that entries may have: those of an earlier Cordon stay as they were written."""
CORRECTED = "entry.corrected"
"""The kind of an entry that says what is wrong with an earlier one, which it names in the fact `entry`."""
SALT_BYTES = 16
NO_PREVIOUS = "0" * 64
"""What the first entry names as the digest before it."""

Plain = str | int | bool | None
"""What may stand in an entry or in its content."""


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wants to put on record, before it has a place in the ledger.

    `facts` goes inside the entry for ever: own keys (`i12`, `a5`), counts, states, digests, names of
    rules. `content` goes beside it, salted and destroyable: network ids, the author, the reason, words.
    """

    kind: str
    """What happened: `act.requested`, `act.confirmed`, `account.added` …"""
    who: str
    """The operator, or `cordon` for what the program did by itself."""
    facts: Mapping[str, Plain]
    content: Mapping[str, Plain]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it stands in the ledger."""

    seq: int
    """Its place, from 1."""
    leaf: bytes
    """The exact bytes that are hashed."""
    leaf_hash: bytes
    salt: bytes | None
    """None once the content was disposed of, and for an entry that never had content."""
    content: bytes | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying the ledger found."""

    ok: bool
    entries: int
    root: str
    """The Merkle tree hash of all entries, in hexadecimal."""
    checkpoint: str | None
    """The newest kept statement of the ledger that it was compared with; None when there is none."""
    first_bad: str | None
    """The first bad place in words; None when all is well."""
    remarks: tuple[str, ...] = ()
    """What could not be compared, and why, in words; it makes nothing bad."""


@dataclass(frozen=True, slots=True)
class Given:
    """A checkpoint that somebody else has kept, to hold the ledger against."""

    name: str
    """Where it comes from, for a sentence: a file, the second keeper."""
    text: str
    """The checkpoint itself, or a mail that holds it."""


_encode = msgspec.json.Encoder(order="sorted").encode


def plain_json(value: Mapping[str, object]) -> bytes:
    """The one way to write a mapping as bytes: sorted keys, no blanks, UTF-8.

    A lone surrogate, which no network should send but some do, is written as its escape. Otherwise these are
    the bytes that `json.dumps` makes with sorted keys, no blanks and `ensure_ascii=False`, in a fifth of
    the time.
    """
    try:
        return _encode(value)
    except UnicodeEncodeError:
        return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def leaf_bytes(
    seq: int,
    at: str,
    seat: str,
    previous: str,
    note: Note,
    commitment: str | None,
    signature: tuple[str | None, str | None] = (None, None),
) -> bytes:
    """An entry's bytes. `at` is ISO 8601 UTC; `previous` and `commitment` are hexadecimal digests.

    `signature` says in which role, and on whose behalf, its author did it.
    """
    return plain_json(
        {
            "form": FORM,
            "seq": seq,
            "at": at,
            "seat": seat,
            "who": note.who,
            "role": signature[0],
            "behalf": signature[1],
            "kind": note.kind,
            "facts": dict(note.facts),
            "content": commitment,
            "previous": previous,
        }
    )


def leaf_hash(leaf: bytes) -> bytes:
    """The leaf hash of RFC 6962."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def commitment(salt: bytes, content: bytes) -> str:
    """The digest that stands in an entry for content that stays outside, in hexadecimal."""
    return hashlib.sha256(salt + content).hexdigest()


class Tree:
    """The Merkle tree hash of RFC 6962 over leaf hashes added one by one.

    Keeps one hash for each level that is not complete, so a million entries need twenty.
    """

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self.size = 0
        self._peaks: list[tuple[int, bytes]] = []
        for leaf in leaves:
            self.add(leaf)

    @classmethod
    def resumed(cls, size: int, peaks: bytes) -> Self:
        """The tree of so many leaves, from what `peaks` said then.

        Raises ValueError when that many leaves have not as many peaks.
        """
        tree = cls()
        levels = [level for level in range(size.bit_length() - 1, -1, -1) if size >> level & 1]
        if len(peaks) != 32 * len(levels):
            raise ValueError(f"A tree of {size} leaves has {len(levels)} peaks, not {len(peaks) / 32:g}.")
        tree.size = size
        tree._peaks = [(level, peaks[32 * number : 32 * number + 32]) for number, level in enumerate(levels)]
        return tree

    @property
    def peaks(self) -> bytes:
        """The roots of its whole parts, largest first: all that is needed to go on adding later."""
        return b"".join(peak for _, peak in self._peaks)

    def add(self, leaf: bytes) -> None:
        """Adds the next leaf hash."""
        self.size += 1
        level = 0
        while self._peaks and self._peaks[-1][0] == level:
            leaf = hashlib.sha256(b"\x01" + self._peaks.pop()[1] + leaf).digest()
            level += 1
        self._peaks.append((level, leaf))

    def root(self) -> bytes:
        """The tree hash of all leaves so far; of no leaf it is SHA-256 of nothing."""
        if not self._peaks:
            return hashlib.sha256(b"").digest()
        root = self._peaks[-1][1]
        for _, peak in reversed(self._peaks[:-1]):
            root = hashlib.sha256(b"\x01" + peak + root).digest()
        return root
