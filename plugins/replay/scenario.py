"""An exercise's own table: its accounts, and what each of its networks allows.

The table is a `.toml` beside the `.jsonl` that holds the items; README.md lists its fields. What a
newcomer would get wrong: a plain file of items has no table, and then everything that a played network
can show is allowed, and no account is named.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from console.api import InputError, Verb

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "exercises"
"""Where the shipped exercises lie, in the source tree and in the installed program alike."""
LARGEST_TABLE = 1_000_000
"""Bytes; a table is a few pages of text, so anything longer is some other file."""


class VerbTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one network of an exercise allows of one verb."""

    can: bool | Literal["own", "our-threads"]
    """`own`: only what the force wrote itself; `our-threads`: only below the force's own posts."""
    words: str
    """The fact worth knowing before the key is pressed, or why it can never be done."""
    reversible: bool = False
    verifiable: bool = True


class CeilingTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many changes one network of an exercise takes in a period."""

    points: int
    seconds: int


class NetworkTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One network of an exercise: its mark in the window, and what can be done there."""

    name: str
    letters: str
    shape: str
    verbs: dict[str, VerbTable] = {}
    ceiling: CeilingTable | None = None


class AccountTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One account of the invented force."""

    key: str
    network: str
    handle: str
    name: str
    lead: str | None = None
    deputy: str | None = None


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An exercise as its table describes it."""

    title: str
    sentence: str
    force: str
    incident: str
    posture: str
    opens_after_s: float
    """When the incident is opened, in seconds after the start."""
    duration_s: float
    items: str
    """The name of the file with the items, in the same folder."""
    accounts: list[AccountTable]
    networks: dict[str, NetworkTable]

    def account(self, key: str) -> AccountTable | None:
        """The account of this key, or None."""
        return next((one for one in self.accounts if one.key == key), None)

    def verbs(self, account: str) -> Mapping[Verb, VerbTable]:
        """What can be done on this account's network; nothing when there is no such account."""
        found = self.account(account)
        network = self.networks.get(found.network) if found else None
        return {Verb(verb): facts for verb, facts in network.verbs.items()} if network else {}

    def ceiling(self, account: str) -> CeilingTable | None:
        """The ceiling of this account's network, or None when it has none."""
        found = self.account(account)
        network = self.networks.get(found.network) if found else None
        return network.ceiling if network else None


def find_table(source: str, folder: Path = FOLDER) -> Path | None:
    """The table that `source` names: a shipped exercise's name or the path of a `.toml`; else None."""
    if source.endswith(".toml"):
        return Path(source)
    is_name = bool(source) and source.replace("-", "").isalnum()
    shipped = folder / f"{source}.toml"
    return shipped if is_name and shipped.is_file() else None


def read_scenario(table: Path) -> Scenario:
    """Reads and checks a table. Raises InputError with the file and what is wrong with it."""
    try:
        if table.stat().st_size > LARGEST_TABLE:
            raise InputError(f"{table} is too long to be the table of an exercise.")
        scenario = msgspec.convert(tomllib.loads(table.read_text(encoding="utf-8")), Scenario)
        for network in scenario.networks.values():
            for verb in network.verbs:
                Verb(verb)
    except (OSError, ValueError) as problem:
        raise InputError(f"The exercise {table} cannot be used: {problem}") from problem
    for account in scenario.accounts:
        if account.network not in scenario.networks:
            raise InputError(f"The exercise {table} has no network “{account.network}” for {account.key}.")
    if Path(scenario.items).name != scenario.items:
        raise InputError(f"The exercise {table} must name a file beside it, not “{scenario.items}”.")
    return scenario
