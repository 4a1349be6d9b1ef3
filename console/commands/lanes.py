"""Commands on lanes: kept under names, given away as text, and the groups of accounts that they may name."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.commands.seat import JsonOption, engine_of, run, show
from console.domain.errors import NotPossible, UsageError

if TYPE_CHECKING:
    from console.domain.views import View
    from console.services.engine import Engine

app = typer.Typer(help="Lanes that are kept under names, and groups of accounts.", no_args_is_help=True)
NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="The name of a lane, as the rail shows it.")
]


@app.command("list")
def lane_list_command(context: typer.Context, as_json: JsonOption = False) -> None:
    """Lists your lanes in their order, then those that others share."""

    async def job() -> None:
        async with engine_of(context) as engine:
            for view in await engine.views.all(engine.who):
                _show(engine, view, as_json)

    run(job)


@app.command("keep")
def lane_keep_command(
    context: typer.Context,
    name: NameArgument,
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="As for items: grade:1-3 is:unseen")],
    shared: Annotated[bool, typer.Option("--shared", help="Everybody sees it; only you change it.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Keeps a lane under a name; one of yours of that name gets the new question."""

    async def job() -> None:
        async with engine_of(context) as engine:
            known = [view for view in await engine.views.all(engine.who) if _is(view, name, engine.who)]
            if known:
                view = await engine.views.change(
                    known[0].id, engine.who, question=question, is_shared=shared or known[0].is_shared
                )
            else:
                view = await engine.views.keep(name, question, engine.who)
                if shared:
                    view = await engine.views.change(view.id, engine.who, is_shared=True)
            _show(engine, view, as_json)

    run(job)


@app.command("drop")
def lane_drop_command(context: typer.Context, name: NameArgument, as_json: JsonOption = False) -> None:
    """Takes one of your lanes away."""

    async def job() -> None:
        async with engine_of(context) as engine:
            for view in await engine.views.all(engine.who):
                if _is(view, name, engine.who):
                    await engine.views.drop(view.id, engine.who)
                    show({"name": view.name, "dropped": True}, f"“{view.name}” is taken away.", as_json)
                    return
            raise UsageError(f"You keep no lane named “{name}”.")

    run(job)


@app.command("export")
def lane_export_command(context: typer.Context) -> None:
    """Prints your lanes as text that another profile can take."""

    async def job() -> None:
        async with engine_of(context) as engine:
            print(await engine.views.as_text(engine.who), end="")

    run(job)


@app.command("import")
def lane_import_command(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="What export printed; - reads it from stdin.")],
    as_json: JsonOption = False,
) -> None:
    """Keeps the lanes of a text; those of a name that you keep already are left as they are."""

    async def job() -> None:
        async with engine_of(context) as engine:
            for view in await engine.views.take_text(_read(file), engine.who):
                _show(engine, view, as_json)

    run(job)


@app.command("group")
def lane_group_command(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Without it, lists the groups.")] = None,
    accounts: Annotated[list[str] | None, typer.Argument(metavar="KEY…", help="Its accounts.")] = None,
    drop: Annotated[bool, typer.Option("--drop", help="Takes the group away; its accounts stay.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Has a group hold these accounts and no others, so that group:NAME asks for all of them."""

    async def job() -> None:
        async with engine_of(context) as engine:
            if name is not None:
                if not accounts and not drop:
                    raise UsageError("Name the accounts of the group, or take it away with --drop.")
                await engine.views.set_group(name, [] if drop else accounts or [], engine.who)
            for known, keys in (await engine.views.groups()).items():
                show({"name": known, "accounts": list(keys)}, f"{known}: {', '.join(keys)}", as_json)

    run(job)


def _is(view: "View", name: str, who: str) -> bool:
    return view.is_of(who) and view.name.casefold() == " ".join(name.split()).casefold()


def _read(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise NotPossible(f"{file} cannot be read ({problem}).") from None


def _show(engine: "Engine", view: "View", as_json: bool) -> None:
    own = view.is_of(engine.who)
    shared = ", shared" if view.is_shared else ""
    whose = f"yours{shared}" if own else f"from {view.owner}"
    shape = {"name": view.name, "question": view.question, "owner": view.owner, "shared": view.is_shared}
    show(shape, f"{view.name}  ({whose})  {view.question or 'everything'}", as_json)
