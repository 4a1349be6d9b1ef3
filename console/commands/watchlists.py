"""Commands on watchlists, and matching without a window."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console import shapes
from console.commands.seat import JsonOption, engine_of, run, show
from console.domain.errors import UsageError, WatchlistError
from console.domain.list_changes import Published, Rehearsal, Waiting, WaitingKind, difference, is_review_over
from console.domain.times import iso

if TYPE_CHECKING:
    from console.services.engine import Engine

app = typer.Typer(help="Watchlists.", no_args_is_help=True)

FileArgument = Annotated[Path, typer.Argument(metavar="FILE")]
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The watchlist's id, as the list shows it.")]
NumberArgument = Annotated[int, typer.Argument(metavar="NUMBER", help="As `watchlist list` shows it.")]
WhyOption = Annotated[str, typer.Option("--why", help="The reason; it goes on record.")]
AlarmOption = Annotated[
    bool, typer.Option("--alarm", help="What it raises in the past counts as not seen yet.")
]


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
def watchlist_check_command(file: FileArgument, as_json: JsonOption = False) -> None:
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
def watchlist_list_command(context: typer.Context, as_json: JsonOption = False) -> None:
    """Lists the watchlists in force, and below them what is rehearsed or waits for a second person."""

    async def job() -> None:
        async with engine_of(context) as engine:
            today = engine.editing.today()
            for found in await engine.watchlists():
                over = is_review_over(found, today)
                words = f"{found.id}  v{found.version}  grade {found.grade}  {found.name}  {found.owner}"
                words += f"  review by {found.review_by.isoformat()}"
                words += ": that day has passed; its owner must read it again" if over else ""
                show({**shapes.watchlist_shape(found), "review_over": over}, words, as_json)
            if not as_json:  # one object for each list in force was promised to scripts, and no others
                for each in await engine.editing.waiting():
                    show(None, _waiting_words(each), False)

    run(job)


@app.command("waiting")
def watchlist_waiting_command(context: typer.Context, as_json: JsonOption = False) -> None:
    """Lists what is rehearsed in shadow, and what waits for a second person."""

    async def job() -> None:
        async with engine_of(context) as engine:
            for each in await engine.editing.waiting():
                show(shapes.waiting_shape(each), _waiting_words(each), as_json)

    run(job)


def _waiting_words(found: Waiting) -> str:
    head = f"{found.id}  {found.watchlist.id} v{found.watchlist.version}"
    if found.kind is WaitingKind.REHEARSING:
        return f"{head}  rehearsed since {iso(found.put_at)}: hit {found.items} of {found.seen} items"
    until = "" if found.expires_at is None else f" until {iso(found.expires_at)}"
    return f"{head}  proposed by {found.put_by}, waits{until} for somebody else to agree: {found.why}"


@app.command("import")
def watchlist_import_command(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="TOML, or CSV with the column “term”.")],
    why: WhyOption = "",
    rehearse: Annotated[
        bool, typer.Option("--rehearse", help="Match it in shadow only, until `watchlist live`.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Puts a watchlist file in force as a new version, and searches the cache with what is new in it."""

    async def job() -> None:
        async with engine_of(context) as engine:
            done = await engine.editing.import_file(file, who=engine.who, why=why, rehearse=rehearse)
            for each in done:
                _show_done(each, as_json)
            await _search_now(engine, as_json)

    run(job)


def _show_done(done: Published | Waiting, as_json: bool) -> None:
    waits = done if isinstance(done, Waiting) else done.waiting
    if waits is not None:
        show(shapes.waiting_shape(waits), _waiting_words(waits), as_json)
    elif isinstance(done, Published) and done.version is not None:
        found = done.version
        show(shapes.watchlist_shape(found), f"{found.id} v{found.version} is in force.", as_json)


async def _search_now(engine: "Engine", as_json: bool) -> None:
    """Searches the past unless an open window does; says what was found."""
    asked = {found.id for found in await engine.editing.searches() if found.is_open}
    if not asked:
        return
    if not await engine.search_past_now():
        print("The cache is being searched by the Cordon that is open.", file=sys.stderr)
    elif not as_json:
        for found in await engine.editing.searches():
            if found.id in asked:
                print(f"Of {found.total} items in the cache it hits {found.found} that were not hit before.")


@app.command("export")
def watchlist_export_command(
    context: typer.Context,
    watchlist: IdArgument,
    form: Annotated[str, typer.Option("--format", help="toml (all of it) or csv (its words).")] = "toml",
    version: Annotated[int | None, typer.Option(min=1, help="An earlier version.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Writes a watchlist to stdout."""

    async def job() -> None:
        from console.matching.table import left_out

        if form not in {"toml", "csv"}:
            raise UsageError(f"There is no format “{form}”; there are toml and csv.")
        async with engine_of(context) as engine:
            text = await engine.editing.export(watchlist, "csv" if form == "csv" else "toml", version)
            if form == "csv":
                found = (await engine.editing.versions(watchlist))[0].watchlist
                if missing := left_out(found):
                    print(f"A table cannot hold {missing}; toml can.", file=sys.stderr)
        if as_json:
            show({"id": watchlist, "format": form, "text": text}, "", True)
        else:
            sys.stdout.write(text)
            sys.stdout.flush()

    run(job)


@app.command("rehearse")
def watchlist_rehearse_command(
    context: typer.Context,
    file: FileArgument,
    hours: Annotated[float, typer.Option(min=0.01, max=24 * 365, help="How far back.")] = 24.0,
    as_json: JsonOption = False,
) -> None:
    """Says what a file would have hit in the cache, beside the version in force; changes nothing."""

    async def job() -> None:
        from console.matching import read_watchlist

        found = read_watchlist(file)
        async with engine_of(context) as engine:
            told = await engine.editing.rehearse(found, hours)
        show(shapes.rehearsal_shape(told), _rehearsal_words(told), as_json)

    run(job)


def _rehearsal_words(told: Rehearsal) -> str:
    lines = [f"{told.hits} of {told.looked_at} items of the last {told.hours:g} hours hit."]
    if not told.is_whole:
        lines.append("There were more items than that; only the newest were tried.")
    lines.append(
        f"Against the version in force: {told.newly_caught} newly caught, "
        f"{told.no_longer_caught} no longer caught, {told.the_same} the same."
    )
    lines.append(
        f"Against what people decided: {told.missed_of_hidden} hidden for this category and not hit, "
        f"{told.hit_of_left_up} left up and hit."
    )
    for head, samples in (
        ("newly caught", told.samples_new),
        ("no longer caught", told.samples_lost),
        ("hidden and not hit", told.samples_missed),
        ("left up and hit", told.samples_left_up),
    ):
        for sample in samples[:5]:
            words = " ".join(sample.text.split())
            lines.append(f"  {head}: {words[:100]}")
    return "\n".join(lines)


@app.command("history")
def watchlist_history_command(
    context: typer.Context, watchlist: IdArgument, as_json: JsonOption = False
) -> None:
    """Lists every version of a watchlist with who, when, why and what it changed, newest first."""

    async def job() -> None:
        async with engine_of(context) as engine:
            versions = await engine.editing.versions(watchlist)
            if not versions:
                raise UsageError(f"There is no watchlist “{watchlist}”.")
            olders = [*(found.watchlist for found in versions[1:]), None]
            for found, older in zip(versions, olders, strict=True):
                changes = difference(older, found.watchlist).words
                by = found.put_by + (f" with {found.agreed_by}" if found.agreed_by else "")
                lines = [f"v{found.version}  {iso(found.put_at)}  {by}  {found.why}"]
                lines += [f"    {change}" for change in changes]
                show(shapes.list_version_shape(found, changes), "\n".join(lines), as_json)

    run(job)


@app.command("agree")
def watchlist_agree_command(
    context: typer.Context, number: NumberArgument, alarm: AlarmOption = False, as_json: JsonOption = False
) -> None:
    """Agrees to a proposed change as the second person; it takes effect by that."""

    async def job() -> None:
        async with engine_of(context) as engine:
            done = await engine.editing.agree(number, engine.who, alarm=alarm)
            _show_done(Published(done, None), as_json)
            await _search_now(engine, as_json)

    run(job)


@app.command("live")
def watchlist_live_command(
    context: typer.Context,
    number: NumberArgument,
    why: WhyOption = "",
    alarm: AlarmOption = False,
    as_json: JsonOption = False,
) -> None:
    """Puts what was rehearsed in force."""

    async def job() -> None:
        async with engine_of(context) as engine:
            done = await engine.editing.put_live(number, who=engine.who, why=why, alarm=alarm)
            _show_done(done, as_json)
            await _search_now(engine, as_json)

    run(job)


@app.command("withdraw")
def watchlist_withdraw_command(
    context: typer.Context, number: NumberArgument, why: WhyOption = "", as_json: JsonOption = False
) -> None:
    """Ends a rehearsal, or refuses a proposal."""

    async def job() -> None:
        async with engine_of(context) as engine:
            await engine.editing.withdraw(number, engine.who, why)
            show(
                {"waiting": number, "withdrawn": True}, "It is withdrawn. Nothing was put in force.", as_json
            )

    run(job)


@app.command("back")
def watchlist_back_command(
    context: typer.Context,
    watchlist: IdArgument,
    version: Annotated[int, typer.Argument(metavar="VERSION", min=1)],
    why: WhyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Puts an older version in force again, as a new one."""

    async def job() -> None:
        async with engine_of(context) as engine:
            done = await engine.editing.go_back(watchlist, version, who=engine.who, why=why)
            _show_done(done, as_json)
            await _search_now(engine, as_json)

    run(job)


@app.command("end")
def watchlist_end_command(
    context: typer.Context, watchlist: IdArgument, why: WhyOption = "", as_json: JsonOption = False
) -> None:
    """Takes a watchlist out of force; its versions stay."""

    async def job() -> None:
        async with engine_of(context) as engine:
            await engine.editing.end(watchlist, engine.who, why)
            show({"id": watchlist, "ended": True}, f"{watchlist} is out of force.", as_json)

    run(job)
