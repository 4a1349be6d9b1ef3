"""Evidence: the sealed capture of an item as it stood, made before anything is done to it.

A record is JSON, encrypted with AES-256-GCM under a key of its own, and that key is sealed under the
profile's key. The ledger holds the digest of the cipher text, so that anybody can check that a record is
the one that was sealed, without being able to read it.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from console.desk.protocol import EvidenceRow, Sealed
from console.domain.accounts import Account
from console.domain.audit import plain_json
from console.domain.errors import RecordBroken
from console.domain.ids import item_key
from console.domain.items import Item
from console.domain.times import iso
from console.services.keys import Keys
from console.store.items import Version

FORM = 1
_NONCE_BYTES = 12


def seal_record(
    keys: Keys,
    item: Item,
    account: Account,
    raw: str,
    thread: Sequence[Item],
    now: int,
    earlier: Sequence[Version] = (),
) -> Sealed:
    """Seals one item as it stands: words, author, place in its thread, and the network's own JSON.

    `thread` holds the items above it, oldest first; `earlier` its words before they were edited. Pictures
    are not fetched; the record names each and says that it was not captured. Raises SecretsUnavailable
    without a key.
    """
    record = {
        "form": FORM,
        "captured_at": iso(now),
        "how": "From the network's own answer, as Cordon received and stored it.",
        "account": {"key": account.key, "network": account.network, "handle": account.handle},
        "item": _plain(item),
        "earlier": [
            {"text": one.text, "rules": list(one.rules), "replaced_at": iso(one.replaced_at)}
            for one in earlier
        ],
        "thread": [_plain(above) for above in thread],
        "raw": raw,
        "digests": {"text": _digest(item.text), "raw": _digest(raw)},
        "media": [
            {
                "kind": media.kind,
                "url": media.url,
                "description": media.description,
                "captured": False,
                "why": "Pictures are not fetched; the words alone were sealed.",
            }
            for media in item.media
        ],
    }
    key = secrets.token_bytes(32)
    nonce = secrets.token_bytes(_NONCE_BYTES)
    cipher = nonce + AESGCM(key).encrypt(nonce, plain_json(record), None)
    return Sealed(
        cipher=cipher,
        wrapped_key=keys.seal(key, "evidence"),
        digest=hashlib.sha256(cipher).hexdigest(),
        facts={"media": len(item.media), "media_captured": 0, "bytes": len(cipher)},
    )


def open_record(keys: Keys, row: EvidenceRow) -> Mapping[str, Any]:
    """The sealed record in clear.

    Raises RecordBroken when it was changed or disposed of, SecretsUnavailable without the key.
    """
    if row.cipher is None or row.wrapped_key is None:
        raise RecordBroken("This evidence record was disposed of; the ledger still proves that it existed.")
    if hashlib.sha256(row.cipher).hexdigest() != row.digest:
        raise RecordBroken("This evidence record was changed since it was sealed.")
    key = keys.unseal(row.wrapped_key, "evidence")
    try:
        plain = AESGCM(key).decrypt(row.cipher[:_NONCE_BYTES], row.cipher[_NONCE_BYTES:], None)
        found: Mapping[str, Any] = json.loads(plain)  # msgspec refuses half a surrogate pair
    except (InvalidTag, ValueError) as problem:
        raise RecordBroken("This evidence record does not open.") from problem
    return found


def _plain(item: Item) -> dict[str, object]:
    return {
        "key": item_key(item.id),
        "kind": str(item.kind),
        "remote_id": item.remote_id,
        "parent": item.parent,
        "thread": item.thread,
        "author": {"id": item.author.id, "handle": item.author.handle, "name": item.author.name},
        "text": item.text,
        "language": item.lang,
        "created_at": iso(item.created_at),
        "received_at": iso(item.received_at),
        "permalink": item.permalink,
        "state": str(item.state),
        "grade": item.grade,
        "hits": [
            {
                "watchlist": hit.watchlist,
                "version": hit.version,
                "rule": hit.rule,
                "term": hit.term,
                "start": hit.start,
                "end": hit.end,
                "text": hit.text,
            }
            for hit in item.hits
        ],
    }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
