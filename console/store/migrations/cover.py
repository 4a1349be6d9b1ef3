"""Who leads and covers an account, who has claimed an item, what was escalated."""

SCRIPT = ""
