"""Evidence records as a bundle holds them: whole with their key, as a working copy, or gone.

What a newcomer would get wrong: the key that goes out is the record's own and opens nothing else. The ledger
holds the digest of the cipher, so only cipher and key together show that these words are what was sealed.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from console.domain.errors import RecordBroken
from console.domain.ids import evidence_key
from console.services.disclosing.covering import Mark, cover
from console.services.keys import Keys
from console.store.evidence import Record

ALGORITHM: Final = "AES-256-GCM; the first 12 bytes of the cipher are the nonce, the last 16 the tag"
_NONCE_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class Opened:
    """One record, ready for a bundle."""

    key: str
    """Its name, such as `e5`."""
    seq: int
    """The entry that sealed it."""
    item: str
    """The key of the item that it is of."""
    state: str
    """`whole`, `covered` or `disposed`."""
    digest: str
    copy: Mapping[str, Any] | None
    """The record in clear or its working copy; None when it is gone."""
    path: str | None
    """The bundle's file for it; None when it is gone."""
    data: bytes
    words: Mapping[str, Mark]
    """What was covered."""

    @property
    def media(self) -> list[str]:
        """Digests of the pictures and videos whose files belong to it."""
        some = (self.copy or {}).get("media") or []
        return [one["digest"] for one in some if one.get("captured") is True and one.get("digest")]


def opened(keys: Keys, row: Record, seq: int, marks: Sequence[Mark]) -> Opened:
    """Opens a record, and covers what is marked in it.

    Raises RecordBroken when it was changed, SecretsUnavailable without the profile's key, InputError for a
    mark that fits nowhere.
    """
    name = evidence_key(row.id)
    item = f"i{row.item_id}"
    if row.cipher is None or row.wrapped_key is None:
        return Opened(name, seq, item, "disposed", row.digest, None, None, b"", {})
    if hashlib.sha256(row.cipher).hexdigest() != row.digest:
        raise RecordBroken(
            f"Evidence record {name} was changed since it was sealed, so nothing was given out. "
            "See what cordon audit verify says."
        )
    own_key = keys.unseal(row.wrapped_key, "evidence")
    try:
        plain = AESGCM(own_key).decrypt(row.cipher[:_NONCE_BYTES], row.cipher[_NONCE_BYTES:], None)
        record: dict[str, Any] = json.loads(plain)
    except (InvalidTag, ValueError) as problem:
        raise RecordBroken(f"Evidence record {name} does not open, so nothing was given out.") from problem
    about = {"record": name, "entry": seq, "digest": row.digest}
    if marks:
        covered = cover(record, marks)
        whole = {**about, "covered": [mark.shape() for mark in marks], "copy": covered.copy}
        path = f"covered/{name}.json"
        return Opened(
            name, seq, item, "covered", row.digest, covered.copy, path, as_json(whole), covered.words
        )
    whole = {
        **about,
        "algorithm": ALGORITHM,
        "key": own_key.hex(),
        "cipher": base64.b64encode(row.cipher).decode(),
        "plain": plain.decode("utf-8", "surrogatepass"),
    }
    return Opened(name, seq, item, "whole", row.digest, record, f"evidence/{name}.json", as_json(whole), {})


def as_json(value: object) -> bytes:
    """JSON for people and programs: indented, in ASCII, so that half a surrogate pair survives."""
    return (json.dumps(value, indent=1) + "\n").encode()


def as_line(value: object) -> bytes:
    """One line of JSON, in ASCII."""
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"
