"""What the window knows of the whole desk, read anew when something changed, and told to its places.

Accounts and their marks, the numbers of the rail and the bar, the act strip. What a newcomer would get
wrong: nothing here is asked for by an event itself. Events say what is no longer true (`refresh`), and four
times a second whatever was said is read once.
"""

import asyncio
from typing import TYPE_CHECKING

from console.domain.accounts import Account, AccountState
from console.domain.acts import ActState
from console.domain.ids import AccountId
from console.store import lanes as stored_lanes
from console.store.reader import Reader
from console.ui.bridge import Door
from console.ui.lane.row import NetworkMark
from console.ui.operators.words import foot_words
from console.ui.panes.incident_bar import BARS
from console.ui.panes.said import account_lines, bar_facts, lane_lines, made_safe
from console.ui.panes.strip import read_strip
from console.ui.text import shown

if TYPE_CHECKING:
    from console.services.engine import Engine
    from console.ui.window import Window


class Known:
    """Keeps it, for one window."""

    def __init__(self, window: "Window", engine: "Engine", door: Door, reader: Reader) -> None:
        self._window, self._engine, self._door, self._reader = window, engine, door, reader
        self._dirty: set[str] = {"rail", "strip", "accounts"}
        self.accounts: dict[AccountId, Account] = {}
        """With what networks say of them made safe to show."""
        self.marks: dict[AccountId, NetworkMark] = {}
        self.rail: stored_lanes.Rail | None = None
        self.minutes: list[int] = [0] * BARS
        self.undo_words: str | None = None
        """What undo would take back."""
        self.waiting_acts = 0
        self.no_link_since: int | None = None

    def take_engine(self, engine: "Engine", door: Door) -> None:
        """Asks this engine from now on."""
        self._engine, self._door = engine, door
        self._dirty |= {"rail", "strip", "accounts", "pane", "lanes"}

    def spoil(self, *parts: str) -> None:
        """Has parts of the window be read anew, soon: `rail`, `strip`, `accounts`, `pane`, `lanes`."""
        self._dirty.update(parts)

    @property
    def is_spoilt(self) -> bool:
        """Whether anything is to be read anew."""
        return bool(self._dirty)

    async def refresh(self) -> None:
        """Reads anew what is no longer true, and says it."""
        dirty, self._dirty = self._dirty, set()
        window = self._window
        if "accounts" in dirty:
            self.accounts = {account.id: made_safe(account) for account in self._engine.accounts()}
            self._read_marks()
        if "lanes" in dirty:
            await window.lanes.kept.refresh()
        if dirty & {"rail", "accounts"}:
            since = self._engine.now() // 60_000 - BARS + 1
            rail = asyncio.wrap_future(self._reader.submit(stored_lanes.rail))
            minutes = asyncio.wrap_future(self._reader.submit(stored_lanes.arrivals, since))
            self.rail = await rail
            found = await minutes
            self.minutes = [found.get(since + place, 0) for place in range(BARS)]
            self.say_rail()
        if "strip" in dirty:
            facts = await asyncio.wrap_future(self._reader.submit(read_strip))
            words = await self._door.ask(self._engine.undoable, self._engine.who)
            self.undo_words = None if words is None else shown(words).text
            waiting = (ActState.QUEUED, ActState.SENDING)
            self.waiting_acts = sum(facts.counts.get(state, 0) for state in waiting)
            window.strip.tell(facts, self.undo_words, linked=self.is_linked)
        if "pane" in dirty and window.view.cursor_id is not None:
            await window.under.fill(window.view.cursor_id)

    def _read_marks(self) -> None:
        before = dict(self.marks)
        shapes = {manifest.id: (manifest.letters, manifest.shape) for manifest in self._engine.networks()}
        for account in self.accounts.values():
            letters, shape = shapes.get(account.connector, (account.network[:2].title(), "page"))
            told = account.settings
            self.marks[account.id] = NetworkMark(told.get("letters", letters), told.get("shape", shape))
        if self.marks != before:
            # rows that came before their account was known bear a question mark
            self._window.feed.model.rows.spoil_all()
            self._window.view.viewport().update()

    def mark(self, account_id: AccountId) -> NetworkMark:
        """Letters and shape of an account's network."""
        return self.marks.get(account_id, NetworkMark("?", "page"))

    @property
    def is_linked(self) -> bool:
        """Whether any account has a link, or there is none."""
        states = {account.state for account in self.accounts.values()}
        return not states or not states <= {AccountState.NO_LINK, AccountState.SIGN_IN, AccountState.FAULTY}

    def tick(self) -> None:
        """Once a second: the bar and the rail say how old things are by now."""
        window, now = self._window, self._engine.now()
        if self.is_linked:
            self.no_link_since = None
        elif self.no_link_since is None:
            since = [account.since for account in self.accounts.values() if account.since]
            self.no_link_since = min(since, default=now)
        window.bar.say(
            bar_facts(
                self._engine.incident(),
                self.rail,
                self.minutes,
                list(self.accounts.values()),
                now,
                is_exercise=window.is_exercise,
                time_of_day=window.time_of_day,
            )
        )
        self.say_rail()
        if now // 60_000 != (now - 1000) // 60_000:
            self._dirty.add("rail")

    def say_rail(self) -> None:
        """Says the lanes with what is unseen in each, and the accounts by health."""
        window, now = self._window, self._engine.now()
        current = window.lanes.key
        grades, others = lane_lines(self.rail, window.lanes.others(), current, now, window.waves.number)
        accounts = account_lines(list(self.accounts.values()), self.marks, current, now)
        window.rail.say(grades, others, accounts, foot_words(self._engine.operators.on))
