"""Who leads and covers an account, who has claimed an item, what was escalated."""

SCRIPT = """
CREATE TABLE claims (
    item_id INTEGER PRIMARY KEY,
    who TEXT NOT NULL,
    person TEXT NOT NULL, -- the name as it is compared
    at INTEGER NOT NULL,
    until_at INTEGER NOT NULL
) STRICT;
CREATE INDEX claims_person ON claims (person, item_id);
CREATE TABLE duties (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL,
    who TEXT NOT NULL,
    person TEXT NOT NULL,
    from_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    ended_at INTEGER -- when it was ended before its time, or swept after it
) STRICT;
CREATE INDEX duties_account ON duties (account_id);
CREATE INDEX duties_open ON duties (person) WHERE ended_at IS NULL;
-- What a person decided; why stands beside the ledger's entry.
CREATE TABLE grades_by_hand (
    item_id INTEGER PRIMARY KEY,
    grade INTEGER NOT NULL,
    who TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE TABLE escalations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    item_id INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    grade INTEGER NOT NULL,
    arrived_at INTEGER NOT NULL,
    seen_at INTEGER,
    opened_at INTEGER NOT NULL,
    opened_by TEXT NOT NULL,
    claimed_by TEXT,
    claimed_at INTEGER,
    called INTEGER NOT NULL, -- how many people it was passed on to after the first
    accepted_by TEXT,
    accepted_at INTEGER,
    written_by TEXT, -- who wrote down that it was accepted
    judged_at INTEGER NOT NULL
) STRICT;
CREATE INDEX escalations_item ON escalations (item_id);
CREATE UNIQUE INDEX escalations_open ON escalations (item_id) WHERE accepted_at IS NULL;
CREATE INDEX escalations_accepted ON escalations (accepted_at) WHERE grade < 3;
CREATE TABLE escalation_steps (
    escalation_id INTEGER NOT NULL,
    step TEXT NOT NULL,
    who TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (escalation_id, step)
) STRICT, WITHOUT ROWID;
"""
