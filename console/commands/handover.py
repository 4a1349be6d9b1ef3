"""Commands on handovers: open risk is written down, and accepted line by line by whoever comes next."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.commands.seat import JsonOption, engine_of, run, show
from console.domain.errors import UsageError
from console.domain.times import iso

if TYPE_CHECKING:
    from console.domain.handover import Handover, Line
    from console.services.engine import Engine

app = typer.Typer(help="What one shift hands to the next.", invoke_without_command=True)


@app.callback(invoke_without_command=True)
def handover_command(
    context: typer.Context,
    note: Annotated[str, typer.Option(help="What whoever comes next must know besides.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Writes down what is open, as lines that whoever comes next accepts one by one."""
    if context.invoked_subcommand is not None:
        return

    async def job() -> None:
        async with engine_of(context) as engine:
            made = await engine.handovers.write(engine, note, engine.who)
            await _show(engine, made, as_json)

    run(job)


@app.command("show")
def handover_show_command(
    context: typer.Context,
    key: Annotated[str | None, typer.Argument(metavar="[HANDOVER]", help="Such as h3; the newest.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Shows a handover and who accepted what."""

    async def job() -> None:
        async with engine_of(context) as engine:
            await _show(engine, await _found(engine, key), as_json)

    run(job)


@app.command("accept")
def handover_accept_command(
    context: typer.Context,
    places: Annotated[list[int], typer.Argument(metavar="LINE…", help="Numbers of lines.")],
    key: Annotated[str | None, typer.Option("--of", metavar="HANDOVER", help="Such as h3.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Takes lines of the newest handover on, in the name of whoever is on; each is an entry of its own."""

    async def job() -> None:
        async with engine_of(context) as engine:
            found = await _found(engine, key)
            after = await engine.handovers.accept(engine, found.id, places, engine.who)
            await _show(engine, after, as_json)

    run(job)


async def _found(engine: "Engine", key: str | None) -> "Handover":
    from console.domain.handover import parse_handover_key

    found = await engine.handovers.newest(None if key is None else parse_handover_key(key))
    if found is None:
        raise UsageError("There is no handover in this profile." if key is None else f"There is no {key}.")
    return found


async def _show(engine: "Engine", handover: "Handover", as_json: bool) -> None:
    """Prints a handover, a line each."""
    from console.services.handover import words_of

    said = await words_of(handover.lines, engine, handover.note)
    if not as_json:
        left = sum(line.accepted_by is None for line in handover.lines)
        state = f"{left} of {len(handover.lines)} lines wait" if left else "accepted"
        print(f"{handover.key}  by {handover.made_by}  {iso(handover.made_at)}  {state}")
    for line in handover.lines:
        shape = _shape(handover, line, said)
        words = f"  {line.place}  {line.kind.words}  {said[line.place]}"
        words += f"  accepted by {line.accepted_by}" if line.accepted_by else ""
        show(shape, words, as_json)


def _shape(handover: "Handover", line: "Line", said: Mapping[int, str]) -> dict[str, Any]:
    return {
        "handover": handover.key,
        "made_by": handover.made_by,
        "made_at": iso(handover.made_at),
        "line": line.place,
        "kind": line.kind.value,
        "key": line.key or None,
        "more": line.more,
        "words": said[line.place],
        "accepted_by": line.accepted_by,
        "accepted_at": None if line.accepted_at is None else iso(line.accepted_at),
    }
