"""Commands on the operators of this seat: who may sit here, who does, and their codes.

The one thing a newcomer gets wrong: a code is never an option. It is asked for, or read from stdin with
`--secret-stdin`, a line each in the order that a command's help names.
"""

import getpass
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.commands.seat import JsonOption, engine_of, run, show
from console.domain.errors import UsageError
from console.domain.times import iso

if TYPE_CHECKING:
    from console.services.engine import Engine
    from console.services.operators import Proof

app = typer.Typer(help="The operators of this seat.", no_args_is_help=True)
NameArgument = Annotated[str, typer.Argument(metavar="NAME")]
SecretStdin = Annotated[
    bool, typer.Option("--secret-stdin", help="Read each code as a line from stdin.", show_default=False)
]
ByOption = Annotated[
    str | None, typer.Option("--by", metavar="SUPERVISOR", help="Who agrees; their code is asked for.")
]


@app.command("add")
def operator_add_command(
    context: typer.Context,
    name: NameArgument,
    role: Annotated[str, typer.Option(help="Such as communications, digital, supervisor, commander.")],
    collar: Annotated[str | None, typer.Option(help="Collar or staff number.")] = None,
    no_code: Annotated[
        bool, typer.Option("--no-code", help="The system account alone proves who it is.")
    ] = False,
    by: ByOption = None,
    secret_stdin: SecretStdin = False,
    as_json: JsonOption = False,
) -> None:
    """Puts somebody on the roster. On stdin: the new code, then the supervisor's where one must agree."""

    async def job() -> None:
        from console.domain.operators import checked_name, role_named

        checked_name(name)
        role_named(role)
        async with engine_of(context) as engine:
            code = None if no_code else _new_code(name, secret_stdin=secret_stdin)
            proof = _proof(by, secret_stdin=secret_stdin)
            made = await engine.operators.add(name, role, collar=collar, code=code, by=proof)
            how = "with a code" if made.has_code else "without a code"
            show(_shape(engine, made.name), f"{made.name}, {made.role}, is on the roster {how}.", as_json)

    run(job)


@app.command("list")
def operator_list_command(context: typer.Context, as_json: JsonOption = False) -> None:
    """Lists the roster, and who is on."""

    async def job() -> None:
        async with engine_of(context) as engine:
            state = engine.operators.state
            if not state.roster and not as_json:
                on = engine.operators.on
                print(f"Nobody is on the roster: {on.name}, {on.role}, sits here and nothing is asked.")
            for one in state.roster:
                shape = _shape(engine, one.name)
                words = f"{one.name}  {one.role}"
                words += f"  {one.collar}" if one.collar else ""
                words += "" if one.has_code else "  no code"
                if shape["on"]:
                    words += "  locked" if shape["locked"] else "  on"
                    words += f" since {shape['since']}"
                    words += f" on behalf of {shape['behalf']}" if shape["behalf"] else ""
                show(shape, words, as_json)

    run(job)


@app.command("remove")
def operator_remove_command(
    context: typer.Context,
    name: NameArgument,
    by: ByOption = None,
    secret_stdin: SecretStdin = False,
    as_json: JsonOption = False,
) -> None:
    """Takes somebody off the roster; what they did stays on record under their name."""

    async def job() -> None:
        async with engine_of(context) as engine:
            proof = _proof(by, secret_stdin=secret_stdin)
            gone = await engine.operators.remove(name, by=proof)
            show({"name": gone.name, "removed": True}, f"{gone.name} is off the roster.", as_json)

    run(job)


@app.command("start-over")
def operator_start_over_command(
    context: typer.Context,
    reason: Annotated[str, typer.Option(help="Why; it goes on record.")],
    as_json: JsonOption = False,
) -> None:
    """Takes everybody off the roster when no supervisor knows their code; the window must be closed."""

    async def job() -> None:
        from console.domain.errors import NotPossible

        async with engine_of(context, "acts") as engine:
            if not engine.works:
                raise NotPossible("Cordon is open on this profile. Close it first; then start over.")
            number = await engine.operators.start_over(reason)
            words = f"{number} taken off the roster. Nobody is asked until somebody is added."
            show({"removed": number}, words, as_json)

    run(job)


@app.command("use")
def operator_use_command(
    context: typer.Context,
    name: NameArgument,
    behalf: Annotated[
        str | None, typer.Option(help="On whose behalf: the lead, the deputy, Gold, Silver, Bronze.")
    ] = None,
    secret_stdin: SecretStdin = False,
    as_json: JsonOption = False,
) -> None:
    """Sits down at this seat; commands and the window go under this name until somebody leaves it."""

    async def job() -> None:
        async with engine_of(context) as engine:
            asks = engine.operators.person(name).has_code
            code = _asked(f"Code of {name}:", secret_stdin=secret_stdin) if asks else ""
            on = await engine.operators.sign_on(name, code, behalf)
            words = f"{on.name}, {on.role}, is on"
            words += f", on behalf of {on.behalf}." if on.behalf else "."
            show(_shape(engine, on.name), words, as_json)

    run(job)


@app.command("leave")
def operator_leave_command(context: typer.Context, as_json: JsonOption = False) -> None:
    """Gets up from this seat; what is done next is the system account's."""

    async def job() -> None:
        async with engine_of(context) as engine:
            await engine.operators.leave()
            on = engine.operators.on
            show({"on": on.name}, f"Nobody of the roster is on; the record names {on.name}.", as_json)

    run(job)


@app.command("lock")
def operator_lock_command(context: typer.Context, as_json: JsonOption = False) -> None:
    """Locks this seat, the open window too; arrivals, alarms and acts go on behind."""

    async def job() -> None:
        async with engine_of(context) as engine:
            await engine.operators.lock()
            locked = engine.operators.state.locked_at is not None
            words = "The seat is locked." if locked else "Nobody sits here who could come back to a lock."
            show({"locked": locked}, words, as_json)

    run(job)


@app.command("code")
def operator_code_command(
    context: typer.Context,
    name: NameArgument,
    by: ByOption = None,
    none: Annotated[bool, typer.Option("--none", help="Take the code away; with --by.")] = False,
    secret_stdin: SecretStdin = False,
    as_json: JsonOption = False,
) -> None:
    """Gives somebody another code. On stdin: the old code, if there is one, then the new one.

    With --by a supervisor gives a new one in the place of one that was forgotten: on stdin the new code,
    then the supervisor's.
    """

    async def job() -> None:
        async with engine_of(context) as engine:
            asks = engine.operators.person(name).has_code
            if by is not None or none:
                code = None if none else _new_code(name, secret_stdin=secret_stdin)
                await engine.operators.reset_code(name, code, _proof(by, secret_stdin=secret_stdin))
            else:
                old = _asked(f"Old code of {name}:", secret_stdin=secret_stdin) if asks else ""
                await engine.operators.change_code(
                    name, old, _new_code(name, secret_stdin=secret_stdin) or ""
                )
            words = f"{name} has no code any more." if none else f"{name} has a new code."
            show(_shape(engine, name), words, as_json)

    run(job)


def _asked(question: str, *, secret_stdin: bool) -> str:
    """A code, from stdin or from whoever sits at the terminal."""
    from console.terminal import read_line

    if secret_stdin:
        return read_line().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise UsageError("There is nobody to ask for the code; give it with --secret-stdin.")
    return getpass.getpass(f"{question} ")


def _new_code(name: str, *, secret_stdin: bool) -> str | None:
    """A new code, typed twice at a terminal; None when it was left empty."""
    code = _asked(f"New code for {name}, at least 4 characters:", secret_stdin=secret_stdin)
    if code and not secret_stdin and getpass.getpass("The same again: ") != code:
        raise UsageError("The two are not the same, so nothing was changed.")
    return code or None


def _proof(by: str | None, *, secret_stdin: bool) -> "Proof | None":
    """A supervisor's name and code, where one was named."""
    from console.services.operators import Proof

    if by is None:
        return None
    return Proof(by, _asked(f"Code of {by}:", secret_stdin=secret_stdin))


def _shape(engine: "Engine", name: str) -> dict[str, Any]:
    """One person of the roster, for scripts."""
    state = engine.operators.state
    one = engine.operators.person(name)
    sits = state.sitting if state.sitting and state.sitting.operator_id == one.id else None
    return {
        "name": one.name,
        "role": one.role,
        "collar": one.collar,
        "code": one.has_code,
        "on": sits is not None,
        "locked": sits is not None and state.locked_at is not None,
        "behalf": sits.behalf if sits else None,
        "since": iso(sits.since_at) if sits else None,
        "wait_s": engine.operators.waits_s(one),
    }
