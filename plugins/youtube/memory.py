"""What one stream knows of each comment, and the place from which another stream goes on.

What a newcomer would get wrong: the place is more than a time. A reply to an old thread is found by the
number of the thread's replies, so the numbers of those threads that never come whole are part of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from console.api import ItemState
from console.api.rounds import Rounds
from plugins.youtube.mapping import Heard

MOST_REMEMBERED = 100_000
MOST_COUNTS = 200
MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS
OVERLAP_MS = DAY_MS
"""How far before the stored place another stream begins: what was found late is found again."""


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a stream stands."""

    until: int
    """Every comment up to this time was handed over, milliseconds since 1970."""
    counts: dict[str, int] = {}
    """How many replies the threads had whose replies do not all come with them."""
    chats: dict[str, str] = {}
    """The next page of each live chat."""


def read_place(cursor: str | None) -> Place | None:
    """What a cursor says; None when it is not ours."""
    try:
        return msgspec.json.decode(cursor or "", type=Place)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


@dataclass(slots=True)
class Known:
    """A comment that was seen."""

    top: str
    created_at: int
    updated_at: int
    words: int
    """A hash: whether the words are other ones."""
    state: ItemState

    @classmethod
    def of(cls, heard: Heard) -> "Known":
        """What is to be remembered of a comment."""
        one = heard.arrival
        return cls(heard.top, one.created_at, heard.updated_at, hash(one.text), one.state)

    def is_edit(self, heard: Heard) -> bool:
        """Whether its author changed the words since."""
        return heard.updated_at > self.updated_at and hash(heard.arrival.text) != self.words


@dataclass(slots=True)
class Own:
    """What this connector did itself: shared by its streams and its acts."""

    states: dict[str, ItemState] = field(default_factory=dict)
    """How a comment that we took out of view is called: hidden, held or deleted."""
    doubts: dict[str, str] = field(default_factory=dict)
    """Comments to look at soon, with the first comments of their threads."""
    chat: dict[str, bool] = field(default_factory=dict)
    """Messages of live chats that were heard, and whether they are still there."""
    listening: set[str] = field(default_factory=set)
    """Live chats that are being heard."""

    def note(self, comment: str, state: ItemState) -> None:
        """Remembers what we did to a comment."""
        self.states[comment] = state
        while len(self.states) > MOST_REMEMBERED:
            del self.states[next(iter(self.states))]

    def hear(self, message: str, *, is_gone: bool = False) -> None:
        """Remembers that a live chat said a message, or that one was removed."""
        self.chat[message] = not is_gone and self.chat.get(message, True)
        while len(self.chat) > MOST_REMEMBERED:
            del self.chat[next(iter(self.chat))]

    def name_of(self, comment: str) -> ItemState:
        """What to call a comment that is in the queue and was public before: hidden, unless we held it."""
        state = self.states.get(comment)
        return state if state is ItemState.HELD else ItemState.HIDDEN


@dataclass(slots=True)
class Memory:
    """One run of a stream."""

    until: int
    since: int
    """What was written before this time is known to the console, or too old to be news."""
    rounds: Rounds
    """Threads that have slid off the first page, and when each is looked at again."""
    is_afresh: bool = False
    """Whether the channel was never read before."""
    counts: dict[str, int] = field(default_factory=dict)
    chats: dict[str, str] = field(default_factory=dict)
    known: dict[str, Known] = field(default_factory=dict)
    below: dict[str, set[str]] = field(default_factory=dict)
    """The known replies of each thread."""
    whole: set[str] = field(default_factory=set)
    """Threads of which every reply was seen once: another one is news, however old it is."""
    partial: set[str] = field(default_factory=set)
    """Threads whose replies do not all come with them."""
    number: int = 0
    """The round that is under way."""
    read_in: dict[str, int] = field(default_factory=dict)
    """The round in which all replies of a thread were last asked for."""
    on_top: set[str] = field(default_factory=set)
    """Threads on the first page when it was last read."""
    queued: set[str] = field(default_factory=set)
    """What was in the queue when it was last read."""
    doubts: dict[str, str] = field(default_factory=dict)
    """Comments that were missing where they should be, with the first comments of their threads."""
    unclear: dict[str, int] = field(default_factory=dict)
    """How often a look at a missing comment told nothing."""
    stored_counts: dict[str, int] = field(default_factory=dict)

    def may_read(self, top: str, count: int) -> bool:
        """Whether it is time to ask for all replies of a thread, which so many are said to be; notes it.

        A hundred replies cost a unit each time, so the longest quarrels are asked for in fewer rounds.
        """
        if self.number - self.read_in.get(top, -count) < count // 100:
            return False
        self.read_in[top] = self.number
        return True

    def settle(self) -> None:
        """What was read so far has all been handed over."""
        busiest = [top for top in self.counts if top in self.partial][-MOST_COUNTS:]
        self.stored_counts = {top: self.counts[top] for top in busiest}

    @property
    def cursor(self) -> str:
        """The place behind everything that was handed over."""
        return msgspec.json.encode(Place(self.until, self.stored_counts, self.chats)).decode()

    def remember(self, heard: Iterable[Heard]) -> None:
        """Remembers comments, the oldest memory going first."""
        for one in heard:
            self.known[one.arrival.remote_id] = Known.of(one)
            if one.arrival.parent is not None:
                self.below.setdefault(one.top, set()).add(one.arrival.remote_id)
        while len(self.known) > MOST_REMEMBERED:
            self._drop(next(iter(self.known)))

    def forget(self, comment: str) -> None:
        """Forgets a comment that is gone, and its thread where it began one."""
        self._drop(comment)
        self.queued.discard(comment)
        self.unclear.pop(comment, None)
        self.counts.pop(comment, None)
        self.rounds.drop(comment)

    def public_below(self, top: str) -> list[str]:
        """The replies of a thread that were public when they were last seen."""
        return [one for one in self.below.get(top, ()) if self.known[one].state is ItemState.VISIBLE]

    def _drop(self, comment: str) -> None:
        known = self.known.pop(comment, None)
        if known is not None and known.top in self.below:
            self.below[known.top].discard(comment)
            if not self.below[known.top]:
                del self.below[known.top]
