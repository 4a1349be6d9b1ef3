"""Who may sit at this seat, in which role and on whose behalf, and what they hand to each other."""

SCRIPT = """
CREATE TABLE operators (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    looks TEXT NOT NULL, -- the name as the eye reads it; no two may be taken for each other
    role TEXT NOT NULL,
    collar TEXT,
    code BLOB, -- sealed: salt and scrypt of the code; NULL: the system account alone
    wrong INTEGER NOT NULL DEFAULT 0,
    wrong_at INTEGER,
    added_at INTEGER NOT NULL,
    removed_at INTEGER -- the row stays: the ledger names it
) STRICT;
CREATE TABLE sittings (
    seat TEXT PRIMARY KEY,
    operator_id INTEGER NOT NULL,
    behalf TEXT,
    since_at INTEGER NOT NULL,
    locked_at INTEGER
) STRICT;
CREATE TABLE handovers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    made_by TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    entry INTEGER NOT NULL -- in the ledger, whose content holds what was said; it can be disposed of there
) STRICT;
CREATE TABLE handover_lines (
    handover_id INTEGER NOT NULL,
    place INTEGER NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL, -- our own keys only; words are read when the line is shown
    more INTEGER NOT NULL,
    accepted_by TEXT,
    accepted_at INTEGER,
    PRIMARY KEY (handover_id, place)
) STRICT, WITHOUT ROWID;
"""
