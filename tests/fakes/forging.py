"""Writing a ledger anew as somebody would who knows its form, has the file and time, and lacks the key."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from console.domain.audit import NO_PREVIOUS, Tree, leaf_hash, plain_json
from console.domain.checkpoint import parse_verifier_key, sign, verifier_key

STRANGER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
PUBLIC = STRANGER.public_key().public_bytes_raw()

Entry = dict[str, Any]


def entries(conn: sqlite3.Connection) -> list[Entry]:
    """What every entry says, to be changed."""
    return [json.loads(leaf) for (leaf,) in conn.execute("SELECT leaf FROM ledger ORDER BY seq")]


def write_anew(conn: sqlite3.Connection, wanted: Sequence[Entry]) -> Tree:
    """Writes the whole ledger with numbers, digests and chain as they must be."""
    conn.execute("DELETE FROM ledger")
    previous, tree = NO_PREVIOUS, Tree()
    for seq, entry in enumerate(wanted, 1):
        leaf = plain_json({**entry, "seq": seq, "previous": previous})
        digest = leaf_hash(leaf)
        conn.execute("INSERT INTO ledger VALUES (?, ?, ?)", (seq, leaf, digest))
        tree.add(digest)
        previous = digest.hex()
    return tree


def sign_anew(conn: sqlite3.Connection, key: Ed25519PrivateKey = STRANGER) -> None:
    """Makes every checkpoint again, signed by this key under the ledger's own name."""
    ((origin,),) = conn.execute("SELECT origin FROM ledger_keys").fetchall()
    public = key.public_key().public_bytes_raw()
    hashes = [digest for (digest,) in conn.execute("SELECT leaf_hash FROM ledger ORDER BY seq")]
    for (size,) in conn.execute("SELECT size FROM checkpoints").fetchall():
        tree = Tree(hashes[:size])
        text = sign(origin, size, tree.root(), public, key.sign).text
        conn.execute("UPDATE checkpoints SET text = ?, peaks = ? WHERE size = ?", (text, tree.peaks, size))


def new_key(conn: sqlite3.Connection, found: Sequence[Entry]) -> None:
    """Puts the stranger's key in the place of the ledger's, in its entry and beside it."""
    for entry in found:
        if entry["kind"] == "ledger.key":
            origin, _ = parse_verifier_key(entry["facts"]["key"])
            entry["facts"]["key"] = verifier_key(origin, PUBLIC)
    conn.execute("UPDATE ledger_keys SET public = ?", (PUBLIC,))
