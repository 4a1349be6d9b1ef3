"""Working: what the keys do to items.

Reversible acts on one item are done at once and taken back with one key; acts on several are planned first;
what has no way back waits in its hold. Everything goes through the engine's one planner, and what it
refuses is said in its words.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast

from console.domain.acts import ActState, Verb
from console.domain.errors import CordonError, NotPossible
from console.domain.ids import ActId, ItemId
from console.domain.items import Item
from console.services.planning import Plan
from console.ui.bridge import Door
from console.ui.loop import Tasks
from console.ui.panes.toasts import Toast, Toasts
from console.ui.text import plural, shown

if TYPE_CHECKING:
    from console.services.engine import Engine

DONE = {
    Verb.HIDE: "Hid",
    Verb.UNHIDE: "Put back",
    Verb.LEAVE_UP: "Left up",
    Verb.BLOCK: "Blocked the author of",
    Verb.UNBLOCK: "Unblocked the author of",
    Verb.MUTE: "Muted the author of",
    Verb.UNMUTE: "Unmuted the author of",
}
DOING = {Verb.DELETE: "Deleting", Verb.REPLY: "Replying to", Verb.REPORT: "Reporting"}
GLYPHS = {
    Verb.HIDE: "hide",
    Verb.UNHIDE: "unhide",
    Verb.DELETE: "delete",
    Verb.LEAVE_UP: "confirmed",
    Verb.REPLY: "reply",
    Verb.BLOCK: "closed",
    Verb.REPORT: "escalate",
}
QUICK_REASON = "Decided at the lane"
"""The reason on record for an act by one key; the hits and the grade stand beside it."""


class Working:
    """Does what commands ask for."""

    def __init__(
        self,
        engine: "Engine",
        door: Door,
        tasks: Tasks,
        toasts: Toasts,
        show_plan: Callable[[Plan, Sequence[Item]], None],
        tell: Callable[[str], None],
        changed: Callable[[], None],
    ) -> None:
        self._engine, self._door, self._tasks, self._toasts = engine, door, tasks, toasts
        self._show_plan, self._tell, self._changed = show_plan, tell, changed

    def take_engine(self, engine: "Engine", door: Door) -> None:
        """Asks this engine from now on."""
        self._engine, self._door = engine, door

    def act(self, verb: Verb, ids: Sequence[int], *, text: str | None = None) -> None:
        """Does a verb to items: one at once, several after their plan was seen."""
        if not ids:
            self._tell("No item is under the cursor and none is selected.")
            return
        self._tasks.spawn(self._act(verb, cast("Sequence[ItemId]", ids), text), f"{verb}")

    async def _act(self, verb: Verb, ids: Sequence[ItemId], text: str | None) -> None:
        try:
            plan = await self._door.ask(self._engine.plan, verb, ids)
            items = await self._door.ask(self._engine.items, ids[:1])
            if len(ids) > 1:
                self._show_plan(plan, items)
                return
            if not plan.will:
                raise NotPossible(plan.why_nothing or "There is nothing to do.")
            await self._carry_out(plan, QUICK_REASON, None, text, items)
        except CordonError as problem:
            self._tell(problem.message)

    def carry_out(self, plan: Plan, reason: str, category: str | None, items: Sequence[Item]) -> None:
        """Does what a plan says; a person has seen it."""
        self._tasks.spawn(self._planned(plan, reason, category, items), f"{plan.verb} many")

    async def _planned(self, plan: Plan, reason: str, category: str | None, items: Sequence[Item]) -> None:
        try:
            await self._carry_out(plan, reason, category, None, items)
        except CordonError as problem:
            self._tell(problem.message)

    async def _carry_out(
        self, plan: Plan, reason: str, category: str | None, text: str | None, items: Sequence[Item]
    ) -> None:
        done = await self._door.ask(
            self._engine.carry_out, plan, reason=reason, category=category, text=text, who=self._engine.who
        )
        number = len(done.act_ids)
        where = ", ".join(dict.fromkeys(shown(row.account.name).text for row in plan.rows if row.will))
        author = shown(items[0].author.name or items[0].author.handle).text if items else ""
        detail = f"{author}, {where}" if number == 1 and author else where
        hold = plan.hold_ms
        glyph = GLYPHS.get(plan.verb, "confirmed")
        if hold:
            title = f"{DOING.get(plan.verb, 'Sending')} {plural(number, 'item')}"
            until = self._engine.now() + hold
            self._toasts.show_toast(
                Toast(
                    title,
                    f"{detail}. No way back after that.",
                    "held",
                    "held",
                    "Cancel",
                    "Z",
                    until=until,
                    holds=True,
                )
            )
        else:
            title = f"{DONE.get(plan.verb, str(plan.verb).capitalize())} {plural(number, 'item')}"
            self._toasts.show_toast(Toast(title, detail, glyph, "t1", "Undo", "U"))
        self._changed()

    # taking back ----------------------------------------------------------------------------------

    def undo(self) -> None:
        """Takes back the newest act."""
        self._tasks.spawn(self._undo(), "undo")

    async def _undo(self) -> None:
        try:
            undone = await self._door.ask(self._engine.undo_last, self._engine.who)
        except CordonError as problem:
            self._tell(problem.message)
            return
        if undone is None:
            self._tell("There is nothing to undo.")
            return
        words = "Cancelled before it was sent." if undone.cancelled and not undone.acts else "Being put back."
        self._toasts.drop_holds()
        self._toasts.show_toast(
            Toast(f"Undone: {shown(undone.words).text}", words, "undo", "t1", "Undo more", "U")
        )
        self._changed()

    def cancel_holds(self) -> None:
        """Cancels everything that waits in its hold."""
        self._tasks.spawn(self._cancel_holds(), "cancel what is held")

    async def _cancel_holds(self) -> None:
        acts = await self._door.ask(self._engine.acts, open_only=True, most=100_000)
        held: list[ActId] = [act.id for act in acts if act.state is ActState.HELD]
        if not held:
            self._tell("Nothing is held.")
            return
        cancelled = await self._door.ask(self._engine.cancel, held, self._engine.who)
        self._toasts.drop_holds()
        number = plural(len(cancelled), "act")
        self._toasts.show_toast(Toast(f"Cancelled {number}", "Nothing of it was sent.", "close", "t1"))
        self._changed()
