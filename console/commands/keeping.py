"""The command on how long things are kept."""

from typing import TYPE_CHECKING, Annotated

import typer

from console import shapes
from console.commands.seat import JsonOption, engine_of, run, show

if TYPE_CHECKING:
    from console.services.purging import Purged


def purge_command(
    context: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be emptied; do nothing.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Empties cached words and names whose time is over, and disposes of records that need no review."""

    async def job() -> None:
        async with engine_of(context) as engine:
            purged = await engine.purge(engine.who, dry_run=dry_run)
            show(shapes.purged_shape(purged, dry_run=dry_run), _words(purged, dry_run=dry_run), as_json)

    run(job)


def _words(purged: "Purged", *, dry_run: bool) -> str:
    done = "would lose" if dry_run else "lost"
    lines = [
        f"{name}  {some.texts} {done} their words, {some.names} their author"
        + (f"  {some.waiting} wait for an act or a hold" if some.waiting else "")
        for name, some in sorted(purged.networks.items())
    ]
    if purged.disposed:
        word = "would be" if dry_run else "were"
        lines.append(f"{purged.disposed} items {word} disposed of: the life of their records is over")
    if not purged.is_clean:
        lines.append("Another program was reading; traces are removed by the next run, within the hour.")
    return "\n".join(lines) or "Nothing's time is over."
