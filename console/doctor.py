"""The doctor: the health of everything that Cordon needs, one line each, with the mend.

It changes nothing, so it may be run beside an open window, and it goes on after each bad finding: the
person who reads it wants the whole list.
"""

import importlib.util
import shutil
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from console.domain.accounts import Account, AccountState
from console.domain.errors import CordonError, SecretsUnavailable
from console.domain.list_changes import WaitingKind, is_review_over
from console.paths import Places
from console.settings import read_settings

if TYPE_CHECKING:
    from console.services.engine import Engine

State = Literal["well", "warning", "broken"]
_ROOM_NEEDED = 500_000_000
MOST_ALONE = 2
"""Supervisors with a code below which the roster rests on one person's memory."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    state: State
    words: str
    mend: str = ""

    def shape(self) -> dict[str, str]:
        """What `--json` prints."""
        return {"name": self.name, "state": self.state, "words": self.words, "mend": self.mend}


async def examine(places: Places, passphrase: str | None, no_passphrase: str | None = None) -> list[Finding]:
    """Looks at everything once; `no_passphrase` says why the one that was named could not be read."""
    findings = [_python(), _window(), _settings(places)]
    profile = _profile(places)
    findings.append(profile)
    if profile.state == "broken":
        return findings
    try:
        return findings + [finding async for finding in _engine(places, passphrase, no_passphrase)]
    except SecretsUnavailable as problem:  # a wrong passphrase says nothing about the rest
        return findings + [finding async for finding in _engine(places, None, problem.message)]


def _python() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    if (3, 11) <= sys.version_info[:2] <= (3, 13):
        return Finding("Python", "well", f"{version}.")
    return Finding("Python", "warning", f"{version} was not tried.", "Use Python 3.11, 3.12 or 3.13.")


def _window() -> Finding:
    if importlib.util.find_spec("PySide6") is None:
        return Finding("Window", "broken", "Qt is not installed.", "Run: python3 run.py")
    return Finding("Window", "well", "Qt is installed.")


def _settings(places: Places) -> Finding:
    _, complaint = read_settings(places.settings)
    if complaint:
        return Finding("Settings", "warning", complaint, f"Mend or remove {places.settings}.")
    return Finding("Settings", "well", "They can be read.")


def _profile(places: Places) -> Finding:
    try:
        places.make()
    except CordonError as problem:
        return Finding("Profile", "broken", problem.message)
    room = shutil.disk_usage(places.profile).free
    if room < _ROOM_NEEDED:
        return Finding(
            "Profile",
            "warning",
            f"{places.profile} has only {room // 1_000_000} MB left.",
            "Make room before an incident fills it.",
        )
    return Finding("Profile", "well", f"{places.profile}, {room // 1_000_000_000} GB free.")


async def _engine(places: Places, passphrase: str | None, no_key: str | None) -> AsyncIterator[Finding]:
    from console.bootstrap import open_engine

    settings, _ = read_settings(places.settings)
    try:
        async with open_engine(places, passphrase=passphrase, settings=settings, work="nothing") as engine:
            yield Finding("Database", "well", f"{places.database.name} opens.")
            if no_key is None and engine.keys.ready:
                yield Finding("Key", "well", f"The profile's key is open ({engine.keys.mode}).")
            else:
                yield Finding("Key", "broken", no_key or engine.keys.why_not or "It is not open.")
            async for finding in _keeping(engine):
                yield finding
            yield Finding(
                "Disk",
                "warning",
                "Cached words of the public rely on disk encryption; Cordon cannot see whether it is on.",
                "Ask your IT desk whether this disk is encrypted.",
            )
            verdict = await engine.verify()
            if verdict.ok:
                yield Finding("Ledger", "well", f"{verdict.entries} entries, whole.")
            else:
                yield Finding(
                    "Ledger", "broken", verdict.first_bad or "It does not verify.", "Keep this profile."
                )
            yield await _second_keeper(engine)
            yield _roster(engine)
            async for finding in _watching(engine):
                yield finding
    except SecretsUnavailable:
        raise
    except CordonError as problem:
        yield Finding("Database", "broken", problem.message)


async def _keeping(engine: "Engine") -> AsyncIterator[Finding]:
    """The recovery key, what is held, what waits for a decision, and pictures."""
    made, left = await engine.keeping.recovery.made(), await engine.keeping.recovery.unwrapped()
    if made is None:
        yield Finding(
            "Recovery key",
            "warning",
            "The force has no recovery key, so evidence opens only with this profile's own key.",
            "Make one, on a disk that you take away: cordon recovery make FILE",
        )
    elif left:
        yield Finding(
            "Recovery key",
            "warning",
            f"{left} records are not sealed to {made.fingerprint} yet.",
            "It is done within the hour while Cordon runs with its key open, or now: cordon purge",
        )
    else:
        yield Finding("Recovery key", "well", f"Every record is sealed to {made.fingerprint}.")
    if held := await engine.keeping.holds():
        yield Finding("Legal holds", "well", f"{len(held)} items are held and will not be disposed of.")
    if due := [each for each in await engine.keeping.review() if not each.is_held]:
        yield Finding(
            "Review of evidence",
            "warning",
            f"The records of {len(due)} items are at the end of their lives and wait for a decision.",
            "See them: cordon evidence review. Then: cordon evidence keep, or dispose",
        )
    if lost := await engine.keeping.missing_media():
        yield Finding(
            "Pictures",
            "broken",
            f"{lost} sealed pictures are missing from {engine.places.media}.",
            "Bring that folder back from a copy of this profile.",
        )


def _roster(engine: "Engine") -> Finding:
    """Who may sit here, and whether somebody can help when a code is forgotten."""
    operators = engine.operators
    people = len(operators.roster)
    number = "1 person" if people == 1 else f"{people} people"
    if not operators.roster:
        return Finding(
            "Roster", "well", f"Nobody: the record names {operators.on.name}, and nothing is asked."
        )
    if operators.why_unreadable is not None:
        mend = "Open the key, or go on without codes at the window; the record says so."
        return Finding("Roster", "warning", f"{number} with codes that cannot be checked.", mend)
    able = len(operators.supervisors)
    if able < MOST_ALONE:
        words = f"{number}, {able or 'no'} supervisor with a code."
        mend = "Have two: cordon operator add NAME --role supervisor. One alone may forget theirs."
        return Finding("Roster", "warning", words, mend)
    return Finding("Roster", "well", f"{number}, {able} supervisors with a code.")


async def _second_keeper(engine: "Engine") -> Finding:
    """Whether somebody else has the ledger's checkpoints."""
    name = "Second keeper"
    keeping = await engine.checkpoints.keeping()
    if keeping.words is None:
        return Finding(
            name,
            "warning",
            "Nobody else keeps the ledger's checkpoints, so nobody could tell if it were all written anew.",
            f"Name a folder that others look after as checkpoint_folder in {engine.places.settings}, "
            "or mail them what this prints: cordon audit checkpoint",
        )
    if keeping.trouble is not None:
        mend = "Bring the folder back, or name another; what is missing there is handed over by itself then."
        return Finding(name, "broken", f"{keeping.trouble} Nobody else gets the ledger's checkpoints.", mend)
    wait = f", and {keeping.waiting} more are on the way" if keeping.waiting else ""
    words = f"{keeping.words[:1].upper()}{keeping.words[1:]} has the ledger's checkpoints{wait}."
    return Finding(name, "well", words)


async def _watching(engine: "Engine") -> AsyncIterator[Finding]:
    lists = await engine.watchlists()
    try:
        await engine.check_matching()
    except CordonError as problem:
        yield Finding("Matching", "broken", problem.message)
    else:
        yield Finding("Matching", "well", f"{len(lists)} watchlists; the planted words were found.")
    today = engine.editing.today()
    for found in lists:
        if is_review_over(found, today):
            yield Finding(
                f"Watchlist {found.id}",
                "warning",
                f"It was to be read again by {found.review_by.isoformat()}. Owner: {found.owner}.",
                "Read it, change what is out of date, and publish it with a later day.",
            )
    for each in await engine.editing.waiting():
        if each.kind is WaitingKind.PROPOSED:
            yield Finding(
                f"Change {each.id} of {each.watchlist.id}",
                "warning",
                f"A change by {each.put_by} waits for a second person.",
                f"Look at it, then: cordon watchlist agree {each.id}",
            )
    for complaint in engine.connector_complaints():
        yield Finding("Connector", "warning", complaint)
    accounts = engine.accounts()
    if not accounts:
        yield Finding("Accounts", "warning", "There is none.", "Add one: cordon account add NETWORK")
    for account in accounts:
        yield _account(account)


def _account(account: Account) -> Finding:
    """What is worst about an account, in one finding."""
    name, test = f"Account {account.key}", f"Test it: cordon account test {account.key}"
    if account.state is AccountState.SIGN_IN:
        return Finding(name, "broken", account.error or "It needs a new sign-in.", f"Sign in again. {test}")
    if account.state is AccountState.FAULTY:
        return Finding(name, "broken", account.error or "Something is wrong with its connector.", test)
    if account.error:
        return Finding(name, "warning", account.error)
    if account.is_uncovered:
        return Finding(name, "warning", "Uncovered: nobody answers for it.", "Name a lead and a deputy.")
    return Finding(name, "well", f"It is {account.state}.")
