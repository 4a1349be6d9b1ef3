"""Sign-ins: what a connector needs to get in, kept sealed under the profile's key.

What a newcomer would get wrong: the text belongs to the connector, which may write a new one at any
moment (a token was renewed); nobody else may remember it.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from console.api import Choice, Landing, NotAllowed
from console.api.landing import landing
from console.domain.ids import AccountId
from console.services.keys import Purpose
from console.store import secrets
from console.store.database import Database


class Sealer(Protocol):
    """Seals and unseals under the profile's key; `console.services.keys.Keys` is one."""

    @property
    def ready(self) -> bool:
        """Whether sealing and unsealing work now."""

    def seal(self, plain: bytes, purpose: Purpose = "secrets") -> bytes:
        """Seals bytes. Raises SecretsUnavailable without a key."""

    def unseal(self, sealed: bytes, purpose: Purpose = "secrets") -> bytes:
        """Opens what `seal` made. Raises SecretsUnavailable without its key."""


class SealedSecret:
    """One account's sign-in, sealed in the store."""

    def __init__(self, db: Database, keys: Sealer, account_id: AccountId) -> None:
        self._db = db
        self._keys = keys
        self._account_id = account_id

    async def read(self) -> str | None:
        """The kept text, or None when there is none. Raises SecretsUnavailable without the key."""
        sealed = await self._db.read(lambda conn: secrets.secret(conn, self._account_id))
        return None if sealed is None else self._keys.unseal(sealed).decode()

    async def write(self, text: str) -> None:
        """Keeps a new text in its place, durably. Raises SecretsUnavailable without the key."""
        sealed = self._keys.seal(text.encode())
        await self._db.record(lambda conn: secrets.keep(conn, self._account_id, sealed))


class HeldSecret:
    """A sign-in that is kept nowhere yet: while an account is tested before it is saved."""

    def __init__(self, text: str | None) -> None:
        self.text = text

    async def read(self) -> str | None:
        """The text as it is now."""
        return self.text

    async def write(self, text: str) -> None:
        """Remembers a new text, which is saved with the account."""
        self.text = text


class Nobody:
    """The guide where there is nobody to talk with: whatever needs a person is refused in words."""

    async def say(self, words: str) -> None:
        """Nobody hears it."""

    async def choose(self, question: str, choices: Sequence[Choice]) -> str:
        """Takes what leaves no choice. Raises NotAllowed for any other."""
        if len(choices) == 1:
            return choices[0].id
        raise NotAllowed(f"There is nobody to ask: {question}")

    async def visit(self, address: str, words: str) -> None:
        """Raises NotAllowed."""
        raise NotAllowed(f"This sign-in needs a person at a browser. {words}")

    async def paste(self, question: str) -> str:
        """Raises NotAllowed."""
        raise NotAllowed(f"There is nobody to ask: {question}")

    def landing(self, path: str = "/", port: int = 0) -> AbstractAsyncContextManager[Landing]:
        """A place that nobody will come to."""
        return landing(path, port)
