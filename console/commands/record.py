"""Commands on what was recorded: the ledger, evidence records, and the health of it all."""

import sys
from typing import Annotated

import typer

from console import shapes
from console.commands.seat import JsonOption, engine_of, passphrase_of, run, seat_of, show
from console.domain.errors import SecretsUnavailable
from console.paths import Places, default_profile

audit = typer.Typer(help="The ledger of everything that was done.", no_args_is_help=True)
evidence = typer.Typer(help="Sealed records of items as they stood.", no_args_is_help=True)


@audit.command("verify")
def audit_verify_command(
    context: typer.Context,
    as_json: JsonOption = False,
) -> None:
    """Checks every entry of the ledger and every evidence record."""

    async def job() -> int:
        async with engine_of(context) as engine:
            verdict = await engine.verify()
        words = f"The ledger is whole: {verdict.entries} entries, root {verdict.root}."
        show(shapes.verdict_shape(verdict), words if verdict.ok else "The ledger is broken.", as_json)
        if not verdict.ok:
            print(verdict.first_bad, file=sys.stderr)
        return 0 if verdict.ok else 1

    run(job)


@audit.command("list")
def audit_list_command(
    context: typer.Context,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many, from the first.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Lists the ledger's entries in order."""

    async def job() -> None:
        async with engine_of(context) as engine:
            after, left = 0, limit
            while left is None or left > 0:
                entries = await engine.entries(after, min(1000, left or 1000))
                if not entries:
                    return
                for entry in entries:
                    shape = shapes.entry_shape(entry)
                    facts = "  ".join(f"{name} {value}" for name, value in shape["facts"].items())
                    words = f"{entry.seq}  {shape['at']}  {shape['who']}  {shape['kind']}  {facts}"
                    show(shape, words, as_json)
                after = entries[-1].seq
                left = None if left is None else left - len(entries)

    run(job)


@evidence.command("show")
def evidence_show_command(
    context: typer.Context,
    key: Annotated[str, typer.Argument(metavar="KEY", help="An evidence record (e12) or an item (i34).")],
    as_json: JsonOption = False,
) -> None:
    """Opens a sealed record. That somebody looked goes on record too."""

    async def job() -> None:
        async with engine_of(context) as engine:
            record = await engine.evidence_record(key, engine.who)
            item = record["item"]
            words = (
                f"{record['evidence']}  sealed {record['captured_at']}  digest {record['digest']}\n"
                f"{item['author']['name']} ({item['author']['handle']}) on {record['account']['key']}, "
                f"{item['created_at']}\n{item['text']}"
            )
            show(record, words, as_json)

    run(job)


def doctor_command(
    context: typer.Context,
    as_json: JsonOption = False,
) -> None:
    """Says how healthy everything is that Cordon needs, one line each, with the mend."""

    async def job() -> int:
        from console.doctor import examine

        seat = seat_of(context)
        passphrase, why_not = None, None
        try:
            passphrase = passphrase_of(seat)
        except SecretsUnavailable as problem:
            why_not = problem.message
        findings = await examine(Places(seat.profile or default_profile()), passphrase, why_not)
        for finding in findings:
            mark = {"well": "ok", "warning": "mind", "broken": "BAD"}[finding.state]
            words = f"{mark:5}{finding.name}: {finding.words}"
            words += f" {finding.mend}" if finding.mend else ""
            show(finding.shape(), words, as_json)
        bad = [finding for finding in findings if finding.state == "broken"]
        if bad:
            print(f"{bad[0].name}: {bad[0].words}", file=sys.stderr)
        return 1 if bad else 0

    run(job)
