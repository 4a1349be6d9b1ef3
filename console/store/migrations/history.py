"""People edit what they said; the earlier words stay, and what was purged is known to be so."""

SCRIPT = """
ALTER TABLE items ADD COLUMN edited_at INTEGER;
ALTER TABLE items ADD COLUMN purged_at INTEGER; -- its words are gone
ALTER TABLE items ADD COLUMN nameless_at INTEGER; -- who wrote it is gone
CREATE TABLE item_history (
    item_id INTEGER NOT NULL,
    place INTEGER NOT NULL, -- 1 is the first version
    text TEXT NOT NULL, -- empty for a private message: see sealed
    media TEXT,
    author_handle TEXT NOT NULL,
    author_name TEXT NOT NULL,
    sealed BLOB,
    raw TEXT,
    hits TEXT NOT NULL, -- the rules that had hit it, a JSON list
    edited_at INTEGER,
    replaced_at INTEGER NOT NULL,
    PRIMARY KEY (item_id, place)
) WITHOUT ROWID;
"""
