"""Lanes that a person names, orders and keeps; accounts that stand together under a name."""

SCRIPT = """
CREATE TABLE views (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    question TEXT NOT NULL, -- as a person typed it: "2h" and "me" are meant anew each time
    owner TEXT NOT NULL,
    is_shared INTEGER NOT NULL,
    place INTEGER NOT NULL, -- the order in which its owner wants them
    changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX views_owner ON views (owner);
CREATE TABLE account_groups (
    name TEXT NOT NULL,
    account TEXT NOT NULL, -- its key
    PRIMARY KEY (name, account)
) STRICT, WITHOUT ROWID;
-- Kinds that are few; the others are most of what there is, and cost nothing here.
CREATE INDEX items_kind ON items (kind) WHERE kind NOT IN ('comment', 'reply', 'mention');
-- Acts that went wrong or wait for a person; an act that goes its ordinary way never enters it.
CREATE INDEX acts_odd ON acts (state, item_id) WHERE state IN ('drafted', 'awaiting-approval', 'held',
    'refused', 'failed', 'uncertain', 'expired', 'reappeared');
"""
