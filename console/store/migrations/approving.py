"""A second person agrees to some acts; the wait is visible and ends."""

SCRIPT = ""
