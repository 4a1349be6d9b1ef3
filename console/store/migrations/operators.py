"""Who may sit at this seat, in which role and on whose behalf."""

SCRIPT = ""
