"""The force's recovery key: what opens the evidence when the computer that sealed it is dead.

It is an X25519 pair. The public half stays in the profile, and every key of an evidence record or of a
picture is sealed to it (`Wrapper`). The private half is written once, to a file that a person takes away,
sealed under a passphrase; it is on no computer until the day it is needed.

A wrap is: 8 bytes that name the recovery key, 32 bytes of a throw-away public key, 12 of nonce, then
AES-256-GCM of the key under HKDF-SHA256 of the agreed secret, bound to what the key belongs to.
Source: RFC 7748 (X25519), RFC 5869 (HKDF); the construction is that of RFC 9180 in base mode, written out.

What a newcomer would get wrong: one throw-away key serves a whole batch of records, because agreeing on a
secret costs fifty times what sealing under it costs. Each wrap still has a nonce of its own.
"""

import base64
import hashlib
import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from console.domain.errors import InputError, SecretsUnavailable

KEY_BYTES: Final = 32
ID_BYTES: Final = 8
_NONCE: Final = 12
_PUBLIC: Final = 32
_FORM: Final = 1
COST: Final = 17
"""Scrypt's work: 2**17, which takes 128 MiB and half a second for each guess of the passphrase."""
_BEGIN: Final = "-----BEGIN CORDON RECOVERY KEY-----"
_END: Final = "-----END CORDON RECOVERY KEY-----"
LEAST_LETTERS: Final = 12
"""A passphrase that guards every record of a force for years is not shorter than this."""


def key_id(public: bytes) -> bytes:
    """The eight bytes by which a wrap names the recovery key that opens it."""
    return hashlib.sha256(b"cordon recovery key" + public).digest()[:ID_BYTES]


def fingerprint(public: bytes) -> str:
    """What a person compares: sixteen hexadecimal digits in four groups."""
    plain = key_id(public).hex()
    return "-".join(plain[at : at + 4] for at in range(0, len(plain), 4))


def make_pair() -> tuple[bytes, bytes]:
    """A new private and public key, 32 bytes each."""
    private = X25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def public_of(private: bytes) -> bytes:
    """The public half of a private key."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


class Wrapper:
    """Seals keys to one recovery key; made once for each batch."""

    def __init__(self, public: bytes) -> None:
        """`public`: the 32 bytes of the recovery key's public half."""
        once = X25519PrivateKey.generate()
        mine = once.public_key().public_bytes_raw()
        agreed = once.exchange(X25519PublicKey.from_public_bytes(public))
        self._head = key_id(public) + mine
        self._sealer = AESGCM(_derive(agreed, mine, public))

    def wrap(self, key: bytes, about: bytes) -> bytes:
        """One key, sealed; `about` says what it belongs to, and must be said again to open it."""
        nonce = secrets.token_bytes(_NONCE)
        return self._head + nonce + self._sealer.encrypt(nonce, key, about)


class Opener:
    """Opens wraps with the private half."""

    def __init__(self, private: bytes) -> None:
        """`private`: the 32 bytes that `read_key_file` gives."""
        self._private = X25519PrivateKey.from_private_bytes(private)
        self.public = self._private.public_key().public_bytes_raw()
        self._id = key_id(self.public)
        self._sealers: dict[bytes, AESGCM] = {}

    def fits(self, wrap: bytes) -> bool:
        """Whether a wrap was made for this recovery key."""
        return wrap[:ID_BYTES] == self._id

    def open(self, wrap: bytes, about: bytes) -> bytes:
        """The key in a wrap. Raises SecretsUnavailable for another recovery key's, or a changed one."""
        theirs = wrap[ID_BYTES : ID_BYTES + _PUBLIC]
        rest = wrap[ID_BYTES + _PUBLIC :]
        try:
            if not self.fits(wrap):
                raise ValueError
            sealer = self._sealers.get(theirs)
            if sealer is None:
                agreed = self._private.exchange(X25519PublicKey.from_public_bytes(theirs))
                sealer = self._sealers[theirs] = AESGCM(_derive(agreed, theirs, self.public))
            return sealer.decrypt(rest[:_NONCE], rest[_NONCE:], about)
        except (InvalidTag, ValueError) as problem:
            raise SecretsUnavailable(
                "A key was sealed to another recovery key, or was changed since."
            ) from problem


def _derive(agreed: bytes, once: bytes, public: bytes) -> bytes:
    info = b"cordon recovery 1" + once + public
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=info).derive(agreed)


# the file that is taken away ------------------------------------------------------------------------


def key_file(private: bytes, passphrase: str, made_at: str, cost: int = COST) -> bytes:
    """What is written to the file that a person takes away: the private key, sealed under a passphrase.

    `made_at` is ISO 8601, for people. Raises InputError for a passphrase that is too short.
    """
    if len(passphrase) < LEAST_LETTERS:
        raise InputError(
            f"The passphrase is too short: it guards every record for years and needs at least "
            f"{LEAST_LETTERS} letters. Four words are a good one."
        )
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(_NONCE)
    head = bytes([_FORM, cost]) + salt + nonce
    box = head + AESGCM(_stretch(passphrase, salt, cost)).encrypt(nonce, private, head)
    plain = base64.b64encode(box).decode()
    lines = [plain[at : at + 64] for at in range(0, len(plain), 64)]
    return "\n".join(
        [
            "Cordon recovery key of this force. It opens sealed evidence when the computer is lost.",
            "Keep it away from every computer that runs Cordon, and its passphrase somewhere else.",
            f"Made: {made_at}",
            f"Fingerprint: {fingerprint(public_of(private))}",
            _BEGIN,
            *lines,
            _END,
            "",
        ]
    ).encode()


def read_key_file(content: bytes, passphrase: str) -> bytes:
    """The private key in a recovery key file.

    Raises InputError for a file that is none, SecretsUnavailable for a wrong passphrase.
    """
    try:
        text = content.decode("utf-8")
        inside = text.split(_BEGIN, 1)[1].split(_END, 1)[0]
        box = base64.b64decode("".join(inside.split()), validate=True)
    except (UnicodeError, IndexError, ValueError) as problem:
        raise InputError("That is not a Cordon recovery key file.") from problem
    head, sealed = box[: 2 + 16 + _NONCE], box[2 + 16 + _NONCE :]
    if len(box) < len(head) + KEY_BYTES or head[0] != _FORM or not 1 <= head[1] <= 22:
        raise InputError("That recovery key file is from a later Cordon, or damaged.")
    try:
        own = _stretch(passphrase, head[2:18], head[1])
        return AESGCM(own).decrypt(head[18:], sealed, head)
    except InvalidTag as problem:
        raise SecretsUnavailable("That passphrase does not open the recovery key.") from problem


def _stretch(passphrase: str, salt: bytes, cost: int) -> bytes:
    return Scrypt(salt=salt, length=KEY_BYTES, n=2**cost, r=8, p=1).derive(passphrase.encode())
