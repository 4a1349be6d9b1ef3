"""Keeps what is needed to find the profile's key again, in the profile's database.

What a newcomer would get wrong: none of it is the key. It says where the key lies in the keyring, or
holds it sealed under a passphrase.
"""

from console.services.keys import KeyMaterial
from console.store import secrets
from console.store.database import Connection, Database

_ID, _CHECK, _SALT, _WRAPPED = "profile", "check", "salt", "wrapped"


class StoreVault:
    """The key material of one profile, on disk."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def read(self) -> KeyMaterial | None:
        """What is kept, or None in a new profile."""
        return await self._db.read(_read)

    async def write(self, material: KeyMaterial) -> None:
        """Keeps it, durably."""
        await self._db.record(lambda conn: _write(conn, material))


def _read(conn: Connection) -> KeyMaterial | None:
    parts = secrets.material(conn)
    if _ID not in parts or _CHECK not in parts:
        return None
    return KeyMaterial(
        profile_id=parts[_ID].decode(),
        check=parts[_CHECK],
        salt=parts.get(_SALT),
        wrapped=parts.get(_WRAPPED),
    )


def parts_of(material: KeyMaterial) -> dict[str, bytes]:
    """Key material as it is kept: each part under its name."""
    parts = {
        _ID: material.profile_id.encode(),
        _CHECK: material.check,
        _SALT: material.salt,
        _WRAPPED: material.wrapped,
    }
    return {name: value for name, value in parts.items() if value is not None}


def _write(conn: Connection, material: KeyMaterial) -> None:
    secrets.keep_material(conn, parts_of(material))
