"""Every change of the database's shape, in order, with its reason.

A step that was once released is never edited; a new one follows it. `database.VERSION` is their number,
kept in the file as `user_version`, so that an older Cordon can refuse a newer file.

Two things a newcomer would get wrong. There is no trigger that fills the search index: filling it once
for each batch is three times as fast (`saving.save_batch` does it). And foreign keys are not enforced:
items may be purged while acts, evidence and ledger stay.

This module is imported only when there is a step to take, because sqlite-utils takes a fifth of a
second to import.
"""

import sqlite3

from sqlite_utils import Database, Migrations

steps = Migrations("cordon")


def migrate(conn: sqlite3.Connection) -> None:
    """Takes every step that was not taken yet; the caller holds the transaction."""
    steps.apply(Database(conn, execute_plugins=False, recursive_triggers=False))


def _run(db: Database, script: str) -> None:
    """Runs statements one by one: `executescript` would end the caller's transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            db.conn.execute(statement)
            statement = ""


@steps(name="1-first")
def first(db: Database) -> None:
    """Everything that one operator needs: cache, counters, acts, evidence, ledger."""
    for part in (_ACCOUNTS, _ITEMS, _SEARCH, _COUNTERS, _ACTS, _LEDGER, _SMALL):
        _run(db, part)


@steps(name="2-worst-first")
def worst_first(db: Database) -> None:
    """Acts on the worst graded items are sent first, so an act keeps the grade that its item had."""
    _run(db, _WORST_FIRST)


@steps(name="3-notices")
def notices(db: Database) -> None:
    """An account can work and still need a person: a right that is missing, a sign-in that ends."""
    _run(db, _NOTICES)


@steps(name="4-history")
def history(db: Database) -> None:
    """People edit what they said; the earlier words stay, and what was purged is known to be so."""
    _run(db, _HISTORY)


@steps(name="5-topics")
def topics(db: Database) -> None:
    """Topics are searched for on networks, for a limited time and a purpose."""
    _run(db, _TOPICS)


@steps(name="6-watchlists")
def changed_watchlists(db: Database) -> None:
    """Watchlists are rehearsed, agreed to and searched for in the past; a hit says what it saw through."""
    _run(db, _WATCHLISTS)


@steps(name="7-waves")
def waves(db: Database) -> None:
    """Near-identical items stand together; odd ones out are marked; a verdict may stand on a wave."""
    _run(db, _WAVES)


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

# Without column sizes an item costs one row less to index; they only serve ranking, which is not asked
# for: find shows the newest first.
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

_WORST_FIRST = """
ALTER TABLE acts ADD COLUMN grade INTEGER NOT NULL DEFAULT 5;
CREATE INDEX acts_turn ON acts (account_id, grade, id) WHERE state IN ('queued', 'held');
"""

_NOTICES = """
ALTER TABLE accounts ADD COLUMN notice TEXT;
ALTER TABLE accounts ADD COLUMN sign_in_ends_at INTEGER;
ALTER TABLE accounts ADD COLUMN token TEXT NOT NULL DEFAULT ''; -- stands for it, never the token
ALTER TABLE accounts ADD COLUMN app TEXT NOT NULL DEFAULT '';
"""

_HISTORY = """
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

_TOPICS = """
CREATE TABLE topics (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    words TEXT NOT NULL,
    purpose TEXT NOT NULL,
    opened_by TEXT NOT NULL,
    authorised_by TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    closed_at INTEGER
);
CREATE INDEX topics_open ON topics (id) WHERE closed_at IS NULL;
CREATE TABLE topic_searches (
    topic_id INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    cursor TEXT,
    error TEXT,
    last_look_at INTEGER,
    found INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (topic_id, account_id)
) WITHOUT ROWID;
"""

_WATCHLISTS = """
ALTER TABLE hits ADD COLUMN how TEXT NOT NULL DEFAULT '';
ALTER TABLE hits ADD COLUMN found_at INTEGER; -- by a search of the past; otherwise as the item arrived
ALTER TABLE watchlist_versions ADD COLUMN why TEXT NOT NULL DEFAULT '';
ALTER TABLE watchlist_versions ADD COLUMN agreed_by TEXT;
ALTER TABLE watchlist_versions ADD COLUMN ended_at INTEGER; -- of the newest: it is out of force
CREATE TABLE watchlist_waiting (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    watchlist TEXT NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    parsed TEXT NOT NULL,
    put_by TEXT NOT NULL,
    put_at INTEGER NOT NULL,
    why TEXT NOT NULL,
    expires_at INTEGER,
    items INTEGER NOT NULL DEFAULT 0,
    seen INTEGER NOT NULL DEFAULT 0,
    settled_as TEXT, -- published, withdrawn, expired; nothing while it waits
    settled_by TEXT,
    settled_at INTEGER
);
CREATE INDEX watchlist_waiting_open ON watchlist_waiting (id) WHERE settled_as IS NULL;
CREATE TABLE past_searches (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    watchlist TEXT NOT NULL,
    version INTEGER NOT NULL,
    rules TEXT NOT NULL, -- a JSON list of ids
    asked_by TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    alarm INTEGER NOT NULL,
    last_id INTEGER NOT NULL, -- the newest item when it was asked for
    next_id INTEGER NOT NULL, -- it goes down from the newest; below this it has not looked yet
    first_id INTEGER NOT NULL,
    found INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL
);
CREATE INDEX past_searches_open ON past_searches (id) WHERE state IN ('waiting', 'running');
"""

_WAVES = """
CREATE TABLE waves (
    id INTEGER PRIMARY KEY, -- its first item
    essence TEXT NOT NULL,
    size INTEGER NOT NULL,
    authors INTEGER NOT NULL,
    new_authors INTEGER NOT NULL,
    networks TEXT NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    rate REAL NOT NULL
);
CREATE INDEX waves_newest ON waves (last_at);
CREATE INDEX waves_biggest ON waves (size);
CREATE TABLE wave_items (
    item_id INTEGER PRIMARY KEY,
    wave_id INTEGER NOT NULL
);
CREATE INDEX wave_items_wave ON wave_items (wave_id, item_id);
-- Its essence is somebody's words, which live no longer than theirs.
CREATE TRIGGER waves_purged AFTER UPDATE OF purged_at ON items WHEN NEW.purged_at IS NOT NULL BEGIN
    UPDATE waves SET essence = '' WHERE id = (SELECT wave_id FROM wave_items WHERE item_id = NEW.id);
END;
CREATE TABLE strays (
    item_id INTEGER PRIMARY KEY,
    reason TEXT NOT NULL
);
CREATE TABLE standings (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    wave_id INTEGER NOT NULL,
    verb TEXT NOT NULL,
    reason TEXT NOT NULL,
    category TEXT,
    who TEXT NOT NULL,
    bulk_id INTEGER,
    put_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    most INTEGER NOT NULL,
    used INTEGER NOT NULL,
    after_id INTEGER NOT NULL, -- items up to here were looked at
    ended_at INTEGER,
    ended_by TEXT,
    why_ended TEXT NOT NULL
);
CREATE TABLE standing_acts (
    act_id INTEGER PRIMARY KEY,
    standing_id INTEGER NOT NULL
);
CREATE INDEX standings_open ON standings (id) WHERE ended_at IS NULL;
CREATE INDEX standings_wave ON standings (wave_id);
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
