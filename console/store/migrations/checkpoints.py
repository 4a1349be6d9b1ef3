"""Signed statements of the ledger so far, kept by somebody else as well; and who looked just now.

The keys and the statements are record: they are added to and never changed. What changes is only
whether the second keeper has a statement already, and that stands in a table of its own.
"""

SCRIPT = """
CREATE TABLE ledger_keys (
    id INTEGER PRIMARY KEY,
    origin TEXT NOT NULL, -- the ledger's name; the same for all of them
    public BLOB NOT NULL,
    sealed BLOB NOT NULL, -- the private part, under the profile's key
    seq INTEGER NOT NULL UNIQUE -- the entry that put it on record
) STRICT;
CREATE TRIGGER ledger_keys_keep BEFORE UPDATE ON ledger_keys
BEGIN SELECT raise(ABORT, 'a key of the ledger is never changed'); END;
CREATE TRIGGER ledger_keys_stay BEFORE DELETE ON ledger_keys
BEGIN SELECT raise(ABORT, 'a key of the ledger is never removed'); END;

CREATE TABLE checkpoints (
    size INTEGER PRIMARY KEY, -- also the place of the entry that says why it was made
    text TEXT NOT NULL, -- the signed note as it was given out
    peaks BLOB NOT NULL, -- the tree's whole parts, so that the next one need not read everything
    made_at INTEGER NOT NULL
) STRICT;
CREATE TRIGGER checkpoints_keep BEFORE UPDATE ON checkpoints
BEGIN SELECT raise(ABORT, 'a checkpoint is never changed'); END;
CREATE TRIGGER checkpoints_stay BEFORE DELETE ON checkpoints
BEGIN SELECT raise(ABORT, 'a checkpoint is never removed'); END;

CREATE TABLE checkpoints_handed_over (
    size INTEGER NOT NULL,
    keeper TEXT NOT NULL, -- as the keeper names itself
    PRIMARY KEY (size, keeper)
) STRICT, WITHOUT ROWID;

-- Who looked at what a moment ago, so that it is not put on record with every glance. Digests only, and
-- not for long.
CREATE TABLE latest_looks (
    digest BLOB PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""
