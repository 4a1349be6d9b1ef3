"""An account can work and still need a person: a right that is missing, a sign-in that ends."""

SCRIPT = """
ALTER TABLE accounts ADD COLUMN notice TEXT;
ALTER TABLE accounts ADD COLUMN sign_in_ends_at INTEGER;
ALTER TABLE accounts ADD COLUMN token TEXT NOT NULL DEFAULT ''; -- stands for it, never the token
ALTER TABLE accounts ADD COLUMN app TEXT NOT NULL DEFAULT '';
"""
