"""What was given out: one row for each bundle and report, so that the next reader need not read the ledger.

What a newcomer would get wrong: this is a list for people and no proof. The proof is the entry in the ledger
whose place stands in `seq`; what was covered, and why, stands in the bundle itself.
"""

SCRIPT = """
CREATE TABLE disclosures (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL, -- incident, subject, items, everything; month, incident-report, foi
    digest TEXT NOT NULL, -- SHA-256 of the bundle's manifest, or of the report
    made_by TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    records INTEGER NOT NULL,
    covered INTEGER NOT NULL,
    seq INTEGER NOT NULL, -- the entry that says so
    given INTEGER NOT NULL -- 0 when it failed after it was put on record
) STRICT;
CREATE INDEX disclosures_made ON disclosures (made_at);
"""
