"""Opens the list of one part of the act queue, as the act strip names its parts."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from console.domain.acts import ActState
from console.ui.bridge import Door
from console.ui.dialogs.queue import QueueSheet
from console.ui.parts import Look
from console.ui.sheet import Scrim

if TYPE_CHECKING:
    from console.services.engine import Engine

PARTS: Final[Mapping[str, frozenset[ActState]]] = {
    "holding": frozenset({ActState.HELD, ActState.AWAITING_APPROVAL}),
    "sending": frozenset({ActState.QUEUED, ActState.SENDING, ActState.ACCEPTED, ActState.UNCERTAIN}),
    "confirmed": frozenset({ActState.CONFIRMED, ActState.UNVERIFIABLE, ActState.UNDONE}),
    "refused": frozenset({ActState.REFUSED, ActState.FAILED, ActState.REAPPEARED}),
}
_ASKED = 5_000
_SHOWN = 300


async def open_queue(
    part: str,
    scrim: Scrim,
    look: Look,
    engine: "Engine",
    door: Door,
    clock: Callable[[int], str],
    go_to: Callable[[int], None],
) -> None:
    """Shows the newest acts of a part; `go_to` is told the item that a person chose."""
    acts = [act for act in await door.ask(engine.acts, most=_ASKED) if act.state in PARTS[part]][:_SHOWN]
    items = await door.ask(engine.items, list({act.item_id for act in acts}))
    by_id = {item.id: item for item in items}
    scrim.open(QueueSheet(look, part.capitalize(), acts, by_id, clock, go_to))
