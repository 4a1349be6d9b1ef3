"""What the engine announces, as small values with types.

Announcements carry ids and counts, never texts: whoever hears one reads the cache. A listener is called
on the engine's thread and must return at once; the window's listener only puts the value in a queue.
"""

from collections.abc import Callable
from dataclasses import dataclass

from console.domain.ids import AccountId, ActId, ItemId
from console.domain.list_changes import RetroSearch


@dataclass(frozen=True, slots=True)
class Arrived:
    """New items are in the cache. Ids between `first` and `last` may have gaps."""

    first: ItemId
    last: ItemId
    count: int
    grades: tuple[int, int, int, int, int]
    """How many of grade 1, 2, 3, 4, 5."""
    accounts: tuple[AccountId, ...]
    received_at: int
    """When the oldest of them was received, milliseconds since 1970, UTC."""
    stored_at: float
    """Monotonic seconds when the transaction was done; for measuring."""


@dataclass(frozen=True, slots=True)
class ItemsChanged:
    """Something about these items is different: state, act, seen, decision."""

    ids: tuple[ItemId, ...]


@dataclass(frozen=True, slots=True)
class ActsChanged:
    """These acts moved on."""

    ids: tuple[ActId, ...]


@dataclass(frozen=True, slots=True)
class WavesGrew:
    """These waves have more items than before; ask for them."""

    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AccountsChanged:
    """The health or the list of accounts is different; ask for it."""


@dataclass(frozen=True, slots=True)
class IncidentChanged:
    """An incident was opened, changed or closed; ask for it."""


@dataclass(frozen=True, slots=True)
class OperatorsChanged:
    """Who is on at this seat, whether it is locked, or the roster is different; ask for it."""


@dataclass(frozen=True, slots=True)
class WatchlistsChanged:
    """What is in force, rehearsed or waiting for a second person is different; ask for it."""


@dataclass(frozen=True, slots=True)
class ViewsChanged:
    """Saved views or account groups are different; ask for them."""


@dataclass(frozen=True, slots=True)
class EscalationsChanged:
    """What is escalated, claimed, accepted or to be judged again is different; ask for it."""


@dataclass(frozen=True, slots=True)
class SearchMoved:
    """A search of the past went on, ended or was cancelled."""

    search: RetroSearch


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that a person must know: what happened, what it means for the work, what to do."""

    words: str


Announcement = (
    Arrived
    | ItemsChanged
    | ActsChanged
    | WavesGrew
    | AccountsChanged
    | IncidentChanged
    | OperatorsChanged
    | WatchlistsChanged
    | ViewsChanged
    | EscalationsChanged
    | SearchMoved
    | Trouble
)
Listener = Callable[[Announcement], None]


class Events:
    """The one place where announcements are made and heard."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Calls `listener` for every announcement from now on; the result ends that."""
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop

    def announce(self, announcement: Announcement) -> None:
        """Tells every listener."""
        for listener in tuple(self._listeners):
            listener(announcement)
