"""Checkpoints: signed statements of how the ledger stood, in a format that others read too.

A checkpoint says that the first `size` entries of a ledger have this Merkle root. It is a signed note
(https://github.com/C2SP/C2SP/blob/main/signed-note.md) whose text has the three lines of a transparency
log's checkpoint (https://github.com/C2SP/C2SP/blob/main/tlog-checkpoint.md): the ledger's name, which
both call its origin; the number of entries; the root in base64. It is signed with Ed25519, and the name
of the key is the origin.

What a newcomer would get wrong: a checkpoint proves nothing while only Cordon has it. Whoever can write
the whole ledger anew can sign it anew. It is the copy with somebody else that binds us.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from console.domain.merkle import HASH_BYTES

ORIGIN_START: Final = "cordon/ledger/"
"""How every ledger's name begins; sixteen random hexadecimal digits follow."""
ED25519: Final = b"\x01"
"""The signature type of Ed25519 in a signed note."""
PUBLIC_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
_ID_BYTES: Final = 4
_DASH: Final = "\u2014 "
_QUOTED: Final = re.compile(r"^(> ?)+")
_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,17}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One signed statement."""

    origin: str
    """The ledger's name."""
    size: int
    """How many entries it speaks of."""
    root: bytes
    """The Merkle tree hash of those entries, 32 bytes."""
    text: str
    """The whole signed note, to be kept as it is."""


def sign(origin: str, size: int, root: bytes, public: bytes, signer: Callable[[bytes], bytes]) -> Checkpoint:
    """States and signs. `signer` gives the Ed25519 signature of bytes under the key with this public part."""
    body = _body(origin, size, root)
    signed = base64.b64encode(key_id(origin, public) + signer(body.encode())).decode()
    return Checkpoint(origin, size, root, f"{body}\n{_DASH}{origin} {signed}\n")


def parse(text: str) -> Checkpoint:
    """Reads a checkpoint as it was given out, or out of a mail that holds it.

    Line ends of any system, blanks at the ends of lines, marks of a quotation and other paragraphs
    before and after do no harm. Whether it is rightly signed is for `check`. Raises ValueError with a
    sentence for a person when there is none in it.
    """
    lines = [_QUOTED.sub("", line).rstrip() for line in text.lstrip("\ufeff").splitlines()]
    for number, line in enumerate(lines):
        if line.startswith(_DASH) and number >= 4 and not lines[number - 1]:
            origin, size, root = lines[number - 4 : number - 1]
            break
    else:
        raise ValueError("It holds no checkpoint.")
    if not _DECIMAL.fullmatch(size):
        raise ValueError(f"What should be a number of entries in the checkpoint is “{size[:40]}”.")
    try:
        digest = base64.b64decode(root, validate=True)
    except binascii.Error:
        digest = b""
    if len(digest) != HASH_BYTES or base64.b64encode(digest).decode() != root:
        raise ValueError("What should be the root in the checkpoint is no digest in base64.")
    body = _body(origin, int(size), digest)
    signatures = "".join(f"{each}\n" for each in lines[number:] if each.startswith(_DASH))
    return Checkpoint(origin, int(size), digest, f"{body}\n{signatures}")


def check(checkpoint: Checkpoint, public: bytes) -> bool:
    """Whether the key with this public part has signed it. Other signatures on it are passed over."""
    wanted = key_id(checkpoint.origin, public)
    body = _body(checkpoint.origin, checkpoint.size, checkpoint.root).encode()
    return any(
        name == checkpoint.origin and number == wanted and is_signed(public, signature, body)
        for name, number, signature in signatures(checkpoint)
    )


def signatures(checkpoint: Checkpoint) -> list[tuple[str, bytes, bytes]]:
    """Every signature on it that can be read: the key's name, the key's number, the signature itself."""
    found = []
    for line in checkpoint.text.splitlines():
        if not line.startswith(_DASH):
            continue
        name, _, rest = line.removeprefix(_DASH).rpartition(" ")
        try:
            raw = base64.b64decode(rest, validate=True)
        except binascii.Error:
            continue
        if len(raw) > _ID_BYTES and base64.b64encode(raw).decode() == rest:  # one way to write it, no other
            found.append((name, raw[:_ID_BYTES], raw[_ID_BYTES:]))
    return found


def is_signed(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether this is the Ed25519 signature of these bytes under the key with this public part."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def key_id(name: str, public: bytes) -> bytes:
    """The four bytes by which a signed note names an Ed25519 key: a hint which to try, and no proof."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:_ID_BYTES]


def verifier_key(name: str, public: bytes) -> str:
    """The public part as other programs for signed notes take it: name, key's number, type and key."""
    return f"{name}+{key_id(name, public).hex()}+{base64.b64encode(ED25519 + public).decode()}"


def parse_verifier_key(text: str) -> tuple[str, bytes]:
    """The name and the public part out of a verifier key. Raises ValueError when it is none of Ed25519."""
    name, _, rest = text.strip().partition("+")
    number, _, coded = rest.partition("+")
    try:
        raw = base64.b64decode(coded, validate=True)
    except binascii.Error:
        raw = b""
    public = raw[1:]
    if len(raw) != 1 + PUBLIC_BYTES or raw[:1] != ED25519 or key_id(name, public).hex() != number:
        raise ValueError("That is no public key of a ledger.")
    return name, public


def key_change(origin: str, public: bytes) -> bytes:
    """What an old key signs to say that from now on the key with this public part signs.

    It can never be taken for a checkpoint: the second line of that is a number.
    """
    return f"{origin}\nkey\n{verifier_key(origin, public)}\n".encode()


def _body(origin: str, size: int, root: bytes) -> str:
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
