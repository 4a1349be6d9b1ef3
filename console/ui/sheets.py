"""Sheets that the window opens: a reply, the plan of an act, the keys, the commands, the queue.

What a newcomer would get wrong: nothing is done by opening one. What a person decides there goes through the
same `Working` as a key at the lane.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from console.domain.accounts import AccountState
from console.domain.acts import Verb
from console.domain.items import Item
from console.services.planning import Plan
from console.ui.bridge import Door
from console.ui.dialogs.bulk_plan import BulkPlan
from console.ui.dialogs.keys import KeySheet, Palette
from console.ui.dialogs.reply import Reply
from console.ui.loop import Tasks
from console.ui.queueing import open_queue
from console.ui.text import plural

if TYPE_CHECKING:
    from console.services.engine import Engine
    from console.ui.window import Window


class Sheets:
    """Opens them over one window."""

    def __init__(self, window: "Window", engine: "Engine", door: Door, tasks: Tasks) -> None:
        self._window, self._engine, self._door, self._tasks = window, engine, door, tasks

    def take_engine(self, engine: "Engine", door: Door) -> None:
        """Asks this engine from now on."""
        self._engine, self._door = engine, door

    def reply(self) -> None:
        """Asks for the words of a reply."""
        item = self._window.under.item
        if item is None:
            self._window.tell("No item is under the cursor.")
            return
        account = self._window.known.accounts.get(item.account_id)

        def go(words: str) -> None:
            self._window.working.act(Verb.REPLY, [item.id], text=words)

        self._window.scrim.open(Reply(self._window.look, item, account.name if account else item.network, go))

    def show_plan(self, plan: Plan, items: Sequence[Item]) -> None:
        """Shows what an act on several would do; `items` holds one of them, for the category."""
        marks = self.marks_of(plan)
        hits = sorted((hit for item in items for hit in item.hits), key=lambda hit: hit.grade)
        category = hits[0].category if hits else None
        about = f"{plural(plan.selected, 'item')} selected on {plural(len(plan.rows), 'account')}."

        def go(reason: str, chosen: str | None) -> None:
            self._window.view.picks.clear()
            self._window.working.carry_out(plan, reason, chosen, items)

        self._window.scrim.open(
            BulkPlan(self._window.look, plan, about, category, marks, self.short_time, go)
        )

    def marks_of(self, plan: Plan) -> dict[str, tuple[str, str]]:
        """Letters and shape of the networks in a plan, by the accounts' keys."""
        found = {row.account.key: self._window.known.mark(row.account.id) for row in plan.rows}
        return {key: (mark.letters, mark.shape) for key, mark in found.items()}

    def short_time(self, at: int) -> str:
        """A time of day to the minute."""
        return f"{datetime.fromtimestamp(at / 1000).astimezone():%H:%M}"

    def show_keys(self) -> None:
        """Shows the key sheet."""
        self._window.scrim.open(KeySheet(self._window.look, self._window.commands))

    def show_palette(self) -> None:
        """Shows the command palette."""
        self._window.scrim.open(Palette(self._window.look, self._window.commands))

    def show_queue(self, part: str) -> None:
        """Lists one part of the act queue."""
        if part == "second":
            self._window.seating.agreeing.show_waiting()
            return
        asked = open_queue(
            part,
            self._window.scrim,
            self._window.look,
            self._engine,
            self._door,
            self._window.time_of_day,
            self._window.go_to,
        )
        self._tasks.spawn(asked, "show the queue")

    def show_stale(self) -> None:
        """Shows which accounts are not live, by opening the first of them."""
        for account in self._window.accounts:
            if account.state not in {AccountState.LIVE, AccountState.ENDED}:
                self._window.lanes.open_account(account.key)
                return
        self._window.tell("Every account is live.")
