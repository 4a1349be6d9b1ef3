"""Commands on watchlists, and matching without a window."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from console import shapes
from console.commands.seat import JsonOption, engine_of, run, show
from console.domain.errors import WatchlistError

app = typer.Typer(help="Watchlists.", no_args_is_help=True)


def match_command(
    context: typer.Context,
    watchlist: Annotated[
        list[Path] | None, typer.Option(help="A watchlist file; several may be given.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Reads {"id", "text"} lines on stdin and writes one line each with grade and hits."""

    async def job() -> int:
        from console.matching import read_watchlist
        from console.terminal import match_lines

        if watchlist:
            lists = [read_watchlist(path) for path in watchlist]
        else:
            async with engine_of(context) as engine:
                lists = await engine.watchlists()
        return match_lines(lists, sys.stdin.buffer, print_json=lambda shape: show(shape, "", True))

    run(job)


@app.command("check")
def watchlist_check_command(
    file: Annotated[Path, typer.Argument(metavar="FILE")], as_json: JsonOption = False
) -> None:
    """Says whether a watchlist file can be used and its examples hold, and if not, why."""

    async def job() -> None:
        from console.matching import broken_examples, read_watchlist
        from console.services.matching import compile_lists

        found = read_watchlist(file)
        if broken := broken_examples(found, compile_lists([found])):
            more = f" (and {len(broken) - 1} more)" if len(broken) > 1 else ""
            raise WatchlistError(f"{file.name}: {broken[0]}{more}")
        examples = sum(len(rule.hits) + len(rule.misses) for rule in found.rules)
        words = f"{found.id} v{found.version}: {len(found.rules)} rules, grade {found.grade}, "
        words += f"{examples} examples as they should be. It can be used."
        show({"ok": True, **shapes.watchlist_shape(found)}, words, as_json)

    run(job)


@app.command("list")
def watchlist_list_command(
    context: typer.Context,
    as_json: JsonOption = False,
) -> None:
    """Lists the watchlists in force."""

    async def job() -> None:
        async with engine_of(context) as engine:
            for found in await engine.watchlists():
                words = f"{found.id}  v{found.version}  grade {found.grade}  {found.name}  {found.owner}"
                words += f"  review by {found.review_by.isoformat()}"
                show(shapes.watchlist_shape(found), words, as_json)

    run(job)


@app.command("import")
def watchlist_import_command(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    as_json: JsonOption = False,
) -> None:
    """Puts a watchlist file in force as a new version."""

    async def job() -> None:
        async with engine_of(context) as engine:
            found = await engine.import_watchlist(file, engine.who)
            show(shapes.watchlist_shape(found), f"{found.id} v{found.version} is in force.", as_json)

    run(job)
