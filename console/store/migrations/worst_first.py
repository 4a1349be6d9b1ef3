"""Acts on the worst graded items are sent first, so an act keeps the grade that its item had."""

SCRIPT = """
ALTER TABLE acts ADD COLUMN grade INTEGER NOT NULL DEFAULT 5;
CREATE INDEX acts_turn ON acts (account_id, grade, id) WHERE state IN ('queued', 'held');
"""
