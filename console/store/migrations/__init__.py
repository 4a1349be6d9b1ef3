"""Every change of the database's shape, in order; each in a file of its own, with its reason.

A step that was once released is never edited; a new one follows it. `database.VERSION` is their number,
kept in the file as `user_version`, so that an older Cordon can refuse a newer file.

Two things a newcomer would get wrong. There is no trigger that fills the search index: filling it once
for each batch is three times as fast (`saving.save_batch` does it). And foreign keys are not enforced:
items may be purged while acts, evidence and ledger stay.

This package is imported only when there is a step to take, because sqlite-utils takes a fifth of a
second to import.
"""

import sqlite3
from typing import Final

from sqlite_utils import Database, Migrations

from console.store.migrations import (
    approving,
    checkpoints,
    cover,
    disclosing,
    first,
    history,
    keeping,
    notices,
    operators,
    topics,
    views,
    watchlists,
    waves,
    worst_first,
)

_SCRIPTS: Final = (
    ("first", first.SCRIPT),
    ("worst_first", worst_first.SCRIPT),
    ("notices", notices.SCRIPT),
    ("history", history.SCRIPT),
    ("topics", topics.SCRIPT),
    ("watchlists", watchlists.SCRIPT),
    ("waves", waves.SCRIPT),
    ("keeping", keeping.SCRIPT),
    ("approving", approving.SCRIPT),
    ("operators", operators.SCRIPT),
    ("checkpoints", checkpoints.SCRIPT),
    ("views", views.SCRIPT),
    ("cover", cover.SCRIPT),
    ("disclosing", disclosing.SCRIPT),
)

steps = Migrations("cordon")


def migrate(conn: sqlite3.Connection) -> None:
    """Takes every step that was not taken yet; the caller holds the transaction."""
    steps.apply(Database(conn, execute_plugins=False, recursive_triggers=False))


def _step(number: int, name: str, script: str) -> None:
    """Adds a step that runs statements one by one: `executescript` would end the caller's transaction."""

    @steps(name=f"{number}-{name}")
    def run(db: Database) -> None:
        statement = ""
        for line in script.splitlines(keepends=True):
            statement += line
            if sqlite3.complete_statement(statement):
                db.conn.execute(statement)
                statement = ""


for _number, (_name, _script) in enumerate(_SCRIPTS, start=1):
    _step(_number, _name, _script)
