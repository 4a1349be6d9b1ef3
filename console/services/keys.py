"""Keys: the profile's one key, how it is kept, and sealing with what follows from it.

A profile has one random 32-byte key. It lives in the system keyring, or sealed under a passphrase in
the database; never in clear on disk. Everything else follows from it: sign-ins, private messages and
the keys of evidence records are each sealed under a key of their own purpose (HKDF), so a key that
leaks from one place opens no other.

The one thing a newcomer gets wrong: asking the keyring may block for as long as a person takes to
unlock it, so it is asked in a thread, with a limit, and never from the window's thread.
"""

import asyncio
import base64
import binascii
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from console.domain.errors import SecretsUnavailable

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

Purpose = Literal["secrets", "messages", "evidence", "ledger"]
Mode = Literal["keyring", "passphrase", "session"]

SERVICE = "Cordon"
KEYRING_LIMIT_S = 20.0
FILE_VARIABLE = "CORDON_PASSPHRASE_FILE"
_KEY_BYTES = 32
_NONCE_BYTES = 12
_SCRYPT_COST = 2**15
_TRUSTED_BACKENDS = (
    "keyring.backends.Windows.",
    "keyring.backends.macOS.",
    "keyring.backends.SecretService.",
    "keyring.backends.libsecret.",
    "keyring.backends.kwallet.",
)
NEITHER = (
    "This computer has no keyring that Cordon trusts and no passphrase was given, so nothing can be sealed. "
    "Give one with --passphrase-fd N or CORDON_PASSPHRASE_FILE, or sign in to the desktop."
)


EMPTIED = (
    "The keyring no longer holds this profile's key, so nothing can be sealed or opened, and nothing that "
    "must be sealed first is sent. Bring the keyring back; if it is lost: cordon evidence recover --key FILE"
)


@dataclass(frozen=True, slots=True)
class KeyMaterial:
    """What the database keeps so that the profile's key can be found again; worthless by itself."""

    profile_id: str
    """Random; the name of the key's entry in the keyring."""
    check: bytes
    """A few known bytes sealed under the key: tells a right key from a wrong one."""
    salt: bytes | None = None
    wrapped: bytes | None = None
    """The key sealed under a passphrase, with that passphrase's salt."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A profile key that is about to take the place of a lost one; in force once its material is kept."""

    key: bytes
    mode: Mode
    material: KeyMaterial
    sealer: AESGCM
    """Seals keys of evidence under it."""

    def seal(self, plain: bytes) -> bytes:
        """Seals as `Keys.seal` will, for evidence, once this key is in force."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self.sealer.encrypt(nonce, plain, None)


class Vault(Protocol):
    """Where the key material is kept."""

    async def read(self) -> KeyMaterial | None:
        """What is kept, or None in a new profile."""

    async def write(self, material: KeyMaterial) -> None:
        """Keeps it, durably."""


def passphrase_from(descriptor: int | None, environment: str | None) -> str | None:
    """The unattended passphrase: from an open file descriptor, else from a file; None when neither is named.

    One trailing line end is not part of it. Raises SecretsUnavailable when what was named cannot be read
    or is empty.
    """
    try:
        if descriptor is not None:
            with os.fdopen(descriptor, "rb", closefd=False) as stream:
                found = stream.read()
        elif environment:
            found = Path(environment).read_bytes()
        else:
            return None
        passphrase = found.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except (OSError, UnicodeError, ValueError) as problem:
        raise SecretsUnavailable(f"The passphrase cannot be read: {problem}.") from problem
    if not passphrase:
        raise SecretsUnavailable("The passphrase that was given is empty.")
    return passphrase


def trusted_keyring() -> "KeyringBackend | None":
    """The system's keyring, if it is one that seals what it keeps; None otherwise.

    Plain-text and dummy keyrings are never used, whatever the system's configuration says.
    """
    import keyring  # noqa: PLC0415 - it looks for back ends when imported, a tenth of a second

    found = keyring.get_keyring()
    candidates: list[KeyringBackend] = getattr(found, "backends", [found])
    for backend in candidates:
        name = f"{type(backend).__module__}.{type(backend).__qualname__}"
        if name.startswith(_TRUSTED_BACKENDS):
            return backend
    return None


class _Refused(Exception):
    """The keyring did not want to; its words say why."""


class _Emptied(Exception):
    """The keyring works, and the profile's key is not in it."""


class Keys:
    """The profile's key, once it is open.

    `ready` says whether sealing works now, `why_not` what a person should do when it does not. `mode`
    says how the key is kept; in mode `session` it is gone when the program ends.
    """

    def __init__(
        self,
        vault: Vault,
        *,
        passphrase: str | None = None,
        session_only: bool = False,
        find_keyring: "Callable[[], KeyringBackend | None]" = trusted_keyring,
    ) -> None:
        self._vault = vault
        self._passphrase = passphrase
        self._session_only = session_only
        self._find_keyring = find_keyring
        self._key: bytes | None = None
        self._sealers: dict[Purpose, AESGCM] = {}
        self.mode: Mode | None = None
        self.why_not: str | None = "The profile's key was not asked for yet."

    @property
    def ready(self) -> bool:
        """Whether sealing and unsealing work."""
        return self._key is not None

    async def open(self) -> bool:
        """Finds the profile's key, or makes one in a new profile; gives `ready`.

        Never raises for a missing keyring or passphrase: reading goes on without a key, and what needs
        one says `why_not`. Raises SecretsUnavailable for a wrong passphrase.
        """
        if self.ready:
            return True
        material = await self._vault.read()
        if self._passphrase is not None:
            await self._open_by_passphrase(material, self._passphrase)
        elif not await self._open_by_keyring(material) and self._session_only:
            self._take(secrets.token_bytes(_KEY_BYTES), "session")
        return self.ready

    async def unlock(self, passphrase: str) -> None:
        """Opens with a passphrase that a person typed. Raises SecretsUnavailable when it is wrong."""
        self._passphrase = passphrase
        self._key = None
        await self.open()

    async def make_new(self, passphrase: str | None) -> NewKey:
        """A new key for a profile whose own is lost, kept under a passphrase or in the keyring.

        Nothing is changed in the profile; `take_new` follows when its material is kept. Raises
        SecretsUnavailable when there is neither passphrase nor keyring.
        """
        if passphrase is not None:
            key, material = await _under_passphrase(passphrase)
            return NewKey(key, "passphrase", material, _sealer(key, "evidence"))
        profile_id = secrets.token_hex(8)
        try:
            async with asyncio.timeout(KEYRING_LIMIT_S):
                found = await asyncio.to_thread(self._ask_keyring, profile_id, True)
        except (TimeoutError, _Refused) as problem:
            raise SecretsUnavailable(
                "The keyring did not take a new key. Unlock it and try again, or give a passphrase."
            ) from problem
        if found is None:
            raise SecretsUnavailable(NEITHER)
        material = KeyMaterial(profile_id=profile_id, check=_box(found, _CHECK))
        return NewKey(found, "keyring", material, _sealer(found, "evidence"))

    def take_new(self, new: NewKey) -> None:
        """Goes on with a new key, whose material is kept by now."""
        self._take(new.key, new.mode)

    def _take(self, key: bytes, mode: Mode) -> None:
        self._key, self.mode, self.why_not = key, mode, None
        self._sealers.clear()

    async def _open_by_passphrase(self, material: KeyMaterial | None, passphrase: str) -> None:
        loop = asyncio.get_running_loop()
        if material is not None and material.wrapped is not None and material.salt is not None:
            own = await loop.run_in_executor(None, _stretch, passphrase, material.salt)
            key = _open_box(own, material.wrapped)
            if key is None or not _fits(key, material):
                raise SecretsUnavailable("That passphrase does not open this profile.")
            self._take(key, "passphrase")
            return
        if material is not None:
            if not await self._open_by_keyring(material):
                raise SecretsUnavailable(
                    f"This profile's key is in a keyring, not under a passphrase. {self.why_not}"
                )
            return
        key, material = await _under_passphrase(passphrase)
        await self._vault.write(material)
        self._take(key, "passphrase")

    async def _open_by_keyring(self, material: KeyMaterial | None) -> bool:
        if material is not None and material.wrapped is not None:
            self.why_not = "This profile is sealed under a passphrase. Type it, or give it unattended."
            return False
        profile_id = material.profile_id if material else secrets.token_hex(8)
        try:
            async with asyncio.timeout(KEYRING_LIMIT_S):
                key = await asyncio.to_thread(self._ask_keyring, profile_id, material is None)
        except TimeoutError:
            self.why_not = "The keyring did not answer. Unlock it and try again, or give a passphrase."
            return False
        except _Refused as problem:
            self.why_not = f"The keyring refused: {problem}. Unlock it and try again."
            return False
        except _Emptied:
            self.why_not = EMPTIED
            return False
        if key is None:
            self.why_not = NEITHER
            return False
        if material is None:
            await self._vault.write(KeyMaterial(profile_id=profile_id, check=_box(key, _CHECK)))
        elif not _fits(key, material):
            self.why_not = "The keyring's key does not open this profile. It may come from another computer."
            return False
        self._take(key, "keyring")
        return True

    def _ask_keyring(self, profile_id: str, make: bool) -> bytes | None:
        """Runs in a thread. None: no trusted keyring, or none of our keys in it."""
        from keyring.errors import KeyringError  # noqa: PLC0415 - the same

        try:
            return self._asked(profile_id, make)
        except KeyringError as problem:
            raise _Refused(str(problem)) from problem

    def _asked(self, profile_id: str, make: bool) -> bytes | None:
        backend = self._find_keyring()
        if backend is None:
            return None
        kept = backend.get_password(SERVICE, profile_id)
        if kept is not None:
            try:
                return base64.b64decode(kept, validate=True)
            except binascii.Error:
                return None
        if not make:
            raise _Emptied
        key = secrets.token_bytes(_KEY_BYTES)
        backend.set_password(SERVICE, profile_id, base64.b64encode(key).decode())
        return key if backend.get_password(SERVICE, profile_id) is not None else None

    def _sealer(self, purpose: Purpose) -> AESGCM:
        if self._key is None:
            raise SecretsUnavailable(self.why_not or NEITHER)
        sealer = self._sealers.get(purpose)
        if sealer is None:
            sealer = self._sealers[purpose] = _sealer(self._key, purpose)
        return sealer

    def seal(self, plain: bytes, purpose: Purpose = "secrets") -> bytes:
        """Seals bytes for one purpose. Raises SecretsUnavailable when the key is not open."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._sealer(purpose).encrypt(nonce, plain, None)

    def unseal(self, sealed: bytes, purpose: Purpose = "secrets") -> bytes:
        """Opens what `seal` made for the same purpose.

        Raises SecretsUnavailable when the key is not open, or is not the one it was sealed under.
        """
        try:
            return self._sealer(purpose).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
        except (InvalidTag, ValueError) as problem:
            raise SecretsUnavailable(
                "What was sealed does not open: it was changed, or the key is another."
            ) from problem

    def unseal_text(self, sealed: bytes) -> str:
        """The words of a private message, as ingest sealed them. Raises what `unseal` does."""
        return self.unseal(sealed, "messages").decode("utf-8", "surrogatepass")

    @property
    def unseal_text_if_open(self) -> Callable[[bytes], str] | None:
        """`unseal_text`, or None while the key is not open and private messages stay sealed."""
        return self.unseal_text if self.ready else None


_CHECK = b"cordon profile key"


def _sealer(key: bytes, purpose: Purpose) -> AESGCM:
    """What seals for one purpose under a profile's key."""
    info = f"cordon {purpose}".encode()
    return AESGCM(HKDF(hashes.SHA256(), _KEY_BYTES, salt=None, info=info).derive(key))


async def _under_passphrase(passphrase: str) -> tuple[bytes, KeyMaterial]:
    """A new key, and what is kept of it: itself, sealed under a passphrase."""
    key, salt = secrets.token_bytes(_KEY_BYTES), secrets.token_bytes(16)
    own = await asyncio.get_running_loop().run_in_executor(None, _stretch, passphrase, salt)
    material = KeyMaterial(
        profile_id=secrets.token_hex(8), check=_box(key, _CHECK), salt=salt, wrapped=_box(own, key)
    )
    return key, material


def _stretch(passphrase: str, salt: bytes) -> bytes:
    """A key from a passphrase; scrypt with 32 MiB, about a tenth of a second."""
    return Scrypt(salt=salt, length=_KEY_BYTES, n=_SCRYPT_COST, r=8, p=1).derive(passphrase.encode())


def _box(key: bytes, plain: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, None)


def _open_box(key: bytes, sealed: bytes) -> bytes | None:
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
    except (InvalidTag, ValueError):
        return None


def _fits(key: bytes, material: KeyMaterial) -> bool:
    return len(key) == _KEY_BYTES and _open_box(key, material.check) == _CHECK
