"""Watchlists are rehearsed, agreed to and searched for in the past; a hit says what it saw through."""

SCRIPT = """
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
