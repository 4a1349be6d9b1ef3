"""A second person agrees to some acts, and the wait ends; what was done is looked at again later."""

SCRIPT = """
-- One row for each act that waited for a second person; it stays when that is over.
CREATE TABLE approvals (
    act_id INTEGER PRIMARY KEY,
    why TEXT NOT NULL, -- what asks for a second person, in words
    expires_at INTEGER NOT NULL,
    settled_by TEXT,
    settled_at INTEGER,
    agreed INTEGER -- 1 or 0; NULL while it waits, and where nobody answered in time
) STRICT;
CREATE INDEX approvals_open ON approvals (expires_at) WHERE settled_at IS NULL;

-- Which acts are looked at again later, and when; a row goes when the last look was made.
CREATE TABLE act_looks (
    act_id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    step INTEGER NOT NULL, -- how many of the later looks were made
    is_doubted INTEGER NOT NULL -- whether the last look showed the item to be back
) STRICT;
CREATE INDEX act_looks_next ON act_looks (account_id, next_at);
-- Somebody else saw it in public, so it is looked at now; only what our own act had removed can come back.
CREATE TRIGGER item_came_back AFTER UPDATE OF state ON items
    WHEN NEW.state = 'visible' AND OLD.state <> 'visible' AND NEW.act_id IS NOT NULL
BEGIN
    INSERT INTO act_looks (act_id, account_id, next_at, step, is_doubted)
        SELECT id, account_id, 0, 0, 1 FROM acts
        WHERE id = (
            SELECT max(id) FROM acts WHERE item_id = NEW.id
            AND verb IN ('hide', 'unhide', 'delete', 'hold', 'publish')
            AND state NOT IN ('refused', 'cancelled', 'expired', 'failed', 'undone')
        ) AND state = 'confirmed' AND verb IN ('hide', 'delete', 'hold')
        ON CONFLICT DO UPDATE SET next_at = 0, is_doubted = 1;
END;
"""
