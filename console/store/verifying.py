"""Does the record stand as it was made? Reads every entry, its content, every evidence record and act.

The ledger proves itself: each leaf's hash, the chain from one to the next, and the places without a gap.
Everything beside it is then held against it. `evidence.sealed` names every column of an evidence row,
`act.requested` names its act, and a later `act.…` entry says where the act stands. A row without its
entry, an entry without its row and any byte that differs are found, and the first is named in words.

What may be missing is only what was lawfully disposed of, and the ledger says so itself:
`content.disposed` with the fact `entry`, `evidence.disposed` with the fact `evidence`.
`evidence.reviewed` gives a record a new retention class or review date; `evidence.wrapped` seals its key
anew, to the recovery key or under a new profile key.

What a newcomer would get wrong: this must stay within three times the cost of reading and hashing
alone, with a million entries. So entries are decoded by a typed decoder that skips what nobody asks for, and
nothing is kept of an entry but a few numbers.
"""

import hashlib
import json
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from console.domain.acts import ActState
from console.domain.audit import CORRECTED, FORMS, NO_PREVIOUS, Given, Plain, Tree, Verdict
from console.domain.times import iso, parse_iso
from console.store.database import Connection
from console.store.statements import KINDS, Statements, statements
from console.store.statements import BadPlaceError as _BadError

_SELECT_EVIDENCE: Final = (
    "SELECT id, item_id, sealed_at, cipher, wrapped_key, digest, retention, review_at, recovery_wrap, "
    "supplement_of FROM evidence"
)
_STATES: Final = tuple(ActState)
_NUMBERS: Final = {state.value: number for number, state in enumerate(_STATES, 1)}


class _Facts(msgspec.Struct, gc=False):
    """Those facts of an entry that are held against something; None where it has no such fact."""

    act: Plain = None
    state: Plain = None
    entry: Plain = None
    evidence: Plain = None
    item: Plain = None
    digest: Plain = None
    key_digest: Plain = None
    recovery_digest: Plain = None
    supplement_of: Plain = None
    retention: Plain = None
    review_at: Plain = None


class _Leaf(msgspec.Struct, gc=False):
    """An entry's parts."""

    form: int
    seq: int
    at: str
    kind: str
    content: str | None
    previous: str
    facts: _Facts


_decode: Final = msgspec.json.Decoder(_Leaf).decode


Row = tuple[int, int, int, bytes | None, bytes | None, str, str, int, bytes | None, int | None]
"""An evidence row, as `_SELECT_EVIDENCE` gives it."""


@dataclass(slots=True)
class _Claims:
    """What the ledger says about what stands beside it, as far as it is still to be settled.

    Evidence is numbered in the order in which it was sealed, so its rows are read along with the ledger
    (`rows`), and only what a later entry must explain is kept.
    """

    rows: Iterator[Row]
    last: int = 0
    """The newest evidence record that an entry sealed."""
    contents: int = 0
    missing: set[int] = field(default_factory=set)
    """Entries whose content is not there; a disposal must follow."""
    gone: dict[str, int] = field(default_factory=dict)
    """Evidence whose bytes are not there, with the entry that sealed it; a disposal must follow."""
    sealed: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Retention and review as they were at sealing, where the row has others; a review must follow."""
    reviewed: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Retention and review as a later entry set them."""
    keys: dict[str, int] = field(default_factory=dict)
    """Evidence whose wrapped keys are not those of its sealing, with that entry; a wrapping must follow."""
    wrapped: dict[str, tuple[Plain, Plain]] = field(default_factory=dict)
    """The digests of a record's two wrapped keys, as the newest entry that wrapped them set them."""
    acts: "array[int]" = field(default_factory=lambda: array("b", [0]))
    """Where each act stands by the ledger, by its number: 0 never asked for, else a place in _STATES."""


def verify(conn: Connection, given: Sequence[Given] = ()) -> Verdict:
    """Checks everything that can be checked, in the caller's snapshot, without keeping it in memory.

    `given` are checkpoints that others have kept. Without one of them a history that was written anew as
    a whole looks like any other.
    """
    tree = Tree()
    claims = _Claims(conn.execute(f"{_SELECT_EVIDENCE} ORDER BY id"))
    said = None
    bad = None
    try:
        said = statements(conn, given)
        _ledger(conn, tree, claims, said)
        said.end(tree.size)
        _contents(conn, claims)
        _evidence(conn, claims)
        _acts(conn, claims)
    except _BadError as found:
        bad = str(found)
    number = conn.execute("SELECT count(*) FROM ledger").fetchone()[0]
    held = said.held if said is not None else None
    return Verdict(
        ok=bad is None,
        entries=number,
        root=tree.root().hex(),
        checkpoint=held.text if held else None,
        first_bad=bad,
    )


# the ledger itself --------------------------------------------------------------------------------


def _ledger(conn: Connection, tree: Tree, claims: _Claims, said: Statements) -> None:
    """Checks chain, content and every statement on the way, and gathers what the entries claim."""
    sha256, add = hashlib.sha256, tree.add
    previous = NO_PREVIOUS
    rows = conn.execute(
        "SELECT l.seq, l.leaf, l.leaf_hash, c.salt, c.content FROM ledger l "
        "LEFT JOIN ledger_content c ON c.seq = l.seq ORDER BY l.seq"
    )
    for expected, (seq, leaf, digest, salt, content) in enumerate(rows, 1):
        entry = _read(leaf)
        if (
            entry is None
            or not seq == expected == entry.seq
            or sha256(b"\x00" + leaf).digest() != digest
            or entry.previous != previous
            or entry.form not in FORMS
        ):
            raise _BadError(_broken(conn, expected, seq, leaf, digest))
        if content is None:
            if entry.content is not None:
                claims.missing.add(seq)
        elif entry.content != sha256(salt + content).hexdigest():
            raise _BadError(f"{_named(seq, leaf)} was changed: its content is another.")
        else:
            claims.contents += 1
        if entry.kind[:4] == "act.":
            _claim_act(entry, claims, leaf)
        elif entry.kind in _CLAIMS:
            _claim(conn, entry, claims, leaf)
        elif entry.kind in KINDS:
            said.entry(seq, entry.kind, leaf)
        add(digest)
        if seq == said.next:
            said.hold(seq, tree.root())
        previous = digest.hex()


def _broken(conn: Connection, expected: int, seq: int, leaf: bytes, digest: bytes) -> str:
    """What is wrong with an entry that cannot stand where it stands, in words."""
    if seq != expected:
        return _gap(conn, expected, seq)
    if hashlib.sha256(b"\x00" + leaf).digest() != digest:
        return f"{_named(seq, leaf)} was changed: its digest is another."
    entry = _read(leaf)
    if entry is None or entry.form not in FORMS:
        return f"{_named(seq, leaf)} is not in the form of an entry."
    if entry.seq != seq:
        return f"{_named(seq, leaf)} was moved: it says that it is entry {entry.seq}."
    return f"{_named(seq, leaf)} was changed: it does not follow the entry before it."


def _read(leaf: bytes) -> _Leaf | None:
    try:
        return _decode(leaf)
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    try:  # an entry with a lone surrogate, which the quick decoder does not accept
        return msgspec.convert(json.loads(leaf), _Leaf)
    except (ValueError, RecursionError, msgspec.ValidationError):
        return None


_CLAIMS: Final = frozenset(
    {
        "evidence.sealed",
        "evidence.reviewed",
        "evidence.wrapped",
        "evidence.disposed",
        "content.disposed",
        CORRECTED,
    }
)


def _claim_act(entry: _Leaf, claims: _Claims, leaf: bytes) -> None:
    """Notes where an act stands after this entry."""
    number = _number(entry.facts.act, "a")
    what = entry.kind[4:]
    state = _NUMBERS.get(str(entry.facts.state) if what == "requested" else what)
    if state is None and what != "requested":
        return  # something about an act that does not move it
    # An act number cannot be above the place of the entry that asks for it.
    if number is None or state is None or number > entry.seq:
        raise _BadError(f"{_named(entry.seq, leaf)} names no act.")
    acts = claims.acts
    if number >= len(acts):
        acts.frombytes(bytes(max(number + 1, 2 * len(acts)) - len(acts)))
    if what == "requested" and acts[number]:
        raise _BadError(f"{_named(entry.seq, leaf)} asks for an act that was asked for before.")
    acts[number] = state


def _claim(conn: Connection, entry: _Leaf, claims: _Claims, leaf: bytes) -> None:
    """Holds this entry against the evidence, or settles what an earlier one left open."""
    facts = entry.facts
    key = str(facts.evidence)
    if entry.kind == "content.disposed":
        seq = facts.entry
        if not isinstance(seq, int) or seq not in claims.missing:
            raise _BadError(f"{_named(entry.seq, leaf)} disposed of content that is still there.")
        claims.missing.discard(seq)
    elif entry.kind == CORRECTED:
        if not isinstance(facts.entry, int) or not 0 < facts.entry < entry.seq:
            raise _BadError(f"{_named(entry.seq, leaf)} corrects no entry before it.")
    elif _number(key, "e") is None:
        raise _BadError(f"{_named(entry.seq, leaf)} names no evidence record.")
    elif entry.kind == "evidence.sealed":
        _hold_against(entry, claims, leaf)
    elif entry.kind == "evidence.disposed":
        if claims.gone.pop(key, None) is None:
            raise _BadError(
                f"{_named(entry.seq, leaf)} disposed of evidence record {key}, and it is still there."
            )
    elif _evidence_row(conn, key) is None:
        raise _BadError(f"{_named(entry.seq, leaf)} names no evidence record.")
    elif entry.kind == "evidence.wrapped":
        claims.wrapped[key] = (facts.key_digest, facts.recovery_digest)
    else:
        now = {"retention": facts.retention, "review_at": facts.review_at}
        named = {name: value for name, value in now.items() if value is not None}
        claims.reviewed[key] = claims.reviewed.get(key, {}) | named


def _hold_against(entry: _Leaf, claims: _Claims, leaf: bytes) -> None:
    """The next evidence row must be the one that this entry sealed, in every column."""
    facts = entry.facts
    wanted = _number(facts.evidence, "e") or 0
    if wanted <= claims.last:
        raise _BadError(f"{_named(entry.seq, leaf)} seals a record that was sealed before.")
    claims.last = wanted
    row = next(claims.rows, None)
    if row is None or row[0] > wanted:
        raise _BadError(f"Evidence record e{wanted}, sealed in entry {entry.seq}, is missing.")
    number, item_id, sealed_at, cipher, wrapped, digest, retention, review_at, recovery, after = row
    if number < wanted:
        raise _BadError(f"Evidence record e{number} is in no entry of the ledger.")
    key = f"e{number}"
    name = f"Evidence record {key}, sealed in entry {entry.seq},"
    if cipher is None or wrapped is None:
        if cipher is not wrapped or recovery is not None:
            raise _BadError(f"{name} was changed: half of it is gone.")
        claims.gone[key] = entry.seq
    elif hashlib.sha256(cipher).hexdigest() != facts.digest:
        raise _BadError(f"{name} was changed: its digest is another.")
    elif _digests(wrapped, recovery) != (facts.key_digest, facts.recovery_digest):
        claims.keys[key] = entry.seq
    of = None if after is None else f"e{after}"
    if (digest, f"i{item_id}", iso(sealed_at), of) != (
        facts.digest,
        facts.item,
        entry.at,
        facts.supplement_of,
    ):
        raise _BadError(f"{name} was changed: what is said about it is not what was said then.")
    if retention != facts.retention or iso(review_at) != facts.review_at:
        was = {"retention": facts.retention, "review_at": facts.review_at}
        claims.sealed[key] = {**was, "seq": entry.seq}


def _digests(wrapped: bytes, recovery: bytes | None) -> tuple[str, str | None]:
    """What the ledger says of a record's key, sealed under the profile's key and to the recovery key."""
    return (
        hashlib.sha256(wrapped).hexdigest(),
        None if recovery is None else hashlib.sha256(recovery).hexdigest(),
    )


def _number(key: object, letter: str) -> int | None:
    if isinstance(key, str) and key[:1] == letter and key[1:].isdecimal() and len(key) <= 12:
        return int(key[1:])
    return None


# what stands beside it ----------------------------------------------------------------------------


def _contents(conn: Connection, claims: _Claims) -> None:
    """Nothing is missing that was not disposed of, and nothing is there that no entry knows."""
    if claims.missing:
        seq = min(claims.missing)
        (leaf,) = conn.execute("SELECT leaf FROM ledger WHERE seq = ?", (seq,)).fetchone()
        raise _BadError(f"{_named(seq, leaf)} has lost its content, and no disposal is on record.")
    number = conn.execute("SELECT count(*) FROM ledger_content").fetchone()[0]
    if number != claims.contents:
        row = conn.execute(
            "SELECT c.seq FROM ledger_content c LEFT JOIN ledger l ON l.seq = c.seq "
            "WHERE l.seq IS NULL ORDER BY c.seq LIMIT 1"
        ).fetchone()
        raise _BadError(f"There is content for entry {row[0]}, but no such entry.")


def _evidence(conn: Connection, claims: _Claims) -> None:
    """No record is left over, and every difference that was noted is explained by a later entry."""
    left = next(claims.rows, None)
    if left is not None:
        raise _BadError(f"Evidence record e{left[0]} is in no entry of the ledger.")
    for key, seq in claims.gone.items():
        raise _BadError(
            f"Evidence record {key}, sealed in entry {seq}, is gone, and no disposal is on record."
        )
    _wraps(conn, claims)
    for key in claims.sealed | claims.reviewed:
        row = _evidence_row(conn, key)
        if row is None:
            raise _BadError(f"Evidence record {key} is missing.")
        actual = {"retention": row[6], "review_at": iso(row[7])}
        wanted = {**actual, **claims.sealed.get(key, {}), **claims.reviewed.get(key, {})}
        sealed_in = f", sealed in entry {wanted.pop('seq')}," if "seq" in wanted else ""
        if actual != wanted:
            raise _BadError(
                f"Evidence record {key}{sealed_in} was changed: what is said about it is not what "
                "was said then."
            )


def _wraps(conn: Connection, claims: _Claims) -> None:
    """A record's key is sealed as the newest entry about it says; that of its sealing, or a later one."""
    for key in claims.keys | claims.wrapped:
        row = _evidence_row(conn, key)
        if row is None or row[4] is None:
            continue  # missing or disposed of: said elsewhere
        if _digests(row[4], row[8]) != claims.wrapped.get(key):
            sealed_in = f", sealed in entry {claims.keys[key]}," if key in claims.keys else ""
            raise _BadError(f"Evidence record {key}{sealed_in} was changed: its digest is another.")


def _evidence_row(conn: Connection, key: str) -> Row | None:
    found: Row | None = conn.execute(f"{_SELECT_EVIDENCE} WHERE id = ?", (_number(key, "e"),)).fetchone()
    return found


def _acts(conn: Connection, claims: _Claims) -> None:
    """Every act was asked for and stands where the ledger left it; none is missing."""
    acts = claims.acts
    known = 0
    for number, state in conn.execute("SELECT id, state FROM acts ORDER BY id"):
        said = acts[number] if number < len(acts) else 0
        if not said:
            raise _BadError(f"Act a{number} was never asked for: it is in no entry of the ledger.")
        if _NUMBERS.get(state) != said:
            raise _BadError(
                f"Act a{number} was changed: it is {state}, and the ledger left it {_STATES[said - 1].value}."
            )
        known += 1
    if known != len(acts) - acts.count(0):
        there = {number for (number,) in conn.execute("SELECT id FROM acts")}
        lost = next(number for number, said in enumerate(acts) if said and number not in there)
        raise _BadError(f"Act a{lost} is missing, though the ledger has it.")


# words --------------------------------------------------------------------------------------------


def _gap(conn: Connection, expected: int, found: int) -> str:
    row = conn.execute("SELECT leaf FROM ledger WHERE seq = ?", (found,)).fetchone()
    if found < expected:
        return f"{_named(found, row[0])} stands where no entry can stand."
    return f"Entry {expected} is missing; the next is {_named(found, row[0], start='entry')}."


def _named(seq: int, leaf: bytes, start: str = "Entry") -> str:
    """An entry in words, as far as it can still be read."""
    try:
        plain = json.loads(leaf)
        at = iso(parse_iso(plain["at"]))
        return f"{start} {seq} ({plain['kind']}, {at[:19]}Z)"
    except (ValueError, TypeError, KeyError, RecursionError):
        return f"{start} {seq}"
