"""What every command shares: the profile and passphrase it was given, the engine, and how it ends.

A command ends with 0 (done), 1 (a failure, explained in one line on the error stream) or 2 (wrong usage).
"""

import asyncio
import contextlib
import os
import sys
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from console import shapes
from console.domain.errors import CordonError, NotPossible
from console.paths import PROFILE_VARIABLE, Places, default_profile, fresh_exercise_profile
from console.settings import read_settings

if TYPE_CHECKING:
    from console.services.engine import Engine

Work = Literal["nothing", "acts", "everything"]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
MOST = 1_000_000_000
"""The highest number that any option takes."""
SecondsOption = Annotated[
    float | None,
    typer.Option("--seconds", min=0.001, max=MOST, help="Stop after so many seconds.", show_default=False),
]


@dataclass(frozen=True, slots=True)
class Seat:
    """What every command may be told, wherever it stands in the line: which profile, which passphrase."""

    profile: Path | None = None
    passphrase_fd: int | None = None


def seat_of(context: typer.Context) -> Seat:
    """What was said for every command."""
    return context.find_object(Seat) or Seat()


def passphrase_of(seat: Seat) -> str | None:
    """The unattended passphrase, or None. Raises SecretsUnavailable when it cannot be read."""
    from console.services.keys import FILE_VARIABLE, passphrase_from

    return passphrase_from(seat.passphrase_fd, os.environ.get(FILE_VARIABLE))


@asynccontextmanager
async def engine_of(
    context: typer.Context, work: Work = "nothing", *, fresh_for_exercise: bool = False
) -> AsyncIterator["Engine"]:
    """The engine on the profile that was named; an exercise gets a fresh one when none was."""
    from console.bootstrap import open_engine

    seat = seat_of(context)
    fresh = fresh_for_exercise and seat.profile is None and PROFILE_VARIABLE not in os.environ
    places = Places(fresh_exercise_profile() if fresh else seat.profile or default_profile())
    settings, complaint = read_settings(places.settings)
    if complaint:
        print(complaint, file=sys.stderr)
    async with open_engine(
        places, passphrase=passphrase_of(seat), session_only=fresh, settings=settings, work=work
    ) as engine:
        yield engine


def run(job: Callable[[], Awaitable[int | None]]) -> None:
    """Runs one command's work; a known failure becomes one line and an exit code."""

    async def whole() -> int | None:
        return await job()

    try:
        code = asyncio.run(whole())
    except CordonError as failure:
        print(failure.message, file=sys.stderr)
        raise typer.Exit(failure.exit_code) from None
    except BrokenPipeError:
        # whoever read our output has stopped reading; nothing is lost and there is nobody to tell
        _no_more_output()
        raise typer.Exit(0) from None
    except OSError as problem:
        _no_more_output()
        print(f"It could not be done: {problem.strerror or problem}.", file=sys.stderr)
        raise typer.Exit(1) from None
    except Exception as fault:
        if sys.flags.dev_mode:
            raise
        place = traceback.extract_tb(fault.__traceback__)[-1]
        where = f"{type(fault).__name__} in {Path(place.filename).name}, line {place.lineno}"
        print(
            f"A fault in Cordon stopped this: {where}. Nothing stored was lost; please report it.",
            file=sys.stderr,
        )
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        raise typer.Exit(1) from None
    if code:
        raise typer.Exit(code)


def _no_more_output() -> None:
    """Lets go of what could not be printed; Python would try again at its end, and complain."""
    if sys.stdout is not None:
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def show(shape: object, words: str, json_wanted: bool) -> None:
    """Prints one result: its JSON, or its words."""
    print(shapes.to_json(shape) if json_wanted else words, flush=True)


def open_window(seat: Seat, exercise: "dict[str, Any] | None") -> None:
    """Opens the window, with an exercise where one is named; returns when it is closed."""
    from console.bootstrap import run_window

    try:
        if not _has_screen():
            raise NotPossible(
                "There is no screen to open a window on. Without one: cordon exercise --live, "
                "or any other command of cordon --help."
            )
        code = run_window(seat.profile, passphrase=passphrase_of(seat), exercise=exercise)
    except CordonError as failure:
        print(failure.message, file=sys.stderr)
        raise typer.Exit(failure.exit_code) from None
    if code:
        raise typer.Exit(code)


def _has_screen() -> bool:
    """Whether a window can be opened: everywhere but on a Unix machine without a display."""
    if sys.platform in {"win32", "darwin"}:
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
