"""The cache before the engine is there: what the window shows in the first moments after a start.

Loading and opening the engine takes longer than reading the first rows. So the window opens on what the
cache holds, says that it is starting, and takes the engine when it has come. Until then it reads, and every
act is refused with one line.
"""

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from console.domain.accounts import Account
from console.domain.errors import NotPossible
from console.domain.incidents import Incident
from console.domain.operators import Operator, SeatState, Sitting
from console.services.events import Events
from console.services.hosting import find_connectors
from console.settings import Settings
from console.store import accounts as stored_accounts
from console.store import incidents as stored_incidents
from console.store import operators as stored_operators
from console.store.database import Connection

if TYPE_CHECKING:
    from console.api import Manifest

STARTING = "Cordon is still starting. Try again in a moment."


class NoKeys:
    """No key is open yet: private messages stay sealed."""

    unseal_text_if_open = None


class ColdOperators:
    """The roster as it was stored: nobody can say who they are before the engine is there."""

    away_minutes = 0
    why_unreadable = None

    def __init__(self, settings: Settings, roster: Sequence[Operator]) -> None:
        self.account = settings.who
        self.on = Sitting(settings.who, settings.role)
        self.state = SeatState(tuple(roster))

    async def sign_on(self, name: str, code: str, behalf: str | None = None) -> Sitting:
        """Later."""
        raise NotPossible(STARTING)


class Refusal:
    """Whatever is asked of a part that is not there yet is refused."""

    def __getattr__(self, name: str) -> "Refusal":
        """A part of it."""
        if name.startswith("_"):
            raise AttributeError(name)
        return self

    async def __call__(self, *_: object, **__: object) -> None:
        """Not yet."""
        raise NotPossible(STARTING)


class NoOnlookers:
    """No record is open yet, so nothing may be looked for."""

    async def searched(self, query: str, who: str) -> None:
        """Refuses a search: it could not be put on record."""
        raise NotPossible(STARTING)

    async def messages_read(self, items: Sequence[Any], who: str) -> None:
        """Nothing was read: private messages are still sealed."""


class Cold:
    """Stands where the engine will stand; reads only."""

    works = False

    def __init__(
        self,
        settings: Settings,
        accounts: Sequence[Account],
        incident: Incident | None,
        roster: Sequence[Operator] = (),
    ) -> None:
        self.who, self.role = settings.who, settings.role
        self.operators = ColdOperators(settings, roster)
        self.events = Events()
        self.keys = NoKeys()
        self.onlookers = NoOnlookers()
        self._accounts, self._incident = accounts, incident

    def now(self) -> int:
        """Milliseconds since 1970, UTC."""
        return time.time_ns() // 1_000_000

    def accounts(self) -> Sequence[Account]:
        """The accounts as they were stored."""
        return self._accounts

    def incident(self) -> Incident | None:
        """The incident that was open."""
        return self._incident

    def networks(self) -> "Sequence[Manifest]":
        """The connectors at hand; none of their code runs."""
        return find_connectors().manifests()

    async def undoable(self, who: str) -> str | None:
        """Nothing, for now."""
        del who
        return None

    async def can(self, ids: Sequence[int]) -> Mapping[int, Mapping[Any, Any]]:
        """Nothing is known to be possible, for now."""
        del ids
        return {}

    async def mark_seen(self, ids: Sequence[int]) -> None:
        """Seen is what is seen with the engine there."""
        del ids

    def __getattr__(self, name: str) -> Any:
        """Everything else is for the engine."""
        if name.startswith("_"):
            raise AttributeError(name)

        return Refusal()


def read_first(conn: Connection) -> tuple[list[Account], Incident | None, list[Operator]]:
    """What the window needs to know at first."""
    return stored_accounts.accounts(conn), stored_incidents.current(conn), stored_operators.roster(conn)
