"""The second person at this seat: what waits for one, and the sheet on which they answer.

What a newcomer would get wrong: the code is checked before the answer is carried out, and the answer bears
the name of whoever proved to be there, not of whoever sits at the seat.
"""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

from console.domain.approving import Awaited
from console.domain.errors import CordonError
from console.domain.list_changes import Waiting, WaitingKind
from console.domain.operators import Operator
from console.ui.bridge import Door
from console.ui.loop import Tasks
from console.ui.operators.second import Answer, Asked, SecondPerson, others
from console.ui.operators.waiting import SAMPLES, Matter, WaitingSheet, asked_about_list, asked_of

if TYPE_CHECKING:
    from console.services.engine import Engine
    from console.ui.window import Window


class Agreeing:
    """Asks a second person, for the window."""

    def __init__(self, window: "Window", engine: "Engine", door: Door, tasks: Tasks) -> None:
        self._window, self._engine, self._door, self._tasks = window, engine, door, tasks

    def take_engine(self, engine: "Engine", door: Door) -> None:
        """Asks this engine from now on."""
        self._engine, self._door = engine, door

    def others(self, asked_by: str) -> list[Operator]:
        """Those who could agree: they have a code, and did not ask for it."""
        return others(self._engine.operators.state.roster, asked_by)

    def ask_second(
        self,
        asked: Asked,
        agreed: Callable[[str], Coroutine[Any, Any, object]],
        declined: Callable[[str, str], Coroutine[Any, Any, object]],
    ) -> None:
        """Shows the sheet; `agreed` is told who agreed, `declined` who did not and why.

        Both run on the engine's loop, after the code was checked; what they raise is shown on the sheet.
        """

        async def decide(answer: Answer) -> None:
            operators = self._engine.operators
            person = await self._door.ask(operators.prove, answer.name, answer.code, asked.title)
            if answer.agrees:
                await self._door.ask(agreed, person.name)
                self._window.tell(f"{person.name} agreed.")
            else:
                await self._door.ask(declined, person.name, answer.reason)
                self._window.tell(f"{person.name} declined.")

        roster = self._engine.operators.state.roster
        self._window.scrim.open(SecondPerson(self._window.look, asked, roster, decide, self._tasks.spawn))

    # what waits -----------------------------------------------------------------------------------

    def show_waiting(self) -> None:
        """Shows what waits for a second person: acts, and changes of watchlists."""
        self._tasks.spawn(self._show_waiting(), "show what waits")

    async def _show_waiting(self) -> None:
        clock = self._window.time_of_day
        try:
            acts = await self._door.ask(self._engine.approvals.waiting)
            lists = await self._door.ask(self._engine.editing.waiting)
            matters = [Matter.of_acts(one, clock, partial(self.ask_about_acts, one)) for one in acts]
            matters += [
                Matter.of_list(one, clock, partial(self.ask_about_list, one))
                for one in lists
                if one.kind is WaitingKind.PROPOSED
            ]
        except CordonError as problem:
            self._window.tell(problem.message)
            return
        if not matters:
            self._window.tell("Nothing waits for a second person.")
        elif len(matters) == 1:
            matters[0].ask()
        else:
            self._window.scrim.open(WaitingSheet(self._window.look, matters))

    def ask_about_list(self, one: Waiting) -> None:
        """Asks a second person about a watchlist that somebody proposed."""
        editing = self._engine.editing

        async def agreed(who: str) -> None:
            await editing.agree(one.id, who)

        async def declined(who: str, why: str) -> None:
            await editing.withdraw(one.id, who, why)

        self.ask_second(asked_about_list(one, self._window.time_of_day), agreed, declined)

    def ask_about_acts(self, one: Awaited) -> None:
        """Asks a second person about acts that wait."""
        self._tasks.spawn(self._ask_about_acts(one), "ask a second person")

    async def _ask_about_acts(self, one: Awaited) -> None:
        approvals = self._engine.approvals

        async def agreed(who: str) -> None:
            await approvals.approve(one.act_ids, who)

        async def declined(who: str, why: str) -> None:
            await approvals.decline(one.act_ids, who, why)

        first = list(dict.fromkeys(act.item_id for act in one.acts))[:SAMPLES]
        try:
            items = await self._door.ask(self._engine.items, first)
        except CordonError as problem:
            self._window.tell(problem.message)
            return
        known, clock = self._window.known.accounts, self._window.time_of_day
        self.ask_second(asked_of(one, clock, known, items), agreed, declined)
