"""How long evidence is kept, what holds it, and what may open it again.

What a newcomer would get wrong: the reason of a hold is words of an operator about somebody, so it goes when
its item is disposed of; who held and when stays, here and in the ledger.
"""

SCRIPT = """
ALTER TABLE evidence ADD COLUMN recovery_wrap BLOB; -- its key, sealed to the force's recovery key
ALTER TABLE evidence ADD COLUMN supplement_of INTEGER; -- the record that it adds pictures to
CREATE INDEX evidence_review ON evidence (review_at) WHERE cipher IS NOT NULL;
CREATE INDEX evidence_supplement ON evidence (supplement_of) WHERE supplement_of IS NOT NULL;
CREATE TABLE recovery_keys (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    public BLOB NOT NULL, -- the newest row's is in force
    fingerprint TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at INTEGER NOT NULL
) STRICT;
CREATE TABLE holds (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    item_id INTEGER NOT NULL,
    reason TEXT NOT NULL,
    put_by TEXT NOT NULL,
    put_at INTEGER NOT NULL,
    released_by TEXT,
    released_at INTEGER
) STRICT;
CREATE UNIQUE INDEX holds_open ON holds (item_id) WHERE released_at IS NULL;
CREATE TABLE media_files (
    name TEXT PRIMARY KEY, -- a keyed digest: it tells nothing about the picture
    size INTEGER NOT NULL,
    kept_at INTEGER NOT NULL,
    wrapped_key BLOB NOT NULL,
    recovery_wrap BLOB
) STRICT, WITHOUT ROWID;
CREATE TABLE evidence_media (
    evidence_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (evidence_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX evidence_media_name ON evidence_media (name);
CREATE TABLE media_wanted (
    evidence_id INTEGER PRIMARY KEY,
    tries INTEGER NOT NULL,
    next_at INTEGER NOT NULL
) STRICT;
CREATE TABLE sealed_keys (
    name TEXT PRIMARY KEY,
    wrapped_key BLOB NOT NULL,
    recovery_wrap BLOB
) STRICT, WITHOUT ROWID;
"""
