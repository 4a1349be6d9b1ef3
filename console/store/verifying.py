"""Does the record stand as it was made? Reads every entry, its content, every evidence record and act.

The ledger proves itself: each leaf's hash, the chain from one to the next, and the places without a gap.
Everything beside it is then held against it. `evidence.sealed` names every column of an evidence row,
`act.requested` names its act, and a later `act.…` entry says where the act stands. A row without its
entry, an entry without its row and any byte that differs are found, and the first is named in words.

What may be missing is only what was lawfully disposed of, and the ledger says so itself:
`content.disposed` with the fact `entry`, `evidence.disposed` with the fact `evidence`.
`evidence.reviewed` gives a record a new retention class or review date.

What a newcomer would get wrong: this must stay within three times the cost of reading and hashing
alone, with a million entries. So entries are decoded by a typed decoder, facts only where they are
needed, and nothing is kept of an entry but a few numbers.
"""

import hashlib
import json
from array import array
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from console.domain.acts import ActState
from console.domain.audit import FORM, NO_PREVIOUS, Tree, Verdict
from console.domain.times import iso, parse_iso
from console.store.database import Connection

_STATES: Final = tuple(ActState)
_NUMBERS: Final = {state.value: number for number, state in enumerate(_STATES, 1)}


class _Leaf(msgspec.Struct, gc=False):
    """An entry's parts; `facts` stay bytes until somebody asks."""

    form: int
    seq: int
    at: str
    kind: str
    content: str | None
    previous: str
    facts: msgspec.Raw


_decode: Final = msgspec.json.Decoder(_Leaf).decode
_facts: Final = msgspec.json.Decoder(dict[str, str | int | bool | None]).decode


class _BadError(Exception):
    """The first bad place, in words for a person."""


@dataclass(slots=True)
class _SealedRecord:
    """What the ledger says of one evidence record."""

    seq: int
    at: str
    facts: dict[str, Any]


@dataclass(slots=True)
class _Claims:
    """What the ledger says about what stands beside it."""

    missing: dict[int, str] = field(default_factory=dict)
    """Entries that committed to content which is not there, with their names in words."""
    disposed: set[int] = field(default_factory=set)
    """Entries whose content was disposed of."""
    contents: int = 0
    records: dict[str, _SealedRecord] = field(default_factory=dict)
    """Evidence records by key."""
    gone: set[str] = field(default_factory=set)
    """Evidence records that were disposed of."""
    acts: "array[int]" = field(default_factory=lambda: array("b", [0]))
    """Where each act stands by the ledger, by its number: 0 never asked for, else a place in _STATES."""


def verify(conn: Connection) -> Verdict:
    """Checks everything that can be checked, in the caller's snapshot, without keeping it in memory."""
    tree = Tree()
    claims = _Claims()
    bad = None
    try:
        _ledger(conn, tree, claims)
        _contents(conn, claims)
        _evidence(conn, claims)
        _acts(conn, claims)
    except _BadError as found:
        bad = str(found)
    number = conn.execute("SELECT count(*) FROM ledger").fetchone()[0]
    return Verdict(ok=bad is None, entries=number, root=tree.root().hex(), checkpoint=None, first_bad=bad)


# the ledger itself --------------------------------------------------------------------------------


def _ledger(conn: Connection, tree: Tree, claims: _Claims) -> None:
    """Checks chain and content, and gathers what the entries claim."""
    sha256, add = hashlib.sha256, tree.add
    previous = NO_PREVIOUS
    rows = conn.execute(
        "SELECT l.seq, l.leaf, l.leaf_hash, c.salt, c.content FROM ledger l "
        "LEFT JOIN ledger_content c ON c.seq = l.seq ORDER BY l.seq"
    )
    for expected, (seq, leaf, digest, salt, content) in enumerate(rows, 1):
        if seq != expected:
            raise _BadError(_gap(conn, expected, seq))
        if sha256(b"\x00" + leaf).digest() != digest:
            raise _BadError(f"{_named(seq, leaf)} was changed: its digest is another.")
        entry = _read(leaf)
        if entry is None or entry.form != FORM:
            raise _BadError(f"{_named(seq, leaf)} is not in the form of an entry.")
        if entry.seq != seq:
            raise _BadError(f"{_named(seq, leaf)} was moved: it says that it is entry {entry.seq}.")
        if entry.previous != previous:
            raise _BadError(f"{_named(seq, leaf)} was changed: it does not follow the entry before it.")
        if content is None:
            if entry.content is not None:
                claims.missing[seq] = _named(seq, leaf)
        elif entry.content != sha256(salt + content).hexdigest():
            raise _BadError(f"{_named(seq, leaf)} was changed: its content is another.")
        else:
            claims.contents += 1
        if entry.kind[:4] == "act.":
            _claim_act(entry, claims, leaf)
        elif entry.kind in _CLAIMS:
            _claim(entry, claims, leaf)
        add(digest)
        previous = digest.hex()


def _read(leaf: bytes) -> _Leaf | None:
    try:
        return _decode(leaf)
    except msgspec.DecodeError:
        pass
    try:  # an entry with a lone surrogate, which the quick decoder does not accept
        plain = json.loads(leaf)
        plain["facts"] = msgspec.Raw(json.dumps(plain["facts"]).encode())
        return msgspec.convert(plain, _Leaf)
    except (ValueError, TypeError, KeyError, RecursionError, msgspec.ValidationError):
        return None


_CLAIMS: Final = frozenset({"evidence.sealed", "evidence.reviewed", "evidence.disposed", "content.disposed"})


def _claim_act(entry: _Leaf, claims: _Claims, leaf: bytes) -> None:
    """Notes where an act stands after this entry."""
    facts = _facts_of(entry, leaf)
    number = _number(facts.get("act"), "a")
    what = entry.kind[4:]
    state = _NUMBERS.get(str(facts.get("state")) if what == "requested" else what)
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


def _claim(entry: _Leaf, claims: _Claims, leaf: bytes) -> None:
    """Notes what this entry says about evidence, or about content that is gone."""
    facts = _facts_of(entry, leaf)
    if entry.kind == "content.disposed":
        seq = facts.get("entry")
        if isinstance(seq, int):
            claims.disposed.add(seq)
        return
    key = str(facts.get("evidence"))
    record = claims.records.get(key)
    if entry.kind == "evidence.sealed":
        if record is not None:
            raise _BadError(f"{_named(entry.seq, leaf)} seals a record that was sealed before.")
        claims.records[key] = _SealedRecord(entry.seq, entry.at, facts)
    elif record is None:
        raise _BadError(f"{_named(entry.seq, leaf)} names no evidence record.")
    elif entry.kind == "evidence.disposed":
        claims.gone.add(key)
    else:
        record.facts |= {name: facts[name] for name in ("retention", "review_at") if name in facts}


def _facts_of(entry: _Leaf, leaf: bytes) -> dict[str, Any]:
    try:
        return _facts(entry.facts)
    except msgspec.DecodeError:
        pass
    try:
        found = json.loads(bytes(entry.facts))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise _BadError(f"{_named(entry.seq, leaf)} is not in the form of an entry.")
    return found


def _number(key: object, letter: str) -> int | None:
    if isinstance(key, str) and key[:1] == letter and key[1:].isdecimal() and len(key) <= 12:
        return int(key[1:])
    return None


# what stands beside it ----------------------------------------------------------------------------


def _contents(conn: Connection, claims: _Claims) -> None:
    """Nothing is missing that was not disposed of, and nothing is there that no entry knows."""
    for seq, name in claims.missing.items():
        if seq not in claims.disposed:
            raise _BadError(f"{name} has lost its content, and no disposal is on record.")
    number = conn.execute("SELECT count(*) FROM ledger_content").fetchone()[0]
    if number != claims.contents:
        row = conn.execute(
            "SELECT c.seq FROM ledger_content c LEFT JOIN ledger l ON l.seq = c.seq "
            "WHERE l.seq IS NULL ORDER BY c.seq LIMIT 1"
        ).fetchone()
        raise _BadError(f"There is content for entry {row[0]}, but no such entry.")


def _evidence(conn: Connection, claims: _Claims) -> None:
    """Every record is as its entry says, and every entry has its record."""
    seen = 0
    for number, item_id, sealed_at, cipher, wrapped, digest, retention, review_at in conn.execute(
        "SELECT id, item_id, sealed_at, cipher, wrapped_key, digest, retention, review_at "
        "FROM evidence ORDER BY id"
    ):
        key = f"e{number}"
        sealed = claims.records.get(key)
        if sealed is None:
            raise _BadError(f"Evidence record {key} is in no entry of the ledger.")
        seen += 1
        facts = sealed.facts
        name = f"Evidence record {key}, sealed in entry {sealed.seq},"
        if key in claims.gone:
            if cipher is not None or wrapped is not None:
                raise _BadError(f"{name} is still there, though its disposal is on record.")
        elif cipher is None or wrapped is None:
            raise _BadError(f"{name} is gone, and no disposal is on record.")
        elif hashlib.sha256(cipher).hexdigest() != facts.get("digest") or hashlib.sha256(
            wrapped
        ).hexdigest() != facts.get("key_digest"):
            raise _BadError(f"{name} was changed: its digest is another.")
        if (
            digest != facts.get("digest")
            or f"i{item_id}" != facts.get("item")
            or iso(sealed_at) != sealed.at
            or retention != facts.get("retention")
            or iso(review_at) != facts.get("review_at")
        ):
            raise _BadError(f"{name} was changed: what is said about it is not what was said then.")
    if seen != len(claims.records):
        kept = {f"e{number}" for (number,) in conn.execute("SELECT id FROM evidence")}
        key, sealed = next((k, s) for k, s in claims.records.items() if k not in kept)
        raise _BadError(f"Evidence record {key}, sealed in entry {sealed.seq}, is missing.")


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
