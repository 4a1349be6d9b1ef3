"""The first shape: everything that one operator needs."""

_ACCOUNTS = """
CREATE TABLE accounts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    network TEXT NOT NULL,
    connector TEXT NOT NULL,
    handle TEXT NOT NULL,
    name TEXT NOT NULL,
    lead TEXT,
    deputy TEXT,
    may_act INTEGER NOT NULL,
    settings TEXT NOT NULL,
    state TEXT NOT NULL,
    error TEXT,
    since INTEGER,
    last_item_at INTEGER,
    last_look_at INTEGER,
    cursor TEXT,
    added_at INTEGER NOT NULL,
    removed_at INTEGER -- the row stays: items, acts and ledger name it
);
"""

_ITEMS = """
CREATE TABLE items (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- the order of arrival; never used twice
    account_id INTEGER NOT NULL,
    remote_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    author_id TEXT NOT NULL,
    author_handle TEXT NOT NULL,
    author_name TEXT NOT NULL,
    text TEXT NOT NULL, -- empty for a private message: see item_sealed
    lang TEXT,
    created_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    grade INTEGER NOT NULL,
    parent TEXT,
    thread TEXT,
    place TEXT NOT NULL,
    permalink TEXT NOT NULL,
    media TEXT,
    is_ours INTEGER NOT NULL,
    note TEXT NOT NULL,
    seen_at INTEGER,
    left_up_at INTEGER,
    act_id INTEGER, -- the newest act on it
    evidence_id INTEGER -- the newest sealed record of it
);
-- Also finds one item again, and refuses the same one twice.
CREATE UNIQUE INDEX items_remote ON items (account_id, remote_id);
-- Each of these ends in the id, which every index carries, so a lane reads newest first from any.
-- Those with WHERE cost nothing for the items that they leave out, which are most.
CREATE INDEX items_account ON items (account_id);
CREATE INDEX items_author ON items (author_id);
CREATE INDEX items_handle ON items (author_handle COLLATE NOCASE);
CREATE INDEX items_thread ON items (coalesce(thread, parent));
CREATE INDEX items_grade ON items (grade) WHERE grade < 4;
CREATE INDEX items_unseen ON items (grade) WHERE seen_at IS NULL;
CREATE INDEX items_state ON items (state) WHERE state <> 'visible';
CREATE INDEX items_lang ON items (lang) WHERE lang <> 'en';
CREATE INDEX items_decided ON items (id) WHERE act_id IS NOT NULL;
CREATE INDEX items_media ON items (id) WHERE media IS NOT NULL;

-- The network's own JSON: apart, so that reading lanes does not drag it along.
CREATE TABLE item_raw (
    item_id INTEGER PRIMARY KEY,
    raw TEXT NOT NULL
);
-- Words and media of private messages, sealed.
CREATE TABLE item_sealed (
    item_id INTEGER PRIMARY KEY,
    sealed BLOB NOT NULL
);
CREATE TABLE hits (
    item_id INTEGER NOT NULL,
    place INTEGER NOT NULL,
    watchlist TEXT NOT NULL,
    watchlist_name TEXT NOT NULL,
    version INTEGER NOT NULL,
    rule TEXT NOT NULL,
    category TEXT NOT NULL,
    grade INTEGER NOT NULL,
    term TEXT NOT NULL,
    first INTEGER NOT NULL,
    past INTEGER NOT NULL,
    text TEXT NOT NULL, -- empty for a private message
    disguised INTEGER NOT NULL,
    suggest TEXT,
    PRIMARY KEY (item_id, place)
) WITHOUT ROWID;
CREATE INDEX hits_watchlist ON hits (watchlist, item_id);
"""

_SEARCH = """
CREATE VIRTUAL TABLE items_words USING fts5 (
    text, author_name, author_handle,
    content = 'items', content_rowid = 'id', columnsize = 0,
    tokenize = 'unicode61 remove_diacritics 2'
);
"""

_COUNTERS = """
CREATE TABLE unseen (
    account_id INTEGER NOT NULL,
    grade INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (account_id, grade)
) WITHOUT ROWID;
CREATE TABLE arrivals (
    minute INTEGER PRIMARY KEY, -- minutes since 1970, UTC
    number INTEGER NOT NULL,
    first_id INTEGER NOT NULL -- no item of this minute has a lower id
);
"""

_ACTS = """
CREATE TABLE acts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    bulk_id INTEGER,
    verb TEXT NOT NULL,
    item_id INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    category TEXT,
    text TEXT,
    requested_by TEXT NOT NULL,
    requested_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    sent_at INTEGER,
    settled_at INTEGER,
    attempts INTEGER NOT NULL,
    error TEXT,
    note TEXT,
    undo_of INTEGER,
    evidence_id INTEGER,
    reversible INTEGER NOT NULL
);
CREATE INDEX acts_state ON acts (state, account_id);
CREATE INDEX acts_due ON acts (state, account_id, due_at);
CREATE INDEX acts_item ON acts (item_id);
CREATE INDEX acts_bulk ON acts (bulk_id) WHERE bulk_id IS NOT NULL;
CREATE INDEX acts_by ON acts (requested_by);
CREATE INDEX acts_undo ON acts (undo_of) WHERE undo_of IS NOT NULL;
-- What undo may take back, for one operator; a long night leaves little else than other acts.
CREATE INDEX acts_undoable ON acts (requested_by)
    WHERE undo_of IS NULL
    AND state NOT IN ('refused', 'failed', 'cancelled', 'expired', 'undone')
    AND (reversible OR verb = 'leave-up' OR state IN ('drafted', 'awaiting-approval', 'held', 'queued'));

-- Kept by the table itself, because acts step on in many places; acts are few beside items.
CREATE TABLE act_counts (
    account_id INTEGER NOT NULL,
    state TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (account_id, state)
) WITHOUT ROWID;
CREATE TRIGGER acts_counted AFTER INSERT ON acts BEGIN
    INSERT INTO act_counts VALUES (NEW.account_id, NEW.state, 1)
        ON CONFLICT DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER acts_recounted AFTER UPDATE OF state ON acts WHEN NEW.state <> OLD.state BEGIN
    UPDATE act_counts SET number = number - 1 WHERE account_id = OLD.account_id AND state = OLD.state;
    INSERT INTO act_counts VALUES (NEW.account_id, NEW.state, 1)
        ON CONFLICT DO UPDATE SET number = number + 1;
END;

CREATE TABLE bulk_acts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    requested_by TEXT NOT NULL,
    requested_at INTEGER NOT NULL,
    number INTEGER NOT NULL -- how many acts were asked for
);
"""

# STRICT: a value of another type in the record is a change, and SQLite refuses it.
_LEDGER = """
CREATE TABLE evidence (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    item_id INTEGER NOT NULL,
    sealed_at INTEGER NOT NULL,
    cipher BLOB,
    wrapped_key BLOB,
    digest TEXT NOT NULL,
    retention TEXT NOT NULL,
    review_at INTEGER NOT NULL
) STRICT;
CREATE INDEX evidence_item ON evidence (item_id);

CREATE TABLE ledger (
    seq INTEGER PRIMARY KEY,
    leaf BLOB NOT NULL,
    leaf_hash BLOB NOT NULL
) STRICT;
CREATE TRIGGER ledger_keeps BEFORE UPDATE ON ledger
BEGIN SELECT raise(ABORT, 'the ledger is only ever added to'); END;
CREATE TRIGGER ledger_stays BEFORE DELETE ON ledger
BEGIN SELECT raise(ABORT, 'the ledger is only ever added to'); END;

-- What stands beside an entry. Destroying a row leaves an entry that still verifies.
CREATE TABLE ledger_content (
    seq INTEGER PRIMARY KEY,
    salt BLOB NOT NULL,
    content BLOB NOT NULL
) STRICT;
"""

_SMALL = """
CREATE TABLE watchlist_versions (
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    source TEXT NOT NULL, -- the TOML that a person wrote
    parsed TEXT NOT NULL, -- what was understood, as JSON
    put_by TEXT NOT NULL,
    put_at INTEGER NOT NULL,
    PRIMARY KEY (id, version)
) WITHOUT ROWID;
CREATE TABLE incidents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    posture TEXT NOT NULL,
    opened_by TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    closed_by TEXT,
    closed_at INTEGER
);
CREATE TABLE secrets (
    account_id INTEGER PRIMARY KEY,
    sealed BLOB NOT NULL
);
CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value BLOB
) WITHOUT ROWID;
"""

SCRIPT = _ACCOUNTS + _ITEMS + _SEARCH + _COUNTERS + _ACTS + _LEDGER + _SMALL
