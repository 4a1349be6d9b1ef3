"""Near-identical items stand together; odd ones out are marked; a verdict may stand on a wave."""

SCRIPT = """
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
