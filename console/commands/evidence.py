"""Commands on keeping evidence: holds, reviews, disposal, and the force's recovery key.

What a newcomer would get wrong: two passphrases are about here. The profile's own comes by `--passphrase-fd`,
as for every command; that of the recovery key is another and comes by `--key-passphrase-fd`, or is typed.
"""

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.commands.record import evidence
from console.commands.seat import JsonOption, engine_of, passphrase_of, run, seat_of, show
from console.domain.errors import InputError, NotPossible, UsageError
from console.domain.ids import evidence_key, item_key
from console.domain.times import iso

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from console.services.engine import Engine
    from console.services.keeping import Disposed

recovery = typer.Typer(help="The force's recovery key, kept off this computer.", no_args_is_help=True)

KeyArgument = Annotated[str, typer.Argument(metavar="KEY", help="An item (i34) or an evidence record (e12).")]
ReasonOption = Annotated[str, typer.Option(help="Why; it goes on record.")]
KeyPassphraseOption = Annotated[
    int | None,
    typer.Option("--key-passphrase-fd", help="Read the recovery key's passphrase from this file descriptor."),
]


# holds --------------------------------------------------------------------------------------------


@evidence.command("hold")
def hold_command(
    context: typer.Context, key: KeyArgument, reason: ReasonOption, as_json: JsonOption = False
) -> None:
    """Puts an item on legal hold: nothing about it is disposed of, nor its words purged."""

    async def job() -> None:
        async with engine_of(context) as engine:
            item_id = await engine.keeping.hold(key, reason, engine.who)
            show({"item": item_key(item_id), "held": True}, f"{item_key(item_id)}  held", as_json)

    run(job)


@evidence.command("release")
def release_command(
    context: typer.Context, key: KeyArgument, reason: ReasonOption, as_json: JsonOption = False
) -> None:
    """Ends a legal hold."""

    async def job() -> None:
        async with engine_of(context) as engine:
            item_id = await engine.keeping.release(key, reason, engine.who)
            show({"item": item_key(item_id), "held": False}, f"{item_key(item_id)}  released", as_json)

    run(job)


@evidence.command("holds")
def holds_command(context: typer.Context, as_json: JsonOption = False) -> None:
    """Lists what is on legal hold."""

    async def job() -> None:
        async with engine_of(context) as engine:
            for held in await engine.keeping.holds():
                shape = {
                    "item": item_key(held.item_id),
                    "by": held.put_by,
                    "since": iso(held.put_at),
                    "reason": held.reason,
                }
                words = f"{shape['item']}  held by {held.put_by} since {shape['since'][:10]}: {held.reason}"
                show(shape, words, as_json)

    run(job)


# review -------------------------------------------------------------------------------------------


@evidence.command("review")
def review_command(context: typer.Context, as_json: JsonOption = False) -> None:
    """Lists records at the end of their lives, which wait for a person's decision."""

    async def job() -> None:
        async with engine_of(context) as engine:
            for due in await engine.keeping.review():
                keys = [evidence_key(number) for number in due.evidence]
                shape = {
                    "item": item_key(due.item_id),
                    "evidence": keys,
                    "class": due.retention,
                    "sealed_at": iso(due.sealed_at),
                    "review_at": iso(due.review_at),
                    "held": due.is_held,
                }
                words = (
                    f"{shape['item']}  {' '.join(keys)}  {due.retention}, sealed "
                    f"{iso(due.sealed_at)[:10]}, due {iso(due.review_at)[:10]}"
                    + ("  on hold" if due.is_held else "")
                )
                show(shape, words, as_json)

    run(job)


@evidence.command("keep")
def keep_command(
    context: typer.Context,
    key: KeyArgument,
    reason: ReasonOption,
    days: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="For so many days more.", show_default=False)
    ] = None,
    retention: Annotated[
        str | None, typer.Option("--class", help="In this class: routine, moderation, complaint, crime …")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Keeps an item's records longer; without --days for the life of their class."""

    async def job() -> None:
        async with engine_of(context) as engine:
            item_id, until = await engine.keeping.decide(
                key, reason, engine.who, days=days, retention=retention
            )
            shape = {"item": item_key(item_id), "review_at": iso(until)}
            show(shape, f"{item_key(item_id)}  kept until {iso(until)[:10]}", as_json)

    run(job)


# disposal -----------------------------------------------------------------------------------------


@evidence.command("dispose")
def dispose_command(
    context: typer.Context,
    key: KeyArgument,
    reason: Annotated[str, typer.Option(help="Why; it goes on record.", show_default=False)] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go; change nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Destroys everything about an item for good; the ledger still proves that it was there."""

    async def job() -> int:
        async with engine_of(context) as engine:
            if dry_run:
                found = await engine.keeping.look_at(key)
                show(_disposed_shape(found, dry_run=True), _disposed_words(found, "would go"), as_json)
                return 0
            done, is_clean = await engine.keeping.dispose(key, reason, engine.who)
            shape = {**_disposed_shape(done, dry_run=False), "clean": is_clean}
            words = _disposed_words(done, "gone")
            if not is_clean:
                words += "\nAnother program was reading; traces are removed by the next run, within a day."
            show(shape, words, as_json)
            return 0

    run(job)


def _disposed_shape(found: "Disposed", *, dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "items": [item_key(each) for each in found.items],
        "evidence": [evidence_key(each) for each in found.records],
        "contents": found.contents,
        "files": len(found.files),
        "quotes": found.quotes,
    }


def _disposed_words(found: "Disposed", word: str) -> str:
    items = " ".join(item_key(each) for each in found.items)
    return (
        f"{items}  {word}: {len(found.records)} records, the content of {found.contents} ledger entries, "
        f"{len(found.files)} pictures, its words in the cache, {found.quotes} places that quote it"
    )


# the recovery key -----------------------------------------------------------------------------------


@recovery.command("make")
def make_command(
    context: typer.Context,
    out: Annotated[Path, typer.Argument(metavar="FILE", help="A new file, on a disk that you take away.")],
    key_passphrase_fd: KeyPassphraseOption = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put a new key in the place of the one there is.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Makes the force's recovery key, which opens the evidence when this computer is lost."""

    async def job() -> None:
        async with engine_of(context) as engine:
            passphrase = _key_passphrase(key_passphrase_fd, anew=True)
            fingerprint, wrapped = await engine.keeping.recovery.make(
                out, passphrase, engine.who, inside=engine.places.profile, again=replace
            )
            shape = {"file": str(out), "fingerprint": fingerprint, "sealed": wrapped}
            words = (
                f"{out} holds the recovery key {fingerprint}; {wrapped} keys are sealed to it.\n"
                "Take it off this computer now, keep its passphrase elsewhere, and note the fingerprint."
            )
            show(shape, words, as_json)

    run(job)


@recovery.command("show")
def show_command(context: typer.Context, as_json: JsonOption = False) -> None:
    """Says which recovery key the evidence is sealed to."""

    async def job() -> None:
        async with engine_of(context) as engine:
            made = await engine.keeping.recovery.made()
            if made is None:
                raise NotPossible("There is no recovery key yet. Make one: cordon recovery make FILE")
            left = await engine.keeping.recovery.unwrapped()
            shape = {"fingerprint": made.fingerprint, "by": made.made_by, "made_at": iso(made.made_at)}
            words = f"{made.fingerprint}  made by {made.made_by} on {shape['made_at'][:10]}"
            show({**shape, "not_sealed": left}, words + (f"  {left} not sealed yet" if left else ""), as_json)

    run(job)


@evidence.command("recover")
def recover_command(
    context: typer.Context,
    key_file: Annotated[Path, typer.Option("--key", help="The recovery key's file.")],
    key_passphrase_fd: KeyPassphraseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Opens a profile whose own key is lost, with the recovery key, and gives it a new key.

    The new key goes to this computer's keyring, or under the passphrase that is given as for any command.
    Sign-ins and cached private messages are lost; the networks have them.
    """

    async def job() -> None:
        content = _content(key_file)
        new = passphrase_of(seat_of(context))
        async with _without_key(context) as engine:
            passphrase = _key_passphrase(key_passphrase_fd, anew=False)
            records, lost = await engine.keeping.recovery.recover(content, passphrase, new, engine.who)
            shape = {"records": records, "messages_lost": lost, "key": engine.keys.mode}
            words = f"{records} records can be read again, under a new key ({engine.keys.mode})."
            if lost:
                words += f" {lost} cached private messages are lost; the networks have them."
            then = "Sign in to each account again, and put a new ledger key on record: cordon audit new-key"
            show(shape, f"{words}\n{then}", as_json)

    run(job)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise InputError(f"{path} cannot be read: {problem.strerror}.") from problem


def _without_key(context: typer.Context) -> "AbstractAsyncContextManager[Engine]":
    """The engine on a profile whose key is not asked for, because it is lost."""
    from console.bootstrap import open_engine
    from console.paths import Places, default_profile

    return open_engine(Places(seat_of(context).profile or default_profile()), work="nothing")


def _key_passphrase(descriptor: int | None, *, anew: bool) -> str:
    """The recovery key's passphrase: from a file descriptor, or typed; twice where it is new."""
    from console.services.keys import passphrase_from

    if descriptor is not None:
        found = passphrase_from(descriptor, None)
        assert found is not None  # noqa: S101 - a descriptor was named
        return found
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError("There is nobody to ask for the passphrase; give it with --key-passphrase-fd.")
    first = getpass.getpass("Passphrase of the recovery key: ")
    if anew and getpass.getpass("Once more: ") != first:
        raise UsageError("The two are not alike. No recovery key was made.")
    return first
