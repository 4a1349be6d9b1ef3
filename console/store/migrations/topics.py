"""Topics are searched for on networks, for a limited time and a purpose."""

SCRIPT = """
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
