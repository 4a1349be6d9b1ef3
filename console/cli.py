"""The command line: every command of the handbook, joined; each is thin, over the services of the window.

The one thing a newcomer gets wrong: a command that writes does not need the running window to end. It
puts its act into the queue that both share; whoever holds the profile's lock works it.
"""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from console.commands import (
    accounts,
    cover,
    disclosing,
    evidence,
    handover,
    items,
    keeping,
    lanes,
    ledger,
    operators,
    playing,
    record,
    topics,
    watchlists,
    waves,
)
from console.commands.seat import Seat, open_window
from console.domain.errors import UsageError

app = typer.Typer(
    name="cordon",
    help="Watch and moderate what the public says on the force's own accounts.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
)
_COMMANDS: dict[str, Callable[..., None]] = {
    "exercise": playing.exercise_command,
    "watch": playing.watch_command,
    "items": items.items_command,
    "act": items.act_command,
    "acts": items.acts_command,
    "undo": items.undo_command,
    "approve": items.approve_command,
    "decline": items.decline_command,
    "escalations": cover.escalations_command,
    "accept": cover.accept_command,
    "grade": cover.grade_command,
    "claim": cover.claim_command,
    "release": cover.release_command,
    "match": watchlists.match_command,
    "purge": keeping.purge_command,
    "doctor": record.doctor_command,
}
for _name, _command in _COMMANDS.items():
    app.command(_name)(_command)
accounts.app.command("cover")(cover.account_cover_command)
app.add_typer(accounts.app, name="account")
app.add_typer(cover.duty, name="duty")
app.add_typer(watchlists.app, name="watchlist")
app.add_typer(topics.app, name="topic")
app.add_typer(waves.app, name="wave")
app.add_typer(lanes.app, name="lane")
app.add_typer(operators.app, name="operator")
app.add_typer(handover.app, name="handover")
app.add_typer(ledger.audit, name="audit")
record.evidence.command("export")(disclosing.evidence_export_command)
app.add_typer(record.evidence, name="evidence")
app.add_typer(evidence.recovery, name="recovery")
app.add_typer(disclosing.report, name="report")


@app.callback(invoke_without_command=True)
def mainopen_window(
    context: typer.Context,
    profile: Annotated[
        Path | None,
        typer.Option(
            "--profile", help="The folder with database, evidence and settings.", show_default=False
        ),
    ] = None,
    passphrase_fd: Annotated[
        int | None,
        typer.Option("--passphrase-fd", help="Read the passphrase from this open file descriptor."),
    ] = None,
    version: Annotated[bool, typer.Option("--version", help="Say which version this is.")] = False,
) -> None:
    """Opens the window, when no command follows."""
    context.obj = Seat(profile, passphrase_fd)
    if version:
        from importlib.metadata import PackageNotFoundError
        from importlib.metadata import version as installed

        try:
            print(f"cordon {installed('cordon')}")
        except PackageNotFoundError:
            print("cordon, from its source folder")
        raise typer.Exit
    if context.invoked_subcommand is None:
        open_window(context.obj, None)


def for_every_command_first(words: Sequence[str]) -> list[str]:
    """The words with `--profile` and `--passphrase-fd` in front, so that they may stand anywhere.

    Raises UsageError for an empty `--profile`, which would mean the folder that one happens to be in.
    """
    first: list[str] = []
    rest: list[str] = []
    left = iter(words)
    for word in left:
        if word == "--":
            rest += [word, *left]
        elif word in {"--profile", "--passphrase-fd"}:
            first += [word, *([value] if (value := next(left, None)) is not None else [])]
        elif word.startswith(("--profile=", "--passphrase-fd=")):
            first.append(word)
        else:
            rest.append(word)
    if "--profile=" in first or "" in first:
        raise UsageError("--profile needs the name of a folder.")
    return first + rest


def main(words: Sequence[str] | None = None) -> None:
    """Runs the command that was typed."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    if sys.stdin is None:  # closed by whoever started it; what is read there is nothing
        sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 - open as long as the process
    try:
        typed = for_every_command_first(sys.argv[1:] if words is None else words)
        code = app(args=typed, prog_name="cordon", standalone_mode=False)
    except TyperException as problem:
        print(_usage(problem), file=sys.stderr)
        sys.exit(problem.exit_code)
    except UsageError as problem:
        print(problem.message, file=sys.stderr)
        sys.exit(problem.exit_code)
    except OSError as problem:  # even help can find that nobody can be told
        print(f"It could not be printed: {problem.strerror or problem}.", file=sys.stderr)
        sys.exit(1)
    except typer.Abort:
        print("Stopped.", file=sys.stderr)
        sys.exit(1)
    sys.exit(code)


def _usage(problem: TyperException) -> str:
    """What is wrong with the words that were typed, in one line, with the command that helps."""
    context = getattr(problem, "ctx", None)
    command = context.command_path if context is not None else "cordon"
    # a group without a command has printed its help by now and has nothing more to say
    words = " ".join(problem.format_message().split()) or "A command is needed."
    return f"{words.rstrip('.')}. See: {command} --help"
