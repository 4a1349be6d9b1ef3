"""Commands on the ledger: check it, read it, state how it stands, hand it out, correct it."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from console import shapes
from console.commands.seat import JsonOption, engine_of, run, show

audit = typer.Typer(help="The ledger of everything that was done.", no_args_is_help=True)

_STRUCK, _PLAIN = "\x1b[9m", "\x1b[29m"


@audit.command("verify")
def audit_verify_command(
    context: typer.Context,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(help="A checkpoint that somebody else has kept, or a mail with one. May be repeated."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Checks every entry, every evidence record, and every checkpoint that is at hand.

    Only a checkpoint that somebody else has kept can show that the whole record was written anew.
    """

    async def job() -> int:
        async with engine_of(context) as engine:
            verdict = await engine.verify(checkpoint or ())
        words = f"The ledger is whole: {verdict.entries} entries, root {verdict.root}."
        if verdict.checkpoint is None:
            words += " There was no checkpoint to compare it with."
        show(shapes.verdict_shape(verdict), words if verdict.ok else "The ledger is broken.", as_json)
        for remark in verdict.remarks:
            print(remark, file=sys.stderr)
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
    """Lists the ledger's entries in order; those that were corrected are struck through."""

    async def job() -> None:
        async with engine_of(context) as engine:
            corrected = await engine.checkpoints.corrections()
            after, left = 0, limit
            while left is None or left > 0:
                entries = await engine.entries(after, min(1000, left or 1000))
                if not entries:
                    return
                for entry in entries:
                    by = corrected.get(entry.seq, ())
                    shape = shapes.entry_shape(entry, by)
                    show(shape, _words(shape, by), as_json)
                after = entries[-1].seq
                left = None if left is None else left - len(entries)

    run(job)


def _words(shape: shapes.Shape, corrected_by: Sequence[int]) -> str:
    facts = "  ".join(f"{name} {value}" for name, value in shape["facts"].items())
    words = f"{shape['seq']}  {shape['at']}  {shape['who']}  {shape['kind']}  {facts}"
    if not corrected_by:
        return words
    if sys.stdout.isatty():
        words = f"{_STRUCK}{words}{_PLAIN}"
    return f"{words}  [corrected in {', '.join(str(seq) for seq in corrected_by)}]"


@audit.command("checkpoint")
def audit_checkpoint_command(
    context: typer.Context,
    out: Annotated[
        Path | None, typer.Option(help="Write it to this file.", dir_okay=False, show_default=False)
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """States and signs how the ledger stands now, for somebody else to keep.

    What is printed can be pasted in a mail as it is. Whoever gets it can tell for ever whether what was
    recorded until then was changed.
    """

    async def job() -> None:
        async with engine_of(context) as engine:
            made = await engine.checkpoints.make("asked", engine.who)
            await engine.checkpoints.hand_over()
            key = engine.checkpoints.verifier_key or ""
        if out is not None:
            out.write_text(made.text, "utf-8", newline="\n")
        show(shapes.checkpoint_shape(made, key), made.text.rstrip("\n"), as_json)

    run(job)


@audit.command("export")
def audit_export_command(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Where to write it; no such file may be there.")
    ],
    with_content: Annotated[
        bool, typer.Option("--with-content", help="With the words and names that stand beside the entries.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Writes the whole ledger, its checkpoints and its public key to one file that a stranger can check.

    That it was exported goes on record too.
    """

    async def job() -> None:
        async with engine_of(context) as engine:
            done = await engine.checkpoints.export(file, engine.who, with_content=with_content)
        shape = {"file": str(done.path), "entries": done.entries, "checkpoints": done.checkpoints}
        show(shape, f"{done.path}: {done.entries} entries, {done.checkpoints} checkpoints.", as_json)

    run(job)


@audit.command("correct")
def audit_correct_command(
    context: typer.Context,
    seq: Annotated[int, typer.Argument(metavar="SEQ", min=1, help="The entry's number.")],
    reason: Annotated[str, typer.Option(help="What is wrong with it, and what is right.")],
    as_json: JsonOption = False,
) -> None:
    """Says on record what is wrong with an entry. The entry stays; a new one points at it."""

    async def job() -> None:
        async with engine_of(context) as engine:
            made = await engine.checkpoints.correct(seq, reason, engine.who)
        show({"seq": made, "corrects": seq}, f"Entry {made} corrects entry {seq}.", as_json)

    run(job)


@audit.command("new-key")
def audit_new_key_command(
    context: typer.Context,
    reason: Annotated[str, typer.Option(help="Why: a new computer, a keyring that was emptied …")],
    as_json: JsonOption = False,
) -> None:
    """Has a new key sign checkpoints from now on. The old one signs that too, if it still opens."""

    async def job() -> None:
        async with engine_of(context) as engine:
            key = await engine.checkpoints.new_key(reason, engine.who)
            await engine.checkpoints.make("asked", engine.who)
            await engine.checkpoints.hand_over()
        show({"key": key}, f"Checkpoints are signed by this key from now on: {key}", as_json)

    run(job)
