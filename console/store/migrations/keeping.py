"""How long evidence is kept, what holds it, and what may open it again."""

SCRIPT = ""
