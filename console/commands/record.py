"""Commands on what was recorded besides the ledger: evidence records, and the health of it all."""

import sys
from typing import Annotated

import typer

from console.commands.seat import JsonOption, engine_of, passphrase_of, run, seat_of, show
from console.domain.errors import SecretsUnavailable
from console.paths import Places, default_profile

evidence = typer.Typer(help="Sealed records of items as they stood.", no_args_is_help=True)


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
            if media := record["media"]:
                words += f"\nPictures: {sum(each['captured'] for each in media)} of {len(media)} captured"
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
