"""What was given out, to whom, with what covered."""

SCRIPT = ""
