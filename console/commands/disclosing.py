"""Commands that give things out: bundles of evidence, reports, counts for a question for information."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.commands.seat import JsonOption, engine_of, run, show
from console.domain.ids import parse_item_key

if TYPE_CHECKING:
    from console.services.disclosing.service import Report

report = typer.Typer(
    help="Statistics, closing reports and counts; each goes on record.", no_args_is_help=True
)
OutOption = Annotated[
    Path | None, typer.Option("--out", help="Write it to this file: .html, .pdf or .csv.", show_default=False)
]


def evidence_export_command(  # noqa: PLR0913  # one argument for each option
    context: typer.Context,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A new folder, or a .zip file.")],
    incident: Annotated[
        int | None, typer.Option(min=1, help="Everything of this incident.", show_default=False)
    ] = None,
    author: Annotated[
        str | None, typer.Option(metavar="HANDLE", help="Everything of this author.", show_default=False)
    ] = None,
    account: Annotated[
        str | None, typer.Option(help="With --author: on this account.", show_default=False)
    ] = None,
    network: Annotated[
        str | None, typer.Option(help="With --author: on this network.", show_default=False)
    ] = None,
    item: Annotated[
        list[str] | None, typer.Option("--item", metavar="KEY", help="This item; may be repeated.")
    ] = None,
    redact: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What to cover: JSON of record, field, start, end, reason."),
    ] = None,
    why: Annotated[str, typer.Option(help="Why it is given out; it goes on record and into it.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Gives evidence out with its proofs, for somebody who has no Cordon and trusts nobody.

    Without --incident, --author or --item it holds everything on record.
    """

    async def job() -> None:
        from console.services.disclosing.choosing import Wanted
        from console.services.disclosing.covering import read_marks

        wanted = Wanted(incident, author, account, network, tuple(parse_item_key(key) for key in item or []))
        marks = read_marks(redact) if redact is not None else []
        async with engine_of(context) as engine:
            done = await engine.disclosing.export(out, wanted, who=engine.who, why=why, marks=marks)
        for remark in done.remarks:
            print(remark, file=sys.stderr)
        shape: dict[str, Any] = {
            "path": str(done.path),
            "manifest": done.digest,
            "entry": done.seq,
            "entries": done.entries,
            "records": done.records,
            "covered": done.covered,
            "remarks": list(done.remarks),
        }
        words = (
            f"{done.path}: {done.records} records, {done.entries} entries of the ledger.\n"
            f"SHA-256 of its manifest.json: {done.digest}\nEntry {done.seq} of the ledger says that it was "
            "given out. Tell the digest to whoever gets it, by another way than the bundle."
        )
        show(shape, words, as_json)

    run(job)


@report.command("month")
def month_command(
    context: typer.Context,
    month: Annotated[str, typer.Argument(metavar="YYYY-MM", help="The month, such as 2026-03.")],
    out: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Statistics of a month: items, acts, and times to see, decide, act and confirm."""

    async def job() -> None:
        async with engine_of(context) as engine:
            _tell(await engine.disclosing.month(month, engine.who, out), as_json)

    run(job)


@report.command("incident")
def incident_command(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="ID", min=1, help="The incident's number.")],
    out: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """The report of an incident: items, acts and times from its opening to its closing."""

    async def job() -> None:
        async with engine_of(context) as engine:
            _tell(await engine.disclosing.incident(number, engine.who, out), as_json)

    run(job)


@report.command("foi")
def foi_command(
    context: typer.Context,
    query: Annotated[str, typer.Argument(metavar="QUERY", help="As cordon items takes it.")],
    out: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Counts of the items that fit a question, for freedom of information: no words, no names."""

    async def job() -> None:
        async with engine_of(context) as engine:
            _tell(await engine.disclosing.foi(query, engine.who, out), as_json)

    run(job)


def _tell(found: "Report", as_json: bool) -> None:
    """Prints a report, or where it was written."""
    from console.services.disclosing.documents import tables

    path = None if found.path is None else str(found.path)
    shape = {"title": found.document.title, "path": path, "sha256": found.digest, **tables(found.document)}
    words = found.words if path is None else f"{path}\nSHA-256: {found.digest}"
    show(shape, words, as_json)
