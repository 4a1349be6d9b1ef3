"""Opens the handover sheet that is wanted: what somebody else wrote is accepted first."""

from typing import TYPE_CHECKING

from console.domain.approving import same_person
from console.domain.errors import CordonError
from console.domain.handover import Handover
from console.domain.ids import ItemId, parse_act_key, parse_item_key
from console.ui.bridge import Door
from console.ui.commands import Command
from console.ui.loop import Tasks
from console.ui.operators.handover import AcceptHandover, WriteHandover
from console.ui.text import plural

if TYPE_CHECKING:
    from console.services.engine import Engine
    from console.ui.window import Window


class HandingOver:
    """What the window's key for handovers does."""

    def __init__(self, window: "Window", engine: "Engine", door: Door, tasks: Tasks) -> None:
        self._window, self._engine, self._door, self._tasks = window, engine, door, tasks

    def take_engine(self, engine: "Engine", door: Door) -> None:
        """Asks this engine from now on."""
        self._engine, self._door = engine, door

    def open(self) -> None:
        """Shows what is to be accepted; where there is nothing, what can be handed over."""
        self._tasks.spawn(self._open(), "hand over")

    async def _open(self) -> None:
        try:
            newest = await self._door.ask(self._engine.handovers.newest)
            if newest is not None and newest.is_open and self._may_accept(newest):
                await self._show(newest)
            else:
                await self._offer()
        except CordonError as problem:
            self._window.tell(problem.message)

    def _may_accept(self, newest: Handover) -> bool:
        return not (self._engine.operators.roster and same_person(newest.made_by, self._engine.who))

    async def _show(self, newest: Handover) -> None:
        # loaded with the engine; the window opens before it
        from console.services.handover import words_of  # noqa: PLC0415 - the same

        engine, window = self._engine, self._window
        words = await self._door.ask(words_of, newest.lines, engine, newest.note)

        async def accept(place: int) -> Handover:
            return await self._door.ask(engine.handovers.accept, engine, newest.id, [place], engine.who)

        when = window.time_of_day(newest.made_at)
        another = self._offer_soon
        sheet = AcceptHandover(
            window.look, newest, words, when, accept, self._go_to, another, self._tasks.spawn
        )
        window.scrim.open(sheet)

    def _offer_soon(self) -> None:
        self._tasks.spawn(self._offer_or_say(), "write a handover")

    async def _offer_or_say(self) -> None:
        try:
            await self._offer()
        except CordonError as problem:
            self._window.tell(problem.message)

    async def _offer(self) -> None:
        from console.services.handover import words_of  # noqa: PLC0415 - loaded with the engine

        lines = await self._door.ask(self._engine.handovers.open_risk, self._engine)
        words = await self._door.ask(words_of, lines, self._engine, "")
        self._window.scrim.open(WriteHandover(self._window.look, lines, words, self._write))

    def _write(self, note: str) -> None:
        self._tasks.spawn(self._write_down(note), "write a handover")

    async def _write_down(self, note: str) -> None:
        try:
            made = await self._door.ask(self._engine.handovers.write, self._engine, note, self._engine.who)
        except CordonError as problem:
            self._window.tell(problem.message)
            return
        self._window.tell(f"Handed over: {plural(len(made.lines), 'line')}. Whoever comes next accepts them.")

    def _go_to(self, key: str) -> None:
        self._tasks.spawn(self._go(key), "go to what is handed over")

    async def _go(self, key: str) -> None:
        try:
            if key.startswith("a") and key[1:].isdecimal():
                acts = await self._door.ask(self._engine.acts_by_id, [parse_act_key(key)])
                found: ItemId | None = acts[0].item_id if acts else None
            else:
                found = parse_item_key(key)
        except CordonError:
            found = None
        if found is None:
            self._window.tell("There is no single item to go to.")
        else:
            self._window.go_to(found)


def handover_commands(handing: HandingOver) -> list[Command]:
    """The command that hands over."""
    return [Command("handover", "Hand over, or accept", "Shift+O", "The desk", handing.open)]
