"""What commands ask and show in a terminal: sign-in questions, lines on stdin, a live summary."""

import getpass
import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import IO, TYPE_CHECKING

import msgspec
from rich.console import Console
from rich.live import Live
from rich.table import Table

from console.api import Manifest, SignInField
from console.domain.errors import UsageError
from console.domain.triage import Grade
from console.domain.watchlists import Watchlist
from console.services.events import Announcement, Arrived
from console.services.languages import surely
from console.services.matching import compile_lists
from console.shapes import hit_shape

if TYPE_CHECKING:
    from console.services.engine import Engine
    from console.services.exercise import Exercise, Summary

PLAYING_SHARE = 0.9
"""How much of the seconds of a live exercise its items take; the rest is for the end to settle."""
LINE_EVERY_MS = 10_000
LONGEST_LINE = 8_000_000
"""A line of input above this many bytes is left out and said."""


def say_steps(manifest: Manifest) -> None:
    """What must have been set up at the network beforehand, for a person at a terminal."""
    if not sys.stdin.isatty() or not manifest.steps:
        return
    print(f"Before {manifest.name} can be connected:", file=sys.stderr)
    for number, step in enumerate(manifest.steps, start=1):
        print(f"  {number}. {step}", file=sys.stderr)


def ask(
    manifest: Manifest, typed: Sequence[str], *, secret_stdin: bool, anew: bool = False
) -> tuple[dict[str, str], dict[str, str]]:
    """The answers to a network's sign-in questions: what may be known, and what must not.

    `typed` holds `--name value` pairs. Secrets are never taken from there: they come from stdin, a line
    each in the order of the questions, or are asked for without being shown; an optional one may be left
    empty. With `anew` only what was typed of the rest counts, since it is known already. Raises
    UsageError.
    """
    given = _pairs(manifest, typed)
    settings = {switch.name: given[switch.name] for switch in manifest.switches if switch.name in given}
    secrets: dict[str, str] = {}
    for question in manifest.sign_in:
        if question.secret:
            answer = read_line().rstrip("\r\n") if secret_stdin else _ask_secretly(question)
            if answer:
                secrets[question.name] = answer
            elif not question.optional:
                raise UsageError(f"“{question.words}” was left empty, so nothing was saved.")
            continue
        answer = given.get(question.name, "")
        if not answer and anew:
            continue
        if not answer and question.default is not None:
            settings[question.name] = question.default
            continue
        if not answer and sys.stdin.isatty() and not secret_stdin:
            answer = input(f"{_question(question)} ").strip()
        if answer:
            settings[question.name] = answer
        elif not question.optional:
            raise UsageError(f"{manifest.name} needs --{question.name.replace('_', '-')}: {question.words}")
    return settings, secrets


def read_line() -> str:
    """One line of stdin with its end; empty at the end of stdin.

    It is read past Python's buffer, which holds a lock while it waits: a thread that still waited for a
    line when the program ends would break it.
    """
    try:
        stdin = sys.stdin.fileno()
    except (OSError, ValueError):
        return sys.stdin.readline()
    line = bytearray()
    while not line.endswith(b"\n"):
        byte = os.read(stdin, 1)
        if not byte:
            break
        line += byte
    return line.decode("utf-8", "replace")


def _question(question: SignInField) -> str:
    return f"{question.words} (may be left empty)" if question.optional else question.words


def _pairs(manifest: Manifest, typed: Sequence[str]) -> dict[str, str]:
    known = {question.name: question.secret for question in manifest.sign_in}
    known |= {switch.name: False for switch in manifest.switches}
    pairs: dict[str, str] = {}
    left = iter(typed)
    for word in left:
        name, equals, value = word.removeprefix("--").partition("=")
        name = name.replace("-", "_")
        if not word.startswith("--") or name not in known:
            # without the value: it may be a secret
            raise UsageError(f"{manifest.name} does not know “{word.partition('=')[0]}”.")
        if known[name]:
            raise UsageError(f"--{name} is a secret: it is asked for, or read with --secret-stdin.")
        pairs[name] = value if equals else next(left, "")
    return pairs


def _ask_secretly(question: SignInField) -> str:
    if not sys.stdin.isatty():
        raise UsageError("There is nobody to ask for the secret; give it with --secret-stdin.")
    return getpass.getpass(f"{_question(question)} ")


class _Line(msgspec.Struct):
    id: str | int
    text: str
    lang: str | None = None


def match_lines(
    lists: Sequence[Watchlist], lines: IO[bytes], print_json: Callable[[dict[str, object]], None]
) -> int:
    """Matches `{"id","text"}` lines as the live path does, and prints a line for each.

    A line that cannot be read is said on the error stream and left out; the exit code is then 1.
    """
    matcher = compile_lists(lists)
    decoder = msgspec.json.Decoder(_Line)
    bad = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            if len(line) > LONGEST_LINE:
                raise ValueError(f"it is longer than {LONGEST_LINE:,} bytes")
            found = _decode(decoder, line)
        except (ValueError, TypeError, KeyError, RecursionError) as problem:
            bad += 1
            why = "it is nested too deeply" if isinstance(problem, RecursionError) else problem
            print(f"Line {number} was left out: {why}.", file=sys.stderr)
            continue
        hits = matcher.match([found.text], [found.lang or surely(found.text)])[0]
        grade = min((hit.grade for hit in hits), default=int(Grade.ROUTINE))
        print_json({"id": found.id, "grade": grade, "hits": [hit_shape(hit) for hit in hits]})
    return 1 if bad else 0


def _decode(decoder: msgspec.json.Decoder[_Line], line: bytes) -> _Line:
    try:
        return decoder.decode(line)
    except msgspec.DecodeError as problem:
        # msgspec refuses lone surrogates, which people do send; the standard library reads them
        if b"\\ud" not in line.lower():
            raise ValueError(str(problem)) from problem
        return msgspec.convert(json.loads(line), _Line)


async def play_live(
    engine: "Engine", exercise: "Exercise", what: str, rate: float | None, seconds: float | None
) -> "Summary":
    """Plays an exercise with a summary in the terminal that keeps itself up to date.

    With `seconds` and no `rate` a shipped exercise is played whole, as fast as that takes. Where the output
    is no terminal there is a plain line every ten seconds instead.
    """
    if rate is None and seconds is not None:
        rate = await exercise.pace_for(what, seconds * PLAYING_SHARE)
    grades = [0, 0, 0, 0, 0]
    accounts: set[int] = set()
    console = Console()
    said_at = engine.now()

    def table() -> Table:
        drawn = Table(title="Exercise, not real", title_justify="left", box=None, padding=(0, 2))
        drawn.add_column("Grade")
        drawn.add_column("Items", justify="right")
        for grade, count in zip(Grade, grades, strict=True):
            drawn.add_row(f"{grade.value}  {grade.words}", f"{count:,}")
        drawn.add_row("All", f"{sum(grades):,}")
        drawn.add_row("Accounts heard from", f"{len(accounts)}")
        return drawn

    with Live(table(), console=console, refresh_per_second=4) as live:

        def heard(announcement: Announcement) -> None:
            nonlocal said_at
            if not isinstance(announcement, Arrived):
                return
            for place, count in enumerate(announcement.grades):
                grades[place] += count
            accounts.update(announcement.accounts)
            live.update(table())
            if not console.is_terminal and engine.now() - said_at >= LINE_EVERY_MS:
                said_at = engine.now()
                print(f"{sum(grades):,} items, {sum(grades[:3]):,} of them of grade 1 to 3", flush=True)

        stop = engine.events.listen(heard)
        try:
            summary = await exercise.play(what, rate=rate, seconds=seconds, patient=False)
        finally:
            stop()
    if not console.is_terminal:
        print()  # the last table of an output that is no terminal has no end of line
    return summary
