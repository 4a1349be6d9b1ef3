"""The profile's store of pictures: each file once, sealed, under a name that tells nothing.

A file's name is a keyed digest (HMAC-SHA256) of its bytes, so the same picture is kept once however many
items show it, and nobody who has the folder can tell whether a picture that they know is in it. Its bytes are
sealed under a key of their own, which lies in the database beside those of the records, sealed to the
recovery key too. Destroying that key destroys the picture; its file is then removed as well.

What a newcomer would get wrong: the file comes first and its key second. A file without a key is a remain of
a crash, and is swept away; a key without a file would be a picture that the record promises and nobody has.
"""

import asyncio
import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from console.desk.keeping import Keep, SealedKey
from console.domain.errors import DiskFull, NotPossible, ProfileUnwritable, RecordBroken
from console.services.evidence import Seen
from console.services.keys import Keys
from console.services.media import Fetched
from console.services.recovery import Wrapper

NAMES: Final = "media names"
"""What the key is called by which files are named."""
_NONCE: Final = 12
_SWEPT_AFTER_S: Final = 3_600.0
"""A file without a key is left alone so long: somebody may just be keeping it."""


class MediaStore:
    """Sealed pictures of one profile."""

    def __init__(self, folder: Path, keep: Keep, keys: Keys) -> None:
        self._folder = folder
        self._keep = keep
        self._keys = keys
        self._keeping = asyncio.Lock()

    async def put(self, found: Fetched, now: int) -> Seen:
        """Keeps a medium; gives what a record says of it.

        Raises DiskFull or ProfileUnwritable, SecretsUnavailable without a key.
        """
        digest = hashlib.sha256(found.content).hexdigest()
        name = await self._name(digest)
        async with self._keeping:  # two items may show one picture at the same moment
            known = await self._keep.media_key(name)
            if known is None:
                mine = await self._sealed("media_files", name, secrets.token_bytes(32))
                await self._write(mine, found.content)
                await self._keep.put_media(mine, len(found.content), now)
                known = await self._keep.media_key(name)
                if known is not None and known.wrapped != mine.wrapped:  # another process was quicker
                    await self._write(known, found.content)
            elif not await asyncio.to_thread(self._path(name).exists):
                await self._write(known, found.content)
        return Seen(file=name, digest=digest, size=len(found.content), type=found.type)

    async def get(self, digest: str) -> bytes:
        """A medium by the SHA-256 of its bytes. Raises NotPossible when it is not here, RecordBroken."""
        named = await self._keep.named_key(NAMES)
        if named is None:
            raise NotPossible("No picture was ever kept in this profile.")
        name = _named(self._keys.unseal(named.wrapped, "evidence"), digest)
        known = await self._keep.media_key(name)
        if known is None:
            raise NotPossible("That picture is not in this profile, or was disposed of.")
        key = self._keys.unseal(known.wrapped, "evidence")
        content = await asyncio.to_thread(self._read, name, key)
        if hashlib.sha256(content).hexdigest() != digest:
            raise RecordBroken("That picture was changed since it was kept.")
        return content

    async def destroy(self, names: Iterable[str]) -> None:
        """Removes files whose keys are gone; what is left of one cannot be read by anybody."""
        await asyncio.to_thread(self._remove, list(names))

    async def sweep(self) -> int:
        """Removes files that have no key; how many."""
        known = await self._keep.media_names()
        return await asyncio.to_thread(self._sweep, known)

    async def missing(self) -> int:
        """How many pictures have a key and no file."""
        known = await self._keep.media_names()
        return await asyncio.to_thread(lambda: sum(not self._path(name).exists() for name in known))

    # names and keys -------------------------------------------------------------------------------

    async def _name(self, digest: str) -> str:
        named = await self._keep.named_key(NAMES)
        if named is None:
            await self._keep.put_named_key(await self._sealed("sealed_keys", NAMES, secrets.token_bytes(32)))
            named = await self._keep.named_key(NAMES)  # another process may have been quicker
        assert named is not None  # noqa: S101 - it was put a line above
        return _named(self._keys.unseal(named.wrapped, "evidence"), digest)

    async def _sealed(self, place: Literal["media_files", "sealed_keys"], name: str, key: bytes) -> SealedKey:
        recovery = await self._keep.recovery_key()
        about = name.encode()
        return SealedKey(
            place,
            name,
            about,
            self._keys.seal(key, "evidence"),
            Wrapper(recovery.public).wrap(key, about) if recovery else None,
        )

    # files ----------------------------------------------------------------------------------------

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name

    async def _write(self, key: SealedKey, content: bytes) -> None:
        name, secret = str(key.row), self._keys.unseal(key.wrapped, "evidence")
        await asyncio.to_thread(self._write_file, name, secret, content)

    def _write_file(self, name: str, key: bytes, content: bytes) -> None:
        nonce = secrets.token_bytes(_NONCE)
        sealed = nonce + AESGCM(key).encrypt(nonce, content, name.encode())
        path = self._path(name)
        fresh = path.with_name(f".{secrets.token_hex(8)}")
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            path.parent.mkdir(mode=0o700, exist_ok=True)
            fresh.touch(mode=0o600)
            with fresh.open("wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        except OSError as problem:
            with suppress(OSError):
                fresh.unlink()
            if problem.errno == 28:  # ENOSPC
                raise DiskFull(
                    "The disk is full, so a picture could not be kept. Its record is sealed; "
                    "make room and it is fetched again."
                ) from problem
            raise ProfileUnwritable(
                f"A picture could not be kept in {self._folder}: {problem.strerror}. "
                "Check who owns the folder; it is fetched again."
            ) from problem

    def _read(self, name: str, key: bytes) -> bytes:
        try:
            sealed = self._path(name).read_bytes()
            return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], name.encode())
        except FileNotFoundError as problem:
            raise RecordBroken("That picture's file is missing from the profile.") from problem
        except (InvalidTag, ValueError) as problem:
            raise RecordBroken("That picture was changed since it was kept.") from problem

    def _remove(self, names: list[str]) -> None:
        for name in names:
            with suppress(FileNotFoundError):
                self._path(name).unlink()

    def _sweep(self, known: set[str]) -> int:
        number = 0
        for path in self._folder.glob("??/*"):
            is_old = time.time() - path.stat().st_mtime > _SWEPT_AFTER_S
            if path.name not in known and is_old:
                path.unlink(missing_ok=True)
                number += 1
        return number


def _named(key: bytes, digest: str) -> str:
    return hmac.new(key, bytes.fromhex(digest), hashlib.sha256).hexdigest()
