"""Commands that let items in: an exercise, and watching the real accounts."""

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from console.commands.items import show_items
from console.commands.seat import MOST, JsonOption, SecondsOption, engine_of, open_window, run, seat_of, show
from console.domain.errors import NotPossible, ProfileError
from console.domain.ids import ItemId

if TYPE_CHECKING:
    from console.services.engine import Engine


def exercise_command(
    context: typer.Context,
    what: Annotated[
        str, typer.Argument(metavar="NAME|FILE", help="A shipped exercise, or a .jsonl or .csv file.")
    ] = "chandlers-row",
    rate: Annotated[
        float | None, typer.Option(min=0.001, max=MOST, help="Items a second; without it, as recorded.")
    ] = None,
    seconds: SecondsOption = None,
    headless: Annotated[bool, typer.Option("--headless", help="Without a window.")] = False,
    live: Annotated[bool, typer.Option("--live", help="Without a window, with a live summary.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Plays an invented incident, or a file of items, through the whole desk."""
    if not headless and not live and not as_json:
        open_window(seat_of(context), {"what": what, "rate": rate, "seconds": seconds})
        return

    async def job() -> int:
        from console.services.exercise import Exercise

        engine: Engine | None = None
        try:
            async with engine_of(context, "everything", fresh_for_exercise=True) as engine:
                exercise = Exercise(engine)
                if live and not as_json:
                    from console.terminal import play_live

                    summary = await play_live(engine, exercise, what, rate, seconds)
                else:
                    summary = await exercise.play(what, rate=rate, seconds=seconds, patient=False)
        except ProfileError:
            if engine is None or not engine.was_troubled:
                raise
            return 1  # the log has said on the error stream why nothing can be stored
        if summary.nothing is not None:
            print(summary.nothing, file=sys.stderr)
            return 1
        for complaint in summary.complaints:
            print(complaint, file=sys.stderr)
        show(summary.shape(), summary.words(), as_json)
        return 0

    run(job)


def watch_command(
    context: typer.Context,
    seconds: SecondsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Collects from all accounts without a window and prints each item as it is stored."""

    async def job() -> None:
        from console.services.events import Announcement, Arrived

        arrived: asyncio.Queue[Arrived] = asyncio.Queue()

        def heard(announcement: Announcement) -> None:
            if isinstance(announcement, Arrived):
                arrived.put_nowait(announcement)

        async with engine_of(context, "everything") as engine:
            if not engine.accounts():
                raise NotPossible("There is no account to watch. Add one with: cordon account add NETWORK")
            stop = engine.events.listen(heard)
            try:
                async with asyncio.timeout(seconds):
                    while True:
                        news = await arrived.get()
                        ids = [ItemId(number) for number in range(news.first, news.last + 1)]
                        await show_items(engine, ids, as_json)
            except TimeoutError:
                pass
            finally:
                stop()

    run(job)
