"""Who may sit at this seat, in which role and on whose behalf."""

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
"""
