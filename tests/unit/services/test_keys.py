"""Keys: kept in a keyring or under a passphrase, and never guessed."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import keyring.backend
import keyring.backends.fail
import keyring.errors
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.errors import SecretsUnavailable
from console.services.keys import KeyMaterial, Keys, passphrase_from, trusted_keyring


class MemoryVault:
    def __init__(self) -> None:
        self.kept: KeyMaterial | None = None

    async def read(self) -> KeyMaterial | None:
        return self.kept

    async def write(self, material: KeyMaterial) -> None:
        self.kept = material


class MemoryKeyring(keyring.backend.KeyringBackend):
    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring gives its base class no types
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


def opened(keys: Keys) -> Keys:
    assert asyncio.run(keys.open())
    return keys


def none_found() -> keyring.backend.KeyringBackend | None:
    return None


def test_what_was_sealed_under_a_passphrase_opens_with_it_and_with_no_other() -> None:
    vault = MemoryVault()
    sealed = opened(Keys(vault, passphrase="a long night")).seal(b"words")
    assert opened(Keys(vault, passphrase="a long night")).unseal(sealed) == b"words"
    with pytest.raises(SecretsUnavailable, match="does not open this profile"):
        asyncio.run(Keys(vault, passphrase="a short night").open())


def test_what_was_sealed_with_a_keyring_opens_with_it() -> None:
    vault, ring = MemoryVault(), MemoryKeyring()
    find: Callable[[], keyring.backend.KeyringBackend | None] = lambda: ring  # noqa: E731 - a name for a type
    sealed = opened(Keys(vault, find_keyring=find)).seal(b"words", "evidence")
    again = opened(Keys(vault, find_keyring=find))
    assert again.unseal(sealed, "evidence") == b"words"
    assert again.mode == "keyring"
    assert len(ring.kept) == 1


def test_the_key_itself_is_nowhere_in_what_the_database_keeps() -> None:
    vault, ring = MemoryVault(), MemoryKeyring()
    opened(Keys(vault, find_keyring=lambda: ring))
    assert vault.kept is not None
    assert next(iter(ring.kept.values())).encode() not in repr(vault.kept).encode()


def test_without_keyring_and_passphrase_nothing_is_sealed_and_the_mend_is_said() -> None:
    keys = Keys(MemoryVault(), find_keyring=none_found)
    assert not asyncio.run(keys.open())
    with pytest.raises(SecretsUnavailable, match="CORDON_PASSPHRASE_FILE"):
        keys.seal(b"words")


def test_a_session_key_is_made_only_where_it_was_asked_for_and_never_kept() -> None:
    vault = MemoryVault()
    keys = Keys(vault, session_only=True, find_keyring=none_found)
    assert asyncio.run(keys.open())
    assert keys.mode == "session"
    assert vault.kept is None


def test_a_locked_keyring_is_said_and_raises_nothing() -> None:
    class Locked(MemoryKeyring):
        def get_password(self, service: str, username: str) -> str | None:
            raise keyring.errors.KeyringLocked("dismissed")

    keys = Keys(MemoryVault(), find_keyring=Locked)
    assert not asyncio.run(keys.open())
    assert keys.why_not is not None
    assert "Unlock it" in keys.why_not


def test_a_keyring_that_forgets_is_not_trusted_with_the_key() -> None:
    class Forgets(MemoryKeyring):
        def set_password(self, service: str, username: str, password: str) -> None:
            """Takes it and keeps nothing, as dummy keyrings do."""

    vault = MemoryVault()
    assert not asyncio.run(Keys(vault, find_keyring=Forgets).open())
    assert vault.kept is None


def test_a_keyring_of_an_unknown_kind_is_never_used() -> None:
    before = keyring.get_keyring()
    try:
        for backend in (MemoryKeyring(), keyring.backends.fail.Keyring()):  # type: ignore[no-untyped-call]
            keyring.set_keyring(backend)
            assert trusted_keyring() is None
    finally:
        keyring.set_keyring(before)


def test_another_purpose_does_not_open_what_was_sealed() -> None:
    keys = opened(Keys(MemoryVault(), passphrase="a long night"))
    with pytest.raises(SecretsUnavailable):
        keys.unseal(keys.seal(b"words", "secrets"), "evidence")


@given(st.binary(max_size=40))
def test_bytes_that_were_never_sealed_do_not_open(noise: bytes) -> None:
    keys = Keys(MemoryVault(), session_only=True, find_keyring=none_found)
    asyncio.run(keys.open())
    with pytest.raises(SecretsUnavailable):
        keys.unseal(noise)


def test_the_passphrase_is_read_from_a_file_without_its_line_end(tmp_path: Path) -> None:
    file = tmp_path / "passphrase"
    file.write_text(" two words \n")
    assert passphrase_from(None, str(file)) == " two words "


def test_the_passphrase_is_read_from_an_open_descriptor() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"two words\n")
    os.close(writing)
    assert passphrase_from(reading, None) == "two words"
    os.close(reading)


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe"])
def test_an_empty_or_unreadable_passphrase_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "passphrase"
    file.write_bytes(content)
    with pytest.raises(SecretsUnavailable):
        passphrase_from(None, str(file))


def test_nobody_named_a_passphrase() -> None:
    assert passphrase_from(None, None) is None
